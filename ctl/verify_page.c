/* SPDX-License-Identifier: MIT */
#include "ctl/verify_page.h"

#include <errno.h>

/* Where the decimal digits of a script begin, ten in a row (Unicode 15, category Nd). */
static const uint32_t zeros[] = {
	0x30,    0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,
	0xc66,   0xce6,   0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,
	0x1810,  0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,
	0xa8d0,  0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066,
	0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0,
	0x11950, 0x11c50, 0x11d50, 0x11da0, 0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8,
	0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e950, 0x1fbf0};

/* Bytes of the code point at s, at least one, whatever is there. */
static size_t code_point(const char *s, size_t left, uint32_t *ret)
{
	unsigned char c = (unsigned char)s[0];
	size_t n = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t v = n == 1 ? c : c & (0x7fu >> n);

	for (size_t i = 1; i < n; i++) {
		if (i >= left || ((unsigned char)s[i] & 0xc0) != 0x80) {
			*ret = 0xfffd;
			return i;
		}
		v = v << 6 | ((unsigned char)s[i] & 0x3f);
	}
	*ret = v;
	return n;
}

bool page_is_digit(const char *at, size_t len)
{
	uint32_t c;

	if (!len)
		return false;
	(void)code_point(at, len, &c);
	for (size_t i = 0; i < ARRAY_LEN(zeros); i++) {
		if (c >= zeros[i] && c < zeros[i] + 10)
			return true;
	}
	return false;
}

bool page_digits(const struct page_line *line, size_t *from, size_t *ret_end)
{
	size_t at = *from, end;
	uint32_t c;

	while (at < line->len && !page_is_digit(line->at + at, line->len - at))
		at += code_point(line->at + at, line->len - at, &c);
	for (end = at; end < line->len && page_is_digit(line->at + end, line->len - end);)
		end += code_point(line->at + end, line->len - end, &c);
	*from = at;
	*ret_end = end;
	return at < line->len;
}

size_t page_offset(const struct page_line *line, json_int_t column)
{
	size_t at = 0;
	uint32_t c;

	if (column < 1)
		return line->len + 1;
	for (; column > 1 && at < line->len; column--)
		at += code_point(line->at + at, line->len - at, &c);
	return column == 1 ? at : line->len + 1;
}

size_t page_column(const struct page_line *line, size_t offset)
{
	size_t column = 1;
	uint32_t c;

	for (size_t at = 0; at < offset && at < line->len; column++)
		at += code_point(line->at + at, line->len - at, &c);
	return column;
}

/* --- persona prompts ---------------------------------------------------------- */

static size_t fence_of(const struct page_line *line)
{
	size_t n = 0;

	while (n < line->len && line->at[n] == '`')
		n++;
	return n >= 3 ? n : 0;
}

static bool is_prompt(const struct verify *v, struct str text)
{
	const json_t *step;
	size_t i;

	json_array_foreach (json_object_get(v->report, "steps"), i, step) {
		const json_t *prompt = json_object_get(step, "prompt");
		struct str p = {json_string_value(prompt), json_string_length(prompt)};

		if (json_is_string(prompt) && str_eq(text, p))
			return true;
	}
	return false;
}

/*
 * Only what is byte for byte a prompt of the report is exempt: a fence around anything else hides
 * nothing. The line end before the closing fence belongs to the prompt only where it ends in one.
 */
static void mark_prompts(struct page *p, const struct verify *v)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t fence = fence_of(&p->lines[i]), end = i + 1;
		struct str text;

		if (!fence)
			continue;
		while (end < p->n && (fence_of(&p->lines[end]) < fence ||
		                      fence_of(&p->lines[end]) != p->lines[end].len))
			end++;
		if (end == p->n || end == i + 1)
			continue;
		text.at = p->lines[i + 1].at;
		text.len = (size_t)(p->lines[end].at - text.at);
		if (!is_prompt(v, text) && !is_prompt(v, (struct str){text.at, text.len - 1}))
			continue;
		for (size_t k = i + 1; k < end; k++)
			p->lines[k].exempt = true;
		i = end;
	}
}

int page_read(struct page *ret, const struct verify *v, struct error *err)
{
	const char *at = v->texts->md, *end = at ? at + v->texts->md_len : at;
	struct page p = {.n = 0};
	size_t n = 1;

	for (const char *c = at; c && (c = memchr(c, '\n', (size_t)(end - c))); c++)
		n++;
	p.lines = calloc(n, sizeof *p.lines);
	if (!p.lines)
		return error_set(err, -ENOMEM, "out of memory");
	while (at && at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len = lf ? (size_t)(lf - at) : (size_t)(end - at);

		p.lines[p.n++] = (struct page_line){at, len, false};
		at += len + (lf != NULL);
	}
	mark_prompts(&p, v);
	*ret = p;
	return 0;
}

void page_done(struct page *p)
{
	free(p->lines);
	*p = (struct page){0};
}
