/* SPDX-License-Identifier: MIT */
/* Several agents and what was measured of them, as report.json has them. */
#include "agents/writer/json_impl.h"

static json_t *personas(struct maker *m, const struct report_step *steps, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		make_push(m, list, pointer_text(steps[i].persona));
	return list;
}

/* The last call that was answered tells whom the agent talks to. */
static const struct model_record *record_of(struct maker *m, const struct report_step *steps,
                                            size_t n)
{
	const struct report_meta *meta = m->meta;

	for (size_t i = meta->n_calls; i-- > 0;)
		for (size_t k = 0; k < n; k++)
			if (!meta->calls[i].record.error[0] &&
			    strcmp(meta->calls[i].step, steps[k].id) == 0)
				return &meta->calls[i].record;
	return NULL;
}

json_t *make_agent(struct maker *m, size_t i)
{
	const struct report_agent *a = &m->meta->agents[i];
	const struct report_step *steps = m->meta->steps + a->first_step;
	const struct model_record *by = record_of(m, steps, a->n_steps);
	json_t *o = json_object(), *report = json_object();

	make_put(m, o, "name", pointer_text(a->name));
	make_put(m, o, "report", json_sprintf("agents/%s/report.json", a->name));
	make_put(m, o, "personas", personas(m, steps, a->n_steps));
	make_put(m, o, "endpoint", pointer_text(by ? by->endpoint : NULL));
	make_put(m, o, "provider", pointer_text(by ? by->provider : NULL));
	make_put(m, o, "model", pointer_text(by ? by->model : NULL));
	make_put(m, o, "options", by ? make_options(m, &by->options) : json_object());
	make_put(m, o, "totals", make_totals_of(m, steps, a->n_steps));
	make_put(m, report, "sentences", json_integer((json_int_t)a->words->n_comments));
	make_put(m, report, "struck", json_integer((json_int_t)a->words->n_struck));
	make_put(m, o, "words", report);
	return o;
}

json_t *make_agents(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->meta->n_agents; i++)
		make_push(m, list, make_agent(m, i));
	return list;
}
