/* SPDX-License-Identifier: MIT */
/*
 * Where rows of a table stand in their file. Only in a file that is still what the review read.
 */
#include <limits.h>

#include "agents/collector/beneath.h"
#include "agents/collector/csv_scan.h"
#include "agents/collector/csv_sniff.h"
#include "agents/collector/encoding.h"
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

/* As the reader of CSV cuts it into records. */
static size_t lines_in_csv(long *ret, struct str text, long header_line, const size_t *rows,
                           size_t n)
{
	struct csv_dialect d;
	struct csv_span cell;
	struct csv_scan s;
	struct error none = {0};
	size_t seen = 0, found = 0;

	if (csv_sniff(&d, text, &none) < 0)
		return 0;
	s = csv_scan_of(text, d.delimiter);
	while (found < n && csv_next_record(&s)) {
		enum csv_end end = csv_next_cell(&s, &cell);

		if ((long)s.record_line > header_line && ++seen == rows[found])
			ret[found++] = s.record_line;
		while (end == CSV_DELIMITER)
			end = csv_next_cell(&s, &cell);
	}
	return found;
}

size_t why_lines_of_rows(long *ret, const struct why *w, const json_t *artifact, json_int_t table,
                         const size_t *rows, size_t n)
{
	const json_t *tables = json_object_get(artifact, "tables");
	const json_t *t = table > 0 ? json_array_get(tables, (size_t)table - 1) : NULL;
	long header = (long)json_integer_value(json_object_get(t, "header_line"));
	const char *format = ctl_json_text(artifact, "format");
	CLEANUP(encoding_done) struct decoded text = {0};
	CLEANUP(freep) char *bytes = NULL;
	struct error none = {0};
	size_t len = 0, found = 0;

	if (!t || n == 0)
		return 0;
	bytes = read_artifact(w, artifact, &len);
	if (!bytes || encoding_decode(&text, bytes, len, &none) < 0)
		return 0;
	if (strcmp(format, "csv") == 0)
		return lines_in_csv(ret, text.utf8, header, rows, n);
	if (strcmp(format, "markdown") != 0 || !header)
		return 0;
	for (; found < n && rows[found] <= (size_t)json_integer_value(json_object_get(t, "rows"));
	     found++)
		ret[found] = header + 1 + (long)rows[found];
	return found;
}
