/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "ctl/complete.h"

static const struct command get = {.name = "get",
                                   .usage = "ID [--format md|html|json] [-o FILE]",
                                   .help = "  --format md|html|json  as what\n  -p, --pipeline "
                                           "NAME    which\n  --fail-on KIND  when\n"},
			    grep = {.name = "grep", .usage = "PATH...", .help = "  --state DIR\n"},
			    plan = {.name = "plan",
                                    .usage = "add NAME --at TIME | list | remove NAME",
                                    .help = "  --fresh  anew\n"};
static const struct command *const commands[] = {&get, &grep, &plan};

static struct buf out = BUF_INIT(4096);

static enum complete_names complete(int n, char **words)
{
	buf_done(&out);
	return complete_words(&out, commands, 3, n, words);
}

#define COMPLETE(...) \
	complete((int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)), (char *[]){__VA_ARGS__})

static char empty[] = "", g[] = "g", ge[] = "ge", get_word[] = "get", grep_word[] = "grep",
	    dash[] = "--", f[] = "--f", s[] = "--s", format[] = "--format", h[] = "h", p[] = "-p",
	    endpoint[] = "--endpoint", socket_word[] = "--socket", path[] = "/run/s", id[] = "1";

Test(complete, a_command_of_several_offers_them_and_their_options)
{
	static char plan_word[] = "plan", add[] = "add", list[] = "list", remove_word[] = "remove",
		    l[] = "l";

	(void)COMPLETE(plan_word, empty);
	cr_expect_str_eq(buf_text(&out), "add\nlist\nremove\n");
	(void)COMPLETE(plan_word, l);
	cr_expect_str_eq(buf_text(&out), "list\n");
	(void)COMPLETE(plan_word, add, dash);
	cr_expect_str_eq(buf_text(&out), "--at\n--fresh\n--help\n");
	(void)COMPLETE(plan_word, list, dash);
	cr_expect_str_eq(buf_text(&out), "--help\n");
	cr_expect_eq(COMPLETE(plan_word, remove_word, empty), COMPLETE_SCHEDULES);
	cr_expect_eq(COMPLETE(plan_word, list, empty), COMPLETE_NONE);
	cr_expect_eq(COMPLETE(plan_word, add, empty), COMPLETE_NONE);
	buf_done(&out);
}

Test(complete, the_first_word_is_a_command)
{
	cr_expect_eq(COMPLETE(g), COMPLETE_NONE);
	cr_expect_str_eq(buf_text(&out), "get\ngrep\n");
	(void)COMPLETE(ge);
	cr_expect_str_eq(buf_text(&out), "get\n");
	(void)COMPLETE(socket_word, path, empty);
	cr_expect_str_eq(buf_text(&out), "get\ngrep\nplan\n",
	                 "an option's value was taken for a command");
	(void)COMPLETE(s);
	cr_expect_str_eq(buf_text(&out), "--socket\n");
	buf_done(&out);
}

Test(complete, options_are_those_of_the_help_once_each)
{
	(void)COMPLETE(get_word, dash);
	cr_expect_str_eq(buf_text(&out), "--format\n--pipeline\n--fail-on\n--help\n");
	(void)COMPLETE(get_word, id, f);
	cr_expect_str_eq(buf_text(&out), "--format\n--fail-on\n");
	(void)COMPLETE(grep_word, s);
	cr_expect_str_eq(buf_text(&out), "--state\n");
	buf_done(&out);
}

Test(complete, values_are_the_alternatives_of_the_help)
{
	cr_expect_eq(COMPLETE(get_word, format, empty), COMPLETE_NONE);
	cr_expect_str_eq(buf_text(&out), "md\nhtml\njson\n");
	(void)COMPLETE(get_word, format, h);
	cr_expect_str_eq(buf_text(&out), "html\n");
	buf_done(&out);
}

Test(complete, names_that_only_the_daemon_knows)
{
	cr_expect_eq(COMPLETE(get_word, empty), COMPLETE_JOBS);
	cr_expect_eq(COMPLETE(get_word, id, empty), COMPLETE_NONE, "one id is enough");
	cr_expect_eq(COMPLETE(grep_word, empty), COMPLETE_NONE);
	cr_expect_eq(COMPLETE(get_word, p, empty), COMPLETE_PIPELINES);
	cr_expect_eq(COMPLETE(get_word, endpoint, empty), COMPLETE_ENDPOINTS);
	cr_expect_str_eq(buf_text(&out), "");
}

Test(complete, nothing_fits_an_unknown_command)
{
	cr_expect_eq(COMPLETE(h, dash), COMPLETE_NONE);
	cr_expect_str_eq(buf_text(&out), "");
	cr_expect_eq(complete(0, NULL), COMPLETE_NONE);
	cr_expect_str_eq(buf_text(&out), "get\ngrep\nplan\n");
	buf_done(&out);
}
