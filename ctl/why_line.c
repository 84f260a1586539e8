/* SPDX-License-Identifier: MIT */
/*
 * Where a row of a table stands in its file. Only in a file that is still what the review read.
 */
#include <limits.h>

#include "agents/collector/beneath.h"
#include "ctl/ctl_json.h"
#include "ctl/why_impl.h"
#include "lib/base/digest.h"
#include "lib/base/files.h"

#define FILE_BYTES_MAX ((uint64_t)4 << 20)

/* The bytes of the artifact, if they are those that the report has the digest of. */
static char *read_artifact(const struct why *w, const json_t *artifact, size_t *ret_len)
{
	const json_t *inventory = json_object_get(w->report, "inventory");
	size_t i = (size_t)json_integer_value(json_object_get(artifact, "root"));
	const char *root = json_string_value(
		json_array_get(json_object_get(inventory, "roots"), i));
	uint64_t bytes = (uint64_t)json_integer_value(json_object_get(artifact, "bytes"));
	const char *file = NULL;
	CLEANUP(closep) int dir = root ? beneath_open_root(root, &file) : -1;
	CLEANUP(closep)
	int fd = dir < 0 ? -1 : beneath_open(dir, file ? file : ctl_json_text(artifact, "path"));
	CLEANUP(digest_freep) struct digest *d = digest_new();
	CLEANUP(freep) char *text = bytes <= FILE_BYTES_MAX ? malloc(bytes + 1) : NULL;
	char found[DIGEST_TEXT_BYTES];

	if (fd < 0 || !d || !text || files_read_at(fd, text, bytes + 1, 0) != (ssize_t)bytes)
		return NULL;
	digest_add(d, text, bytes);
	digest_text(d, found);
	if (strcmp(found, ctl_json_text(artifact, "digest")) != 0)
		return NULL;
	*ret_len = bytes;
	return TAKE(text);
}

/* Behind the record that begins at `at`: a line end in quotes does not end it. */
static size_t record_end(const char *text, size_t len, size_t at, long *lines)
{
	bool quoted = false;

	for (; at < len; at++) {
		if (text[at] == '"')
			quoted = !quoted;
		if (text[at] != '\n')
			continue;
		++*lines;
		if (!quoted)
			return at + 1;
	}
	return len;
}

static bool is_blank(const char *text, size_t from, size_t to)
{
	while (from < to && strchr(" \t\r\n", text[from]))
		from++;
	return from == to;
}

static long line_in_csv(const char *text, size_t len, long header_line, size_t row)
{
	long line = 1, begins;
	size_t at = 0, end;

	for (size_t seen = 0; at < len; at = end) {
		begins = line;
		end = record_end(text, len, at, &line);
		if (begins <= header_line || is_blank(text, at, end))
			continue;
		if (++seen == row)
			return begins;
	}
	return 0;
}

long why_line_of_row(const struct why *w, const json_t *artifact, json_int_t table, size_t row)
{
	const json_t *tables = json_object_get(artifact, "tables");
	const json_t *t = table > 0 ? json_array_get(tables, (size_t)table - 1) : NULL;
	long header = (long)json_integer_value(json_object_get(t, "header_line"));
	const char *format = ctl_json_text(artifact, "format");
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;

	if (!t || row == 0 || row > (size_t)json_integer_value(json_object_get(t, "rows")))
		return 0;
	text = read_artifact(w, artifact, &len);
	if (!text)
		return 0;
	if (strcmp(format, "markdown") == 0)
		return header ? header + 1 + (long)row : 0;
	return strcmp(format, "csv") == 0 ? line_in_csv(text, len, header, row) : 0;
}
