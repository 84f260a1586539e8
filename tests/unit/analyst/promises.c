/* SPDX-License-Identifier: MIT */
/* What every analysis promises, held against its tables. */
#include <math.h>

#include "tests/unit/analyst/builder.h"
#include "tests/unit/analyst/require_that.h"

/* Locators are followed from the tables anew, in the manner of an outside checker. */

struct followed {
	struct cell cells[4096];
	double factors[4096];
	size_t n;
};

static void follow_rows(struct followed *f, const struct table *t, size_t column, const char *rows)
{
	for (const char *at = rows; rows && *at; at += *at == ',') {
		char *end;
		unsigned long from = strtoul(at, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		REQUIRE(from >= 1 && from <= to && to <= t->n_rows && end > at);
		for (; from <= to && f->n < 4096; from++)
			f->cells[f->n++] = table_cell(t, from - 1, column);
		at = end;
	}
	for (size_t r = 0; !rows && r < t->n_rows && f->n < 4096; r++)
		f->cells[f->n++] = table_cell(t, r, column);
}

static bool row_says(const struct table *t, size_t row, const struct label *label)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (strcmp(t->columns[c].name, label->name) == 0)
			return strcmp(table_cell(t, row, c).text, label->text) == 0;
	return false;
}

static bool is_listed(const char *rows, unsigned long row)
{
	for (char *end; rows && *rows; rows = end + (*end == ',')) {
		unsigned long from = strtoul(rows, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		if (row >= from && row <= to)
			return true;
	}
	return false;
}

static void follow_where(struct followed *f, const struct table *t, size_t column,
                         const struct locator *at)
{
	for (size_t r = 0; r < t->n_rows && f->n < 4096; r++) {
		bool matches = !is_listed(at->except, r + 1);

		for (size_t i = 0; matches && i < at->n_where; i++)
			matches = row_says(t, r, &at->where[i]);
		if (matches)
			f->cells[f->n++] = table_cell(t, r, column);
	}
}

/* "/backends/onnx/x" for one row of "/backends/+*" with the member's name escaped. */
static bool names_row(const struct table *t, size_t row, size_t column, const char *pointer)
{
	size_t base = strlen(t->base) - 1, key = t->n_columns;
	const char *name;

	for (size_t c = 0; c < t->n_columns; c++)
		key = t->columns[c].is_row_key ? c : key;
	if (key == t->n_columns || strncmp(pointer, t->base, base) != 0)
		return false;
	pointer += base;
	for (name = table_cell(t, row, key).text; *name; name++) {
		const char *as = *name == '~' ? "~0" : *name == '/' ? "~1" : NULL;
		size_t n = as ? 2 : 1;

		if (as ? strncmp(pointer, as, n) != 0 : *pointer != *name)
			return false;
		pointer += n;
	}
	return strncmp(pointer, t->columns[column].pointer, strlen(t->columns[column].pointer)) ==
	               0 &&
	       (strcmp(pointer + strlen(t->columns[column].pointer), "") == 0 ||
	        strcmp(pointer + strlen(t->columns[column].pointer), "/*") == 0);
}

static bool follow_pointer(struct followed *f, const struct table *t, size_t c,
                           const struct locator *at)
{
	const char *list = t->columns[c].is_nested ? "/*/*" : "/*";
	char whole[2048];

	(void)snprintf(whole, sizeof whole, "%s%s", t->base, t->columns[c].pointer);
	if (t->columns[c].is_row_key)
		return false;
	if (strncmp(at->pointer, whole, strlen(whole)) == 0 &&
	    (strcmp(at->pointer + strlen(whole), "") == 0 ||
	     strcmp(at->pointer + strlen(whole), list) == 0)) {
		follow_rows(f, t, c, at->rows);
		return true;
	}
	for (size_t r = 0; r < t->n_rows && *t->base; r++) {
		if (!names_row(t, r, c, at->pointer))
			continue;
		REQUIRE(!at->rows);
		f->cells[f->n++] = table_cell(t, r, c);
		return true;
	}
	return false;
}

static bool follow_place(struct followed *f, const struct table *t, size_t c,
                         const struct locator *at)
{
	const struct text_place *places = t->columns[c].places;

	for (size_t r = 0; places && at->place.line && r < t->n_rows; r++) {
		if (memcmp(&places[r], &at->place, sizeof places[r]) != 0)
			continue;
		REQUIRE(!at->table && !at->rows && !at->column && !at->pointer);
		f->cells[f->n++] = table_cell(t, r, c);
		return true;
	}
	return false;
}

static void follow_cells(struct followed *f, const struct dossier *d, const struct locator *at)
{
	const struct artifact *a = dossier_artifact(d, at->artifact);

	REQUIRE(a && at->factor > 0 && isfinite(at->factor));
	if (a->prose && follow_place(f, a->prose, 0, at))
		return;
	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];

		for (size_t c = 0; c < t->n_columns; c++) {
			if (follow_place(f, t, c, at) ||
			    (t->base && at->pointer && follow_pointer(f, t, c, at)))
				return;
			if (t->base || at->table != t->number ||
			    strcmp(t->columns[c].name, at->column) != 0)
				continue;
			REQUIRE((at->rows != NULL) != (at->where != NULL));
			if (at->where)
				follow_where(f, t, c, at);
			else
				follow_rows(f, t, c, at->rows);
			return;
		}
	}
	fprintf(stderr, "a locator names no cell\n");
	abort();
}

