/* SPDX-License-Identifier: MIT */
#include "agents/collector/markdown_lines.h"

#include <errno.h>
#include <stdlib.h>

static size_t count_byte(struct str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.at[i] == c;
	return n;
}

static size_t count_images(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < s.len; i++)
		n += s.at[i] == '!' && s.at[i + 1] == '[';
	return n;
}

/* cmark ends a line at "\n", "\r" and "\r\n" alike. */
static size_t line_end(struct str text, size_t at)
{
	while (at < text.len && text.at[at] != '\n' && text.at[at] != '\r')
		at++;
	return at;
}

int markdown_lines_init(struct markdown_lines *ret, struct str text)
{
	size_t cap = count_byte(text, '\n') + count_byte(text, '\r') + 1, at = 0;

	ret->all = calloc(cap, sizeof *ret->all);
	if (!ret->all)
		return -ENOMEM;
	ret->images = count_images(text);
	while (at < text.len) {
		size_t end = line_end(text, at), pipes;
		struct markdown_line *line = &ret->all[ret->n++];

		line->text = (struct str){text.at + at, end - at};
		pipes = count_byte(line->text, '|');
		if (pipes > ret->most_pipes)
			ret->most_pipes = pipes;
		at = end + 1;
		if (at < text.len && text.at[end] == '\r' && text.at[at] == '\n')
			at++;
	}
	return 0;
}

void markdown_lines_done(struct markdown_lines *l)
{
	free(l->all);
	*l = (struct markdown_lines){0};
}

void markdown_mark(struct markdown_lines *l, unsigned first, unsigned last)
{
	for (size_t i = first; i >= 1 && i <= last && i <= l->n; i++)
		l->all[i - 1].taken = true;
}

/* Behind the marks of block quotes and the blanks of lists. */
static bool only_delimiters(struct str s)
{
	size_t dashes = 0;

	while (s.len && (s.at[0] == ' ' || s.at[0] == '\t' || s.at[0] == '>'))
		s.at++, s.len--;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (c != '-' && c != '|' && c != ':' && c != ' ' && c != '\t')
			return false;
		dashes += c == '-';
	}
	return dashes > 0;
}

bool markdown_is_delimiter_row(const struct markdown_lines *l, unsigned line)
{
	return line >= 1 && line <= l->n && only_delimiters(l->all[line - 1].text);
}

/* Pipes that could part cells: not escaped, not in `code`. */
static size_t parting_pipes(struct str s)
{
	bool code = false;
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '\\')
			i++;
		else if (s.at[i] == '`')
			code = !code;
		else if (s.at[i] == '|' && !code)
			n++;
	}
	return n;
}

static bool looks_like_a_row(const struct markdown_line *line)
{
	size_t pipes = line->taken ? 0 : parting_pipes(line->text);

	return pipes >= 2 || (pipes == 1 && only_delimiters(line->text));
}

struct markdown_lookalikes markdown_find_lookalikes(const struct markdown_lines *l)
{
	struct markdown_lookalikes found = {0};
	bool before = false;

	for (size_t i = 0; i < l->n; i++) {
		bool row = looks_like_a_row(&l->all[i]);

		if (row && !before && found.n++ == 0)
			found.first_line = (unsigned)i + 1;
		before = row;
	}
	return found;
}
