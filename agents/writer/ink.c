/* SPDX-License-Identifier: MIT */
#include "agents/writer/ink.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/writer/glyph.h"
#include "agents/writer/ink_impl.h"
#include "agents/writer/pointer.h"

#define MAX_PAGE_BYTES  ((size_t)4 << 20)
#define MAX_ARENA_BYTES ((uint64_t)64 << 20)
#define MAX_ENTRIES     ((size_t)100000)
#define POINTER_BYTES   128
#define FACT_REF_BYTES  24

const char *ink_means_name(enum ink_means m)
{
	static const char *const names[] = {"fact", "figure", "date", "name", "id", "heading"};

	return names[m];
}

int ink_init(struct ink *i, const struct dossier *d, json_t *report, struct error *err)
{
	*i = (struct ink){.out = BUF_INIT(MAX_PAGE_BYTES), .line = 1, .column = 1};
	i->d = d;
	i->report = report;
	i->arena = arena_new(MAX_ARENA_BYTES + d->n_facts * 8);
	if (i->arena) {
		i->cited = arena_calloc(i->arena, d->n_facts + 1, sizeof *i->cited);
		i->is_cited = arena_calloc(i->arena, d->n_facts + 1, sizeof *i->is_cited);
	}
	if (i->cited && i->is_cited)
		return 0;
	ink_done(i);
	return error_set(err, -ENOMEM, "report.md: no memory");
}

void ink_done(struct ink *i)
{
	buf_done(&i->out);
	free(i->entries);
	arena_free(i->arena);
	*i = (struct ink){0};
}

void ink_fail(struct ink *i, int code, const char *what, const char *text)
{
	if (!i->err.code)
		(void)error_set(&i->err, code, "report.md:%u:%u: %s: %.80s", i->line, i->column,
		                what, text);
}

void ink_raw(struct ink *i, const char *text, size_t len)
{
	buf_add(&i->out, text, len);
	for (size_t k = 0; k < len; k++) {
		if (text[k] == '\n') {
			i->line++;
			i->column = 1;
		} else if (((unsigned char)text[k] & 0xc0) != 0x80) {
			i->column++;
		}
	}
}

struct ink_entry *ink_entry_open(struct ink *i, enum ink_means means, const char *ref)
{
	if (i->n_entries == i->cap_entries) {
		size_t cap = i->cap_entries ? 2 * i->cap_entries : 256;
		struct ink_entry *more = cap > MAX_ENTRIES
		                                 ? NULL
		                                 : realloc(i->entries, cap * sizeof *more);

		if (!more) {
			ink_fail(i, -ENOMEM, "no room for another numeral", ref ? ref : "");
			return NULL;
		}
		i->entries = more;
		i->cap_entries = cap;
	}
	i->entries[i->n_entries] = (struct ink_entry){.line = i->line,
	                                              .column = i->column,
	                                              .at = i->out.len,
	                                              .means = means,
	                                              .ref = ref,
	                                              .scale = 1};
	return &i->entries[i->n_entries++];
}

/* Puts text on the page as one entry. */
static struct ink_entry *ink_traced(struct ink *i, enum ink_means means, const char *ref,
                                    const char *text)
{
	const char *kept = ref ? arena_strdup(i->arena, ref) : NULL;
	struct ink_entry *e;

	if (ref && !kept) {
		ink_fail(i, -ENOMEM, "no memory for a numeral", ref);
		return NULL;
	}
	e = ink_entry_open(i, means, kept);
	if (e)
		e->len = strlen(text);
	ink_raw(i, text, strlen(text));
	return e;
}

void ink_words(struct ink *i, const char *markdown)
{
	for (const char *s = markdown; *s;)
		if (glyph_is_digit(glyph_next(&s))) {
			ink_fail(i, -EPROTO, "a digit among words", markdown);
			return;
		}
	ink_raw(i, markdown, strlen(markdown));
}

void ink_id_text(struct ink *i, const char *text)
{
	(void)ink_traced(i, INK_ID, text, text);
}

