/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/evidence/number.h"

static const char *printed(double value, double scale, enum number_kind kind)
{
	static struct number n;

	number_print(&n, value, scale, kind);
	return n.text;
}

/* splitmix64: the same values on every machine. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int decimals_of(const char *text)
{
	const char *point = strchr(text, '.');

	return point ? (int)strlen(point + 1) : 0;
}

/* The printed figure as a number, commas taken out; they must stand before every third digit. */
static double parse(const char *text)
{
	char plain[NUMBER_TEXT_BYTES];
	size_t n = 0, whole = strcspn(text, ".");

	for (size_t i = 0; text[i]; i++) {
		if (text[i] == ',')
			cr_assert_eq((whole - i) % 4, 0, "a comma out of place in %s", text);
		else
			plain[n++] = text[i];
	}
	plain[n] = '\0';
	return strtod(plain, NULL);
}

static void expect_rounded(double value, double scale, enum number_kind kind)
{
	struct number n;
	double x, unit, seen;

	number_print(&n, value, scale, kind);
	x = value * scale;
	seen = parse(n.text);
	if (n.bound) {
		cr_assert(n.bound == '<' ? x < seen : x > seen, "%s %.17g", n.text, x);
		return;
	}
	unit = pow(10, -decimals_of(n.text));
	/* Strictly inside of the half: no rule for halves can make another figure of it. */
	cr_assert(fabs(seen - x) < 0.5 * unit, "%s is not %.17g * %g", n.text, value, scale);
}

Test(number, shows_three_or_four_digits_of_a_measure)
{
	cr_expect_str_eq(printed(101.94, 1, NUMBER_MEASURE), "101.9");
	cr_expect_str_eq(printed(11.794, 1, NUMBER_MEASURE), "11.79");
	cr_expect_str_eq(printed(3.812, 1, NUMBER_MEASURE), "3.81");
	cr_expect_str_eq(printed(0.693, 1, NUMBER_MEASURE), "0.693");
	cr_expect_str_eq(printed(0.0012344, 1, NUMBER_MEASURE), "0.00123");
	cr_expect_str_eq(printed(0.142, 1000, NUMBER_MEASURE), "142");
	cr_expect_str_eq(printed(-5.5, 1, NUMBER_MEASURE), "-5.5");
	cr_expect_str_eq(printed(0, 1, NUMBER_MEASURE), "0");
	cr_expect_str_eq(printed(-0.0, 1, NUMBER_MEASURE), "0");
}

Test(number, shows_what_was_given_as_it_was_written)
{
	cr_expect_str_eq(printed(102.31, 1, NUMBER_GIVEN), "102.31");
	cr_expect_str_eq(printed(2, 1, NUMBER_GIVEN), "2");
	cr_expect_str_eq(printed(-1234567.125, 1, NUMBER_GIVEN), "-1,234,567.125");
	cr_expect_str_eq(printed(0.000128, 1, NUMBER_GIVEN), "0.000128");
	cr_expect_str_eq(printed(1.0 / 3, 1, NUMBER_GIVEN), "0.333333333333");
}

static const char *in_column(double value, int decimals)
{
	static struct number n;

	number_print_decimals(&n, value, 1, decimals);
	return n.text;
}

Test(number, gives_the_numbers_of_a_column_as_many_decimals_each)
{
	cr_expect_eq(number_decimals(159.6, 41.24), 1);
	cr_expect_eq(number_decimals(6.48, 0.0909), 3);
	cr_expect_eq(number_decimals(29.99, 0.063), 3, "two digits of the smallest");
	cr_expect_eq(number_decimals(250000, 1000), 0);
	cr_expect_eq(number_decimals(1e6, 0.001), NUMBER_ANY_DECIMALS, "too far apart");
	cr_expect_eq(number_decimals(0, 0), 0);
	cr_expect_str_eq(in_column(58, 1), "58.0");
	cr_expect_str_eq(in_column(1234.56, 1), "1,234.6");
	cr_expect_str_eq(in_column(0.0909, 3), "0.091");
	cr_expect_str_eq(in_column(-0.0, 2), "0.00");
	cr_expect_str_eq(in_column(1.4155, 3), "1.4155", "a half");
	cr_expect(number_is_exact(41.3, 1, 1) && !number_is_exact(41.3, 1, 0));
	cr_expect(number_is_clear(1.416, 1, 2) && !number_is_clear(1.4155, 1, 3));
}

