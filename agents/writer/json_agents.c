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

struct answered {
	const struct model_record *first, *last; /* NULL: no call was answered */
};

/*
 * The first that needed no second try tells what the agent runs on: a second one is made with
 * another seed, and warmer where an answer repeats itself. The last tells whom it talks to.
 */
static struct answered answered_calls(struct maker *m, const struct report_step *steps, size_t n)
{
	const struct report_meta *meta = m->meta;
	struct answered ret = {NULL, NULL};

	for (size_t i = 0; i < meta->n_calls; i++)
		for (size_t k = 0; k < n; k++) {
			if (meta->calls[i].record.error[0] ||
			    strcmp(meta->calls[i].step, steps[k].id) != 0)
				continue;
			ret.last = &meta->calls[i].record;
			if (!ret.first || (ret.first->attempts > 1 && ret.last->attempts == 1))
				ret.first = ret.last;
		}
	return ret;
}

json_t *make_agent(struct maker *m, size_t i)
{
	const struct report_agent *a = &m->meta->agents[i];
	const struct report_step *steps = m->meta->steps + a->first_step;
	struct answered calls = answered_calls(m, steps, a->n_steps);
	const struct model_record *by = calls.last;
	json_t *o = json_object(), *report = json_object();

	make_put(m, o, "name", pointer_text(a->name));
	make_put(m, o, "report", json_sprintf("agents/%s/report.json", a->name));
	make_put(m, o, "personas", personas(m, steps, a->n_steps));
	make_put(m, o, "endpoint", pointer_text(by ? by->endpoint : NULL));
	make_put(m, o, "provider", pointer_text(by ? by->provider : NULL));
	make_put(m, o, "model", pointer_text(by ? by->model : NULL));
	make_put(m, o, "options", by ? make_options(m, &calls.first->options) : json_object());
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
