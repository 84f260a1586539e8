/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "lib/base/buf.h"
#include "lib/base/lines.h"

/* Every line in brackets. */
static int collect(void *arg, char *line, size_t len)
{
	struct buf *b = arg;

	cr_expect_eq(line[len], '\0');
	buf_printf(b, "[%s]", line);
	return strcmp(line, "stop") == 0 ? -ECANCELED : 0;
}

Test(lines, however_a_stream_is_cut_the_lines_are_the_same)
{
	static const char text[] = "one\r\n\ntwo\rand\nthree\n\r\nrest";

	for (size_t piece = 1; piece <= sizeof text; piece++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(1000);
		CLEANUP(lines_free) struct lines l = {.max = 100};

		for (size_t i = 0; i < sizeof text - 1; i += piece) {
			size_t n = sizeof text - 1 - i;

			cr_assert_eq(lines_feed(&l, text + i, n < piece ? n : piece, collect, &b),
			             0);
		}
		cr_expect_str_eq(buf_text(&b), "[one][][two\rand][three][]");
		cr_expect_eq(lines_pending(&l), 4);
	}
}

Test(lines, a_line_over_the_limit_is_refused)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1000);
	CLEANUP(lines_free) struct lines l = {.max = 4};

	cr_expect_eq(lines_feed(&l, "1234\n", 5, collect, &b), 0);
	cr_expect_eq(lines_feed(&l, "123", 3, collect, &b), 0);
	cr_expect_eq(lines_feed(&l, "45", 2, collect, &b), -EMSGSIZE);
	cr_expect_str_eq(buf_text(&b), "[1234]");
}

Test(lines, the_reader_can_stop_it)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1000);
	CLEANUP(lines_free) struct lines l = {.max = 10};

	cr_expect_eq(lines_feed(&l, "go\nstop\nmore\n", 13, collect, &b), -ECANCELED);
	cr_expect_str_eq(buf_text(&b), "[go][stop]");
}
