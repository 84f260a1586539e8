/* SPDX-License-Identifier: MIT */
/*
 * digest - SHA-256 (FIPS 180-4) by libcrypto, printed as "sha256:<64 hex digits>".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/util.h"

#define DIGEST_TEXT_BYTES (sizeof "sha256:" + 64)

struct digest; /* opaque */

struct digest *digest_new(void) MUST_USE; /* NULL: no memory */
void digest_add(struct digest *d, const void *bytes, size_t len);
void digest_text(struct digest *d, char ret[static DIGEST_TEXT_BYTES]); /* once, at the end */
/* As digest_text(), and begins anew. -ENOMEM: it cannot. */
int digest_again(struct digest *d, char ret[static DIGEST_TEXT_BYTES]) MUST_USE;

#define DIGEST_BASE64_BYTES (44 + 1)
/* The digest alone in Base64, as a Content-Security-Policy names a script; once, at the end. */
bool digest_base64(struct digest *d, char ret[static DIGEST_BASE64_BYTES]) MUST_USE;
/* HMAC-SHA256 (RFC 2104) in the same form. -ENOMEM. */
int digest_hmac(char ret[static DIGEST_TEXT_BYTES], const void *key, size_t key_len,
                const void *bytes, size_t len) MUST_USE;
void digest_free(struct digest *d);
DEFINE_CLEANUP(struct digest *, digest_free)
