/* SPDX-License-Identifier: MIT */
#include "lib/claims/tidy.h"

#include <errno.h>

#define MAX_HEADING_WORDS 5
#define MAX_MARKS         4 /* "- K1: " is two of them */
#define TOKEN_MAX_BYTES   24

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool starts_with(struct str s, const char *mark)
{
	size_t len = strlen(mark);

	return s.len >= len && memcmp(s.at, mark, len) == 0;
}

/* "<unused1398>", "<end_of_turn>", "<|eot|>": bytes of a token of a template, else 0. HTML is none.
 */
static size_t token_bytes(struct str s)
{
	static const char *const tokens[] = {
		"<unused",      "<pad",           "<eos", "<bos", "<unk",
		"<end_of_turn", "<start_of_turn", "<s>",  "</s>", "<|"};
	size_t within = s.len < TOKEN_MAX_BYTES ? s.len : TOKEN_MAX_BYTES, i;
	const char *close = within ? memchr(s.at, '>', within) : NULL;
	size_t len = close ? (size_t)(close - s.at) + 1 : 0;

	for (i = 0; len && i < ARRAY_LEN(tokens); i++)
		if (starts_with(s, tokens[i]))
			return len;
	return 0;
}

static struct str from(struct str s, size_t at)
{
	return (struct str){s.at + at, s.len - at};
}

static size_t count(struct str s, const char *mark)
{
	size_t n = 0, i;

	for (i = 0; i < s.len; i++)
		if (starts_with(from(s, i), mark)) {
			n++;
			i += strlen(mark) - 1;
		}
	return n;
}

int tidy_text(struct str *ret, struct arena *a, struct str text)
{
	static const char *const emphases[] = {"**", "__", "`"};
	bool paired[ARRAY_LEN(emphases)];
	char *out = arena_strndup(a, text.at, text.len);
	size_t n = 0, i = 0, k;

	if (!out)
		return -ENOMEM;
	for (k = 0; k < ARRAY_LEN(emphases); k++)
		paired[k] = count(text, emphases[k]) % 2 == 0;
	while (i < text.len) {
		size_t skip = token_bytes(from(text, i));

		for (k = 0; !skip && k < ARRAY_LEN(emphases); k++)
			if (paired[k] && starts_with(from(text, i), emphases[k]))
				skip = strlen(emphases[k]);
		if (!skip)
			out[n++] = text.at[i];
		i += skip ? skip : 1;
	}
	*ret = (struct str){out, n};
	return 0;
}

/* Bytes of one mark in front, without the blank behind it; 0: none. */
static size_t mark_bytes(struct str s)
{
	static const char *const marks[] = {"-", "*", "+", ">", "\xE2\x80\xA2", "#", "##", "###"};
	size_t i, k;

	for (k = 0; k < ARRAY_LEN(marks); k++) {
		size_t len = strlen(marks[k]);

		if (starts_with(s, marks[k]) && len < s.len && s.at[len] == ' ')
			return len;
	}
	for (i = s.len && strchr("KF", s.at[0]) ? 1 : 0; i < s.len && is_digit(s.at[i]);)
		i++;
	if (!i || i >= s.len || !is_digit(s.at[i - 1]))
		return 0;
	return strchr(is_digit(s.at[0]) ? ".)" : ":", s.at[i]) ? i + 1 : 0;
}

struct str tidy_front(struct str text)
{
	size_t n, k;

	text = str_trim(text);
	for (k = 0; k < MAX_MARKS && (n = mark_bytes(text)) && n < text.len && text.at[n] == ' ';
	     k++)
		text = str_trim(from(text, n));
	return text;
}

struct str tidy_heading(struct str text)
{
	size_t i, blanks = 0;

	for (i = 0; i + 2 < text.len && text.at[i] != '{' && blanks < MAX_HEADING_WORDS; i++) {
		blanks += text.at[i] == ' ';
		if (text.at[i] == ':' && text.at[i + 1] == ' ' && text.at[i + 2] >= 'A' &&
		    text.at[i + 2] <= 'Z')
			return from(text, i + 2);
	}
	return text;
}
