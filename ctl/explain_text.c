/* SPDX-License-Identifier: MIT */
/* What was explained, for people: a paragraph a table, a line a kind of column. */
#include <inttypes.h>

#include "ctl/explain.h"
#include "ctl/terminal.h"
#include "lib/base/clock.h"

#define LINE_BYTES_MAX (256 * 1024)
#define NAME_COLUMNS   60 /* of a foreign name that is shown */
#define ROLE_COLUMNS   10 /* "covariate" and a blank */
#define TABLES_NAMED   8

struct sheet {
	FILE *to;
	size_t width;
};

/* One paragraph: `head` in front, lines broken at blanks, the rest indented by `indent`. */
static void paragraph(const struct sheet *s, const char *head, size_t indent, const char *text)
{
	size_t at = terminal_columns(head);

	(void)fputs(head, s->to);
	for (const char *word = text; *word;) {
		size_t len = strcspn(word, " ");
		CLEANUP(freep) char *one = strndup(word, len);
		size_t columns = one ? terminal_columns(one) : len;

		if (word > text && at + 1 + columns > s->width) {
			(void)fprintf(s->to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (word > text) {
			(void)fputc(' ', s->to);
			at++;
		}
		(void)fputs(one ? one : "?", s->to);
		at += columns;
		word += len;
		word += *word == ' ';
	}
	(void)fputc('\n', s->to);
}

/* --- columns ------------------------------------------------------------------ */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

struct lines {
	const struct table_note *t;
	const double *factors; /* a column one */
	bool *told;            /* a column a flag */
};

static bool said_alike(const struct lines *l, size_t i, size_t k)
{
	const struct role_note *a = &l->t->columns[i], *b = &l->t->columns[k];

	return strcmp(a->role, b->role) == 0 && same_text(a->why, b->why) &&
	       same_text(a->quantity, b->quantity) && same_text(a->unit, b->unit) &&
	       a->better == b->better && a->restates == b->restates &&
	       a->rule_unit == b->rule_unit && a->rule_better == b->rule_better &&
	       l->factors[i] == l->factors[k];
}

static void add_name(struct buf *b, const struct role_note *c)
{
	const char *pointer = c->pointer && *c->pointer == '/' ? c->pointer + 1 : NULL;

	terminal_add(b, pointer ? pointer : c->column, NAME_COLUMNS);
}

static void add_measure(struct buf *b, const struct role_note *c, double factor)
{
	buf_puts(b, c->quantity ? c->quantity : "a quantity that nothing tells");
	if (c->unit) {
		buf_puts(b, " in ");
		terminal_add(b, c->unit, 0);
	}
	if (factor <= 0)
		buf_puts(b, ", its cells by different factors");
	else if (factor < 1 || factor > 1)
		buf_printf(b, ", its cells times %.10g", factor);
	if (c->better != BETTER_NONE)
		buf_printf(b, ", %s is better", better_name(c->better));
	if (c->rule_unit || c->rule_better)
		buf_printf(b, " (%s%s%s set by the configuration)", c->rule_unit ? "unit" : "",
		           c->rule_unit && c->rule_better ? " and " : "",
		           c->rule_better ? "direction" : "");
	if (c->restates)
		buf_puts(b, "; computed from another column");
	buf_puts(b, "; ");
}

/* The columns of which the same is said, in one paragraph. */
static void print_columns(const struct sheet *s, const struct lines *l, size_t first)
{
	const struct role_note *c = &l->t->columns[first];
	struct buf b = BUF_INIT(LINE_BYTES_MAX);
	char head[32];

	(void)snprintf(head, sizeof head, "    %-*s", ROLE_COLUMNS, c->role);
	for (size_t i = first; i < l->t->n_columns; i++) {
		if (l->told[i] || !said_alike(l, first, i))
			continue;
		l->told[i] = true;
		buf_puts(&b, i > first ? ", " : "");
		add_name(&b, &l->t->columns[i]);
	}
	buf_puts(&b, ": ");
	if (strcmp(c->role, "metric") == 0)
		add_measure(&b, c, l->factors[first]);
	buf_puts(&b, c->why);
	paragraph(s, head, 4 + ROLE_COLUMNS, buf_text(&b));
	buf_done(&b);
}

static void print_role(const struct sheet *s, const struct lines *l, const char *role)
{
	for (size_t c = 0; c < l->t->n_columns; c++)
		if (!l->told[c] && strcmp(l->t->columns[c].role, role) == 0)
			print_columns(s, l, c);
}

/* --- tables ------------------------------------------------------------------- */

static void add_count(struct buf *b, size_t n, const char *one, const char *many)
{
	buf_printf(b, "%zu %s", n, n == 1 ? one : many);
}

static void add_place(struct buf *b, const struct table_note *n, const struct table *t)
{
	buf_puts(b, n->n_tables > 1 ? "tables " : "table ");
	for (size_t i = 0; i < n->n_tables && i < TABLES_NAMED; i++)
		buf_printf(b, "%s%u", i ? ", " : "", n->tables[i]);
	if (n->n_tables > TABLES_NAMED)
		buf_printf(b, " and %zu more", n->n_tables - TABLES_NAMED);
	if (t->base) {
		buf_puts(b, " at ");
		terminal_add(b, *t->base ? n->shape : "the document itself", 0);
	}
}

static void add_rows(struct buf *b, const struct table_note *n, const struct table *t)
{
	buf_puts(b, ": ");
	add_count(b, n->n_rows, "row", "rows");
	if (n->n_failed)
		buf_printf(b, " (%zu failed)", n->n_failed);
	if (n->n_noted)
		buf_printf(b, " (%zu passed over)", n->n_noted);
	if (n->n_configurations) {
		buf_puts(b, ", ");
		add_count(b, n->n_configurations, "configuration", "configurations");
	}
	if (t->header_line)
		buf_printf(b, ", header in line %u", t->header_line);
	if (t->decimal == ',')
		buf_puts(b, ", decimal comma");
	if (t->schema)
		buf_printf(b, ", written by %s", t->schema);
}

static void add_time(struct buf *b, const struct table_note *t)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, t->first_s);
	buf_printf(b, "measured %s", text);
	if (t->last_s != t->first_s) {
		clock_text(text, t->last_s);
		buf_printf(b, " to %s", text);
	}
	buf_printf(b, ", by the %s", t->time_by);
	if (t->time_name) {
		buf_putc(b, ' ');
		terminal_add(b, t->time_name, NAME_COLUMNS);
	}
	if (t->n_runs > 1)
		buf_printf(b, "; %zu runs", t->n_runs);
}

