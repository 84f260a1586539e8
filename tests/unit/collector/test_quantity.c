/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/unit/collector/reading.h"

#include "agents/collector/quantity.h"

static struct quantity parsed(const char *text, char decimal)
{
	struct quantity q = {0};

	cr_assert(quantity_parse(&q, str_of(text), decimal), "\"%s\"", text);
	return q;
}

static void expect(const char *text, double number, const char *unit)
{
	struct quantity q = parsed(text, '.');

	cr_expect_float_eq(q.number, number, 1e-12 * (number < 0 ? -number : number), "%s: %.17g",
	                   text, q.number);
	cr_expect_str_eq(q.unit->text, unit, "%s: %s", text, q.unit->text);
}

static void expect_none(const char *text)
{
	struct quantity q;

	cr_expect(!quantity_parse(&q, str_of(text), '.'), "\"%s\" is none", text);
}

Test(quantity, a_unit_stands_behind_the_digits_with_a_blank_or_without)
{
	expect("12.3 ms", 12.3, "ms");
	expect("12.3ms", 12.3, "ms");
	expect("1.5GiB", 1.5, "GiB");
	expect("34%", 34, "%");
	expect("34 %", 34, "%");
	expect("21.33 W", 21.33, "W");
	expect("3.5x", 3.5, "x");
	expect("12/s", 12, "/s");
	expect("29.71 μs", 29.71, "μs");
	expect("29.71 µs", 29.71, "µs");
	expect("112 B", 112, "B");
	expect("1.2e-3 s", 1.2e-3, "s");
	expect("-0.5 °C", -0.5, "°C");
	expect("\342\210\2225.2 ms", -5.2, "ms");
	expect("+3%", 3, "%");
	expect("7\302\240ms", 7, "ms");
}

Test(quantity, thousands_of_thousands_are_a_factor)
{
	struct quantity q = parsed("4.2k", '.');

	expect("4.2k", 4200, "");
	cr_expect_eq(q.unit->factor, 1000);
	expect("1.5 G", 1.5e9, "");
	expect("24K", 24000, "");
	expect("4.2k tok/s", 4200, "tok/s");
	expect("3.1 Mops/s", 3.1e6, "ops/s");
	expect("2k/s", 2000, "/s");
	cr_expect_eq(parsed("4.2 ktok/s", '.').unit->factor, 1000);
	expect_none("4.2 k ms");
	expect_none("4.2m");
}

Test(quantity, marks_between_thousands_are_of_groups_of_three)
{
	expect("1,234.5", 1234.5, "");
	expect("1,234", 1234, "");
	expect("568,767.00 ns", 568767, "ns");
	expect("1'234.5", 1234.5, "");
	expect("1’234’567", 1234567, "");
	expect("1\302\240234.5", 1234.5, "");
	expect("12\342\200\211345", 12345, "");
	expect("12\342\200\257345 ms", 12345, "ms");
	expect("1 234.5", 1234.5, "");
	expect_none("1,23");
	expect_none("12,34,567");
	expect_none("0,123");
	expect_none("1234,567");
	expect_none("1,234,56");
	expect_none("100 200");
	expect_none("1,234'567");
}

Test(quantity, a_decimal_comma_makes_points_the_marks_between_thousands)
{
	cr_expect_eq(parsed("1.234,5", ',').number, 1234.5);
	cr_expect_eq(parsed("1 234,5", ',').number, 1234.5);
	cr_expect_eq(parsed("1'234,5", ',').number, 1234.5);
	cr_expect_eq(parsed("0,5 ms", ',').number, 0.5);
	cr_expect_eq(parsed("1.234", ',').number, 1234);
	cr_expect(!quantity_parse(&(struct quantity){0}, str_of("1.5"), ','));
}

Test(quantity, of_a_number_and_its_spread_the_number_counts)
{
	expect("41.3 ± 0.6", 41.3, "");
	expect("41.3 ± 0.6 ms", 41.3, "ms");
	expect("41.3 ms ± 0.6 ms", 41.3, "ms");
	expect("41.3 ms ± 2%", 41.3, "ms");
	expect("123.45 +- 0.67", 123.45, "");
	expect("123.45 +/- 0.67 tok/s", 123.45, "tok/s");
	expect("0.12 (± 0.03)", 0.12, "");
	expect("4.2k ± 0.1k", 4200, "");
	expect("97 % ± 1 %", 97, "%");
	expect_none("± 5%");
	expect_none("41.3 ± ");
	expect_none("0.12 (± 0.03");
	expect_none("12 ± 3%"); /* of the twelve, or what both are told in? */
	expect_none("41.3 ms ± 0.6 s");
	expect_none("41 ± 1k");
}

Test(quantity, money_and_estimates_are_numbers)
{
	expect("$0.0012", 0.0012, "$");
	expect("€ 12", 12, "€");
	expect("$4.2k", 4200, "$");
	expect("~12", 12, "");
	expect("~2 GB", 2, "GB");
	expect("≈ 3 s", 3, "s");
	expect_none("$5 ms");
}

