/* SPDX-License-Identifier: MIT */
#include "agents/analyst/work.h"

#include <math.h>

size_t facts_share(const struct work *w, enum fact_share share)
{
	return share == FACTS_MATRIX ? w->facts.max / 4 * 3 : w->facts.max / 8 * 7;
}

bool facts_room(const struct work *w, enum fact_share share, size_t n)
{
	return w->d->n_facts + w->facts.kept + n <= facts_share(w, share);
}

void facts_keep(struct work *w, size_t n)
{
	w->facts.kept += n;
}

void facts_release(struct work *w, size_t n)
{
	w->facts.kept -= n < w->facts.kept ? n : w->facts.kept;
}

void facts_note_plain(struct work *w, unsigned value)
{
	struct facts_budget *b = &w->facts;

	if (value && work_grow(w, &b->plain, b->n_plain, &b->cap_plain, sizeof *b->plain))
		b->plain[b->n_plain++] = value;
}

void facts_note_uncompared(struct work *w, unsigned value)
{
	struct facts_budget *b = &w->facts;

	if (value && work_grow(w, &b->uncompared, b->n_uncompared, &b->cap_uncompared,
	                       sizeof *b->uncompared))
		b->uncompared[b->n_uncompared++] = value;
}

unsigned fact_add(struct work *w, const struct fact *f)
{
	struct dossier *d = w->d;

	if (w->failed || !isfinite(f->value))
		return 0;
	if (d->n_facts >= w->facts.max) {
		w->facts.full = true;
		return 0;
	}
	if (!work_grow(w, &d->facts, d->n_facts, &w->cap_facts, sizeof *d->facts))
		return 0;
	d->facts[d->n_facts] = *f;
	d->facts[d->n_facts].id = (unsigned)(d->n_facts + 1);
	return (unsigned)++d->n_facts;
}

static const char *words_of_statistic(enum statistic s)
{
	switch (s) {
	case STAT_VALUE:
		return "";
	case STAT_COUNT:
		return "number of values of ";
	case STAT_MIN:
		return "smallest ";
	case STAT_MAX:
		return "largest ";
	case STAT_MEAN:
		return "mean ";
	case STAT_MEDIAN:
		return "median ";
	case STAT_P95:
		return "ninety-fifth percentile of ";
	case STAT_STDEV:
		return "standard deviation of ";
	case STAT_CV:
		return "coefficient of variation of ";
	case STAT_DELTA_PCT:
		return "change of ";
	case STAT_RATIO:
		return "ratio of ";
	case STAT_HODGES_LEHMANN_RATIO:
		return "Hodges-Lehmann ratio of ";
	case STAT_MANN_WHITNEY_P:
		return "Mann-Whitney p of ";
	case STAT_CLES:
		return "share of pairs with the larger ";
	case STAT_GEOMEAN_RATIO:
		return "geometric mean ratio of ";
	case STAT_SIGN_P:
		return "sign test p of ";
	case STAT_RANK:
		return "rank by ";
	case STAT_SUM:
	case STAT_P90:
	case STAT_P99:
	case STAT_MAD:
	case STAT_DELTA:
	case STAT_HODGES_LEHMANN:
	case STAT_THEIL_SEN:
	case STAT_MANN_KENDALL_P:
	case STAT_COMMON_SHIFT:
	case STAT_MODERATED_T_P:
		break;
	}
	return "";
}

static const char *label_of(struct work *w, const struct fact_of *of, enum statistic s)
{
	return work_printf(w, "%s%s%s", words_of_statistic(s), of->metric, of->label_suffix);
}

static bool has_unit(enum statistic s)
{
	return s != STAT_COUNT && s != STAT_CV && s != STAT_RATIO;
}

/* Only what is in the metric's own unit is better one way; the rest speaks about it. */
static enum better better_of(const struct fact_of *of, enum statistic s)
{
	if (s == STAT_COUNT)
		return BETTER_NONE;
	if (s == STAT_CV || s == STAT_STDEV)
		return BETTER_NONE;
	if (s == STAT_MANN_WHITNEY_P || s == STAT_SIGN_P || s == STAT_CLES)
		return BETTER_NONE;
	return of->measure->better;
}

