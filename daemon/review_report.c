/* SPDX-License-Identifier: MIT */
/* The end of a review: what the writer needs to know, composed and published. On a worker. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/writer/plot.h"
#include "daemon/publish.h"
#include "daemon/review_impl.h"
#include "lib/base/clock.h"

static double model_ms(const struct checkpoint *c)
{
	double sum = 0;

	for (size_t i = 0; i < c->n_records; i++)
		sum += isfinite(c->records[i].total_ms) ? c->records[i].total_ms : 0.0;
	return sum;
}

static size_t omitted(const struct review_step *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_asks; i++) {
		const struct ask *shorter = s->calls[2 * i + 1].shorter;

		n += shorter ? shorter->omitted : s->asks[i].omitted;
	}
	return n;
}

static double since_begin_ms(const struct review *r, uint64_t ns)
{
	return ns >= r->begun_ns ? (double)(ns - r->begun_ns) / 1e6 : -1;
}

static void fill_step(struct report_step *to, const struct review_step *s)
{
	*to = (struct report_step){.id = s->spec->id,
	                           .agent = task_name((enum task)s->persona->task),
	                           .persona = s->persona->name,
	                           .stage = (enum stage)s->spec->stage,
	                           .prompt = s->persona->system,
	                           .started_at_s = s->saved.started_at_s,
	                           .begun_ms = s->restored ? -1
	                                                   : since_begin_ms(s->review, s->begun_ns),
	                           .wall_ms = s->saved.wall_ms,
	                           .model_ms = model_ms(&s->saved),
	                           .omitted = omitted(s),
	                           .builtin = s->accepted == 0,
	                           .builtin_why = s->saved.why[0] ? s->saved.why : NULL};
}

/* Steps of a stage may overlap: its time runs from the first start to the last end. */
static double stage_seconds(const struct review *r, enum stage stage)
{
	uint64_t first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < r->n_steps; i++) {
		const struct review_step *s = &r->steps[i];
		uint64_t end = s->begun_ns + (uint64_t)(s->saved.wall_ms * 1e6);

		if (s->spec->stage != (int)stage)
			continue;
		first = s->begun_ns < first ? s->begun_ns : first;
		last = end > last ? end : last;
	}
	return last > first ? (double)(last - first) / 1e9 : 0.0;
}

static void fill_writer(struct report_meta *meta, const struct review *r)
{
	meta->writer_provider = "builtin";
	meta->writer_model = "builtin";
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct review_step *s = &r->steps[i];
		const struct checkpoint *c = &s->saved;

		if (s->persona->task != TASK_COMPOSE || s->accepted == 0)
			continue;
		for (size_t k = 0; k < c->n_records; k++) {
			if (c->records[k].error[0])
				continue; /* it wrote nothing */
			meta->writer_provider = c->records[k].provider;
			meta->writer_model = c->records[k].model;
		}
	}
}

static int fill_lists(struct report_meta *meta, struct review *r)
{
	size_t n_calls = 0, at = 0;
	struct report_step *steps = arena_calloc(r->arena, r->n_steps, sizeof *steps);
	struct report_call *calls;

	for (size_t i = 0; i < r->n_steps; i++)
		n_calls += r->steps[i].saved.n_records;
	calls = arena_calloc(r->arena, n_calls, sizeof *calls);
	if (!steps || !calls)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct review_step *s = &r->steps[i];

		fill_step(&steps[i], s);
		for (size_t k = 0; k < s->saved.n_records; k++)
			calls[at++] = (struct report_call){
				s->spec->id, s->saved.records[k],
				since_begin_ms(r, s->saved.records[k].begun_ns)};
	}
	meta->steps = steps;
	meta->n_steps = r->n_steps;
	meta->calls = calls;
	meta->n_calls = n_calls;
	return 0;
}

/* What the first call there asked of it. */
static void fill_asked(struct report_endpoint *e, const struct report_meta *meta)
{
	e->num_ctx = e->num_gpu = -1;
	for (size_t i = 0; i < meta->n_calls; i++) {
		const struct model_record *c = &meta->calls[i].record;

		if (strcmp(c->endpoint, e->about.endpoint) != 0 || c->cached)
			continue;
		e->num_ctx = c->options.num_ctx;
		e->num_gpu = c->options.num_gpu;
		return;
	}
}

static int fill_endpoints(struct report_meta *meta, struct review *r)
{
	struct report_endpoint *list = arena_calloc(r->arena, r->n_servers + 1, sizeof *list);
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_servers; i++) {
		if (!review_server_was_asked(r, &r->servers[i]))
			continue;
		list[n].about = r->servers[i].about;
		fill_asked(&list[n++], meta);
	}
	meta->endpoints = list;
	meta->n_endpoints = n;
	return 0;
}

