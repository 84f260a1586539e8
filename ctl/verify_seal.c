/* SPDX-License-Identifier: MIT */
/*
 * The seal: SHA-256 over report.md, samples.json and report.json without the seal itself.
 */
#include "ctl/verify_impl.h"
#include "lib/base/digest.h"

/* The member as the writer puts it, last in the file: its bytes are cut out, nothing else. */
#define SEAL_BEFORE ",\n \"seal\": \""
#define SEAL_LENGTH (sizeof SEAL_BEFORE - 1 + DIGEST_TEXT_BYTES - 1 + 1)

static const char *find_seal(const struct verify_texts *t)
{
	const char *at = NULL, *from = t->json, *end = t->json + t->json_len;

	while ((from = memmem(from, (size_t)(end - from), SEAL_BEFORE, sizeof SEAL_BEFORE - 1)))
		at = from++;
	return at && (size_t)(end - at) >= SEAL_LENGTH && at[SEAL_LENGTH - 1] == '"' ? at : NULL;
}

void verify_seal(struct verify *v)
{
	const struct verify_texts *t = v->texts;
	const char *stated = verify_text(v->report, "seal"), *at = find_seal(t);
	CLEANUP(digest_freep) struct digest *d = at ? digest_new() : NULL;
	char found[DIGEST_TEXT_BYTES];

	if (!d || strncmp(at + sizeof SEAL_BEFORE - 1, stated, DIGEST_TEXT_BYTES - 1) != 0) {
		verify_altered(v, "report.json: it has no seal");
		return;
	}
	digest_add(d, t->md, t->md_len);
	digest_add(d, t->samples, t->samples_len);
	digest_add(d, t->json, (size_t)(at - t->json));
	digest_add(d, at + SEAL_LENGTH, (size_t)(t->json + t->json_len - at) - SEAL_LENGTH);
	digest_text(d, found);
	if (strcmp(found, stated) != 0)
		verify_altered(v,
		               "report.md, samples.json or report.json: seal %.80s expected, %s "
		               "found",
		               stated, found);
}
