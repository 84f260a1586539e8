/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "agents/collector/quantity.h"
#include "ctl/verify_impl.h"
#include "lib/evidence/unit.h"

/* Expected values: numpy 1.24 and scipy 1.10 (see the formulas in the names). */
static void expect(enum statistic s, double wanted)
{
	double x[] = {4.0, 1.0, 3.5, 2.0, 10.0};
	double got;

	verify_sort(x, 5);
	got = verify_statistic(s, x, 5);
	cr_expect(verify_close(got, wanted, 1e-12), "%s: %.17g, not %.17g", statistic_name(s), got,
	          wanted);
}

Test(verify_statistics, follow_their_definitions)
{
	expect(STAT_COUNT, 5);
	expect(STAT_SUM, 20.5);
	expect(STAT_MIN, 1);
	expect(STAT_MAX, 10);
	expect(STAT_MEAN, 4.1);
	expect(STAT_MEDIAN, 3.5);
	expect(STAT_P90, 7.6);
	expect(STAT_P95, 8.8);
	expect(STAT_P99, 9.76);
	expect(STAT_STDEV, sqrt(49.2 / 4));
	expect(STAT_CV, sqrt(49.2 / 4) / 4.1);
	expect(STAT_MAD, 1.5);
}

Test(verify_statistics, are_not_defined_for_too_few_numbers)
{
	double x[] = {1, 2};

	cr_expect(isnan(verify_statistic(STAT_MEDIAN, x, 0)));
	cr_expect(isnan(verify_statistic(STAT_STDEV, x, 1)));
	cr_expect(isnan(verify_statistic(STAT_VALUE, x, 2)));
	cr_expect_eq(verify_statistic(STAT_COUNT, x, 0), 0);
}

Test(verify_statistics, keep_the_sum_of_numbers_of_very_different_size)
{
	double x[] = {1e15, 0.25, -1e15, 0.25};

	verify_sort(x, 4);
	cr_expect(verify_close(verify_statistic(STAT_SUM, x, 4), 0.5, 1e-9));
}

static void expect_two(enum statistic s, const double *x, size_t nx, const double *y, size_t ny,
                       double wanted)
{
	double a[16], b[16], got;
	bool known;

	memcpy(a, x, nx * sizeof *x);
	memcpy(b, y, ny * sizeof *y);
	got = verify_two_samples(s, a, nx, b, ny, &known);
	cr_expect(known && verify_close(got, wanted, 1e-9), "%s: %.17g, not %.17g",
	          statistic_name(s), got, wanted);
}

Test(verify_statistics, of_two_samples_match_published_vectors)
{
	static const double a[] = {2, 1, 3, 5}, b[] = {12, 11, 13, 15}, c[] = {0, 4, 6, 7};
	static const double d[] = {2, 2, 2, 2}, e[] = {1, 1, 1, 1, 1};

	expect_two(STAT_MANN_WHITNEY_P, a, 4, b, 4, 0.028571428571428571);
	expect_two(STAT_MANN_WHITNEY_P, a, 4, c, 4, 0.48571428571428571);
	expect_two(STAT_MANN_WHITNEY_P, a, 4, d, 4, 0.71428571428571429);
	expect_two(STAT_MANN_WHITNEY_P, a, 4, e, 5, 0.047619047619047616);
	expect_two(STAT_CLES, b, 4, a, 4, 1);
	expect_two(STAT_CLES, a, 4, a, 4, 0.5);
	expect_two(STAT_HODGES_LEHMANN, b, 4, a, 4, 10);
}

Test(verify_statistics, of_ratios_follow_their_definitions)
{
	double x[] = {2, 8, 1, .25, 4}, none[] = {2, 0}, many[4096];

	cr_expect(verify_close(verify_ratios(STAT_GEOMEAN_RATIO, x, 5), pow(16, .2), 1e-12));
	cr_expect(verify_close(verify_ratios(STAT_SIGN_P, x, 5), 10. / 16, 1e-12));
	cr_expect(isnan(verify_ratios(STAT_GEOMEAN_RATIO, none, 2)));
	cr_expect(isnan(verify_ratios(STAT_SIGN_P, x, 0)));
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = 1.64;
	cr_expect(verify_close(verify_ratios(STAT_SIGN_P, many, 20), 0x1p-19, 1e-12));
	cr_expect_eq(verify_ratios(STAT_SIGN_P, many, ARRAY_LEN(many)), 0);
}

