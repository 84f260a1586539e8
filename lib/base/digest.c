/* SPDX-License-Identifier: MIT */
#include "lib/base/digest.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>

struct digest {
	EVP_MD_CTX *ctx;
	bool failed;
};

struct digest *digest_new(void)
{
	CLEANUP(digest_freep) struct digest *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx || EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL) != 1)
		return NULL;
	return TAKE(d);
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
	if (EVP_DigestUpdate(d->ctx, bytes, len) != 1)
		d->failed = true;
}

void digest_text(struct digest *d, char ret[static DIGEST_TEXT_BYTES])
{
	unsigned char md[32] = {0};
	int n = snprintf(ret, DIGEST_TEXT_BYTES, "sha256:");

	if (EVP_DigestFinal_ex(d->ctx, md, NULL) != 1 || d->failed)
		memset(md, 0, sizeof md);
	for (size_t i = 0; i < sizeof md; i++)
		(void)snprintf(ret + n + 2 * i, 3, "%02x", md[i]);
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	free(d);
}