Test(number, puts_commas_between_thousands)
{
	cr_expect_str_eq(printed(999, 1, NUMBER_MEASURE), "999");
	cr_expect_str_eq(printed(1000, 1, NUMBER_MEASURE), "1,000");
	cr_expect_str_eq(printed(-1234567, 1, NUMBER_MEASURE), "-1,234,567");
	cr_expect_str_eq(printed(1234567.8, 1, NUMBER_MEASURE), "1,234,568");
	cr_expect_str_eq(printed(1e15, 1, NUMBER_MEASURE), "1,000,000,000,000,000");
}

Test(number, gives_one_more_digit_where_halves_could_go_either_way)
{
	cr_expect_str_eq(printed(0.125, 1, NUMBER_PERCENT), "0.125");
	cr_expect_str_eq(printed(2.675, 1, NUMBER_MEASURE), "2.675");
	cr_expect_str_eq(printed(2.25, 1, NUMBER_PERCENT), "2.25");
	cr_expect_str_eq(printed(1000.5, 1, NUMBER_MEASURE), "1,000.5");
	cr_expect_str_eq(printed(0.14255, 1000, NUMBER_MEASURE), "142.55");
}

Test(number, bounds_what_has_no_digits_worth_printing)
{
	struct number n;

	number_print(&n, 0.00005, 1, NUMBER_P);
	cr_expect_str_eq(n.text, "0.001");
	cr_expect_eq(n.bound, '<');
	number_print(&n, 0, 1, NUMBER_P);
	cr_expect_eq(n.bound, '<');
	number_print(&n, -1e300, 1, NUMBER_MEASURE);
	cr_expect_str_eq(n.text, "-1,000,000,000,000,000");
	cr_expect_eq(n.bound, '<');
	number_print(&n, -1e-12, 1, NUMBER_MEASURE);
	cr_expect_eq(n.bound, '>');
	number_print(&n, 0.0079365, 1, NUMBER_P);
	cr_expect_str_eq(n.text, "0.0079");
	cr_expect_eq(n.bound, 0);
}

Test(number, is_always_the_value_rounded_to_the_digits_printed)
{
	static const double scales[] = {1, 1000, 0.001, 100, 1e6, 1e-6};
	uint64_t state = 7;

	for (int i = 0; i < 100000; i++) {
		double size = pow(10, (double)(next_random(&state) % 24) - 9);
		double value = ((double)(next_random(&state) % 2000001) - 1e6) / 1e6 * size;

		if (i % 3 == 0) /* few digits: halves are frequent */
			value = ((double)(next_random(&state) % 200001) - 1e5) / 1000;
		expect_rounded(value, scales[next_random(&state) % 6],
		               next_random(&state) % 2 ? NUMBER_MEASURE : NUMBER_PERCENT);
		expect_rounded(fabs(value), 1, NUMBER_P);
	}
}

Test(number, moves_a_unit_only_when_it_reads_badly)
{
	struct number_unit u = number_unit_for("s", 0.0042);

	cr_expect_str_eq(u.unit, "ms");
	cr_expect_float_eq(u.scale, 1000, 1e-12);
	u = number_unit_for("s", 0.42);
	cr_expect_str_eq(u.unit, "ms");
	u = number_unit_for("s", 1);
	cr_expect_str_eq(u.unit, "s");
	u = number_unit_for("ms", 61234);
	cr_expect_str_eq(u.unit, "s");
	cr_expect_float_eq(u.scale, 0.001, 1e-15);
	u = number_unit_for("bytes", 67108864);
	cr_expect_str_eq(u.unit, "MB");
	u = number_unit_for("tok/s", 0.00001);
	cr_expect_str_eq(u.unit, "tok/s");
	cr_expect_eq(u.scale, 1);
	u = number_unit_for(NULL, 5e9);
	cr_expect_null(u.unit);
}
