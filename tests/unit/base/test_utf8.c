/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/base/utf8.h"
#include "lib/base/util.h"

Test(utf8, every_code_point_that_exists_is_read_back)
{
	static const struct {
		const char *text;
		uint32_t c;
	} good[] = {{"a", 'a'},
	            {"\x7f", 0x7F},
	            {"\xc2\x80", 0x80},
	            {"\xdf\xbf", 0x7FF},
	            {"\xe0\xa0\x80", 0x800},
	            {"\xed\x9f\xbf", 0xD7FF},
	            {"\xef\xbf\xbf", 0xFFFF},
	            {"\xf0\x90\x80\x80", 0x10000},
	            {"\xf4\x8f\xbf\xbf", 0x10FFFF}};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		size_t len = strlen(good[i].text);
		uint32_t c = 0;

		cr_expect_eq(utf8_decode(&c, good[i].text, len), len, "%zu", i);
		cr_expect_eq(c, good[i].c, "%zu", i);
		cr_expect_eq(utf8_length(good[i].text, len - 1), 0, "cut short: %zu", i);
	}
}

Test(utf8, overlong_forms_surrogates_and_what_is_beyond_are_no_characters)
{
	static const char *const bad[] = {
		"\x80",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff",         "\xc3\x61"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		uint32_t c = 7;

		cr_expect_eq(utf8_decode(&c, bad[i], strlen(bad[i])), 0, "%zu", i);
		cr_expect_eq(c, 7, "untouched: %zu", i);
	}
}

Test(utf8, characters_are_counted_by_their_first_bytes)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x90\x80\x80z";

	cr_expect_eq(utf8_characters(text, text + strlen(text)), 5);
	cr_expect_eq(utf8_characters(text, text + 3), 2);
	cr_expect_eq(utf8_characters(text, text), 0);
}

Test(utf8, a_cut_falls_between_characters)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac";
	static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6};

	for (size_t max = 0; max < ARRAY_LEN(expected); max++)
		cr_expect_eq(utf8_cut(text, strlen(text), max), expected[max], "%zu", max);
}
