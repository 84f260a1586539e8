/* SPDX-License-Identifier: MIT */
/* `configuration` of report.json: everything that decided, but the artifacts themselves. */
#include <math.h>
#include <stdio.h>

#include "agents/writer/json_impl.h"

static json_t *limits(struct maker *m)
{
	json_t *o = json_object();

	make_put(m, o, "file_bytes", json_integer((json_int_t)m->meta->file_bytes_limit));
	return o;
}

static json_t *roles(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->d->n_roles; i++) {
		const struct role_note *r = &m->d->roles[i];
		json_t *o = json_object();

		make_put(m, o, "artifact", r->artifact ? make_id('A', r->artifact) : json_null());
		make_put(m, o, "table", json_integer(r->table));
		make_put(m, o, "column", pointer_text(r->column));
		make_put(m, o, "role", pointer_text(r->role));
		make_put(m, o, "why", pointer_text(r->why));
		if (r->names_work)
			make_put(m, o, "names_work", json_true());
		make_push(m, a, o);
	}
	return a;
}

static json_t *metric(struct maker *m, const struct group_metric *g)
{
	json_t *o = json_object();

	make_put(m, o, "name", pointer_text(g->name));
	make_put(m, o, "quantity", pointer_text(g->quantity));
	make_put(m, o, "unit", pointer_text(g->unit));
	make_put(m, o, "direction", json_string(better_name(g->better)));
	return o;
}

/* Each metric as it was taken, once: many groups share them. */
static json_t *metrics(struct maker *m)
{
	json_t *a = json_array(), *seen = json_object();

	for (size_t g = 0; g < m->d->n_groups; g++)
		for (size_t i = 0; i < m->d->groups[g].n_metrics; i++) {
			json_t *o = metric(m, &m->d->groups[g].metrics[i]);
			char *key = json_dumps(o, JSON_COMPACT);

			if (!key)
				m->failed = true;
			else if (!json_object_get(seen, key)) {
				make_put(m, seen, key, json_true());
				make_push(m, a, json_incref(o));
			}
			free(key);
			json_decref(o);
		}
	json_decref(seen);
	return a;
}

static json_t *configurations(struct maker *m, const struct group *g)
{
	json_t *a = json_array();

	for (size_t i = 0; i < g->n_configurations; i++) {
		const struct group_configuration *c = &g->configurations[i];
		json_t *o = json_object();

		make_put(m, o, "subject", make_subject(m, c->subject, c->n_subject));
		make_put(m, o, "rows", json_integer((json_int_t)c->n_rows));
		make_put(m, o, "failed", json_integer((json_int_t)c->n_failed));
		make_push(m, a, o);
	}
	return a;
}

static json_t *group(struct maker *m, const struct group *g)
{
	json_t *o = json_object(), *keys = json_array(), *names = json_array();

	for (size_t i = 0; i < g->n_keys; i++)
		make_push(m, keys, pointer_text(g->keys[i]));
	for (size_t i = 0; i < g->n_metrics; i++)
		make_push(m, names, pointer_text(g->metrics[i].name));
	make_put(m, o, "artifact", g->artifact ? make_id('A', g->artifact) : json_null());
	make_put(m, o, "title", pointer_text(g->title));
	make_put(m, o, "where", pointer_text(g->where));
	make_put(m, o, "keys", keys);
	make_put(m, o, "metrics", names);
	make_put(m, o, "configurations", configurations(m, g));
	return o;
}

static json_t *expectation(struct maker *m, size_t i)
{
	const struct expectation *e = &m->meta->expectations[i];
	json_t *o = json_object(), *subject = json_object();

	for (size_t k = 0; k < e->n_subject; k++)
		make_put(m, subject, e->subject[k].name, pointer_text(e->subject[k].text));
	make_put(m, o, "metric", pointer_text(e->metric));
	make_put(m, o, "subject", subject);
	make_put(m, o, "value", pointer_number(e->value));
	make_put(m, o, "unit", pointer_text(e->unit));
	make_put(m, o, "tolerance_pct", pointer_number(e->tolerance_pct));
	make_put(m, o, "source", pointer_text(e->source));
	make_put(m, o, "outcome",
	         pointer_text(i < m->d->n_expected ? expected_outcome_name(m->d->expected[i])
	                                           : NULL));
	return o;
}

