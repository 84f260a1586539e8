/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "ctl/systemctl.h"

#define MINUTE_MS 60000
#define RUN(...)  program_run((const char *const[]){__VA_ARGS__, NULL}, MINUTE_MS, output, &err)

static char output[PROGRAM_OUTPUT_BYTES];

Test(program, gives_output_errors_and_status)
{
	struct error err = {0};

	cr_expect_eq(RUN("sh", "-c", "echo a; echo b >&2; exit 3"), 3);
	cr_expect_str_eq(output, "a\nb\n");
	cr_expect_eq(RUN("true"), 0);
	cr_expect_str_eq(output, "");
	cr_expect_eq(err.code, 0);
}

Test(program, words_are_never_a_shell_s)
{
	struct error err = {0};

	cr_expect_eq(RUN("echo", "$(id); `id` > /tmp/x", "a\nb"), 0);
	cr_expect_str_eq(output, "$(id); `id` > /tmp/x a\nb\n");
}

Test(program, speaks_english_and_reads_nothing)
{
	struct error err = {0};

	cr_assert(setenv("LC_ALL", "de_DE.UTF-8", 1) == 0);
	cr_expect_eq(RUN("sh", "-c", "cat; echo $LC_ALL"), 0);
	cr_expect_str_eq(output, "C\n");
	cr_expect_str_eq(getenv("LC_ALL"), "de_DE.UTF-8");
}

Test(program, keeps_what_fits_of_a_flood)
{
	struct error err = {0};

	cr_expect_eq(RUN("head", "-c", "1000000", "/dev/zero"), 0);
	cr_expect_eq(RUN("sh", "-c", "yes | head -c 1000000"), 0);
	cr_expect_eq(strlen(output), PROGRAM_OUTPUT_BYTES - 1);
}

Test(program, is_killed_with_what_it_started)
{
	static const char *const argv[] = {"sh", "-c", "sleep 600 & echo on; wait", NULL};
	struct error err = {0};
	struct pollfd open = {.events = POLLIN};
	int ends[2];

	cr_assert_eq(pipe(ends), 0); /* both inherit the end to write to, and hold it open */
	cr_expect_eq(program_run(argv, 300, output, &err), -ETIMEDOUT);
	cr_expect(strstr(err.text, "killed"), "%s", err.text);
	(void)close(ends[1]);
	open.fd = ends[0];
	cr_expect_eq(poll(&open, 1, MINUTE_MS / 2), 1, "somebody still has it");
	cr_expect(open.revents & POLLHUP);
	(void)close(ends[0]);
}

/* It closes its output and goes on. */
Test(program, is_killed_when_it_only_seems_to_end)
{
	static const char *const argv[] = {"sh", "-c", "exec sleep 600 >/dev/null 2>&1", NULL};
	struct error err = {0};

	cr_expect_eq(program_run(argv, 300, output, &err), -ETIMEDOUT);
}

Test(program, says_what_is_not_there_and_what_was_killed)
{
	struct error err = {0};
	int r = RUN("/no/such/program");

	if (r !=
	    127) { /* under valgrind, whose vfork() is a fork(), the child cannot tell us more */
		cr_expect_eq(r, -ENOENT);
		cr_expect_str_eq(err.text, "/no/such/program: No such file or directory");
	}
	cr_expect_eq(RUN("sh", "-c", "kill -9 $$"), -ECHILD);
}

Test(systemctl, finds_a_property_by_its_line)
{
	static const char text[] = "NextElapse=no\nNextElapseUSecRealtime=Mon 02:30\nLast=\nX";
	char got[8];

	systemctl_value(got, sizeof got, text, "NextElapseUSecRealtime");
	cr_expect_str_eq(got, "Mon 02:"); /* cut, not overrun */
	systemctl_value(got, sizeof got, text, "Last");
	cr_expect_str_eq(got, "");
	systemctl_value(got, sizeof got, text, "X");
	cr_expect_str_eq(got, "");
	systemctl_value(got, sizeof got, "", "X");
	cr_expect_str_eq(got, "");
}