Test(verify_statistics, stay_a_probability_beyond_exact_counting)
{
	double x[40], y[40], p;
	bool known;

	for (size_t i = 0; i < 40; i++)
		x[i] = y[i] = (double)i;
	p = verify_two_samples(STAT_MANN_WHITNEY_P, x, 40, y, 40, &known);
	cr_expect(known && p >= 0.99 && p <= 1, "%g", p);
}

Test(verify_statistics, numbers_are_found_in_text)
{
	static const struct {
		const char *text;
		char decimal;
		double wanted;
	} all[] = {{"12 ms", '.', 12},
	           {"1,234.5", '.', 1234.5},
	           {"1.234,5", ',', 1234.5},
	           {"~ -3.5 %", '.', -3.5},
	           {"123.45 \xc2\xb1 0.67", '.', 123.45},
	           {"4.2k", '.', 4.2},
	           {"1e3", '.', 1000},
	           {".5", '.', 0.5},
	           {"2,5", ',', 2.5},
	           {"1,5", '.', 1},
	           {"5e", '.', 5},
	           {"1,234", '.', 1234},
	           {"1,234,567.5", '.', 1234567.5},
	           {"0,123", '.', 0},
	           {"1,23", '.', 1},
	           {"1'234.5", '.', 1234.5},
	           {"1’234", '.', 1234},
	           {"1\xc2\xa0"
	            "234,5",
	            ',', 1234.5},
	           {"1\xe2\x80\xaf"
	            "234 ms",
	            '.', 1234},
	           {"1 234.5", '.', 1234.5},
	           {"100 200", '.', 100},
	           {"\xe2\x88\x92"
	            "5.2",
	            '.', -5.2},
	           {"$0.0012", '.', 0.0012},
	           {"568,767.00 ns", '.', 568767}};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		cr_expect_eq(verify_number_in(all[i].text, all[i].decimal), all[i].wanted, "%s",
		             all[i].text);
	cr_expect(isnan(verify_number_in("nan", '.')));
	cr_expect(isnan(verify_number_in("", '.')));
}

static void factor(struct verify_cells *c, const char *text, double by, const char *name)
{
	verify_factor(c, text, '.', by, name);
}

static bool is_accepted(const char *text, double by)
{
	struct verify_cells c = {0};

	factor(&c, text, by, "Mean");
	return !c.bad[0];
}

Test(verify_statistics, a_factor_is_what_the_cell_asks_for)
{
	cr_expect(is_accepted("12", 1));
	cr_expect(is_accepted("4.2k", 1000));
	cr_expect(is_accepted("4.2k tok/s", 1000));
	cr_expect(is_accepted("34 %", 1));
	cr_expect(is_accepted("5 MB/s", 1));
	cr_expect(is_accepted("5 messages/s", 1));
	cr_expect_not(is_accepted("12", 1000));
	cr_expect_not(is_accepted("4.2k", 1));
	cr_expect_not(is_accepted("4.2k tok/s", 1e6));
	cr_expect_not(is_accepted("34 %", .01));
}

static const char *fault(const char *text, double by, const char *unit)
{
	static struct verify_cells c;

	c = (struct verify_cells){0};
	factor(&c, text, by, "Mean");
	cr_assert_str_empty(c.bad);
	return verify_unit_fault(&c, unit);
}

Test(verify_statistics, factor_and_unit_fit_each_other)
{
	cr_expect_null(fault("12 ms", 1, "ms"));
	cr_expect_null(fault("12 ms", .001, "s"));
	cr_expect_null(fault("41.3 \xc2\xb1 0.6 s", 1000, "ms"));
	cr_expect_null(fault("0.12 (\xc2\xb1 0.03) ms", 1, "ms"));
	cr_expect_null(fault("2 GiB", 1024, "MiB"));
	cr_expect_null(fault("34 %", 1, "%"));
	cr_expect_not_null(fault("12 ms", 1, "s"));
	cr_expect_not_null(fault("12 ms", .001, "ms"));
	cr_expect_not_null(fault("12 ms", 1, "W"));
	cr_expect_not_null(fault("12 ms", 1, ""));
	cr_expect_not_null(fault("2 GiB", 1000, "MiB"));
}

