/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/base/nearest.h"

static const char *const words[] = {"roots", "reports", "paths", "nightly-review", "model",
                                    "uri",   NULL,      "min_p", "top_p"};

static const char *find(const char *word)
{
	const char *w = nearest(str_of(word), words, ARRAY_LEN(words));

	return w ? w : "nothing";
}

Test(nearest, a_slip_of_the_finger_is_forgiven)
{
	cr_expect_str_eq(find("pahts"), "paths");
	cr_expect_str_eq(find("rots"), "roots");
	cr_expect_str_eq(find("ROOTS"), "roots");
	cr_expect_str_eq(find("url"), "uri");
	cr_expect_str_eq(find("report"), "reports");
}

Test(nearest, a_beginning_counts_as_near)
{
	cr_expect_str_eq(find("nigthly"), "nightly-review");
	cr_expect_str_eq(find("nightly"), "nightly-review");
	cr_expect_str_eq(find("model_name"), "model");
}

Test(nearest, the_first_of_equals_wins)
{
	cr_expect_str_eq(find("mop_p"), "top_p"); /* one edit against two */
	cr_expect_str_eq(find("min_q"), "min_p");
}

Test(nearest, what_is_far_from_everything_is_near_nothing)
{
	cr_expect_str_eq(find("zebra"), "nothing");
	cr_expect_str_eq(find("x"), "nothing");
	cr_expect_str_eq(find(""), "nothing");
	cr_expect_str_eq(
		find("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"),
		"nothing");
}
