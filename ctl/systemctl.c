/* SPDX-License-Identifier: MIT */
#include "ctl/systemctl.h"

#include <errno.h>
#include <stdio.h>

#define LIMIT_MS 60000 /* a reload of many units takes seconds */

static int first_line(const char *output)
{
	return (int)strcspn(output, "\n");
}

static int failed(const char *const words[], const char *output, struct error *err)
{
	const char *why = *output && *output != '\n' ? output : "it failed";
	char command[256] = "";
	size_t used = 0;

	for (size_t i = 0; words[i] && used < sizeof command; i++)
		used += (size_t)snprintf(command + used, sizeof command - used, " %s", words[i]);
	return error_set(err, -EIO, "systemctl%s: %.*s", command, first_line(why), why);
}

static int run(const char *const words[], char output[static PROGRAM_OUTPUT_BYTES],
               struct error *err)
{
	const char *argv[SYSTEMCTL_WORDS_MAX + 3] = {"systemctl", "--no-ask-password"};
	int r;

	for (size_t i = 0; i < SYSTEMCTL_WORDS_MAX && words[i]; i++)
		argv[i + 2] = words[i];
	r = program_run(argv, LIMIT_MS, output, err);
	return r > 0 ? failed(words, output, err) : r;
}

int systemctl_do(const char *const words[], struct error *err)
{
	char output[PROGRAM_OUTPUT_BYTES];

	return run(words, output, err);
}

int systemctl_show(char ret[static PROGRAM_OUTPUT_BYTES], const char *unit, const char *properties,
                   struct error *err)
{
	return run(SYSTEMCTL("show", "-p", properties, unit), ret, err);
}

void systemctl_value(char *ret, size_t size, const char *output, const char *key)
{
	size_t len = strlen(key);

	ret[0] = '\0';
	for (const char *line = output; *line;) {
		int line_len = first_line(line);

		if (strncmp(line, key, len) == 0 && line[len] == '=') {
			(void)snprintf(ret, size, "%.*s", line_len - (int)len - 1, line + len + 1);
			return;
		}
		line += line_len;
		line += *line == '\n';
	}
}

int systemctl_check_calendar(const char *at, struct error *err)
{
	const char *const argv[] = {"systemd-analyze", "calendar", at, NULL};
	char output[PROGRAM_OUTPUT_BYTES];
	int r = program_run(argv, LIMIT_MS, output, err);

	if (r == -ENOENT)
		return 0;
	if (r > 0)
		return error_set(err, -EINVAL, "%.*s (man systemd.time)", first_line(output),
		                 output);
	if (r == 0 && strstr(output, "Next elapse: never"))
		return error_set(err, -EINVAL, "\"%s\" never comes again: give a time to come", at);
	return r;
}
