/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/base/digest.h"

/* From FIPS 180-4 and NIST's example values. */
static const struct {
	const char *text;
	const char *digest;
} vectors[] = {
	{"", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

Test(digest, the_vectors_of_the_standard_hold)
{
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		CLEANUP(digest_freep) struct digest *d = digest_new();
		char text[DIGEST_TEXT_BYTES];

		cr_assert_not_null(d);
		digest_add(d, vectors[i].text, strlen(vectors[i].text));
		digest_text(d, text);
		cr_expect_str_eq(text, vectors[i].digest);
	}
}

Test(digest, a_million_letters_in_pieces)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();
	char text[DIGEST_TEXT_BYTES], piece[1000];

	cr_assert_not_null(d);
	memset(piece, 'a', sizeof piece);
	for (int i = 0; i < 1000; i++) {
		digest_add(d, piece, (size_t)i);
		digest_add(d, piece, sizeof piece - (size_t)i);
	}
	digest_text(d, text);
	cr_expect_str_eq(text,
	                 "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, test cases 2 and 6 */
Test(digest, a_keyed_digest_is_that_of_the_standard)
{
	char key[131], text[DIGEST_TEXT_BYTES];
	static const char data[] = "what do ya want for nothing?";
	static const char longer[] = "Test Using Larger Than Block-Size Key - Hash Key First";

	cr_assert_eq(digest_hmac(text, "Jefe", 4, data, sizeof data - 1), 0);
	cr_expect_str_eq(text,
	                 "sha256:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof key);
	cr_assert_eq(digest_hmac(text, key, sizeof key, longer, sizeof longer - 1), 0);
	cr_expect_str_eq(text,
	                 "sha256:60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
