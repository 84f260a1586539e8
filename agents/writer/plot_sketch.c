/* SPDX-License-Identifier: MIT */
/* A script for gnuplot as it grows. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/writer/glyph.h"
#include "agents/writer/plot_impl.h"
#include "lib/base/buf.h"

#define SCRIPT_BYTES   ((size_t)256 << 10)
#define SUBJECT_LABELS 4 /* of a title */
#define LABEL_BYTES    ((size_t)64 << 10)
#define PARTS_MAX      8   /* of a configuration in a label */
#define UNIT_CHARS     12  /* of a unit at an axis; no known one is longer */
#define PART_LEAST     3   /* characters of each: "a…z" */
#define KEY_ROW_HEIGHT 19  /* pixels ... */
#define KEY_ROW_LINES  1.3 /* ... and lines of text */

static const char *const names[] = {[PLOT_HISTORY] = "history",
                                    [PLOT_SHIFTS] = "shifts",
                                    [PLOT_SWEEP] = "sweep",
                                    [PLOT_FRONT] = "pareto",
                                    [PLOT_TIMELINE] = "timeline"};

bool sketch_begin(struct sketch *s, enum plot_kind kind, unsigned height, struct key_size key)
{
	if (s->failed || s->plots->n == PLOTS_MAX)
		return false;
	s->plot = (struct plot){.kind = kind};
	s->plot.labels = arena_calloc(s->arena, PLOT_LABELS_MAX, sizeof *s->plot.labels);
	s->failed |= !s->plot.labels;
	s->facts = NULL;
	s->cap_facts = 0;
	buf_done(&s->script);
	s->script = (struct buf)BUF_INIT(SCRIPT_BYTES);
	sketch_put(s, "set terminal svg size %d,%u fixed noenhanced font 'sans,13'\n", PLOT_WIDTH,
	           height + KEY_ROW_HEIGHT * key.rows);
	sketch_put(s, "set tics nomirror textcolor rgb '#0000a2'\nset border 3 ");
	sketch_ink(s, PLOT_DIM);
	sketch_put(s, "\nset grid lt 1 lw .5 ");
	sketch_ink(s, PLOT_RULE);
	sketch_put(s, "\nset rmargin 3\nset tmargin %.1f\n", KEY_ROW_LINES * key.rows + .8);
	sketch_put(s,
	           "set key at screen .01, .99 left top Left reverse horizontal samplen 1.4 "
	           "maxcols %u textcolor rgb '#0000a1'\n",
	           key.columns);
	return !s->failed;
}

static const char *kept(struct sketch *s, const char *text, size_t len)
{
	const char *ret = arena_strndup(s->arena, text, len);

	s->failed |= !ret;
	return ret;
}

/* No digit may be in it: it stands in report.md. */
static const char *file_of(struct sketch *s)
{
	const char *ret = arena_printf(s->arena, "plots/%s-%c.svg", names[s->plot.kind],
	                               (char)('a' + s->of_kind[s->plot.kind]++));

	s->failed |= !ret;
	return ret;
}

void sketch_end(struct sketch *s)
{
	struct segment *title = arena_calloc(s->arena, s->plot.title.n + 1, sizeof *title);

	s->failed |= s->script.failed || !title;
	if (s->failed)
		return;
	memcpy(title, s->title, s->plot.title.n * sizeof *title);
	s->plot.title.segments = title;
	s->plot.file = file_of(s);
	s->plot.script = kept(s, buf_text(&s->script), s->script.len);
	s->plot.script_len = s->script.len;
	s->plot.facts = s->facts;
	if (!s->failed)
		s->plots->at[s->plots->n++] = s->plot;
}

void sketch_put(struct sketch *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&s->script, fmt, ap);
	va_end(ap);
}

void sketch_number(struct sketch *s, double x)
{
	sketch_put(s, "%.9g ", x);
}

void sketch_ink(struct sketch *s, enum plot_ink ink)
{
	sketch_put(s, "lc rgb '#0000%02x'", PLOT_INK_COLOUR + (unsigned)ink);
}

/* At most LABEL_CHARS of it; ret_chars: how many those are. */
static const char *cut(struct sketch *s, const char *text, size_t *ret_chars)
{
	const char *at = text, *end = text;
	size_t n = 0;

	for (; *at && n < LABEL_CHARS; n++) {
		end = at;
		(void)glyph_next(&at);
	}
	*ret_chars = n;
	if (!*at)
		return kept(s, text, (size_t)(at - text));
	at = arena_printf(s->arena, "%.*s…", (int)(end - text), text);
	s->failed |= !at;
	return at;
}

void sketch_label(struct sketch *s, const char *text)
{
	char token[LABEL_CHARS + 8];
	size_t chars, n;

	if (s->plot.n_labels == PLOT_LABELS_MAX) {
		s->failed = true;
		return;
	}
	s->plot.labels[s->plot.n_labels++] = cut(s, text, &chars);
	n = (size_t)snprintf(token, sizeof token, "@%zu", s->plot.n_labels);
	while (n + 1 < chars) /* as wide as what will stand there */
		token[n++] = '_';
	token[n] = '\0';
	sketch_put(s, "'%s@'", token);
}