Test(quantity, bounds_ranges_times_and_versions_are_none)
{
	static const char *const texts[] = {
		"",      "<0.1", ">5 ms",     "3:25",       "1h2m3s",  "2m3.5s",
		"1.2.3", "1-2",  "1.2-3.4 s", "2024-01-02", "12 ms x", "5 layers",
		"7B",    "v1.2", "[N/A]",     "NA",         "-",       "nan",
		"inf",   "?",    "1e",        "0x1F",       "1 2",     "- 5",
		"ms",    "3rd",  "12/60",     "5 ms (+3%)", "-",       "+",
		".",     "1.",   "1080p",     "%",          "± 3",     "1e999 s"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect_none(texts[i]);
}

Test(quantity, what_is_longer_than_any_number_is_prose)
{
	char text[200];

	memset(text, '1', sizeof text);
	text[sizeof text - 1] = '\0';
	expect_none(text);
	cr_expect(quantity_parse(&(struct quantity){0}, (struct str){text, 100}, '.'));
}

static enum decimal_hint hint(const char *text)
{
	return quantity_hint(str_of(text));
}

Test(quantity, a_cell_tells_the_decimal_mark_or_leaves_it_open)
{
	cr_expect_eq(hint("12"), HINT_NONE);
	cr_expect_eq(hint("0.5"), HINT_POINT);
	cr_expect_eq(hint("1,234.5 ns"), HINT_POINT);
	cr_expect_eq(hint("1,234,567"), HINT_POINT);
	cr_expect_eq(hint("1'234.5"), HINT_POINT);
	cr_expect_eq(hint("0,5"), HINT_COMMA);
	cr_expect_eq(hint("0,123"), HINT_COMMA);
	cr_expect_eq(hint("1.234,5 ms"), HINT_COMMA);
	cr_expect_eq(hint("1,234"), HINT_COMMA_MAYBE);
	cr_expect_eq(hint("1.234"), HINT_POINT_MAYBE);
	cr_expect_eq(hint("1,234 ms"), HINT_COMMA_MAYBE);
	cr_expect_eq(hint("1,2,3"), HINT_NONE);
	cr_expect_eq(hint("a.b, c"), HINT_NONE);
}

static char decide(const char *const *texts)
{
	struct decimal_hints h = {0};

	for (; *texts; texts++)
		h.n[hint(*texts)]++;
	return quantity_decimal(&h);
}

#define DECIDE(...) decide((const char *const[]){__VA_ARGS__, NULL})

Test(quantity, all_cells_together_decide_about_the_mark)
{
	cr_expect_eq(DECIDE("1,234", "0,5"), ',');
	cr_expect_eq(DECIDE("1,234", "0.5"), '.');
	cr_expect_eq(DECIDE("1,234", "1,234,567"), '.');
	cr_expect_eq(DECIDE("1.234", "2.345"), '.');
	cr_expect_eq(DECIDE("1,234", "999"), 0, "a thousand, or a little more than one");
	cr_expect_eq(DECIDE("0,5", "0.5"), 0, "they contradict each other");
	cr_expect_eq(DECIDE("1.234", "1,234"), 0);
	cr_expect_eq(DECIDE("1", "2"), 0);
}

/* --- in a table ---------------------------------------------------------------------------- */

static struct cell second(const char *csv, size_t row)
{
	static struct reading r;

	reading_done(&r);
	r = reading_of(csv_read, csv);
	cr_assert_eq(r.result, 0, "%s", r.err.text);
	return table_cell(r.artifact.tables, row, 1);
}

Test(quantity, a_comma_between_thousands_is_one_when_the_table_has_points)
{
	cr_expect_eq(second("a,b\nx,\"1,234\"\ny,0.5\n", 0).number, 1234);
	cr_expect_eq(second("a,b,c\nx,\"1,234\",0.5\ny,\"2,345\",0.25\n", 0).number, 1234);
	cr_expect_eq(second("a,b\nx,\"1,234\"\ny,\"1,234,567\"\n", 0).number, 1234);
	cr_expect_eq(second("a,b\nx,\"1,234 ns\"\ny,\"5,763.5 ns\"\n", 0).number, 1234);
	cr_expect_str_eq(second("a,b\nx,\"1,234\"\ny,0.5\n", 0).text, "1,234");
}

Test(quantity, a_comma_that_nothing_explains_leaves_a_text)
{
	cr_expect_eq(second("a,b\nx,\"1,234\"\ny,\"2,345\"\n", 0).kind, CELL_TEXT);
	cr_expect_eq(second("a,b\nx,\"1,234 ms\"\ny,\"2,345 ms\"\n", 0).kind, CELL_TEXT);
	cr_expect_eq(second("a,b\nx,\"1,234\"\ny,999\n", 1).number, 999);
	cr_expect_eq(second("a,b\nx,\"1,234\"\ny,999\n", 0).kind, CELL_TEXT);
	cr_expect_eq(second("a;b\nx;1,234\ny;2,345\n", 0).kind, CELL_TEXT);
}

Test(quantity, a_column_that_contradicts_the_table_stays_text)
{
	const char *csv = "a,b,c\nx,\"1,234\",0.5\ny,\"0,5\",0.5\nz,7,1.5\n";

	cr_expect_eq(second(csv, 0).kind, CELL_TEXT);
	cr_expect_eq(second(csv, 1).kind, CELL_TEXT);
	cr_expect_eq(second(csv, 2).number, 7);
}

Test(quantity, a_decimal_comma_proves_the_points_between_thousands)
{
	cr_expect_eq(second("a;b\nx;1.234\ny;0,5\nz;12,25\n", 0).number, 1234);
	cr_expect_eq(second("a;b\nx;1,234\ny;0,5\n", 0).number, 1.234);
	cr_expect_eq(second("a;b\nx;1.234,5 ms\ny;0,5 ms\n", 0).number, 1234.5);
}
