/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "ctl/pretty.h"

static struct pretty plain = {.width = 40};
static char *text;

static void drop(void)
{
	free(text);
}

TestSuite(pretty, .fini = drop);

static const char *show(const struct pretty *p, const char *md)
{
	struct buf b = BUF_INIT(1 << 20);
	struct error err = {0};

	cr_assert_eq(pretty_markdown(&b, p, md, strlen(md), &err), 0, "%s", err.text);
	text = b.data;
	return text ? text : "";
}

Test(pretty, without_colours_it_still_looks_like_markdown)
{
	cr_expect_str_eq(show(&plain, "# A *b*\n\nword **strong** `code`\nnext\n\n***\n"),
	                 "# A *b*\n\nword *strong* `code` next\n\n"
	                 "----------------------------------------\n");
}

Test(pretty, with_colours_marks_become_styles)
{
	const struct pretty p = {.width = 80, .colour = true, .unicode = true};

	cr_expect_str_eq(show(&p, "a **b** `c`\n\n- d\n"),
	                 "a \033[0m\033[1mb\033[0m \033[0m\033[36mc\033[0m\033[0m\n\n• d\n");
}

Test(pretty, paragraphs_and_items_are_broken_and_indented)
{
	cr_expect_str_eq(show(&plain, "- one two three four five six seven eight nine\n"
	                              "  1. in a list\n  2. of its own\n\nend\n"),
	                 "- one two three four five six seven\n  eight nine\n  1. in a list\n"
	                 "  2. of its own\n\nend\n");
}

Test(pretty, columns_of_a_table_are_as_wide_as_their_cells)
{
	cr_expect_str_eq(show(&plain, "| a | name |\n| --- | --- |\n| 1 | `x` |\n| 222 |\n"),
	                 "a    name\n---  ----\n1    `x`\n222\n");
}

Test(pretty, a_table_that_is_too_wide_breaks_its_widest_cells)
{
	const struct pretty p = {.width = 20};

	cr_expect_str_eq(
		show(&p, "| id | what it is and why |\n| --- | --- |\n| 1 | some long text |\n"),
		"id  what it is and\n    why\n--  ----------------\n1   some long text\n");
}

Test(pretty, code_is_left_as_it_is_but_controls_nothing)
{
	cr_expect_str_eq(show(&plain, "```\na  b\n\033[31mred\n```\n"), "  a  b\n  ?[31mred\n");
}

Test(pretty, links_say_where_they_lead)
{
	cr_expect_str_eq(show(&plain, "[here](a.svg) <https://x.org>\n\n![pic](p.svg)\n"),
	                 "here <a.svg> https://x.org\n\nPicture: pic <p.svg>\n");
}

Test(pretty, foreign_sequences_are_gone)
{
	const struct pretty p = {.width = 60, .colour = true};

	show(&p, "a \033]0;title\007 b\xc2\x9b"
	         "c\n\n<b>\033[2J</b>\n");
	cr_expect_null(strchr(text, '\033'), "%s", text);
	cr_expect_null(strchr(text, '\007'));
	cr_expect_null(strstr(text, "\xc2\x9b"));
}
