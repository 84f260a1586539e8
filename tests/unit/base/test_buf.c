/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/base/buf.h"

Test(buf, appends_add_up)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(10000);

	cr_expect_str_eq(buf_text(&b), "");
	buf_puts(&b, "a");
	buf_putc(&b, 'b');
	buf_add(&b, "cde", 2);
	buf_printf(&b, "%03d", 7);
	cr_expect_str_eq(buf_text(&b), "abcd007");
	cr_expect_eq(b.len, 7);
	for (int i = 0; i < 900; i++)
		buf_printf(&b, "%010d", i);
	cr_expect_eq(b.len, 9007);
	cr_expect_not(b.failed);
}

Test(buf, the_maximum_is_reached_and_not_passed)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(5);

	buf_puts(&b, "12345");
	cr_expect_not(b.failed);
	buf_puts(&b, "");
	cr_expect_not(b.failed);
	buf_putc(&b, '6');
	cr_expect(b.failed);
	cr_expect_str_eq(buf_text(&b), "12345");
}

Test(buf, after_a_failure_nothing_is_added)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(5);

	buf_printf(&b, "%d", 123456);
	cr_expect(b.failed);
	buf_puts(&b, "1");
	cr_expect_str_eq(buf_text(&b), "");
	buf_done(&b);
	cr_expect_not(b.failed);
	buf_puts(&b, "again");
	cr_expect_str_eq(buf_text(&b), "again");
}

Test(buf, bytes_may_be_zero)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(5);

	buf_add(&b, "a\0b", 3);
	cr_expect_eq(b.len, 3);
	cr_expect_eq(memcmp(b.data, "a\0b", 4), 0);
}
