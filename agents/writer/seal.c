/* SPDX-License-Identifier: MIT */
/* The bytes of report.json with the seal over all three files. */
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
