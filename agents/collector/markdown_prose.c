/* SPDX-License-Identifier: MIT */
#include "agents/collector/markdown_prose.h"

#include <errno.h>
#include <stdio.h>

#include "agents/collector/quantity.h"
#include "lib/base/utf8.h"
#include "lib/evidence/pipeline.h"

#define UNIT_BYTES 24
#define SENTENCE_BYTES                                                            \
	2000 /* at most; nobody writes longer ones, but a line may have megabytes \
	      */

struct prose {
	struct cell *said, *sentences;
	struct text_place *places;
	size_t n, cap_said, cap_sentences, cap_places;
	struct arena *arena;
	bool failed;
};

/* A line, and how far its characters are counted. */
struct reading {
	struct str line;
	uint32_t number, column;
	const char *counted;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

/* A number may begin here: not within a word, a version, a date, or behind a sign. */
static bool begins(struct str line, size_t at)
{
	char before = at ? line.at[at - 1] : ' ';

	return is_digit(line.at[at]) && !is_word(before) && !strchr(".,-+/:=<>~^#$", before);
}

static size_t digits_from(struct str line, size_t at)
{
	while (at < line.len &&
	       (is_digit(line.at[at]) || ((line.at[at] == '.' || line.at[at] == ',') &&
	                                  at + 1 < line.len && is_digit(line.at[at + 1]))))
		at++;
	return at;
}

/* Behind the number and one blank at most: the end of it; `at` where none is there. */
static size_t unit_from(struct str line, size_t at)
{
	size_t from = at + (at < line.len && line.at[at] == ' '), end = from;

	while (end < line.len && end - from < UNIT_BYTES &&
	       (is_word(line.at[end]) || line.at[end] == '/') && !is_digit(line.at[end]))
		end++;
	return end > from ? end : at;
}

static bool ends_sentence(struct str line, size_t at)
{
	char next = at + 1 < line.len ? line.at[at + 1] : ' ';

	return line.at[at] == ';' || (strchr(".!?", line.at[at]) && next == ' ');
}

/* False: it is longer than anybody writes. */
static bool sentence_about(struct str *ret, struct str line, size_t first, size_t end)
{
	size_t from = first, to = end;

	while (from > 0 && to - from <= SENTENCE_BYTES && !ends_sentence(line, from - 1))
		from--;
	while (to < line.len && to - from <= SENTENCE_BYTES && !ends_sentence(line, to))
		to++;
	*ret = str_trim((struct str){line.at + from, to - from});
	return to - from <= SENTENCE_BYTES;
}

static struct cell cell_of(struct prose *p, struct str text, const struct quantity *q)
{
	const char *copy = arena_strndup(p->arena, text.at, text.len);

	p->failed |= !copy;
	return (struct cell){.kind = q ? CELL_NUMBER : CELL_TEXT,
	                     .text = copy ? copy : "",
	                     .number = q ? q->number : 0,
	                     .unit = q ? q->unit : NULL};
}

/* Numbers come from left to right, so that one pass counts the columns of all. */
static struct text_place place_of(struct reading *r, size_t first, size_t end)
{
	const char *at = r->line.at + first;