Test(verify_statistics, the_cells_of_a_fact_are_turned_into_one_unit)
{
	struct verify_cells c = {0}, other = {0}, header = {0};

	factor(&c, "12 ms", 1, "Mean");
	factor(&c, "1.5 s", 1000, "Mean");
	cr_expect_str_empty(c.bad);
	factor(&c, "2 s", 1, "Mean");
	cr_expect_str_not_empty(c.bad);
	factor(&other, "12 ms", 1, "Mean");
	factor(&other, "12 W", 1, "Mean");
	cr_expect_str_not_empty(other.bad);
	factor(&header, "1.5", 1000, "ttft_s");
	cr_expect_str_empty(header.bad);
	cr_expect_null(verify_unit_fault(&header, "ms"));
}

/* Two parsers that share nothing: what one reads is what the other one checks. */
Test(verify_statistics, the_reader_and_verify_read_the_same_quantities)
{
	static const char *const units[] = {"",      " ms",  "ms",     " \xce\xbcs", "k",     "%",
	                                    " GiB",  " W",   " tok/s", "k req/s",    " GHz",  " J",
	                                    " MB/s", " min", " ns/op", " Mops/s",    " Gbps", "x"};
	static const char *const spreads[] = {"", " \xc2\xb1 0.5", " +- 1.25"};
	static const struct {
		const char *mark;
		int digits;
		const char *behind;
	} forms[] = {{".", 2, ""}, {",", 3, ".5"}, {"'", 3, ""}, {".", 2, "e-2"}};
	static const char *const before[] = {"", "-", "+", "~"};
	unsigned n = 0, x = 12345;
	char text[100];

	for (unsigned i = 0; i < 20000; i++) {
		struct quantity q;
		double number;

		x = x * 1664525 + 1013904223;
		(void)snprintf(text, sizeof text, "%s%u%s%0*u%s%s%s", before[x >> 28 & 3],
		               1 + (x >> 8) % 999, forms[x >> 30].mark, forms[x >> 30].digits,
		               (x >> 12) % 100, forms[x >> 30].behind,
		               spreads[(x >> 5) % ARRAY_LEN(spreads)],
		               units[(x >> 16) % ARRAY_LEN(units)]);
		if (!quantity_parse(&q, str_of(text), '.'))
			continue;
		n++;
		number = verify_number_in(text, '.') * q.unit->factor;
		cr_assert(fabs(number - q.number) <= 1e-12 * fabs(number), "%s: %.17g, %.17g", text,
		          q.number, number);
		cr_assert(*q.unit->text || is_accepted(text, q.unit->factor), "%s", text);
		cr_assert(!*q.unit->text || !fault(text, q.unit->factor, q.unit->text), "%s", text);
	}
	cr_expect_gt(n, 10000, "%u", n);
}

/* Whatever the reader takes for a unit, verify knows, and takes it for the same. */
Test(verify_statistics, every_unit_that_is_read_can_be_checked)
{
	for (size_t i = 0; unit_at(i); i++) {
		const struct unit *u = unit_at(i);
		char text[64];

		(void)snprintf(text, sizeof text, "1.5 %s", u->spelling);
		cr_expect_null(fault(text, 1, u->name), "%s is %s", u->spelling, u->name);
		if (strcmp(u->name, u->base) != 0)
			cr_expect_null(fault(text, u->factor, u->base), "%s: %s", u->spelling,
			               u->base);
		for (size_t k = 1; u->counts && k < UNIT_SCALES; k++) {
			(void)snprintf(text, sizeof text, "1.5 %c%s", "?kMGT"[k], u -> spelling);
			cr_expect_null(fault(text, u->as[k].factor, u->name), "%s", text);
		}
	}
}
