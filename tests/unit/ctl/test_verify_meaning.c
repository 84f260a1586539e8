/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "ctl/verify_meaning.h"

static bool rounds(const char *text, double value)
{
	return meaning_rounds(str_of(text), false, value, 0);
}

Test(meaning, a_figure_is_the_value_rounded_to_its_digits)
{
	cr_expect(rounds("7.9", -7.86618444846292));
	cr_expect(rounds("110.6", 110.6));
	cr_expect(rounds("0.14", 0.142));
	cr_expect(rounds("0", 0.4));
	cr_expect(rounds("0.5", 0.45));
	cr_expect(rounds("0.4", 0.45)); /* a half may go either way */
	cr_expect(rounds("12,345", 12345.4));
	cr_expect(rounds("1,234,567.9", 1234567.89));
	cr_expect(rounds("1.2e-05", 0.0000123));
	cr_expect(rounds("100000000000000000000", 1e20));
}

Test(meaning, no_other_figure_is)
{
	cr_expect(!rounds("7.8", -7.86618444846292));
	cr_expect(!rounds("7.86", -7.86618444846292));
	cr_expect(!rounds("110.60", 110.61));
	cr_expect(!rounds("12,300", 12345));
	cr_expect(!rounds("0.15", 0.142));
	cr_expect(!rounds("1", 1.6));
}

Test(meaning, a_malformed_figure_is_none)
{
	static const char *const bad[] = {"",       "1,2345", "12,34", "1.2.3", ".5",  "1,",
	                                  "1,234,", "x",      "1x",    "0x10",  "inf", "1,23.4"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect(!rounds(bad[i], 1), "%s", bad[i]);
}

Test(meaning, a_bound_lies_beyond_the_figure)
{
	cr_expect(meaning_rounds(str_of("0.001"), false, 0.0003, '<'));
	cr_expect(!meaning_rounds(str_of("0.001"), false, 0.001, '<'));
	cr_expect(meaning_rounds(str_of("100"), false, 100.5, '>'));
	cr_expect(!meaning_rounds(str_of("100"), false, 99, '>'));
	cr_expect(meaning_rounds(str_of("100"), true, -1e308, '<'));
	cr_expect(!meaning_rounds(str_of("100"), true, -99, '<'));
	cr_expect(meaning_rounds(str_of("0.001"), true, -1e-12, '>'));
}

Test(meaning, a_minus_sign_needs_a_negative_value)
{
	cr_expect(meaning_rounds(str_of("7.9"), true, -7.87, 0));
	cr_expect(!meaning_rounds(str_of("7.9"), true, 7.87, 0));
}