void ink_id(struct ink *i, char letter, unsigned long number)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%c%lu", letter, number);
	ink_id_text(i, text);
}

void ink_heading(struct ink *i, unsigned major, unsigned minor)
{
	char text[24];

	(void)snprintf(text, sizeof text, minor ? "%u.%u" : "%u", major, minor);
	ink_words(i, minor ? "### " : "## ");
	(void)ink_traced(i, INK_HEADING, NULL, text);
	ink_words(i, " ");
}

void ink_date(struct ink *i, size_t chars, const char *pointer, ...)
{
	char path[POINTER_BYTES], text[32] = "";
	const char *date;
	va_list ap;

	va_start(ap, pointer);
	(void)vsnprintf(path, sizeof path, pointer, ap);
	va_end(ap);
	date = json_string_value(pointer_get(i->report, path));
	if (!date || strlen(date) < chars || chars >= sizeof text) {
		ink_fail(i, -EPROTO, "no date", path);
		return;
	}
	memcpy(text, date, chars);
	if (chars > 10 && text[10] == 'T')
		text[10] = ' ';
	(void)ink_traced(i, INK_DATE, path, text);
}

static void put_number(struct ink *i, enum ink_means means, const char *ref, const struct number *n,
                       struct ink_style style)
{
	struct ink_entry *e;

	if (n->bound)
		ink_words(i, n->bound == '<' ? "< " : "> ");
	/* Beyond a bound the sign stays: "< -5" is not said by "5" and a word. */
	if (style.unsigned_ && n->text[0] == '-' && !n->bound)
		e = ink_traced(i, means, ref, n->text + 1);
	else
		e = ink_traced(i, means, ref, n->text);
	if (!e)
		return;
	e->scale = style.scale;
	e->bound = n->bound;
}

static void ink_number(struct ink *i, enum ink_means means, const char *ref, double value,
                       struct ink_style style)
{
	struct number n;

	number_print(&n, value, style.scale, style.kind);
	put_number(i, means, ref, &n, style);
}

static void ink_figure_at(struct ink *i, struct ink_style style, const char *path)
{
	json_t *node = pointer_get(i->report, path);

	if (json_is_array(node))
		ink_number(i, INK_FIGURE, path, (double)json_array_size(node), style);
	else if (json_is_number(node))
		ink_number(i, INK_FIGURE, path, json_number_value(node), style);
	else if (json_is_null(node))
		ink_words(i, "–");
	else
		ink_fail(i, -EPROTO, "no figure", path);
}

void ink_figure(struct ink *i, enum number_kind kind, const char *pointer, ...)
{
	char path[POINTER_BYTES];
	va_list ap;

	va_start(ap, pointer);
	(void)vsnprintf(path, sizeof path, pointer, ap);
	va_end(ap);
	ink_figure_at(i, (struct ink_style){kind, 1, false}, path);
}

void ink_figure_scaled(struct ink *i, enum number_kind kind, double scale, const char *pointer, ...)
{
	char path[POINTER_BYTES];
	va_list ap;

	va_start(ap, pointer);
	(void)vsnprintf(path, sizeof path, pointer, ap);
	va_end(ap);
	ink_figure_at(i, (struct ink_style){kind, scale, false}, path);
}

void ink_figure_in_column(struct ink *i, double scale, int decimals, const char *pointer, ...)
{
	char path[POINTER_BYTES];
	struct number n;
	json_t *node;
	va_list ap;

	va_start(ap, pointer);
	(void)vsnprintf(path, sizeof path, pointer, ap);
	va_end(ap);
	node = pointer_get(i->report, path);
	if (!json_is_number(node)) {
		ink_figure_at(i, (struct ink_style){NUMBER_MEASURE, scale, false}, path);
		return;
	}
	number_print_decimals(&n, json_number_value(node), scale, decimals);
	put_number(i, INK_FIGURE, path, &n, (struct ink_style){NUMBER_MEASURE, scale, false});
}

