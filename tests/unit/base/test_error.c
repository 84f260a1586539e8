/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "lib/base/error.h"

Test(error, a_failing_path_is_one_statement)
{
	struct error err = {0};

	cr_expect_eq(error_set(&err, -ENOENT, "%s: %d", "x.csv", 3), -ENOENT);
	cr_expect_eq(err.code, -ENOENT);
	cr_expect_str_eq(err.text, "x.csv: 3");
}

Test(error, nobody_need_listen)
{
	cr_expect_eq(error_set(NULL, -EIO, "lost"), -EIO);
}

Test(error, context_goes_in_front)
{
	struct error err = {0};

	(void)error_set(&err, -EIO, "read");
	cr_expect_eq(error_wrap(&err, "job %d", 7), -EIO);
	cr_expect_str_eq(err.text, "job 7: read");
}

Test(error, a_long_text_is_cut)
{
	struct error err = {0};
	char text[2000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	(void)error_set(&err, -EIO, "%s", text);
	cr_expect_eq(strlen(err.text), sizeof err.text - 1);
	(void)error_wrap(&err, "%s", "front");
	cr_expect_eq(strlen(err.text), sizeof err.text - 1);
	cr_expect_eq(strncmp(err.text, "front: xxx", 10), 0);
	(void)error_wrap(&err, "%s", text);
	cr_expect_eq(strlen(err.text), sizeof err.text - 1);
}
