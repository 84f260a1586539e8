/* SPDX-License-Identifier: MIT */
/*
 * writer - from a full dossier to report.md, report.html, report.json and samples.json.
 *
 * Pure: bytes in, bytes out; publishing them is the daemon's. Every run of digits it puts into
 * report.md outside the fenced persona prompts has an entry in `numerals`; it proves so itself
 * before it returns, and fails with -EPROTO (our bug) rather than publish an untraced one.
 *
 * report.json ends in its seal: "sha256:<hex>" over the bytes of report.md, then of samples.json,
 * then of report.json with the text `,\n "seal": "sha256:<hex>"` cut out of it. Of all that is
 * published beside these three, report.json has the digests in `files`, and so has the seal.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"
#include "lib/evidence/pipeline.h"
#include "lib/evidence/trials.h"
#include "lib/model/model.h"

struct report_call {
	const char *step; /* step id */
	struct model_record record;
	double begun_ms; /* since the review began; negative: in an earlier life of it */
};

struct report_step {
	const char *id, *agent, *persona; /* agent: task name; persona: its name */
	enum stage stage;
	const char *prompt; /* the persona's system text, byte for byte */
	int64_t started_at_s;
	double begun_ms;          /* since the review began; negative: in an earlier life of it */
	double wall_ms, model_ms; /* model_ms: sum of its calls' total_ms */
	bool builtin;             /* nothing a model said was used */
	const char *builtin_why;  /* "no endpoint is configured"; NULL when a model wrote */
	size_t omitted;           /* facts and findings that no question of it had room for */
};

/* A server that was asked, as it was at the end. */
struct report_endpoint {
	struct model_about about;
	int64_t num_ctx, num_gpu; /* asked of it; -1: left to it */
};

/* One of several agents, as the review of all tells of it. */
struct report_agent {
	const char *name;
	const struct dossier *words; /* the facts of all, and what it said of them */
	size_t first_step, n_steps;  /* of the meta's steps */
};

/* What is published beside the pages: a picture, an export, the pages of an agent. */
struct report_file {
	const char *name; /* "plots/history-a.svg" */
	const void *data;
	size_t len;
};

/* Everything about the review itself, so that the writer asks nobody. Borrowed. */
struct report_meta {
	const char *job_id, *pipeline, *title;
	const char *agent;             /* one of several, whose own report this is; NULL: none */
	const char *subject, *machine; /* NULL when not given */
	int64_t submitted_at_s, started_at_s, finished_at_s;
	const char *pipeline_text; /* effective YAML */
	double min_effect_pct;
	const struct expectation *expectations; /* the pipeline's */
	size_t n_expectations;
	const struct pipeline *configured; /* whose options they are held against; NULL: unknown */
	const struct requirement *requirements;
	size_t n_requirements;
	uint64_t file_bytes_limit;
	double ingest_s, analysis_s, report_s, total_s;
	const struct report_step *steps;
	size_t n_steps;
	const struct report_call *calls;
	size_t n_calls;
	const struct report_agent *agents; /* in the review of several together */
	size_t n_agents;
	const struct tuning *sweep;    /* what was measured of the matrix; NULL: nothing */
	const struct contest *contest; /* what was measured of them; NULL: nothing */
	const char *unmeasured;        /* why it was not, or not to the end; NULL: it was */
	const struct report_endpoint *endpoints;
	size_t n_endpoints;
	const struct plots *plots; /* plot.h; those with a body were drawn; NULL: none */
	const char *plots_why;     /* that some were not, without digits; NULL: none is missing */
	const char *writer_provider,
		*writer_model;           /* of the compose step; "builtin" when no model wrote */
	bool without_html;               /* nobody wants report.html */
	const struct report_file *files; /* that the seal covers beside the pages */
	size_t n_files;
};

struct report_files {
	struct buf md, html, json, samples;
};
void report_files_done(struct report_files *f);

int writer_compose(struct report_files *ret, const struct dossier *d,
                   const struct report_meta *meta, struct error *err) MUST_USE;
