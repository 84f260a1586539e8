/* SPDX-License-Identifier: MIT */
/* What was compared, for people: a table for each metric of a file, in the manner of benchstat. */
#include <math.h>

#include "ctl/compare.h"
#include "ctl/terminal.h"
#include "lib/evidence/number.h"

#define NAME_COLUMNS 60 /* of a foreign name that is shown */
#define CELLS        6
#define CELL_BYTES   256
#define LISTED_MAX   10 /* series of one side only */

static const char *const headings[CELLS] = {"", "base", "new", "change", "", ""};

static void add_percent(struct buf *b, double ratio)
{
	double change = (ratio - 1) * 100;
	struct number n;

	if (!isfinite(change)) {
		buf_puts(b, "?");
		return;
	}
	number_print(&n, fabs(change), 1, NUMBER_PERCENT);
	buf_printf(b, "%s%s %%", change < 0 ? "-" : "+", n.text);
}

static void add_value(struct buf *b, double value, const struct number_unit *u)
{
	struct number n;

	number_print(&n, value, u->scale, NUMBER_MEASURE);
	buf_puts(b, n.text);
}

static void add_subject(struct buf *b, const struct compare_series *s)
{
	for (size_t i = 0; i < s->n_subject; i++) {
		buf_puts(b, i ? ", " : "");
		terminal_add(b, s->subject[i].name, NAME_COLUMNS);
		buf_puts(b, "=");
		terminal_add(b, s->subject[i].text, NAME_COLUMNS);
	}
	if (!s->n_subject)
		buf_puts(b, "all rows");
}

static const char *verdict_words(const struct compare_pair *p)
{
	switch (p->verdict) {
	case TWO_SAMPLE_CHANGED:
		return compare_kind(p) == FINDING_REGRESSION    ? "worse"
		       : compare_kind(p) == FINDING_IMPROVEMENT ? "better"
		                                                : "changed";
	case TWO_SAMPLE_SIZE_UNCLEAR:
		return "changed, size unclear";
	case TWO_SAMPLE_EQUAL:
		return "same";
	case TWO_SAMPLE_UNDECIDED:
		return "undecided";
	case TWO_SAMPLE_UNTESTABLE:
		break;
	}
	return "untestable";
}

static void add_evidence(struct buf *b, const struct compare_pair *p)
{
	bool untestable = p->verdict == TWO_SAMPLE_UNTESTABLE;
	struct number n;

	number_print(&n, untestable ? p->t.p_least : p->p_bh, 1, NUMBER_P);
	if (!untestable)
		buf_printf(b, "p %s %s, ", n.bound ? "<" : "=", n.text);
	buf_printf(b, "n=%zu+%zu", p->t.n1, p->t.n2);
	if (untestable && p->t.p_least < 1)
		buf_printf(b, ", p at least %s", n.text);
}

static void add_change(struct buf *b, const struct compare_pair *p)
{
	add_percent(b, p->t.ratio);
	if (p->t.confidence <= 0)
		return;
	buf_puts(b, " [");
	add_percent(b, p->t.low);
	buf_puts(b, ", ");
	add_percent(b, p->t.high);
	buf_puts(b, "]");
}

/* CELLS texts of one row; each in its own piece of `room`. */
static void fill_row(const char **cells, char (*room)[CELL_BYTES], const struct compare_pair *p,
                     const struct number_unit *u)
{
	for (size_t i = 0; i < CELLS; i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(CELL_BYTES * 16);

		if (i == 0)
			add_subject(&b, &p->base);
		else if (i < 3)
			add_value(&b, i == 1 ? p->t.median1 : p->t.median2, u);
		else if (i == 3)
			add_change(&b, p);
		else if (i == 4)
			buf_puts(&b, verdict_words(p));
		else
			add_evidence(&b, p);
		(void)snprintf(room[i], CELL_BYTES, "%s", buf_text(&b));
		cells[i] = room[i];
	}
}

static double largest(const struct compare_pair *p, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, fmax(fabs(p[i].t.median1), fabs(p[i].t.median2)));
	return most;
}

void compare_sentence(struct buf *b, const struct compare_pair *p)
{
	struct number_unit u = number_unit_for(p->base.unit, largest(p, 1));

	buf_puts(b, "from ");
	add_value(b, p->t.median1, &u);
	buf_puts(b, " to ");
	add_value(b, p->t.median2, &u);
	if (u.unit && *u.unit)
		buf_printf(b, " %s", u.unit);
	buf_puts(b, ", ");
	add_change(b, p);
	buf_printf(b, ": %s, ", verdict_words(p));
	add_evidence(b, p);
}

