/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "agents/collector/encoding.h"
#include "lib/base/utf8.h"

#define DECODE(ret, bytes, err) encoding_decode(ret, bytes, sizeof bytes - 1, err)

static bool is(const struct decoded *d, const char *wanted)
{
	return str_is(d->utf8, wanted);
}

Test(encoding, utf8_stays_and_loses_its_mark)
{
	CLEANUP(encoding_done) struct decoded plain = {0}, marked = {0};
	struct error err = {0};

	cr_expect_eq(DECODE(&plain, "a\302\265b", &err), 0);
	cr_expect(is(&plain, "a\302\265b"));
	cr_expect_null(plain.owned);
	cr_expect_eq(DECODE(&marked, "\357\273\277a,b\n", &err), 0);
	cr_expect(is(&marked, "a,b\n"));
}

Test(encoding, utf16_with_a_mark_is_converted)
{
	CLEANUP(encoding_done) struct decoded little = {0}, big = {0};
	struct error err = {0};

	cr_expect_eq(DECODE(&little,
	                    "\xff\xfe"
	                    "a\0\xb5\0\x3d\xd8\x8e\xdc",
	                    &err),
	             0);
	cr_expect(is(&little, "a\302\265\360\237\222\216"));
	cr_expect_eq(DECODE(&big, "\xfe\xff\0a\0\n\xd8\x3d\xdc\x8e", &err), 0);
	cr_expect(is(&big, "a\n\360\237\222\216"));
}

Test(encoding, broken_utf16_is_refused)
{
	CLEANUP(encoding_done) struct decoded d = {0};
	struct error err = {0};

	cr_expect_eq(DECODE(&d,
	                    "\xff\xfe"
	                    "a\0b",
	                    &err),
	             -EILSEQ);
	encoding_done(&d);
	cr_expect_eq(DECODE(&d,
	                    "\xff\xfe"
	                    "a\0\n\0\x3d\xd8"
	                    "x\0",
	                    &err),
	             -EILSEQ);
	cr_expect_str_eq(err.text, "line 2: broken UTF-16");
	encoding_done(&d);
	cr_expect_eq(DECODE(&d, "\xff\xfe\0\0", &err), -EILSEQ, "UTF-32");
}

Test(encoding, latin1_is_converted_and_said)
{
	CLEANUP(encoding_done) struct decoded d = {0};
	struct error err = {0};

	cr_expect_eq(DECODE(&d, "a\ntime (\xb5s)\n", &err), 0);
	cr_expect(is(&d, "a\ntime (\302\265s)\n"));
	cr_expect_eq(d.latin1_line, 2);
	cr_expect_eq(d.latin1_byte, 0xb5);
}

Test(encoding, binary_is_refused_with_its_place)
{
	CLEANUP(encoding_done) struct decoded d = {0};
	struct error err = {0};

	cr_expect_eq(DECODE(&d, "a\nb\0c", &err), -EILSEQ);
	cr_expect(strstr(err.text, "line 2 column 2: NUL byte"), "%s", err.text);
	cr_expect_eq(DECODE(&d, "a\n\x1f\x8b\xff", &err), -EILSEQ);
	cr_expect_str_eq(err.text, "line 2 column 2: byte 0x8B is not UTF-8");
}

Test(encoding, knows_every_kind_of_invalid_utf8)
{
	static const char *const bad[] = {"\x80",
	                                  "\xc0\x80",
	                                  "\xc1\xbf",
	                                  "\xe0\x9f\xbf",
	                                  "\xed\xa0\x80",
	                                  "\xf0\x8f\xbf\xbf",
	                                  "\xf4\x90\x80\x80",
	                                  "\xf5\x80\x80\x80",
	                                  "\xe2\x82",
	                                  "\xe2\x28\xa1",
	                                  "\xff"};
	static const char good[] = "12345678\303\244\342\202\254\360\237\222\216\xf4\x8f\xbf\xbf";

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_eq(encoding_valid_prefix(bad[i], strlen(bad[i])), 0, "%zu", i);
	cr_expect_eq(encoding_valid_prefix(good, sizeof good - 1), sizeof good - 1);
	cr_expect_eq(utf8_cut("a\303\244", 3, 2), 1);
}
