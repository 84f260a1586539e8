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
