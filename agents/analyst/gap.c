/* SPDX-License-Identifier: MIT */
#include "agents/analyst/gap.h"

#include <stdio.h>

#define DIGITS_LEAST 4 /* of a number that is no coarse clock's, and no setting */

struct gap gap_new(enum severity severity)
{
	return (struct gap){.finding = {.kind = FINDING_GAP,
	                                .severity = severity,
	                                .p = NO_NUMBER,
	                                .p_adjusted = NO_NUMBER,
	                                .effect = NO_NUMBER}};
}

void gap_artifact(struct work *w, struct gap *g, unsigned id)
{
	size_t n = g->finding.n_artifacts;

	if ((n && g->artifacts[n - 1] == id) ||
	    !work_grow(w, &g->artifacts, n, &g->cap_artifacts, sizeof *g->artifacts))
		return;
	g->artifacts[g->finding.n_artifacts++] = id;
}

void gap_fact(struct work *w, struct gap *g, unsigned fact)
{
	if (fact && work_grow(w, &g->facts, g->finding.n_facts, &g->cap_facts, sizeof *g->facts))
		g->facts[g->finding.n_facts++] = fact;
}

void gap_cells(struct work *w, struct gap_cells *c, const struct view *v, const uint32_t *rows,
               const int *columns, size_t n)
{
	struct cells more;

	cells_of_rows(w, &more, v, rows, columns, n);
	for (size_t i = 0; !w->failed && i < more.n_at; i++)
		if (work_grow(w, &c->cells.at, c->cells.n_at, &c->cap, sizeof *c->cells.at))
			c->cells.at[c->cells.n_at++] = more.at[i];
	c->cells.n += more.n;
}

unsigned gap_count(struct work *w, struct gap *g, const char *label, const struct gap_cells *c)
{
	unsigned fact = fact_count(w, label, &c->cells);

	gap_fact(w, g, fact);
	say_fact(&g->text, fact);
	return fact;
}

bool gap_is_told(const struct work *w, const char *key)
{
	for (size_t i = 0; i < w->d->n_findings; i++)
		if (strcmp(w->d->findings[i].key, key) == 0)
			return true;
	return false;
}

const struct finding *gap_add(struct work *w, struct gap *g, const char *key)
{
	if (w->failed || !key)
		return NULL;
	g->finding.artifacts = g->artifacts;
	g->finding.facts = g->facts;
	g->finding.key = key;
	g->finding.text = text_of(w, &g->text);
	return finding_add(w, &g->finding);
}

void gap_add_folded(struct work *w, struct gap_fold *f, struct gap *g, const char *key)
{
	if (f->n++ < GAP_ALONE) {
		(void)gap_add(w, g, key);
		return;
	}
	if (!f->rest.finding.n_artifacts)
		f->rest = gap_new(g->finding.severity);
	for (size_t i = 0; i < g->finding.n_artifacts; i++)
		gap_artifact(w, &f->rest, g->artifacts[i]);
}

void gap_fold_end(struct work *w, struct gap_fold *f)
{
	if (!f->rest.finding.n_artifacts)
		return;
	say(&f->rest.text, f->words);
	gap_files(w, &f->rest);
	say(&f->rest.text, ".");
	(void)gap_add(w, &f->rest, f->key);
}

void gap_name(struct sentence *s, const char *name, size_t i, size_t n)
{
	if (i == GAP_SAID)
		say(s, " and others");
	if (i >= GAP_SAID)
		return;
	if (i > 0)
		say(s, i + 1 == n ? " and " : ", ");
	say_name(s, name);
}

void gap_files(struct work *w, struct gap *g)
{
	size_t n = g->finding.n_artifacts;

	for (size_t i = 0; i < n && i <= GAP_SAID; i++) {
		const struct artifact *a = dossier_artifact(w->d, g->artifacts[i]);

		gap_name(&g->text, a ? a->path : NULL, i, n);
	}
}

bool gap_is_exact(double x)
{
	char text[40];
	size_t n = 0, zeros = 0;

	(void)snprintf(text, sizeof text, "%.14e", x);
	for (const char *c = text; *c && *c != 'e'; c++) {
		if (*c < '0' || *c > '9')
			continue;
		n++;
		zeros = *c == '0' ? zeros + 1 : 0;
	}
	return n - zeros >= DIGITS_LEAST;
}
