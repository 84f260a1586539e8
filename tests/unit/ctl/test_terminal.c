/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "ctl/terminal.h"

Test(terminal, columns_are_as_wide_as_their_widest_cell)
{
	static const char *const cells[] = {"name", "time", "µs-long-name", "1", NULL, "22"};
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	cr_assert_not_null(to);
	terminal_table(to, cells, 3, 2);
	cr_assert_eq(fclose(to), 0);
	cr_expect_str_eq(text, "name          time\nµs-long-name  1\n              22\n");
	free(text);
}

Test(terminal, what_could_control_it_is_not_passed_on)
{
	static const char *const cells[] = {"\x1b[31mred\a", "x"};
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	cr_assert_not_null(to);
	terminal_table(to, cells, 1, 2);
	cr_assert_eq(fclose(to), 0);
	cr_expect_str_eq(text, "?[31mred?  x\n");
	free(text);
}

static char *wrapped(const char *foreign, size_t indent, size_t width)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	cr_assert_not_null(to);
	terminal_wrap(to, foreign, indent, width);
	cr_assert_eq(fclose(to), 0);
	return text;
}

Test(terminal, a_sentence_is_broken_at_blanks)
{
	char *text = wrapped("one two three four five six seven", 2, 22);

	cr_expect_str_eq(text, "one two three four\n  five six seven");
	free(text);
}

Test(terminal, a_word_that_fits_no_line_is_broken_where_it_must_be)
{
	char *text = wrapped("ab abcdefghijklmnopqrstuvwxyz x\n\x1b[2Jy", 0, 20);

	cr_expect_str_eq(text, "ab\nabcdefghijklmnopqrst\nuvwxyz x??[2Jy");
	free(text);
}

Test(terminal, wide_characters_take_two_columns)
{
	struct buf b = BUF_INIT(64);

	cr_expect_eq(terminal_columns("a漢e\xcc\x81"), 4);
	terminal_add(&b, "漢漢漢", 5);
	cr_expect_str_eq(buf_text(&b), "漢漢");
	buf_done(&b);
}

Test(terminal, the_locale_says_whether_unicode_is_drawn)
{
	(void)unsetenv("LC_ALL");
	(void)unsetenv("LC_CTYPE");
	(void)setenv("LANG", "de_DE.UTF-8", 1);
	cr_expect(terminal_unicode());
	(void)setenv("LC_CTYPE", "", 1);
	cr_expect(terminal_unicode(), "empty is not set");
	(void)setenv("LC_ALL", "C", 1);
	cr_expect_not(terminal_unicode());
}