	r->column += (uint32_t)utf8_characters(r->counted, at);
	r->counted = at;
	return (struct text_place){r->number, r->column,
	                           (uint32_t)utf8_characters(at, r->line.at + end)};
}

/* about: the sentence that the number is in, or the option that it is of. */
static void add(struct prose *p, struct reading *r, size_t first, size_t end,
                const struct quantity *q, struct str about)
{
	if (!arena_room(p->arena, &p->said, p->n, &p->cap_said, sizeof *p->said) ||
	    !arena_room(p->arena, &p->sentences, p->n, &p->cap_sentences, sizeof *p->sentences) ||
	    !arena_room(p->arena, &p->places, p->n, &p->cap_places, sizeof *p->places)) {
		p->failed = true;
		return;
	}
	p->said[p->n] = cell_of(p, (struct str){r->line.at + first, end - first}, q);
	p->sentences[p->n] = cell_of(p, about, NULL);
	p->places[p->n++] = place_of(r, first, end);
}

/* "102.31 tok/s"; of "102.31 tokens per second" the place is that of the number alone. */
static bool read_quantity(struct quantity *ret, struct str line, size_t at, size_t *unit_end,
                          size_t end)
{
	static const char each[] = " per second";
	char rate[2 * UNIT_BYTES + 40];
	size_t left = line.len - *unit_end;

	if (left >= sizeof each - 1 && memcmp(line.at + *unit_end, each, sizeof each - 1) == 0) {
		int n = snprintf(rate, sizeof rate, "%.*s/s", (int)(*unit_end - at), line.at + at);

		*unit_end = end;
		return n > 0 && (size_t)n < sizeof rate && quantity_parse(ret, str_of(rate), '.') &&
		       *ret->unit->text;
	}
	return quantity_parse(ret, (struct str){line.at + at, *unit_end - at}, '.') &&
	       *ret->unit->text;
}

/* The end of the option's name that begins here; `at` where none does. */
static size_t option_from(struct str line, size_t at)
{
	size_t end = at, option;
	char name[24];

	if (at && is_word(line.at[at - 1]))
		return at;
	while (end < line.len && is_word(line.at[end]))
		end++;
	if (end - at >= sizeof name)
		return at;
	memcpy(name, line.at + at, end - at);
	name[end - at] = '\0';
	return option_find(name, &option) ? end : at;
}

static size_t marks_from(struct str line, size_t at)
{
	while (at < line.len && strchr(" `*\"'", line.at[at]))
		at++;
	return at;
}

/* Nothing makes it one of several, as in "60-80", "60, 80" and "60 or 80". */
static bool is_one_value(struct str line, size_t from, size_t end)
{
	static const char *const joins[] = {"to ", "or ", "and ", "& "};
	size_t at = marks_from(line, end);

	if (memchr(line.at + from, ',', end - from) ||
	    (end < line.len && (is_word(line.at[end]) || strchr("-/~%", line.at[end]))))
		return false;
	while (at < line.len && strchr(",; ", line.at[at]))
		at++;
	for (size_t i = 0; i < sizeof joins / sizeof *joins; i++)
		if (line.len - at >= strlen(joins[i]) &&
		    memcmp(line.at + at, joins[i], strlen(joins[i])) == 0)
			at += strlen(joins[i]);
	return at == line.len || !is_digit(line.at[at]);
}

/*
 * "num_gpu=80", "**num_gpu:** 80": an option of a model and its value; what is not one number is a
 * text. Returns where it ends.
 */
static size_t read_option(struct prose *p, struct reading *r, size_t at)
{
	struct str line = r->line;
	size_t named = option_from(line, at), from = marks_from(line, named), end;
	struct quantity q;
	bool one;

	if (named == at || from == line.len || !strchr("=:", line.at[from]))
		return named > at ? named : at + 1;
	from = marks_from(line, from + 1);
	if (from == line.len)
		return from;
	end = is_digit(line.at[from]) ? digits_from(line, from) : from;
	one = end > from && is_one_value(line, from, end) &&
	      quantity_parse(&q, (struct str){line.at + from, end - from}, '.');
	if (one)
		q.unit = NULL;
	add(p, r, from, end, one ? &q : NULL, (struct str){line.at + at, named - at});
	return end;
}

static void read_number(struct prose *p, struct reading *r, size_t at, size_t end)
{
	size_t with_unit = unit_from(r->line, end);
	struct quantity q;
	struct str sentence;

	if (with_unit > end && read_quantity(&q, r->line, at, &with_unit, end) &&
	    sentence_about(&sentence, r->line, at, with_unit))
		add(p, r, at, with_unit, &q, sentence);
}

static void read_line(struct prose *p, struct str line, uint32_t number)
{
	struct reading r = {.line = line, .number = number, .column = 1, .counted = line.at};

	for (size_t at = 0; at < line.len && p->n < MARKDOWN_PROSE_MAX && !p->failed;) {
		size_t end;

		if (!begins(line, at)) {
			at = read_option(p, &r, at);
			continue;
		}
		end = digits_from(line, at);
		read_number(p, &r, at, end);
		at = end > at ? end : at + 1;
	}
}

static bool is_prose(const struct markdown_line *line)
{
	struct str text = str_trim(line->text);

	return !line->taken && text.len && text.at[0] != '#' && text.at[0] != '|' &&
	       text.at[0] != '<';
}

static int table_of(const struct table **ret, struct prose *p)
{
	struct table *t = arena_calloc(p->arena, 1, sizeof *t);
	struct column *columns = arena_calloc(p->arena, 2, sizeof *columns);

	if (p->failed || !t || !columns)
		return -ENOMEM;
	columns[0] = (struct column){.name = "said", .values = p->said, .places = p->places};
	columns[1] = (struct column){.name = "sentence", .values = p->sentences};
	*t = (struct table){.decimal = '.', .columns = columns, .n_columns = 2, .n_rows = p->n};
	*ret = t;
	return 0;
}

/* A locator's lines end in LF; for cmark-gfm they also do in CR. */
int markdown_prose(const struct table **ret, const struct markdown_lines *l, struct arena *arena)
{
	struct prose p = {.arena = arena};
	uint32_t number = 1;

	for (size_t i = 0; i < l->n && !p.failed; i++) {
		const char *start = l->all[i].text.at;

		if (i && start[-1] == '\n')
			number++;
		else if (i)
			return 0;
		if (is_prose(&l->all[i]))
			read_line(&p, l->all[i].text, number);
	}
	return p.n || p.failed ? table_of(ret, &p) : 0;
}
