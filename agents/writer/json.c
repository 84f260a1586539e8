/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/writer/json_impl.h"
#include "agents/writer/plot.h"
#include "lib/base/clock.h"

#define TITLE_BYTES ((size_t)16 << 10)

void make_put(struct maker *m, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		m->failed = true;
}

void make_push(struct maker *m, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		m->failed = true;
}

json_t *make_id(char letter, unsigned long number)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%c%lu", letter, number);
	return json_string(text);
}

json_t *make_ids(struct maker *m, char letter, const unsigned *ids, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		make_push(m, a, make_id(letter, ids[i]));
	return a;
}

json_t *make_time(int64_t unix_s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, unix_s);
	return json_string(text);
}

json_t *make_count(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

json_t *make_subject(struct maker *m, const struct label *labels, size_t n)
{
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++) {
		json_t *key = pointer_text(labels[i].name);

		/* Through pointer_text() for the bytes that jansson would not take as a key. */
		make_put(m, o, key ? json_string_value(key) : "", pointer_text(labels[i].text));
		json_decref(key);
	}
	return o;
}

static json_t *job(struct maker *m)
{
	const struct report_meta *meta = m->meta;
	json_t *o = json_object();

	make_put(m, o, "id", pointer_text(meta->job_id));
	make_put(m, o, "pipeline", pointer_text(meta->pipeline));
	make_put(m, o, "title", pointer_text(meta->title));
	if (meta->agent)
		make_put(m, o, "agent", pointer_text(meta->agent));
	make_put(m, o, "state", json_string("succeeded"));
	make_put(m, o, "verdict", json_string(verdict_name(m->d->verdict)));
	make_put(m, o, "submitted_at", make_time(meta->submitted_at_s));
	make_put(m, o, "started_at", make_time(meta->started_at_s));
	make_put(m, o, "finished_at", make_time(meta->finished_at_s));
	return o;
}

static json_t *compared(struct maker *m)
{
	const struct compared *c = &m->d->compared;
	json_t *o = json_object();

	make_put(m, o, "series", json_integer((json_int_t)c->series));
	make_put(m, o, "tested", json_integer((json_int_t)c->tested));
	make_put(m, o, "untestable", json_integer((json_int_t)c->untestable));
	make_put(m, o, "new", json_integer((json_int_t)c->new_series));
	make_put(m, o, "vanished", json_integer((json_int_t)c->vanished));
	make_put(m, o, "smallest_change_pct", pointer_number(c->smallest_change_pct));
	return o;
}

static json_t *verification(struct maker *m)
{
	json_t *o = json_object(), *struck = json_array();

	for (size_t i = 0; i < m->d->n_struck; i++) {
		const struct strike *s = &m->d->struck[i];
		json_t *entry = json_object();

		make_put(m, entry, "step", pointer_text(s->step));
		make_put(m, entry, "reason", pointer_text(s->reason));
		make_put(m, entry, "text", pointer_text(s->text));
		make_push(m, struck, entry);
	}
	make_put(m, o, "numerals", json_integer(0));
	make_put(m, o, "traced", json_integer(0));
	make_put(m, o, "struck", struck);
	return o;
}

static json_t *stages(struct maker *m)
{
	json_t *o = json_object();

	make_put(m, o, "ingest_s", pointer_number(m->meta->ingest_s));
	make_put(m, o, "analysis_s", pointer_number(m->meta->analysis_s));
	make_put(m, o, "report_s", pointer_number(m->meta->report_s));
	make_put(m, o, "total_s", pointer_number(m->meta->total_s));
	return o;
}

static json_t *baseline(struct maker *m)
{
	const struct past *past = m->d->past;
	char text[CLOCK_TEXT_BYTES];
	json_t *o;

	if (!past || !past->review)
		return json_null();
	o = json_object();
	clock_text(text, past->finished_at_s);
	make_put(m, o, "job", pointer_text(past->review));
	make_put(m, o, "finished_at", json_string(text));
	return o;
}

static json_t *plots(struct maker *m)
{
	const struct plots *all = m->meta->plots;
	json_t *a = json_array();

	for (size_t i = 0; all && i < all->n; i++) {
		const struct plot *p = &all->at[i];
		struct buf title = BUF_INIT(TITLE_BYTES);
		json_t *o;

		if (!p->body)
			continue;
		plot_title(&title, p, m->d);
		o = json_object();
		make_put(m, o, "file", json_string(p->file));
		make_put(m, o, "title", pointer_text(buf_text(&title)));
		make_put(m, o, "facts", make_ids(m, 'F', p->facts, p->n_facts));
		make_push(m, a, o);
		buf_done(&title);
	}
	return a;
}

int writer_json_new(json_t **ret, const struct dossier *d, const struct report_meta *meta,
                    struct error *err)
{
	struct maker m = {.d = d, .meta = meta};
	json_t *o = json_object();

	make_put(&m, o, "schema", json_string("chimerad.report/1"));
	make_put(&m, o, "job", job(&m));
	make_put(&m, o, "configuration", make_configuration(&m));
	make_put(&m, o, "compared", compared(&m));
	make_put(&m, o, "baseline", baseline(&m));
	make_put(&m, o, "inventory", make_inventory(&m));
	make_put(&m, o, "facts", make_facts(&m));
	make_put(&m, o, "findings", make_findings(&m));
	make_put(&m, o, "recommendations", make_recommendations(&m));
	make_put(&m, o, "risks", make_risks(&m));
	make_put(&m, o, "commentary", make_commentary(&m));
	make_put(&m, o, "sections", json_array());
	make_put(&m, o, "numerals", json_array());
	make_put(&m, o, "plots", plots(&m));
	make_put(&m, o, "verification", verification(&m));
	make_put(&m, o, "stages", stages(&m));
	make_put(&m, o, "steps", make_steps(&m));
	make_put(&m, o, "calls", make_calls(&m));
	make_put(&m, o, "totals", make_totals(&m));
	if (meta->n_agents)
		make_put(&m, o, "agents", make_agents(&m));
	if (meta->sweep)
		make_put(&m, o, "sweep", make_sweep(&m));
	if (meta->unmeasured)
		make_put(&m, o, "unmeasured", pointer_text(meta->unmeasured));
	make_put(&m, o, "concurrency", make_concurrency(&m));
	if (m.failed) {
		json_decref(o);
		return error_set(err, -ENOMEM, "report.json: no memory");
	}
	*ret = o;
	return 0;
}

static json_t *numeral(struct maker *m, const struct ink *page, const struct ink_entry *e)
{
	char bound[2] = {e->bound, '\0'};
	json_t *o = json_object();

	make_put(m, o, "line", json_integer(e->line));
	make_put(m, o, "column", json_integer(e->column));
	make_put(m, o, "text", json_stringn(page->out.data + e->at, e->len));
	make_put(m, o, "means", json_string(ink_means_name(e->means)));
	make_put(m, o, "ref", e->ref ? json_string(e->ref) : json_null());
	if (e->scale != 1.0)
		make_put(m, o, "scale", json_real(e->scale));
	if (e->bound)
		make_put(m, o, "bound", json_string(bound));
	return o;
}

int writer_json_numerals(json_t *report, const struct ink *page, struct error *err)
{
	struct maker m = {0};
	json_t *a = json_array();

	for (size_t i = 0; i < page->n_entries; i++)
		make_push(&m, a, numeral(&m, page, &page->entries[i]));
	make_put(&m, report, "numerals", a);
	return m.failed ? error_set(err, -ENOMEM, "report.json: no memory for its numerals") : 0;
}