static json_t *expectations(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->meta->n_expectations; i++)
		make_push(m, a, expectation(m, i));
	return a;
}

/* What the pipeline, or each of its agents, is set to; not what personas add to it. */
static json_t *parties(struct maker *m)
{
	const struct pipeline *p = m->meta->configured;
	json_t *a = json_array();

	for (size_t i = 0; p && i < pipeline_parties(p); i++) {
		struct party party = pipeline_party(p, i);
		json_t *o = json_object(), *options = json_object();

		for (size_t k = 0; k < OPTIONS_COUNT; k++) {
			double value = option_value(&party.options, k);

			if (!isnan(value))
				make_put(m, options, option_name(k), json_real(value));
		}
		make_put(m, o, "agent", pointer_text(party.agent));
		make_put(m, o, "options", options);
		make_push(m, a, o);
	}
	return a;
}

static json_t *requirements(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->meta->n_requirements; i++) {
		const struct requirement *r = &m->meta->requirements[i];
		json_t *o = json_object();

		make_put(m, o, "series", pointer_text(r->series));
		make_put(m, o, "max_age_s",
		         r->max_age_ms ? json_real((double)r->max_age_ms / 1000) : json_null());
		make_push(m, a, o);
	}
	return a;
}

static json_t *writer(struct maker *m)
{
	json_t *o = json_object();

	make_put(m, o, "provider", pointer_text(m->meta->writer_provider));
	make_put(m, o, "model", pointer_text(m->meta->writer_model));
	return o;
}

static json_t *endpoint(struct maker *m, const struct report_endpoint *e)
{
	json_t *o = json_object();

	make_put(m, o, "name", pointer_text(e->about.endpoint));
	make_put(m, o, "provider", pointer_text(e->about.provider));
	make_put(m, o, "version", pointer_text(e->about.version));
	make_put(m, o, "model", pointer_text(e->about.model));
	make_put(m, o, "identity", pointer_text(e->about.identity));
	make_put(m, o, "slots", json_integer(e->about.slots));
	make_put(m, o, "reloads", json_integer(e->about.reloads));
	make_put(m, o, "context_asked", make_count(e->num_ctx));
	make_put(m, o, "context_used", make_count(e->about.context));
	make_put(m, o, "context_trained", make_count(e->about.context_trained));
	make_put(m, o, "num_gpu_asked", make_count(e->num_gpu));
	make_put(m, o, "gpu_pct",
	         isnan(e->about.gpu_share) ? json_null() : json_real(100 * e->about.gpu_share));
	return o;
}

static json_t *endpoints(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->meta->n_endpoints; i++)
		make_push(m, a, endpoint(m, &m->meta->endpoints[i]));
	return a;
}

static json_t *runs(struct maker *m)
{
	const struct run_times *r = &m->d->runs;
	json_t *o = r->n ? json_object() : json_null(), *days = r->n ? json_array() : NULL;

	for (size_t i = 0; days && i < r->n_days; i++)
		make_push(m, days, pointer_text(r->days[i]));
	if (!days)
		return o;
	make_put(m, o, "count", json_integer((json_int_t)r->n));
	make_put(m, o, "first", make_time(r->first_s));
	make_put(m, o, "last", make_time(r->last_s));
	make_put(m, o, "days", days);
	return o;
}

static json_t *times(struct maker *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->d->n_times; i++) {
		const struct table_time *t = &m->d->times[i];
		json_t *o = json_object();

		make_put(m, o, "artifact", make_id('A', t->artifact));
		make_put(m, o, "table", json_integer(t->table));
		make_put(m, o, "source", json_string(time_source_name(t->source)));
		make_put(m, o, "name", pointer_text(t->name));
		make_put(m, o, "first", make_time(t->first_s));
		make_put(m, o, "last", make_time(t->last_s));
		make_put(m, o, "runs", json_integer((json_int_t)t->runs));
		make_push(m, a, o);
	}
	return a;
}

