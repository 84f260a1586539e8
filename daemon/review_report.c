/* SPDX-License-Identifier: MIT */
/* The end of a review: what the writer needs to know, composed and published. On a worker. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/analyst/contest.h"
#include "agents/writer/exports.h"
#include "agents/writer/plot.h"
#include "agents/writer/sweep.h"
#include "daemon/publish.h"
#include "daemon/review_trials.h"
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

#define ALL_SIDES SIZE_MAX /* the review of all agents together */

static bool is_of(const struct review_step *s, size_t side)
{
	return side == ALL_SIDES || s->side == side;
}

static const char *step_name(const struct review_step *s, size_t side)
{
	return side == ALL_SIDES ? s->id : s->spec->id;
}

static void fill_step(struct report_step *to, const struct review_step *s, size_t side)
{
	*to = (struct report_step){.id = step_name(s, side),
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
static double stage_seconds(const struct review *r, size_t side, enum stage stage)
{
	uint64_t first = UINT64_MAX, last = 0;

	for (size_t i = 0; i < r->n_steps; i++) {
		const struct review_step *s = &r->steps[i];
		uint64_t end = s->begun_ns + (uint64_t)(s->saved.wall_ms * 1e6);

		if (s->spec->stage != (int)stage || !is_of(s, side))
			continue;
		first = s->begun_ns < first ? s->begun_ns : first;
		last = end > last ? end : last;
	}
	return last > first ? (double)(last - first) / 1e9 : 0.0;
}

static void fill_writer(struct report_meta *meta, const struct review *r, size_t side)
{
	meta->writer_provider = "builtin";
	meta->writer_model = "builtin";
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct review_step *s = &r->steps[i];
		const struct checkpoint *c = &s->saved;

		if (s->persona->task != TASK_COMPOSE || s->accepted == 0 || s->side != side)
			continue;
		for (size_t k = 0; k < c->n_records; k++) {
			if (c->records[k].error[0])
				continue; /* it wrote nothing */
			meta->writer_provider = c->records[k].provider;
			meta->writer_model = c->records[k].model;
		}
	}
}

static int fill_lists(struct report_meta *meta, struct review *r, size_t side)
{
	size_t n_calls = 0, at = 0, n_steps = 0;
	struct report_step *steps = arena_calloc(r->arena, r->n_steps, sizeof *steps);
	struct report_call *calls;

	for (size_t i = 0; i < r->n_steps; i++)
		n_calls += is_of(&r->steps[i], side) ? r->steps[i].saved.n_records : 0;
	calls = arena_calloc(r->arena, n_calls, sizeof *calls);
	if (!steps || !calls)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_steps; i++) {
		const struct review_step *s = &r->steps[i];

		if (!is_of(s, side))
			continue;
		fill_step(&steps[n_steps++], s, side);
		for (size_t k = 0; k < s->saved.n_records; k++)
			calls[at++] = (struct report_call){
				.step = step_name(s, side),
				.record = s->saved.records[k],
				.begun_ms = since_begin_ms(r, s->saved.records[k].begun_ns)};
	}
	meta->steps = steps;
	meta->n_steps = n_steps;
	meta->calls = calls;
	meta->n_calls = n_calls;
	return 0;
}

/* Of each agent, what the review of all together tells of it. */
static int fill_agents(struct report_meta *meta, struct review *r)
{
	struct report_agent *list = arena_calloc(r->arena, r->n_sides, sizeof *list);

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_sides; i++)
		list[i] = (struct report_agent){.name = r->sides[i].spec->name,
		                                .words = review_side_dossier(r, i),
		                                .first_step = i * r->pipeline->n_steps,
		                                .n_steps = r->pipeline->n_steps};
	meta->agents = list;
	meta->n_agents = r->n_sides;
	meta->contest = r->contest;
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

/* It has answered one of these calls. */
static bool was_asked(const struct report_meta *meta, const char *endpoint)
{
	for (size_t i = 0; i < meta->n_calls; i++) {
		const struct model_record *c = &meta->calls[i].record;

		if (!c->error[0] && !c->cached && strcmp(c->endpoint, endpoint) == 0)
			return true;
	}
	return false;
}

static int fill_endpoints(struct report_meta *meta, struct review *r)
{
	struct report_endpoint *list = arena_calloc(r->arena, r->n_servers + 1, sizeof *list);
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_servers; i++) {
		if (!was_asked(meta, r->servers[i].name))
			continue;
		list[n].about = r->servers[i].about;
		fill_asked(&list[n++], meta);
	}
	meta->endpoints = list;
	meta->n_endpoints = n;
	return 0;
}