void sketch_fact(struct sketch *s, unsigned fact)
{
	if (!dossier_fact(s->d, fact))
		return;
	for (size_t i = 0; i < s->plot.n_facts; i++)
		if (s->facts[i] == fact)
			return;
	if (arena_room(s->arena, &s->facts, s->plot.n_facts, &s->cap_facts, sizeof *s->facts))
		s->facts[s->plot.n_facts++] = fact;
	else
		s->failed = true;
}

static void add_segment(struct sketch *s, struct segment segment)
{
	if (s->plot.title.n < ARRAY_LEN(s->title))
		s->title[s->plot.title.n++] = segment;
}

void sketch_words(struct sketch *s, const char *words)
{
	add_segment(s, (struct segment){.words = words});
}

void sketch_name(struct sketch *s, const char *foreign)
{
	add_segment(s, (struct segment){.name = foreign});
}

void sketch_subject(struct sketch *s, unsigned fact)
{
	const struct fact *f = dossier_fact(s->d, fact);

	if (!f || !f->n_subject || f->n_subject > SUBJECT_LABELS)
		return;
	sketch_words(s, " of ");
	add_segment(s, (struct segment){.fact = fact, .as = AS_SUBJECT});
}

/* --- texts that fit ---------------------------------------------------------------------- */

size_t sketch_chars(const char *text)
{
	size_t n = 0;

	for (; *text; n++)
		(void)glyph_next(&text);
	return n;
}

static const char *skip(const char *text, size_t chars)
{
	while (chars--)
		(void)glyph_next(&text);
	return text;
}

/* "mistralai/M…128": so many characters of it, those in the middle left out. */
static void add_ends(struct buf *b, const char *text, size_t most)
{
	size_t n = sketch_chars(text), head = most / 2;

	if (n <= most) {
		buf_puts(b, text);
		return;
	}
	buf_add(b, text, (size_t)(skip(text, head) - text));
	buf_puts(b, "…");
	buf_puts(b, skip(text, n - (most - head - 1)));
}

/* How many characters each of the parts may have, so that all of them fit. */
static size_t share(const size_t *chars, size_t n, size_t room)
{
	for (size_t most = room; most > PART_LEAST; most--) {
		size_t sum = 0;

		for (size_t i = 0; i < n; i++)
			sum += chars[i] < most ? chars[i] : most;
		if (sum <= room)
			return most;
	}
	return PART_LEAST;
}

struct number_unit sketch_axis(struct sketch *s, char axis, const char *name, const char *unit,
                               double largest)
{
	struct number_unit u = number_unit_for(unit, largest);
	struct buf b = BUF_INIT(LABEL_BYTES);
	size_t room = axis == 'y' ? AXIS_CHARS : LABEL_CHARS;
	size_t of_unit = u.unit ? sketch_chars(u.unit) : 0;

	of_unit = of_unit < UNIT_CHARS ? of_unit : UNIT_CHARS;
	add_ends(&b, name, of_unit ? room - of_unit - strlen(" ()") : room);
	if (of_unit) {
		buf_puts(&b, " (");
		add_ends(&b, u.unit, of_unit);
		buf_puts(&b, ")");
	}
	s->failed |= b.failed;
	sketch_put(s, "set %clabel ", axis);
	sketch_label(s, buf_text(&b));
	buf_done(&b);
	sketch_put(s, " textcolor rgb '#0000a1'\nset format %c '%s'\n", axis,
	           fabs(largest * u.scale) < 1e6 ? "%.6g" : "%.4s%c");
	return u;
}

/* How many parts of a configuration have a text. */
static size_t parts_of(struct sketch *s, const char **ret, const struct label *labels, size_t n,
                       bool with_names)
{
	size_t parts = 0;

	for (size_t i = 0; i < n && parts < PARTS_MAX; i++) {
		if (!labels[i].text || !labels[i].text[0])
			continue;
		ret[parts] = with_names ? arena_printf(s->arena, "%s %s", labels[i].name,
		                                       labels[i].text)
		                        : labels[i].text;
		s->failed |= !ret[parts];
		parts += ret[parts] != NULL;
	}
	return parts;
}

const char *sketch_configuration(struct sketch *s, const struct label *labels, size_t n,
                                 bool with_names)
{
	const char *parts[PARTS_MAX], *ret;
	size_t chars[PARTS_MAX], n_parts = parts_of(s, parts, labels, n, with_names), most;
	struct buf b = BUF_INIT(LABEL_BYTES);

	for (size_t i = 0; i < n_parts; i++)
		chars[i] = sketch_chars(parts[i]);
	most = n_parts ? share(chars, n_parts, LABEL_CHARS - strlen(", ") * (n_parts - 1)) : 0;
	for (size_t i = 0; i < n_parts; i++) {
		buf_puts(&b, i ? ", " : "");
		add_ends(&b, parts[i], most);
	}
	s->failed |= b.failed;
	ret = kept(s, buf_text(&b), b.len);
	buf_done(&b);
	return ret ? ret : "";
}