static json_t *earlier_days(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->d->runs.n_earlier; i++)
		make_push(m, list, pointer_text(m->d->runs.earlier[i]));
	return list;
}

static json_t *vanished(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->d->compared.n_gone; i++)
		make_push(m, list, pointer_text(m->d->compared.gone[i]));
	return list;
}

static json_t *acknowledged(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->d->n_acknowledged; i++) {
		const struct past_ack *a = &m->d->acknowledged[i];
		json_t *o = json_object();

		make_put(m, o, "key", pointer_text(a->key));
		make_put(m, o, "reason", pointer_text(a->reason));
		make_put(m, o, "until", pointer_text(a->until));
		make_push(m, list, o);
	}
	return list;
}

static json_t *noise(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->d->n_noise; i++) {
		const struct noise_note *n = &m->d->noise[i];
		json_t *o = json_object();

		make_put(m, o, "fact", make_id('F', n->fact));
		make_put(m, o, "earlier_runs", json_integer((json_int_t)n->earlier));
		make_put(m, o, "distance_pct", pointer_number(n->distance_pct));
		make_put(m, o, "limit_pct", pointer_number(n->limit_pct));
		make_put(m, o, "sd_pct", pointer_number(n->sd_pct));
		make_put(m, o, "noticed_pct", pointer_number(n->noticed_pct));
		make_put(m, o, "p", pointer_number(n->p));
		make_put(m, o, "streak", json_integer((json_int_t)n->streak));
		make_push(m, list, o);
	}
	return list;
}

static json_t *differences(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->d->n_differences; i++) {
		const struct condition_difference *d = &m->d->differences[i];
		json_t *o = json_object();

		make_put(m, o, "column", pointer_text(d->name));
		make_put(m, o, "before", pointer_text(d->before));
		make_put(m, o, "since", pointer_text(d->since));
		make_push(m, list, o);
	}
	return list;
}

static bool holds(const json_t *list, const char *text)
{
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one)
		if (strcmp(json_string_value(one), text) == 0)
			return true;
	return false;
}

/* Those that artifacts or the review name, each once. */
static json_t *machines(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->d->n_groups; i++) {
		const char *name = m->d->groups[i].machine;
		json_t *text = name && name[0] ? pointer_text(name) : NULL;

		if (text && !holds(list, json_string_value(text)))
			make_push(m, list, text);
		else
			json_decref(text);
	}
	return list;
}

json_t *make_configuration(struct maker *m)
{
	json_t *o = json_object(), *groups = json_array();

	for (size_t i = 0; i < m->d->n_groups; i++)
		make_push(m, groups, group(m, &m->d->groups[i]));
	make_put(m, o, "pipeline", pointer_text(m->meta->pipeline_text));
	make_put(m, o, "subject", pointer_text(m->meta->subject));
	make_put(m, o, "machine", pointer_text(m->meta->machine));
	make_put(m, o, "machines", machines(m));
	make_put(m, o, "min_effect_pct", pointer_number(m->meta->min_effect_pct));
	make_put(m, o, "expect", expectations(m));
	make_put(m, o, "options", parties(m));
	make_put(m, o, "require", requirements(m));
	make_put(m, o, "limits", limits(m));
	make_put(m, o, "writer", writer(m));
	make_put(m, o, "endpoints", endpoints(m));
	make_put(m, o, "runs", runs(m));
	make_put(m, o, "times", times(m));
	make_put(m, o, "roles", roles(m));
	make_put(m, o, "metrics", metrics(m));
	make_put(m, o, "earlier_days", earlier_days(m));
	make_put(m, o, "vanished", vanished(m));
	make_put(m, o, "acknowledged", acknowledged(m));
	make_put(m, o, "differences", differences(m));
	make_put(m, o, "noise", noise(m));
	make_put(m, o, "groups", groups);
	return o;
}
