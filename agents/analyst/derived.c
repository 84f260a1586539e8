/* SPDX-License-Identifier: MIT */
/*
 * Metrics that restate others. A tool writes its samples and then their mean, median and so on: to
 * judge each of them would tell one change six times. Of a family, which is a quantity and its
 * statistics, one metric stands for all: the samples, else a centre. A far percentile tells what no
 * centre does, and stays beside it where there are no samples.
 */
#include "agents/analyst/work.h"

#include <limits.h>
#include <stdio.h>

#include "agents/analyst/words.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

struct member {
	size_t column;
	const char *family;
	struct words words;
	bool list;
};

struct members {
	struct member *at;
	size_t n;
};

static bool has_lists(const struct view *v, size_t column)
{
	for (size_t r = 0; r < v->n_rows; r++) {
		enum cell_kind kind = view_cell(v, r, column).kind;

		if (kind == CELL_LIST)
			return true;
		if (kind == CELL_NUMBER)
			return false;
	}
	return false;
}

static bool has_statistic(const struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (name_is_statistic(w->word[i]))
			return true;
	return false;
}

/* What a name says of how its numbers were put together, not of what they measure. */
static bool is_manner(const char *word, bool list)
{
	struct words w = {.n = 1};

	(void)snprintf(w.word[0], sizeof w.word[0], "%s", word);
	return name_is_statistic(word) || words_any(&w, LIST("time", "times")) ||
	       (list && words_any(&w, LIST("samples", "sample", "raw", "data", "values", "all",
	                                   "measurements", "timings", "runs")));
}

static const char *singular(const char *word)
{
	return strcmp(word, "latencies") == 0   ? "latency"
	       : strcmp(word, "durations") == 0 ? "duration"
	                                        : word;
}

static const char *family_of(struct work *w, const struct view_column *c, const struct words *words,
                             bool list)
{
	const char *stem = work_printf(w, "%s [%s]", c->parent, words->unit);

	for (size_t i = 0; i < words->n && stem; i++)
		if (!is_manner(words->word[i], list))
			stem = work_printf(w, "%s %s", stem, singular(words->word[i]));
	return stem;
}

static void collect(struct work *w, struct members *m, const struct view *v,
                    const struct column_role *roles)
{
	m->at = work_alloc(w, v->n_columns, sizeof *m->at);
	for (size_t c = 0; c < v->n_columns && !w->failed; c++) {
		struct member one = {.column = c, .words = words_of(v->columns[c].name)};

		if (roles[c].role != ROLE_METRIC || v->columns[c].is_added || v->columns[c].meaning)
			continue; /* a schema says itself what restates what */
		one.list = has_lists(v, c);
		if (!one.list && !has_statistic(&one.words))
			continue;
		one.family = family_of(w, &v->columns[c], &one.words, one.list);
		m->at[m->n++] = one;
	}
}

/* How well a member stands for its family: the larger the better. */
static int weight(const struct member *m)
{
	static const char *const order[] = {"min", "minimum", "mean",   "average",
	                                    "avg", "p50",     "median", NULL};

	if (m->list)
		return INT_MAX;
	for (int i = 0; order[i]; i++)
		if (words_has(&m->words, order[i]))
			return i + 1;
	return 0;
}

/* How well a member tells of the far end: that of memory is what runs out. */
static int tail_weight(const struct member *m, const struct column_role *roles)
{
	static const char *const order[] = {"p9999", "p999", "p90", "p95", "p99", NULL};
	const char *quantity = roles[m->column].measure.quantity;

	for (int i = 0; order[i]; i++)
		if (words_has(&m->words, order[i]))
			return i + 1;
	return quantity && strcmp(quantity, "memory") == 0 &&
	       words_any(&m->words, LIST("max", "maximum"));
}

static void derive(struct work *w, const struct view *v, struct column_role *role, size_t from,
                   const char *what)
{
	role->derived = true;
	role->why = work_printf(w, "%s `%s`", what, v->columns[from].name);
}

static bool same_family(const struct member *a, const struct member *b)
{
	return strcmp(a->family, b->family) == 0;
}

/* The first of a family decides for all of it. */
static void settle_family(struct work *w, const struct members *m, size_t first,
                          const struct view *v, struct column_role *roles)
{
	const struct member *center = &m->at[first], *tail = NULL;
	int best = 0;

	for (size_t i = first; i < m->n; i++) {
		if (!same_family(&m->at[i], &m->at[first]))
			continue;
		if (weight(&m->at[i]) > weight(center))
			center = &m->at[i];
		if (tail_weight(&m->at[i], roles) > best) {
			best = tail_weight(&m->at[i], roles);
			tail = &m->at[i];
		}
	}
	for (size_t i = first; i < m->n; i++) {
		const struct member *one = &m->at[i];

		if (!same_family(one, center) || one == center || one->list ||
		    (!center->list && one == tail))
			continue;
		derive(w, v, &roles[one->column], center->column,
		       center->list ? "summary of" : "summary of the same values as");
	}
}

/* "samples_ns" beside "samples_ts": one run as times and as their reciprocal, the rate. */
static bool are_reciprocal(const struct column_role *roles, const struct member *time,
                           const struct member *rate)
{
	const struct measure *t = &roles[time->column].measure, *r = &roles[rate->column].measure;

	return time->words.n == 2 && rate->words.n == 2 && t->flow && r->flow &&
	       t->better == BETTER_LOWER && r->better == BETTER_HIGHER &&
	       strcmp(time->words.word[0], rate->words.word[0]) == 0 &&
	       words_any(&time->words, LIST("samples", "avg"));
}

static void settle_reciprocals(struct work *w, const struct members *m, const struct view *v,
                               struct column_role *roles)
{
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < m->n; k++)
			if (strcmp(v->columns[m->at[i].column].parent,
			           v->columns[m->at[k].column].parent) == 0 &&
			    are_reciprocal(roles, &m->at[i], &m->at[k]) &&
			    !roles[m->at[i].column].derived) {
				derive(w, v, &roles[m->at[i].column], m->at[k].column,
				       "the same runs as times, beside the rate");
				break;
			}
}

void metrics_derive(struct work *w, const struct view *v, struct column_role *roles)
{
	struct members m = {0};

	collect(w, &m, v, roles);
	for (size_t i = 0; i < m.n && !w->failed; i++) {
		bool first = true;

		for (size_t k = 0; k < i && first; k++)
			first = !same_family(&m.at[k], &m.at[i]);
		if (first)
			settle_family(w, &m, i, v, roles);
	}
	settle_reciprocals(w, &m, v, roles);
}
