/* SPDX-License-Identifier: MIT */
#include "lib/base/digest.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define MD_BYTES 32

struct digest {
	EVP_MD *sha256; /* fetched once: EVP_sha256() would have each start look for it */
	EVP_MD_CTX *ctx;
	bool failed;
};

struct digest *digest_new(void)
{
	CLEANUP(digest_freep) struct digest *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->ctx = EVP_MD_CTX_new();
	if (!d->sha256 || !d->ctx || EVP_DigestInit_ex2(d->ctx, d->sha256, NULL) != 1)
		return NULL;
	return TAKE(d);
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
	if (EVP_DigestUpdate(d->ctx, bytes, len) != 1)
		d->failed = true;
}

static void print(char ret[static DIGEST_TEXT_BYTES], const unsigned char md[static MD_BYTES])
{
	static const char hex[] = "0123456789abcdef";
	char *at = mempcpy(ret, "sha256:", sizeof "sha256:" - 1);

	for (size_t i = 0; i < MD_BYTES; i++) {
		*at++ = hex[md[i] >> 4];
		*at++ = hex[md[i] & 15];
	}
	*at = '\0';
}

void digest_text(struct digest *d, char ret[static DIGEST_TEXT_BYTES])
{
	unsigned char md[MD_BYTES] = {0};

	if (EVP_DigestFinal_ex(d->ctx, md, NULL) != 1 || d->failed)
		memset(md, 0, sizeof md);
	print(ret, md);
}

int digest_hmac(char ret[static DIGEST_TEXT_BYTES], const void *key, size_t key_len,
                const void *bytes, size_t len)
{
	unsigned char md[MD_BYTES];
	unsigned md_len = sizeof md;

	if (key_len > INT_MAX || !HMAC(EVP_sha256(), key, (int)key_len, bytes, len, md, &md_len) ||
	    md_len != sizeof md)
		return -ENOMEM;
	print(ret, md);
	return 0;
}

int digest_again(struct digest *d, char ret[static DIGEST_TEXT_BYTES])
{
	digest_text(d, ret);
	d->failed = false;
	return EVP_DigestInit_ex2(d->ctx, d->sha256, NULL) == 1 ? 0 : -ENOMEM;
}

bool digest_base64(struct digest *d, char ret[static DIGEST_BASE64_BYTES])
{
	unsigned char md[32];

	if (EVP_DigestFinal_ex(d->ctx, md, NULL) != 1 || d->failed)
		return false;
	return EVP_EncodeBlock((unsigned char *)ret, md, sizeof md) == DIGEST_BASE64_BYTES - 1;
}

void digest_free(struct digest *d)
{
	if (!d)
		return;
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_free(d->sha256);
	free(d);
}