static bool same_table(const struct compare_pair *a, const struct compare_pair *b)
{
	return strcmp(a->base.title, b->base.title) == 0 &&
	       strcmp(a->base.where, b->base.where) == 0 &&
	       strcmp(a->base.metric, b->base.metric) == 0;
}

static void print_heading(FILE *to, const struct compare_pair *p, const struct number_unit *u)
{
	static const char *const better[] = {"", "higher is better", "lower is better"};
	enum better b = p->base.better;

	terminal_print(to, p->base.title);
	if (*p->base.where) {
		(void)fputc(' ', to);
		terminal_print(to, p->base.where);
	}
	(void)fputs(": ", to);
	terminal_print(to, p->base.metric);
	if (u->unit || b != BETTER_NONE) {
		(void)fputs(" (", to);
		terminal_print(to, u->unit ? u->unit : "");
		(void)fprintf(to, "%s%s)", u->unit && b != BETTER_NONE ? ", " : "", better[b]);
	}
	(void)fputc('\n', to);
}

static void print_table(FILE *to, const struct compare_pair *p, size_t n)
{
	CLEANUP(freep) const char **cells = calloc((n + 1) * CELLS, sizeof *cells);
	CLEANUP(freep) char(*room)[CELL_BYTES] = calloc(n * CELLS, sizeof *room);
	struct number_unit u = number_unit_for(p->base.unit, largest(p, n));

	if (!cells || !room)
		return;
	print_heading(to, p, &u);
	memcpy(cells, headings, sizeof headings);
	for (size_t i = 0; i < n; i++)
		fill_row(cells + (i + 1) * CELLS, room + i * CELLS, &p[i], &u);
	terminal_table(to, cells, n + 1, CELLS);
	(void)fputc('\n', to);
}

static void print_lonely(FILE *to, const char *words, const struct compare_series *s, size_t n)
{
	if (!n)
		return;
	(void)fprintf(to, "%s: %zu series\n", words, n);
	for (size_t i = 0; i < n && i < LISTED_MAX; i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT(CELL_BYTES * 16);

		(void)fputs("  ", to);
		terminal_print(to, s[i].title);
		(void)fputs(": ", to);
		terminal_print(to, s[i].metric);
		add_subject(&b, &s[i]);
		(void)fprintf(to, ", %s\n", buf_text(&b));
	}
	if (n > LISTED_MAX)
		(void)fprintf(to, "  ... and %zu more: --json has them all\n", n - LISTED_MAX);
}

static void print_counts(const struct compared_sides *c, FILE *to)
{
	size_t of[TWO_SAMPLE_UNTESTABLE + 1] = {0}, worse = 0, better = 0, extreme = 0;

	for (size_t i = 0; i < c->n_pairs; i++) {
		const struct compare_pair *p = &c->pairs[i];
		enum finding_kind kind = compare_kind(p);

		of[p->verdict]++;
		worse += p->verdict == TWO_SAMPLE_CHANGED && kind == FINDING_REGRESSION;
		better += p->verdict == TWO_SAMPLE_CHANGED && kind == FINDING_IMPROVEMENT;
		extreme += p->verdict == TWO_SAMPLE_UNDECIDED && p->t.p <= p->t.p_least;
	}
	(void)fprintf(to,
	              "Compared: %zu series: %zu worse, %zu better, %zu changed otherwise, %zu "
	              "the same within %g %%, %zu undecided, %zu untestable.\n",
	              c->n_pairs, worse, better,
	              of[TWO_SAMPLE_CHANGED] - worse - better + of[TWO_SAMPLE_SIZE_UNCLEAR],
	              of[TWO_SAMPLE_EQUAL], COMPARE_MIN_EFFECT * 100, of[TWO_SAMPLE_UNDECIDED],
	              of[TWO_SAMPLE_UNTESTABLE]);
	if (of[TWO_SAMPLE_UNTESTABLE])
		(void)fputs("Untestable: so few repetitions can show no p of 0.05 or less; four on "
		            "each side can.\n",
		            to);
	if (extreme)
		(void)fprintf(
			to,
			"%zu of the undecided are as far apart as can be: among so many tests, "
			"so few repetitions cannot tell. Repeat more, or compare fewer.\n",
			extreme);
}

void compare_print(const struct compared_sides *c, FILE *to)
{
	for (size_t i = 0, n; i < c->n_pairs; i += n) {
		for (n = 1; i + n < c->n_pairs && same_table(&c->pairs[i], &c->pairs[i + n]);)
			n++;
		print_table(to, &c->pairs[i], n);
	}
	print_lonely(to, "Not in NEW, or failed there", c->vanished, c->n_vanished);
	print_lonely(to, "Not in BASE, or failed there", c->added, c->n_added);
	print_counts(c, to);
}
