/* SPDX-License-Identifier: MIT */
/* What was compared, for scripts: docs/chimeractl.1 describes it. */
#include <math.h>

#include "ctl/compare.h"

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *subject_json(const struct compare_series *s)
{
	json_t *o = json_object();

	for (size_t i = 0; i < s->n_subject; i++)
		(void)json_object_set_new(o, s->subject[i].name, json_string(s->subject[i].text));
	return o;
}

/* Fails as a whole where memory ends: jansson refuses a member that is NULL. */
static json_t *series_json(const struct compare_series *s)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o}", "path", s->title, "where", s->where,
	                 "metric", s->metric, "unit", text_or_null(s->unit), "better",
	                 better_name(s->better), "subject", subject_json(s));
}

static json_t *pair_json(const struct compare_pair *p)
{
	const struct two_sample *t = &p->t;
	bool changed = p->verdict == TWO_SAMPLE_CHANGED;
	json_t *o = series_json(&p->base);
	json_t *more = json_pack(
		"{s:{s:f, s:I}, s:{s:f, s:I}, s:o, s:o, s:f, s:f, s:f, s:f, s:s, s:o}", "base",
		"median", t->median1, "n", (json_int_t)t->n1, "new", "median", t->median2, "n",
		(json_int_t)t->n2, "ratio", real_or_null(t->ratio), "ci",
		t->confidence > 0 ? json_pack("{s:f, s:o, s:o}", "level", t->confidence, "low",
	                                      real_or_null(t->low), "high", real_or_null(t->high))
				  : json_null(),
		"p", t->p, "p_adjusted", p->p_bh, "p_least", t->p_least, "cles", t->cles, "verdict",
		two_sample_verdict_name(p->verdict), "kind",
		text_or_null(changed ? finding_kind_name(compare_kind(p)) : NULL));

	if (!o || !more || json_object_update(o, more) < 0) {
		json_decref(o);
		o = NULL;
	}
	json_decref(more);
	return o;
}

static json_t *list_of(const struct compare_series *s, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		if (json_array_append_new(list, series_json(&s[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *compare_json(const struct compared_sides *c)
{
	json_t *pairs = json_array();

	for (size_t i = 0; i < c->n_pairs; i++) {
		if (json_array_append_new(pairs, pair_json(&c->pairs[i])) < 0) {
			json_decref(pairs);
			return NULL;
		}
	}
	return json_pack("{s:s, s:s, s:s, s:f, s:f, s:o, s:o, s:o}", "schema", "chimerad.compare/1",
	                 "base", c->base.name, "new", c->new.name, "min_effect_pct",
	                 COMPARE_MIN_EFFECT * 100, "q", TWO_SAMPLE_ALPHA, "series", pairs,
	                 "vanished", list_of(c->vanished, c->n_vanished), "new_series",
	                 list_of(c->added, c->n_added));
}