unsigned fact_over_cells(struct work *w, const struct fact_of *of, enum statistic statistic,
                         double value, const struct cells *c)
{
	struct fact f = {.label = label_of(w, of, statistic),
	                 .metric = of->metric,
	                 .quantity = of->measure->quantity,
	                 .unit = has_unit(statistic) ? of->measure->unit : NULL,
	                 .better = better_of(of, statistic),
	                 .subject = of->subject,
	                 .n_subject = of->n_subject,
	                 .statistic = statistic,
	                 .value = value,
	                 .n = (long)c->n,
	                 .cells = c->at,
	                 .n_cells = c->n_at,
	                 .excluded = c->excluded,
	                 .n_excluded = c->n_excluded,
	                 .samples = c->numbers,
	                 .column = c->column,
	                 .rows = c->rows,
	                 .n_samples = c->n};

	return fact_add(w, &f);
}

/* this - reference in % of |reference|, or this / reference. */
static double value_over(enum statistic s, double x, double reference)
{
	if (s == STAT_RATIO)
		return x / reference;
	return 100 * (x - reference) / fabs(reference);
}

unsigned fact_over_facts(struct work *w, const struct fact_of *of, enum statistic statistic,
                         unsigned this_one, unsigned reference)
{
	const struct fact *a = dossier_fact(w->d, this_one), *b = dossier_fact(w->d, reference);
	unsigned *from = work_alloc(w, 2, sizeof *from);
	struct fact f = {.metric = of->metric,
	                 .quantity = of->measure->quantity,
	                 .unit = statistic == STAT_DELTA_PCT ? "%" : NULL,
	                 .better = of->measure->better,
	                 .subject = of->subject,
	                 .n_subject = of->n_subject,
	                 .statistic = statistic,
	                 .n = -1,
	                 .from = from,
	                 .n_from = 2};

	if (!a || !b || !from)
		return 0;
	from[0] = this_one;
	from[1] = reference;
	f.value = value_over(statistic, a->value, b->value);
	f.label = label_of(w, of, statistic);
	return fact_add(w, &f);
}

/* A number of facts is no measure, and a smallest ratio is a ratio. */
unsigned fact_over_list(struct work *w, const struct fact_of *of, enum statistic statistic,
                        double value, const unsigned *from, size_t n)
{
	struct fact f = {.label = label_of(w, of, statistic),
	                 .metric = of->metric,
	                 .quantity = of->measure->quantity,
	                 .better = better_of(of, statistic),
	                 .subject = of->subject,
	                 .n_subject = of->n_subject,
	                 .statistic = statistic,
	                 .value = value,
	                 .n = -1,
	                 .n_from = n};
	unsigned *copy = work_alloc(w, n, sizeof *copy);

	if (!copy)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (!dossier_fact(w->d, from[i]))
			return 0;
		copy[i] = from[i];
	}
	f.from = copy;
	return fact_add(w, &f);
}

unsigned fact_common_shift(struct work *w, const char *label, const unsigned *ratios, size_t n)
{
	CLEANUP(freep) double *logs = reallocarray(NULL, n ? n : 1, sizeof *logs);
	struct fact f = {.label = label,
	                 .unit = "%",
	                 .better = BETTER_HIGHER,
	                 .statistic = STAT_COMMON_SHIFT,
	                 .n = -1,
	                 .from = ratios,
	                 .n_from = n};

	w->failed |= !logs;
	for (size_t i = 0; logs && i < n; i++) {
		const struct fact *ratio = dossier_fact(w->d, ratios[i]);

		logs[i] = (ratio->better == BETTER_LOWER ? -1 : 1) * log(ratio->value);
	}
	if (!logs || !n)
		return 0;
	f.value = 100 * expm1(numbers_quantile(logs, n, .5));
	return fact_add(w, &f);
}

unsigned fact_count(struct work *w, const char *label, const struct cells *c)
{
	struct fact f = {.label = label,
	                 .statistic = STAT_COUNT,
	                 .value = (double)c->n,
	                 .n = (long)c->n,
	                 .cells = c->at,
	                 .n_cells = c->n_at};

	return fact_add(w, &f);
}

unsigned fact_count_of(struct work *w, const char *label, const unsigned *from, size_t n)
{
	struct fact f = {.label = label,
	                 .statistic = STAT_COUNT,
	                 .value = (double)n,
	                 .n = -1,
	                 .from = from,
	                 .n_from = n};

	return n ? fact_add(w, &f) : 0;
}
