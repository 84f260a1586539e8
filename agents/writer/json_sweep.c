/* SPDX-License-Identifier: MIT */
/* The variants of a matrix, as report.json has them, and the best one as a piece of a pipeline. */
#include "agents/writer/json_impl.h"
#include "agents/writer/sweep.h"
#include "lib/base/clock.h"

static json_t *options(struct maker *m, const struct pipeline *p, size_t variant)
{
	json_t *o = json_object();

	for (size_t i = 0; i < MATRIX_AXES; i++) {
		const struct axis *a = &p->matrix.axes[i];
		const char *text = a->n ? a->values[pipeline_variant_value(p, variant, i)] : NULL;
		double x = text ? strtod(text, NULL) : 0;

		if (text && !strpbrk(text, ".eE"))
			make_put(m, o, axis_name(i), json_integer((json_int_t)x));
		else if (text)
			make_put(m, o, axis_name(i), json_real(x));
	}
	return o;
}

/* Its throughput, of the fastest's; NAN: it is not ranked. */
static double behind_pct(const struct tuning *s, const struct sweep_variant *v)
{
	double fastest = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->variants[i].rank)
			fastest = fmax(fastest, s->variants[i].throughput.median);
	return v->rank ? 100 * (1 - v->throughput.median / fastest) : (double)NAN;
}

static json_t *variant(struct maker *m, const struct tuning *s, size_t i)
{
	const struct sweep_variant *v = &s->variants[i];
	json_t *o = json_object();

	make_put(m, o, "options", options(m, s->pipeline, i));
	make_put(m, o, "tokens_per_s", make_measured(m, &v->throughput));
	make_put(m, o, "ttft_ms", make_measured(m, &v->ttft_ms));
	make_put(m, o, "quality_pct", pointer_number(v->quality_pct));
	make_put(m, o, "sentences", json_integer((json_int_t)v->sentences));
	make_put(m, o, "runs", json_integer((json_int_t)v->trials));
	make_put(m, o, "calls", json_integer((json_int_t)v->calls));
	make_put(m, o, "rank", v->rank ? json_integer((json_int_t)v->rank) : json_null());
	make_put(m, o, "behind_pct", pointer_number(behind_pct(s, v)));
	make_put(m, o, "tied", json_boolean(v->tied));
	make_put(m, o, "front", json_boolean(v->on_front));
	make_put(m, o, "ignored", make_ignored(m, v->ignored, v->n_ignored));
	make_put(m, o, "error", pointer_text(v->error));
	return o;
}

static json_t *trial(struct maker *m, const struct trials *t, const struct trial *at)
{
	json_t *o = json_object();

	make_put(m, o, "variant", json_integer((json_int_t)at->plan.who[0]));
	make_put(m, o, "run", json_integer(at->plan.round));
	make_put(m, o, "calls", make_trial_calls(m, t, at, 0));
	return o;
}

json_t *make_sweep(struct maker *m)
{
	const struct tuning *s = m->meta->sweep;
	json_t *o = json_object(), *variants = json_array(), *trials = json_array();

	for (size_t i = 0; i < s->n; i++)
		make_push(m, variants, variant(m, s, i));
	for (size_t i = 0; i < s->trials.n; i++)
		make_push(m, trials, trial(m, &s->trials, &s->trials.at[i]));
	make_put(m, o, "metric", json_string("tokens_per_s"));
	make_put(m, o, "winner",
	         s->winner < s->n ? json_integer((json_int_t)s->winner) : json_null());
	make_put(m, o, "tied", json_integer((json_int_t)s->n_tied));
	make_put(m, o, "runs", json_integer((json_int_t)s->runs));
	make_put(m, o, "questions", json_integer((json_int_t)s->questions));
	make_put(m, o, "calls", json_integer((json_int_t)s->calls));
	make_put(m, o, "full_grid_calls", json_integer((json_int_t)s->full_calls));
	make_put(m, o, "noise_pct", pointer_number(s->noise_pct));
	make_put(m, o, "order_seed", make_seed(s->trials.seed));
	make_put(m, o, "ttft_noise_pct", pointer_number(s->ttft_noise_pct));
	make_put(m, o, "variants", variants);
	make_put(m, o, "trials", trials);
	return o;
}

/* --- the best one ----------------------------------------------------------- */

static void put_options(struct buf *b, const struct pipeline *p, size_t variant)
{
	const char *sep = "";

	for (size_t i = 0; i < MATRIX_AXES; i++) {
		const struct axis *a = &p->matrix.axes[i];

		if (!a->n)
			continue;
		buf_printf(b, "%s%s: %s", sep, axis_name(i),
		           a->values[pipeline_variant_value(p, variant, i)]);
		sep = ", ";
	}
}

static void put_variant(struct buf *b, const struct tuning *s, size_t i)
{
	const struct sweep_variant *v = &s->variants[i];

	buf_puts(b, "#   {");
	put_options(b, s->pipeline, i);
	buf_printf(b, "}: %.4g tok/s, first token after %.4g ms", v->throughput.median,
	           v->ttft_ms.median);
	if (v->quality_pct >= 0)
		buf_printf(b, ", %.3g %% of the sentences stood", v->quality_pct);
	buf_printf(b, "; runs: %zu\n", v->throughput.n);
}

void sweep_snippet(struct buf *b, const struct report_meta *meta)
{
	const struct tuning *s = meta->sweep;
	char date[CLOCK_TEXT_BYTES];

	clock_text(date, meta->finished_at_s);
	buf_printf(b, "# Of pipeline %s by review %s, %s: the variants measured were %zu.\n",
	           meta->pipeline, meta->job_id, date, s->n);
	if (s->winner == s->n) {
		buf_puts(b, "# None of them could be ranked; report.json says why.\n");
		return;
	}
	put_variant(b, s, s->winner);
	if (s->n_tied)
		buf_printf(b, "# Not told apart from it, by a noise of %.2g %% a run:\n",
		           s->noise_pct);
	for (size_t i = 0; i < s->n; i++)
		if (s->variants[i].tied)
			put_variant(b, s, i);
	buf_puts(b, "options: {");
	put_options(b, s->pipeline, s->winner);
	buf_puts(b, "}\n");
}
