/* SPDX-License-Identifier: MIT */
/* What each night would have said, for people: a line a night, and one for each piece of news. */
#include "ctl/backtest.h"
#include "ctl/terminal.h"
#include "lib/base/clock.h"

#define CELLS      3
#define CELL_BYTES 64

static void print_change(const struct backtest_change *c, FILE *to)
{
	if (!c->news)
		return;
	(void)fprintf(to, "  %-11s %-9s ", finding_kind_name(c->kind), c->state);
	terminal_print(to, c->text);
	(void)fputc('\n', to);
}

/* Some are measured several times a day. */
static bool share_days(const struct backtest *b)
{
	for (size_t i = 1; i < b->n; i++)
		if (strcmp(b->nights[i].date, b->nights[i - 1].date) == 0)
			return true;
	return false;
}

static void print_night(const struct backtest_night *n, bool clock, FILE *to)
{
	char when[CLOCK_TEXT_BYTES];

	clock_text(when, n->last_s);
	(void)fprintf(to, "%s%s%.*s  %-11s  %lu series, %lu tested\n", n->date, clock ? " " : "",
	              clock ? (int)sizeof "02:30" - 1 : 0, when + BACKTEST_DATE_BYTES,
	              verdict_in_words(n->verdict), n->series, n->tested);
	for (size_t i = 0; i < n->n_changes; i++)
		print_change(&n->changes[i], to);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void print_totals(const struct backtest *b, FILE *to)
{
	const struct backtest_totals *t = &b->totals;

	(void)fprintf(to,
	              "\n%zu night%s: %zu alarm%s, %zu confirmed, %zu spike%s, %zu recovered; %zu "
	              "improvement%s, %zu changed otherwise.\n",
	              b->n, plural(b->n), t->alarms, plural(t->alarms), t->confirmed, t->spikes,
	              plural(t->spikes), t->recovered, t->improvements, plural(t->improvements),
	              t->changed);
}

/* "12 of 34" */
static void print_share(char *ret, size_t size, size_t n, size_t of)
{
	(void)snprintf(ret, size, "%zu of %zu", n, of);
}

static void print_found(const struct inject_tally *t, FILE *to)
{
	char room[INJECT_AFTER][CELLS][CELL_BYTES];
	const char *cells[(INJECT_AFTER + 1) * CELLS] = {"  runs with it", "told", "confirmed"};
	size_t rows = 1;

	for (size_t i = 0; i < INJECT_AFTER; i++) {
		const struct inject_found *f = &t->after[i];

		if (!inject_asks(i + 1) || !f->n)
			continue;
		(void)snprintf(room[i][0], CELL_BYTES, "  %zu", i + 1);
		print_share(room[i][1], CELL_BYTES, f->told, f->n);
		print_share(room[i][2], CELL_BYTES, f->confirmed, f->n);
		for (size_t c = 0; c < CELLS; c++)
			cells[rows * CELLS + c] = room[i][c];
		rows++;
	}
	terminal_table(to, cells, rows, CELLS);
}

static void print_inject(const struct backtest *b, FILE *to)
{
	const struct inject_tally *t = &b->inject;
	size_t took = t->series - t->too_short - t->undirected;

	(void)fprintf(to, "\nA step of %g %% for the worse, put into %zu of %zu series",
	              b->inject_pct, took, t->series);
	if (t->too_short)
		(void)fprintf(to, "; %zu have too few runs (%d before it and one more)",
		              t->too_short, INJECT_BEFORE);
	if (t->undirected)
		(void)fprintf(to, "; of %zu nobody knows what is worse", t->undirected);
	(void)fputs(":\n", to);
	if (took)
		print_found(t, to);
	(void)fprintf(to,
	              "Without it: %zu of %zu series confirmed as changed, %zu suspected in %zu "
	              "nights of a series.\n",
	              t->confirmed, t->series, t->suspected, t->nights);
}

void backtest_print(const struct backtest *b, FILE *to)
{
	bool clock = share_days(b);

	for (size_t i = 0; i < b->n; i++)
		print_night(&b->nights[i], clock, to);
	print_totals(b, to);
	if (b->inject_pct > 0)
		print_inject(b, to);
}
