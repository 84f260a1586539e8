/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "ctl/options.h"

struct got {
	bool flag, other;
	const char *text;
	unsigned count;
	struct option_texts texts;
};

static const struct option_spec table[] = {{"flag", 'f', OPTION_FLAG, offsetof(struct got, flag)},
                                           {"other", 'x', OPTION_FLAG, offsetof(struct got, other)},
                                           {"text", 't', OPTION_TEXT, offsetof(struct got, text)},
                                           {"count", 'n', OPTION_UINT, offsetof(struct got, count)},
                                           {"many", 'm', OPTION_TEXTS, offsetof(struct got, texts)},
                                           {0}};

static struct got got;
static struct error err;

static int parse(char **argv, int argc)
{
	got = (struct got){0};
	err = (struct error){0};
	return options_parse(table, &got, argc, argv, &err);
}

Test(options, may_stand_anywhere_between_operands)
{
	char a[] = "a", b[] = "b", flag[] = "--flag", text[] = "--text", value[] = "--flag";
	char *argv[] = {a, flag, text, value, b};

	cr_expect_eq(parse(argv, 5), 2);
	cr_expect_str_eq(argv[0], "a");
	cr_expect_str_eq(argv[1], "b");
	cr_expect(got.flag);
	cr_expect_str_eq(got.text, "--flag");
}

Test(options, take_their_value_from_the_same_word_or_the_next)
{
	char a[] = "--text=x=y", b[] = "-n7", c[] = "-m", d[] = "1", e[] = "-m2", f[] = "-fxt",
	     g[] = "z";
	char *argv[] = {a, b, c, d, e};
	char *letters[] = {f, g};

	cr_expect_eq(parse(argv, 5), 0);
	cr_expect_str_eq(got.text, "x=y");
	cr_expect_eq(got.count, 7);
	cr_expect_eq(got.texts.n, 2);
	cr_expect_str_eq(got.texts.at[1], "2");
	cr_expect_eq(parse(letters, 2), 0);
	cr_expect(got.flag && got.other);
	cr_expect_str_eq(got.text, "z");
}

Test(options, end_at_two_hyphens_and_a_lone_hyphen_is_an_operand)
{
	char a[] = "--", b[] = "--flag", c[] = "-";
	char *argv[] = {c, a, b};

	cr_expect_eq(parse(argv, 3), 2);
	cr_expect_not(got.flag);
	cr_expect_str_eq(argv[1], "--flag");
}

Test(options, that_are_wrong_are_named)
{
	char unknown[] = "--fla", letter[] = "-q", needs[] = "--text", takes[] = "--flag=1";
	char zero[] = "--count=0", word[] = "--count=x", large[] = "--count=999999999999";

	cr_expect_eq(parse((char *[]){unknown}, 1), -EINVAL);
	cr_expect_str_eq(err.text, "unknown option --fla");
	cr_expect_eq(parse((char *[]){letter}, 1), -EINVAL);
	cr_expect_str_eq(err.text, "unknown option -q");
	cr_expect_eq(parse((char *[]){needs}, 1), -EINVAL);
	cr_expect_str_eq(err.text, "--text needs a value");
	cr_expect_eq(parse((char *[]){takes}, 1), -EINVAL);
	cr_expect_str_eq(err.text, "--flag takes no value");
	cr_expect_eq(parse((char *[]){zero}, 1), -EINVAL);
	cr_expect_eq(parse((char *[]){word}, 1), -EINVAL);
	cr_expect_eq(parse((char *[]){large}, 1), -EINVAL);
}