/* NULL: there is no such fact, and the page fails. */
static const struct fact *cite(struct ink *i, unsigned id, char ret_ref[static FACT_REF_BYTES])
{
	const struct fact *f = dossier_fact(i->d, id);

	if (!f) {
		ink_fail(i, -EPROTO, "no such fact", "");
		return NULL;
	}
	if (!i->is_cited[id]) {
		i->is_cited[id] = true;
		i->cited[i->n_cited++] = id;
	}
	(void)snprintf(ret_ref, FACT_REF_BYTES, "F%u", id);
	return f;
}

void ink_fact(struct ink *i, unsigned id, struct ink_style style)
{
	char ref[FACT_REF_BYTES];
	const struct fact *f = cite(i, id, ref);

	if (f)
		ink_number(i, INK_FACT, ref, f->value, style);
}

void ink_fact_in_column(struct ink *i, unsigned id, double scale, int decimals)
{
	char ref[FACT_REF_BYTES];
	const struct fact *f = cite(i, id, ref);
	struct number n;

	if (!f)
		return;
	number_print_decimals(&n, f->value, scale, decimals);
	put_number(i, INK_FACT, ref, &n, (struct ink_style){NUMBER_MEASURE, scale, false});
}

void ink_line(struct ink *i)
{
	ink_raw(i, "\n", 1);
}

void ink_blank(struct ink *i)
{
	const struct buf *b = &i->out;

	if (b->len && b->data[b->len - 1] != '\n')
		ink_line(i);
	if (b->len > 1 && b->data[b->len - 2] != '\n')
		ink_line(i);
	while (b->len > 2 && b->data[b->len - 3] == '\n') {
		i->out.data[--i->out.len] = '\0';
		i->line--;
	}
}

void ink_verbatim(struct ink *i, const char *text)
{
	size_t fence = ink_longest_run(text, '`'), len = strlen(text);

	fence = fence < 3 ? 3 : fence + 1;
	if (i->n_verbatim == INK_MAX_VERBATIM) {
		ink_fail(i, -EPROTO, "too many prompts", "");
		return;
	}
	for (size_t k = 0; k < fence; k++)
		ink_raw(i, "`", 1);
	ink_words(i, "text\n");
	i->verbatim[i->n_verbatim].from = i->out.len;
	ink_raw(i, text, len);
	i->verbatim[i->n_verbatim++].to = i->out.len;
	if (!len || text[len - 1] != '\n')
		ink_line(i);
	for (size_t k = 0; k < fence; k++)
		ink_raw(i, "`", 1);
	ink_line(i);
}

/* Where the scan for digits stands. */
struct scan {
	unsigned line, column;
	size_t entry, span;
};

static bool scan_covered(const struct ink *i, struct scan *s, size_t at)
{
	while (s->span < i->n_verbatim && i->verbatim[s->span].to <= at)
		s->span++;
	if (s->span < i->n_verbatim && i->verbatim[s->span].from <= at)
		return true;
	while (s->entry < i->n_entries && i->entries[s->entry].at + i->entries[s->entry].len <= at)
		s->entry++;
	return s->entry < i->n_entries && i->entries[s->entry].at <= at;
}

int ink_check(const struct ink *i, struct error *err)
{
	struct scan s = {.line = 1, .column = 1};
	const char *text = buf_text(&i->out), *at = text;

	if (i->err.code)
		return error_set(err, i->err.code, "%s", i->err.text);
	if (i->out.failed)
		return error_set(err, -EFBIG, "report.md: larger than %zu bytes", MAX_PAGE_BYTES);
	while (*at) {
		size_t offset = (size_t)(at - text);
		uint32_t c = glyph_next(&at);

		if (glyph_is_digit(c) && !scan_covered(i, &s, offset))
			return error_set(err, -EPROTO,
			                 "report.md:%u:%u: a numeral without a source (a fault of "
			                 "the writer): %.40s",
			                 s.line, s.column, text + offset);
		s.column = c == '\n' ? 1 : s.column + 1;
		s.line += c == '\n';
	}
	return 0;
}