static void follow(struct followed *f, const struct dossier *d, const struct locator *at)
{
	size_t from = f->n;

	follow_cells(f, d, at);
	for (; from < f->n; from++)
		f->factors[from] = at->factor;
}

static bool same(double a, double b)
{
	return !(fabs(a - b) > 1e-9 * fmax(fabs(a), fabs(b)));
}

/* What earlier reviews measured lies in their reports: nothing of it can be followed here. */
static bool cites_reviews(const struct fact *f)
{
	bool ret = false;

	for (size_t i = 0; i < f->n_cells; i++) {
		REQUIRE(!f->cells[i].review == (f->cells[i].artifact > 0));
		ret |= f->cells[i].review != NULL;
	}
	return ret;
}

static void check_samples(const struct dossier *d, const struct fact *f)
{
	struct followed *all = calloc(1, sizeof *all);
	size_t n = 0;

	REQUIRE(all);
	for (size_t i = 0; i < f->n_cells; i++)
		follow(all, d, &f->cells[i]);
	for (size_t i = 0; f->metric && all->n < 4096 && i < all->n; i++) {
		const struct cell *c = &all->cells[i];
		const double *x = c->kind == CELL_LIST ? c->numbers : &c->number;
		size_t many = c->kind == CELL_LIST ? c->n_numbers : 1;
		double scale = c->unit ? c->unit->factor : 1;

		REQUIRE(c->kind == CELL_NUMBER || c->kind == CELL_LIST);
		for (size_t k = 0; k < many; k++, n++)
			REQUIRE(n < f->n_samples &&
			        same(x[k] / scale * all->factors[i], f->samples[n]));
	}
	if (f->n_cells && all->n < 4096)
		REQUIRE(f->n == (long)(f->metric ? n : all->n));
	all->n = 0;
	for (size_t i = 0; i < f->n_excluded; i++) {
		REQUIRE(*f->excluded[i].why);
		follow(all, d, &f->excluded[i].at);
	}
	free(all);
}

/* A statistic over the values of the facts that it lists. */
static void check_list(const struct dossier *d, const struct fact *f)
{
	double least = HUGE_VAL, most = -HUGE_VAL, logs = 0;

	for (size_t i = 0; i < f->n_from; i++) {
		double value = dossier_fact(d, f->from[i])->value;

		least = fmin(least, value);
		most = fmax(most, value);
		logs += log(value);
	}
	if (f->statistic == STAT_COUNT)
		REQUIRE(same(f->value, (double)f->n_from));
	if (f->statistic == STAT_MIN)
		REQUIRE(same(f->value, least));
	if (f->statistic == STAT_MAX)
		REQUIRE(same(f->value, most));
	if (f->statistic == STAT_GEOMEAN_RATIO)
		REQUIRE(same(f->value, exp(logs / (double)f->n_from)));
	if (f->statistic == STAT_MANN_WHITNEY_P || f->statistic == STAT_SIGN_P)
		REQUIRE(f->value >= 0 && f->value <= 1);
}

