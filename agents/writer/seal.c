/* SPDX-License-Identifier: MIT */
/* The bytes of report.json with the seal over all three files, and the digests of all others. */
#include <errno.h>

#include "agents/writer/json.h"
#include "lib/base/digest.h"

#define DUMP_FLAGS (JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17))

static int on_dump(const char *bytes, size_t len, void *arg)
{
	struct buf *b = arg;

	buf_add(b, bytes, len);
	return b->failed ? -1 : 0;
}

static json_t *file_entry(struct digest *digest, const struct report_file *f)
{
	char text[DIGEST_TEXT_BYTES];

	digest_add(digest, f->data, f->len);
	if (digest_again(digest, text) < 0)
		return NULL;
	return json_pack("{s:s, s:I, s:s}", "file", f->name, "bytes", (json_int_t)f->len, "digest",
	                 text);
}

int writer_json_files(json_t *report, const struct report_file *files, size_t n, struct error *err)
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	json_t *list = json_object_get(report, "files");
	bool failed = !digest;

	if (!list && !failed)
		failed = json_object_set_new(report, "files", list = json_array()) < 0;
	for (size_t i = 0; i < n && !failed; i++)
		failed = json_array_append_new(list, file_entry(digest, &files[i])) < 0;
	return failed ? error_set(err, -ENOMEM, "report.json: no memory for its files") : 0;
}

int writer_json_seal(struct buf *ret, const json_t *report, const struct buf *md,
                     const struct buf *samples, struct error *err)
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	char seal[DIGEST_TEXT_BYTES];

	if (!digest)
		return error_set(err, -ENOMEM, "report.json: no memory for its seal");
	if (json_dump_callback(report, on_dump, ret, DUMP_FLAGS) < 0)
		return error_set(err, ret->failed ? -EFBIG : -ENOMEM,
		                 "report.json: cannot be written in %zu bytes", ret->max);
	buf_puts(ret, "\n");
	digest_add(digest, md->data, md->len);
	digest_add(digest, samples->data, samples->len);
	digest_add(digest, buf_text(ret), ret->len);
	digest_text(digest, seal);
	ret->len -= strlen("\n}\n"); /* reopened behind its last member */
	buf_printf(ret, ",\n \"seal\": \"%s\"\n}\n", seal);
	return ret->failed ? error_set(err, -EFBIG, "report.json: larger than %zu bytes", ret->max)
	                   : 0;
}
