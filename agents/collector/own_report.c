/* SPDX-License-Identifier: MIT */
#include "agents/collector/own_report.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/util.h"

#define SCHEMA_BYTES 4096 /* of a report.json: the schema is its first member */

static bool has_schema(int dir, const char *name)
{
	static const char schema[] = "\"chimerad.report/1\"";
	CLEANUP(closep)
	int file = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	char head[SCHEMA_BYTES];
	struct stat st;
	ssize_t n;

	if (file < 0 || fstat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	n = read(file, head, sizeof head);
	return n > 0 && memmem(head, (size_t)n, schema, sizeof schema - 1);
}

bool own_report_in(int dir)
{
	return faccessat(dir, "samples.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	       has_schema(dir, "report.json");
}

bool own_report_part(const char *name)
{
	static const char *const ours[] = {"report.json",  "report.md",   "report.html",
	                                   "samples.json", "combined.md", "plots",
	                                   "agents"};

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return false;
}
