/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "daemon/quiet.h"

static int highest(const char *text)
{
	return quiet_highest_pct(text, strlen(text));
}

Test(quiet, the_busiest_of_several_counts)
{
	cr_expect_eq(highest("0\n80\n3\n"), 80);
	cr_expect_eq(highest("100"), 100);
	cr_expect_eq(highest(" 7 \r\n"), 7);
}

Test(quiet, what_is_no_list_of_percentages_is_none)
{
	cr_expect_eq(highest(""), -EINVAL);
	cr_expect_eq(highest("\n\n"), -EINVAL);
	cr_expect_eq(highest("[N/A]\n"), -EINVAL);
	cr_expect_eq(highest("5\n-3\n"), -EINVAL);
	cr_expect_eq(highest("101\n"), -EINVAL);
	cr_expect_eq(highest("99999999999999999999\n"), -EINVAL);
}