static void check_value(const struct dossier *d, const struct fact *f)
{
	const struct fact *a = f->n_from ? dossier_fact(d, f->from[0]) : NULL;
	const struct fact *b = f->n_from ? dossier_fact(d, f->from[1]) : NULL;
	double sum = 0, least = HUGE_VAL, most = -HUGE_VAL;

	for (size_t i = 0; i < f->n_samples; i++) {
		sum += f->samples[i];
		least = fmin(least, f->samples[i]);
		most = fmax(most, f->samples[i]);
	}
	if (f->n_from) {
		check_list(d, f);
		least = most = f->value;
	}
	if (f->statistic == STAT_VALUE)
		REQUIRE(f->n == 1 && same(f->value, f->samples[0]));
	if (f->statistic == STAT_COUNT)
		REQUIRE(same(f->value, (double)(f->n_from ? f->n_from : (size_t)f->n)));
	if (f->statistic == STAT_MIN)
		REQUIRE(same(f->value, least));
	if (f->statistic == STAT_MAX)
		REQUIRE(same(f->value, most));
	if (f->statistic == STAT_MEAN && !f->n_from && isfinite(sum) &&
	    fabs(f->value) > 1e-6 * most)
		REQUIRE(fabs(f->value - sum / (double)f->n) <=
		        1e-6 * fmax(fabs(most), fabs(least)));
	if (f->statistic == STAT_RATIO)
		REQUIRE(a && b && same(f->value, a->value / b->value));
	if (f->statistic == STAT_DELTA_PCT)
		REQUIRE(a && b && same(f->value, 100 * (a->value - b->value) / fabs(b->value)));
}

static void check_fact(const struct dossier *d, const struct fact *f, size_t i)
{
	REQUIRE(f->id == i + 1 && isfinite(f->value) && f->label);
	REQUIRE((f->n_cells > 0) != (f->n_from > 0));
	REQUIRE(f->n_cells ? f->n >= 1 : f->n == -1);
	for (size_t k = 0; k < f->n_from; k++)
		REQUIRE(f->from[k] >= 1 && f->from[k] < f->id);
	for (size_t a = 0; a < f->n_subject; a++)
		for (size_t b = 0; b < a; b++)
			REQUIRE(strcmp(f->subject[a].name, f->subject[b].name) != 0);
	if (!cites_reviews(f))
		check_samples(d, f);
	check_value(d, f);
}

static void check_text(const struct dossier *d, const struct text *t)
{
	REQUIRE(t->n > 0);
	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		REQUIRE((s->words != NULL) + (s->name != NULL) + (s->fact != 0) == 1);
		REQUIRE(!s->words || !strpbrk(s->words, "0123456789"));
		REQUIRE(!s->fact || dossier_fact(d, s->fact));
	}
	REQUIRE(t->segments[t->n - 1].words &&
	        strchr(t->segments[t->n - 1].words, '\0')[-1] == '.');
}

static void check_finding(const struct dossier *d, const struct finding *f, size_t i)
{
	REQUIRE(f->id == i + 1 && *f->key && strlen(f->since) == 10);
	for (size_t k = 0; k < f->n_facts; k++)
		REQUIRE(dossier_fact(d, f->facts[k]));
	for (size_t k = 0; k < f->n_artifacts; k++)
		REQUIRE(dossier_artifact(d, f->artifacts[k]));
	REQUIRE(i == 0 || f[-1].severity <= f->severity);
	check_text(d, &f->text);
	for (size_t k = 0; k < i; k++)
		REQUIRE(strcmp(d->findings[k].key, f->key) != 0);
}

static void check_group(const struct dossier *d, const struct group *g, size_t i)
{
	REQUIRE(g->id == i + 1 && g->n_configurations && g->n_metrics);
	for (size_t k = 0; k < g->n_configurations * g->n_metrics; k++) {
		const struct group_cell *c = &g->cells[k];

		REQUIRE(!c->center || dossier_fact(d, c->center));
		REQUIRE(!c->center || !g->configurations[k / g->n_metrics].failed);
	}
	for (size_t m = 0; m < g->n_metrics; m++) {
		const struct group_metric *gm = &g->metrics[m];

		REQUIRE(!gm->best || (gm->better != BETTER_NONE && gm->worst &&
		                      !g->configurations[gm->best - 1].failed &&
		                      g->cells[(gm->best - 1) * g->n_metrics + m].center));
	}
}

void check_dossier(const struct dossier *d)
{
	for (size_t i = 0; i < d->n_facts; i++)
		check_fact(d, &d->facts[i], i);
	for (size_t i = 0; i < d->n_groups; i++)
		check_group(d, &d->groups[i], i);
	for (size_t i = 0; i < d->n_findings; i++)
		check_finding(d, &d->findings[i], i);
	REQUIRE(d->n_recommendations <= 8);
	for (size_t i = 0; i < d->n_recommendations; i++) {
		REQUIRE(d->recommendations[i].id == i + 1 && d->recommendations[i].n_findings);
		check_text(d, &d->recommendations[i].text);
	}
	REQUIRE(d->compared.series ==
	        d->compared.tested + d->compared.untestable + d->compared.new_series);
}