static int fill_meta(struct report_meta *meta, struct review *r)
{
	double total;

	*meta = (struct report_meta){.job_id = r->job.id,
	                             .pipeline = r->pipeline->name,
	                             .title = r->pipeline->title,
	                             .subject = r->job.subject,
	                             .machine = r->job.machine ? r->job.machine
	                                                       : r->env.config->machine,
	                             .submitted_at_s = r->job.submitted_at,
	                             .started_at_s = r->job.started_at,
	                             .finished_at_s = clock_now_s(),
	                             .pipeline_text = r->pipeline->text,
	                             .min_effect_pct = r->pipeline->compare_min_effect_pct,
	                             .expectations = r->pipeline->expectations,
	                             .n_expectations = r->pipeline->n_expectations,
	                             .requirements = r->pipeline->requirements,
	                             .n_requirements = r->pipeline->n_requirements,
	                             .file_bytes_limit = r->env.config->limits.file_bytes,
	                             .ingest_s = stage_seconds(r, STAGE_INGEST),
	                             .analysis_s = stage_seconds(r, STAGE_ANALYSIS),
	                             .report_s = stage_seconds(r, STAGE_REPORT)};
	if (r->analyst_in_ingest) {
		meta->ingest_s = fmax(0, meta->ingest_s - (double)r->analyst_ns / 1e9);
		meta->analysis_s += (double)r->analyst_ns / 1e9;
	}
	total = (double)(clock_mono_ns() - r->begun_ns) / 1e9;
	meta->total_s = fmax(total, meta->ingest_s + meta->analysis_s + meta->report_s);
	r->took.ingest_s = meta->ingest_s;
	r->took.analysis_s = meta->analysis_s;
	r->took.report_s = meta->report_s;
	r->took.total_s = meta->total_s;
	meta->plots = r->plots;
	meta->plots_why = r->plots_why;
	fill_writer(meta, r);
	return fill_lists(meta, r) < 0 ? -ENOMEM : fill_endpoints(meta, r);
}

static int set_report(struct review *r, struct error *err)
{
	const char *reports = r->env.config->reports;

	if (snprintf(r->report, sizeof r->report, "%s/%s", reports, r->job.id) <
	    (int)sizeof r->report)
		return 0;
	r->report[0] = '\0';
	return error_set(err, -ENAMETOOLONG, "%s: path too long", reports);
}

static bool verdict_of(enum verdict *ret, const char *name)
{
	for (enum verdict v = VERDICT_WORSE; v <= VERDICT_NO_NEW_DATA; v++) {
		if (name && strcmp(verdict_name(v), name) == 0) {
			*ret = v;
			return true;
		}
	}
	return false;
}

bool review_was_published(struct review *r)
{
	char path[sizeof r->report + sizeof "/report.json"];
	struct error ignored = {0};
	json_t *report;
	bool was = false;

	if (!publish_exists(r->env.config->reports, r->job.id) || set_report(r, &ignored) < 0)
		return false;
	(void)snprintf(path, sizeof path, "%s/report.json", r->report);
	report = json_load_file(path, 0, NULL);
	was = verdict_of(&r->dossier.verdict, json_string_value(json_object_get(
						      json_object_get(report, "job"), "verdict")));
	json_decref(report);
	if (!was)
		r->report[0] = '\0';
	return was;
}

/* The other three are what the seal and verify stand on: they are there whatever `formats` says. */
static bool wants_html(const struct pipeline *p)
{
	for (size_t i = 0; i < p->n_formats; i++) {
		if (strcmp(p->formats[i], "html") == 0)
			return true;
	}
	return false;
}

int review_prepare(struct review *r, struct error *err)
{
	struct report_meta meta;
	int code = review_analyse(r, err); /* where no step asked for it */

	if (code < 0)
		return code;
	code = fill_meta(&meta, r);
	return code < 0 ? error_set(err, code, "out of memory") : review_plots_plan(r, &meta, err);
}

/* The files of a review: the pages, and the pictures that were drawn. */
struct published {
	struct publish_file list[4 + PLOTS_MAX];
	size_t n;
	struct buf plots[PLOTS_MAX];
	size_t n_plots;
};

static void published_done(struct published *p)
{
	for (size_t i = 0; i < p->n_plots; i++)
		buf_done(&p->plots[i]);
}

static void add_file(struct published *p, const char *name, const struct buf *b)
{
	p->list[p->n++] = (struct publish_file){name, b->data, b->len};
}

static int add_plots(struct published *p, const struct review *r)
{
	for (size_t i = 0; i < r->plots->n; i++) {
		struct buf *b = &p->plots[p->n_plots];

		if (!r->plots->at[i].body)
			continue;
		*b = (struct buf)BUF_INIT(2 * PLOT_SVG_BYTES);
		p->n_plots++;
		plot_write(b, &r->plots->at[i], &r->dossier, true);
		if (b->failed)
			return -ENOMEM;
		add_file(p, r->plots->at[i].file, b);
	}
	return 0;
}

static int publish_all(const struct review *r, const struct report_files *files, struct error *err)
{
	CLEANUP(published_done) struct published p = {0};

	add_file(&p, "report.md", &files->md);
	add_file(&p, "report.json", &files->json);
	add_file(&p, "samples.json", &files->samples);
	if (wants_html(r->pipeline))
		add_file(&p, "report.html", &files->html);
	if (add_plots(&p, r) < 0)
		return error_set(err, -ENOMEM, "no memory for the plots");
	return publish_report(r->env.config->reports, r->job.id, p.list, p.n, err);
}

int review_publish(struct review *r, struct error *err)
{
	CLEANUP(report_files_done) struct report_files files = {0};
	struct report_meta meta;
	int code;

	review_plots_take(r);
	if (fill_meta(&meta, r) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	code = writer_compose(&files, &r->dossier, &meta, err);
	if (code < 0)
		return error_wrap(err, "cannot write the report");
	code = publish_all(r, &files, err);
	return code < 0 ? code : set_report(r, err);
}