static void print_notes(const struct sheet *s, const struct dossier *d, const struct table_note *n)
{
	static const char *const roles[] = {"key", "metric", "covariate", "ignored"};
	CLEANUP(freep) bool *told = calloc(n->n_columns + 1, sizeof *told);
	CLEANUP(freep) double *factors = calloc(n->n_columns + 1, sizeof *factors);
	const struct lines lines = {n, factors, told};
	char text[64];

	if (n->decided_by && n->decided_by != n->artifact) {
		(void)snprintf(text, sizeof text, "columns as in A%u, the latest run",
		               n->decided_by);
		paragraph(s, "    ", 4, text);
		return;
	}
	if (!n->decided_by)
		paragraph(s, "    ", 4, "no row can be used: nothing is said of its columns");
	else if (!n->group)
		paragraph(s, "    ", 4, "nothing in it is a measurement");
	for (size_t c = 0; factors && c < n->n_columns; c++)
		factors[c] = explain_factor(d, n, &n->columns[c]);
	for (size_t r = 0; told && factors && r < ARRAY_LEN(roles); r++)
		print_role(s, &lines, roles[r]);
}

static void print_table(const struct sheet *s, const struct dossier *d, const struct artifact *a,
                        const struct table_note *n)
{
	const struct table *t = explain_table(a, n->tables[0]);
	struct buf b = BUF_INIT(LINE_BYTES_MAX);

	add_place(&b, n, t);
	add_rows(&b, n, t);
	paragraph(s, "  ", 4, buf_text(&b));
	buf_done(&b);
	add_time(&b, n);
	paragraph(s, "    ", 6, buf_text(&b));
	buf_done(&b);
	print_notes(s, d, n);
}

/* --- artifacts ------------------------------------------------------------------ */

static void print_artifact(const struct sheet *s, const struct artifact *a)
{
	struct buf b = BUF_INIT(LINE_BYTES_MAX);

	buf_printf(&b, "A%u ", a->id);
	terminal_add(&b, a->path, 0);
	buf_printf(&b, ": %s, %" PRIu64 " bytes, %s", artifact_format_name(a->format), a->bytes,
	           artifact_status_name(a->status));
	if (a->duplicate_of)
		buf_printf(&b, ", a copy of A%u", a->duplicate_of);
	if (a->machine) {
		buf_puts(&b, ", measured on ");
		terminal_add(&b, a->machine, NAME_COLUMNS);
	}
	if (a->reason) {
		buf_puts(&b, ": ");
		terminal_add(&b, a->reason, 0);
	}
	paragraph(s, "", 2, buf_text(&b));
	buf_done(&b);
}

void explain_print(const struct explained *e, FILE *to, unsigned width)
{
	const struct dossier *d = &e->dossier;
	const struct sheet s = {to, width};
	size_t note = 0;

	for (size_t i = 0; i < d->inventory.n_artifacts; i++) {
		const struct artifact *a = &d->inventory.artifacts[i];

		print_artifact(&s, a);
		for (; note < d->n_table_notes && d->table_notes[note].artifact == a->id; note++)
			print_table(&s, d, a, &d->table_notes[note]);
	}
	(void)fprintf(to, "%zu artifacts, %zu tables, %zu of them compared\n",
	              d->inventory.n_artifacts, d->n_table_notes, d->n_groups);
}
