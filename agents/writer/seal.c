/* SPDX-License-Identifier: MIT */
/* samples.json, and the bytes of report.json with the seal over all three. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/writer/json.h"
#include "lib/base/digest.h"

#define DUMP_FLAGS (JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17))

/* The shortest of the usual lengths that reads back as the same double. */
static void put_double(struct buf *b, double value)
{
	char text[40] = "null";

	for (int digits = 15; digits <= 17 && isfinite(value); digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buf_puts(b, text);
}

int writer_json_samples(struct buf *ret, const struct dossier *d, struct error *err)
{
	bool first = true;

	buf_puts(ret, "{");
	for (size_t i = 0; i < d->n_facts; i++) {
		const struct fact *f = &d->facts[i];

		if (!f->n_samples || (!f->samples && !f->column))
			continue;
		buf_printf(ret, "%s\n \"F%u\": [", first ? "" : ",", f->id);
		first = false;
		for (size_t k = 0; k < f->n_samples; k++) {
			buf_puts(ret, k ? ", " : "");
			put_double(ret, fact_sample(f, k));
		}
		buf_puts(ret, "]");
	}
	buf_puts(ret, "\n}\n");
	return ret->failed ? error_set(err, -EFBIG, "samples.json: larger than %zu bytes", ret->max)
	                   : 0;
}

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
