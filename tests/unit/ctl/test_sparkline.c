/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "ctl/sparkline.h"

static void expect_line(const char *line, const double *x, size_t n, size_t max)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1024);

	(void)sparkline_add(&b, x, n, max, false);
	cr_expect_str_eq(buf_text(&b), line);
}

Test(sparkline, the_least_is_the_lowest_block_and_the_largest_the_highest)
{
	expect_line("▁█▄", (double[]){1, 3, 1.9}, 3, 10);
	expect_line("▁▂▃▄▅▆▇█", (double[]){0, 1, 2, 3, 4, 5, 6, 7}, 8, 10);
}

Test(sparkline, what_is_all_the_same_lies_in_the_middle)
{
	expect_line("▄▄", (double[]){5, 5}, 2, 10);
	expect_line("▄", (double[]){-1}, 1, 10);
}

Test(sparkline, more_numbers_than_characters_share_them)
{
	expect_line("▁█", (double[]){1, 1, 1, 9, 9, 9}, 6, 2);
	expect_line("▁▁█", (double[]){0, 0, 0, 0, 8, 8, 8}, 7, 3);
}

Test(sparkline, nothing_finite_prints_nothing)
{
	expect_line("", NULL, 0, 10);
	expect_line("", (double[]){1, 2}, 2, 0);
	expect_line("", (double[]){1, (double)INFINITY}, 2, 10);
}

Test(sparkline, in_ascii_it_has_as_many_levels)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1024);

	cr_expect_eq(sparkline_add(&b, (double[]){0, 1, 2, 3, 4, 5, 6, 7}, 8, 10, true), 8);
	cr_expect_str_eq(buf_text(&b), "_.-:=+*#");
}

Test(sparkline, each_number_has_its_character)
{
	for (size_t n = 1; n < 30; n++) {
		for (size_t i = 0; i < n; i++) {
			size_t at = sparkline_at(i, n, 7), columns = n < 7 ? n : 7;

			cr_expect(at * n / columns <= i && i < (at + 1) * n / columns,
			          "%zu of %zu: %zu", i, n, at);
		}
	}
}