static const char *title_of(const struct review *r, const struct agent_spec *agent)
{
	const char *title = r->pipeline->title;

	return agent ? arena_printf(r->arena, "%s, agent %s", title, agent->name) : title;
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

static int fill_meta(struct report_meta *meta, struct review *r, size_t side)
{
	const struct agent_spec *agent = side == ALL_SIDES ? NULL : r->sides[side].spec;
	double total;
	int code;

	*meta = (struct report_meta){.job_id = r->job.id,
	                             .pipeline = r->pipeline->name,
	                             .title = title_of(r, agent),
	                             .agent = agent ? agent->name : NULL,
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
	                             .configured = r->pipeline,
	                             .requirements = r->pipeline->requirements,
	                             .n_requirements = r->pipeline->n_requirements,
	                             .file_bytes_limit = r->env.config->limits.file_bytes,
	                             .without_html = !wants_html(r->pipeline),
	                             .ingest_s = stage_seconds(r, side, STAGE_INGEST),
	                             .analysis_s = stage_seconds(r, side, STAGE_ANALYSIS),
	                             .report_s = stage_seconds(r, side, STAGE_REPORT)};
	if (r->analyst_in_ingest) {
		meta->ingest_s = fmax(0, meta->ingest_s - (double)r->analyst_ns / 1e9);
		meta->analysis_s += (double)r->analyst_ns / 1e9;
	}
	total = (double)(clock_mono_ns() - r->begun_ns) / 1e9;
	meta->total_s = fmax(total, meta->ingest_s + meta->analysis_s + meta->report_s);
	meta->sweep = r->sweep;
	meta->unmeasured = agent ? NULL : r->unmeasured;
	meta->plots = agent ? NULL : r->plots; /* of the subject: they stand in the review of all */
	meta->plots_why = agent ? NULL : r->plots_why;
	fill_writer(meta, r, side);
	code = meta->title ? fill_lists(meta, r, side) : -ENOMEM;
	if (code == 0)
		code = fill_endpoints(meta, r);
	if (code == 0 && side == ALL_SIDES)
		code = fill_agents(meta, r);
	return code;
}

/* The one agent, or the review of all together. */
static size_t main_side(const struct review *r)
{
	return r->n_sides == 1 ? 0 : ALL_SIDES;
}

static void take_times(struct review *r, const struct report_meta *meta)
{
	r->took.ingest_s = meta->ingest_s;
	r->took.analysis_s = meta->analysis_s;
	r->took.report_s = meta->report_s;
	r->took.total_s = meta->total_s;
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

/* The review of all tells what was measured of the agents; those of each are of the subject. */
static int add_contest(struct review *r, struct error *err)
{
	const char *names[AGENTS_MAX];
	char today[CLOCK_TEXT_BYTES];
	const char *since;
	int code;

	for (size_t i = 0; i < r->n_sides && r->n_sides > 1; i++) {
		(void)review_side_dossier(r, i);
		names[i] = r->sides[i].spec->name;
	}
	code = review_trials_contest(r, &r->contest, err);
	if (code < 0 || !r->contest)
		return code;
	clock_text(today, r->job.submitted_at);
	since = arena_strndup(r->arena, today, sizeof "2026-11-21" - 1);
	return since ? contest_finding(&r->dossier, r->contest, names, since, err)
	             : error_set(err, -ENOMEM, "out of memory");
}

int review_prepare(struct review *r, struct error *err)
{
	struct report_meta meta;
	int code = review_analyse(r, err); /* where no step asked for it */

	if (code == 0)
		code = add_contest(r, err);
	if (code == 0)
		code = review_trials_sweep(r, &r->sweep, err);
	if (code < 0)
		return code;
	code = fill_meta(&meta, r, main_side(r));
	return code < 0 ? error_set(err, code, "out of memory") : review_plots_plan(r, &meta, err);
}

#define EXPORTS_MAX      (2 + RUNS_MAX) /* summary.json, summary.md, metrics.json of each run */
#define EXPORT_BYTES_MAX ((size_t)1 << 20)
#define TUNED_BYTES_MAX  ((size_t)256 << 10)

/* The files of a review: the pages, those of each agent, and the pictures that were drawn. */
struct published {
	struct publish_file list[(1 + AGENTS_MAX) * 4 + 2 + PLOTS_MAX + EXPORTS_MAX];
	size_t n;
	struct report_files pages[1 + AGENTS_MAX]; /* the last is the review's own */
	size_t n_pages;
	struct buf tuned;
	struct buf exports[EXPORTS_MAX];
	size_t n_exports;
	struct buf plots[PLOTS_MAX];
	size_t n_plots;
};

static void published_done(struct published *p)
{
	for (size_t i = 0; i < p->n_pages; i++)
		report_files_done(&p->pages[i]);
	for (size_t i = 0; i < p->n_plots; i++)
		buf_done(&p->plots[i]);
	for (size_t i = 0; i < p->n_exports; i++)
		buf_done(&p->exports[i]);
	buf_done(&p->tuned);
}

static void add_file(struct published *p, const char *name, const struct buf *b)
{
	p->list[p->n++] = (struct publish_file){.name = name, .data = b->data, .len = b->len};
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

static int add_page(struct published *p, const struct review *r, const char *agent,
                    const char *name, const struct buf *b)
{
	if (agent)
		name = arena_printf(r->arena, "agents/%s/%s", agent, name);
	if (!name)
		return -ENOMEM;
	add_file(p, name, b);
	return 0;
}

static int add_pages(struct published *p, const struct review *r, const char *agent,
                     const struct report_files *f)
{
	int code = add_page(p, r, agent, "report.md", &f->md);

	if (code == 0)
		code = add_page(p, r, agent, "report.json", &f->json);
	if (code == 0)
		code = add_page(p, r, agent, "samples.json", &f->samples);
	if (code == 0 && f->html.len)
		code = add_page(p, r, agent, "report.html", &f->html);
	return code;
}

static struct buf *add_export(struct published *p)
{
	struct buf *b = &p->exports[p->n_exports++];

	*b = (struct buf)BUF_INIT(EXPORT_BYTES_MAX);
	return b;
}

/* What was measured of agents, under the names of the harness that went before us. */
static int add_exports(struct published *p, struct review *r, const struct report_meta *meta,
                       struct error *err)
{
	struct buf *b = add_export(p);
	int code = exports_summary_json(b, meta, err);

	add_file(p, "summary.json", b);
	b = add_export(p);
	exports_summary_md(b, meta);
	add_file(p, "summary.md", b);
	for (size_t i = 0; i < exports_runs(meta) && code == 0; i++) {
		const char *name = arena_printf(r->arena, "run_%u/metrics.json",
		                                exports_run(meta, i));

		b = add_export(p);
		code = name ? exports_metrics(b, meta, i, err)
		            : error_set(err, -ENOMEM, "out of memory");
		if (code == 0)
			add_file(p, name, b);
	}
	return code;
}

static int add_extras(struct published *p, struct review *r, const struct report_meta *meta,
                      struct error *err)
{
	if (add_plots(p, r) < 0)
		return error_set(err, -ENOMEM, "no memory for the plots");
	if (meta->contest && meta->contest->is_measured && add_exports(p, r, meta, err) < 0)
		return err->code;
	if (meta->sweep) {
		sweep_snippet(&p->tuned, meta);
		add_file(p, "tuned.yaml", &p->tuned);
	}
	return p->tuned.failed ? error_set(err, -ENOMEM, "out of memory") : 0;
}

/* All that is published so far is in the seal of the review's own page, which comes last. */
static int seal_all(const struct published *p, const struct review *r, struct report_meta *meta)
{
	struct report_file *files = arena_calloc(r->arena, p->n + 1, sizeof *files);

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++)
		files[i] = (struct report_file){p->list[i].name, p->list[i].data, p->list[i].len};
	meta->files = files;
	meta->n_files = p->n;
	return 0;
}

static int compose(struct published *p, struct review *r, size_t side, struct error *err)
{
	struct report_files *files = &p->pages[p->n_pages++];
	const struct dossier *d = side == ALL_SIDES ? &r->dossier : review_side_dossier(r, side);
	struct report_meta meta;

	if (fill_meta(&meta, r, side) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (side == main_side(r)) {
		take_times(r, &meta);
		if (add_extras(p, r, &meta, err) < 0)
			return err->code;
		if (seal_all(p, r, &meta) < 0)
			return error_set(err, -ENOMEM, "out of memory");
	}
	if (writer_compose(files, d, &meta, err) < 0)
		return error_wrap(err,
		                  meta.agent ? "cannot write the report of %s"
		                             : "cannot write the report",
		                  meta.agent);
	return add_pages(p, r, meta.agent, files) < 0 ? error_set(err, -ENOMEM, "out of memory")
	                                              : 0;
}

int review_publish(struct review *r, struct error *err)
{
	CLEANUP(published_done) struct published p = {.tuned = BUF_INIT(TUNED_BYTES_MAX)};
	int code = 0;

	review_plots_take(r);
	for (size_t i = 0; i < r->n_sides && r->n_sides > 1 && code == 0; i++)
		code = compose(&p, r, i, err);
	if (code == 0)
		code = compose(&p, r, main_side(r), err);
	if (code < 0)
		return code;
	if (r->n_sides > 1)
		p.list[p.n++] = (struct publish_file){.name = "combined.md", .link = "report.md"};
	code = publish_report(r->env.config->reports, r->job.id, p.list, p.n, err);
	return code < 0 ? code : set_report(r, err);
}
