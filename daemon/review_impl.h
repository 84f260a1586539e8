/* SPDX-License-Identifier: MIT */
/*
 * review_impl - what review.c (order of the steps), review_step.c (life of one step) and
 * review_report.c (the end) share. Nobody else includes it.
 *
 *   step:  WAITING -> LOADING -> INGESTING -> ASKING -> CALLING <-> CHECKING -> SAVING -> DONE
 *
 * LOADING fetches the checkpoint; if its questions are still the same, CALLING is skipped and its
 * answers are checked.
 * INGESTING happens once a review. ASKING and CHECKING run on a worker and own the dossier: only
 * one step at a time is in them (review.worker), while any number may be CALLING.
 */
#pragma once

#include "agents/agent.h"
#include "agents/writer/writer.h"
#include "daemon/answer_cache.h"
#include "daemon/checkpoint.h"
#include "daemon/ingest.h"
#include "daemon/plotter.h"
#include "daemon/quiet.h"
#include "daemon/review.h"
#include "daemon/store_history.h"
#include "lib/base/clock.h"

#define REVIEW_SERVERS_MAX 16

/* A model server that it may ask. */
struct review_server {
	struct review *review;
	const char *name;               /* of the endpoint */
	struct model_inspection *asked; /* under way */
	struct model_about about;
	bool known; /* about holds an answer, or why there is none */
	uint64_t began_ns, max_ms;
};

enum step_state {
	STEP_WAITING,
	STEP_LOADING,
	STEP_INGESTING,
	STEP_ASKING,
	STEP_CALLING,
	STEP_CHECKING,
	STEP_SAVING,
	STEP_DONE,
};

/* One question on its way; slot 2i is the first try of ask i, slot 2i + 1 the second. */
struct review_call {
	struct review_step *step;
	struct model_call *call;   /* NULL when it is not under way */
	const char *complaint;     /* second try: what was wrong with the first; in the arena */
	const struct ask *shorter; /* second try: the question, when the first was too long */
	int64_t tokens, room;      /* of a first try that was too long: what it had and what fits */
	char *answer;              /* malloc'd; NULL until one came */
	size_t answer_len;
	const struct model_about *by; /* who answered, NULL where that is not known */
	bool too_long, wanted, started, checked, cached;
};

/* Who does the steps: the pipeline's only agent, or one of several at the same time. */
struct review_side {
	const struct agent_spec *spec; /* NULL: the only one */
	struct dossier own;            /* of one of several: the facts of all, words of its own */
	bool forked;                   /* own is filled */
	const char *caller;            /* whose turn it is among those who ask a server */
	const char *model_off;         /* why its model is not called any more; NULL: it is */
	char model_off_text[256];
	uint64_t failed_ms; /* what its failed calls have cost */
	unsigned failures;  /* in a row */
};

struct review_step {
	struct review *review;
	const struct step *spec; /* of the pipeline */
	size_t side;             /* of review.sides */
	const char *id;          /* "compose", of several agents "chimera/compose" */
	struct persona *persona;
	enum step_state state;
	struct ask *asks; /* in the dossier's arena */
	size_t n_asks;
	struct review_call *calls;        /* 2 * n_asks */
	size_t calling;                   /* under way */
	struct checkpoint saved;          /* filled as the step goes on; what SAVING writes */
	bool restored;                    /* saved came from the store */
	char evidence[DIGEST_TEXT_BYTES]; /* of what is asked, and of what it is about */
	char *saved_text;                 /* to and from the store */
	size_t accepted;                  /* claims and recommendations that stood */
	uint64_t begun_ns;
	uv_work_t work;
	struct error err;
};

struct review {
	struct review_env env;
	struct review_ops ops;
	void *arg;
	struct job job; /* our copy */
	json_t *request;
	struct pipeline *pipeline;
	const char **roots; /* borrowed from request */
	size_t n_roots;
	struct arena *arena;
	struct dossier dossier;
	struct ingest *ingest;
	bool ingested, analysed;
	struct history_reader *past; /* while it is analysed and after, as the dossier cites it */
	char *history;               /* what it learned of runs, for the store; NULL: saved */
	char evidence[DIGEST_TEXT_BYTES]; /* of pipeline and artifacts */
	struct review_side sides[AGENTS_MAX];
	size_t n_sides;            /* 1 and more, once it is loaded */
	struct review_step *steps; /* those of the first side first */
	size_t n_steps;
	uint64_t analyst_ns; /* what the analyst's code took: analysis, in whichever step it ran */
	bool analyst_in_ingest;       /* a step of the ingest stage had it run */
	struct review_step *worker;   /* the step whose work item has the dossier */
	struct contest *contest;      /* what it came to, of agents; NULL: nothing */
	struct tuning *sweep;         /* likewise, of a matrix */
	struct review_trials *trials; /* in the arena; NULL: nothing is measured, or not yet */
	const char *model_off;        /* why nobody's model is called; NULL: see the sides' */
	char model_off_text[256];
	const char *unmeasured; /* why what was to be measured was not, or not all; in the arena */
	struct review_server servers[REVIEW_SERVERS_MAX];
	size_t n_servers;
	struct quiet *quiet;          /* waited for just now */
	int quiet_lock;               /* held while models are called; -1: none */
	bool asked_again;             /* the servers, after the last call */
	struct answer_cache *answers; /* opened when it is needed; a worker's */
	struct error answers_err;     /* why it is not used */
	bool answers_told;            /* of that */
	uint64_t begun_ns;
	struct {
		double ingest_s, analysis_s, report_s, total_s;
	} took;                           /* of a published one */
	struct plots *plots;              /* in the arena; a worker's, but while they are drawn */
	struct plotter_picture *pictures; /* one for each of them */
	struct plotter *plotter;          /* draws them just now; NULL: it does not */
	const char *plots_why;            /* that some are missing; NULL: none is */
	struct error plots_err;           /* of a picture that was none */
	uv_work_t work;                   /* loading, preparing and publishing */
	uv_timer_t end; /* on_done runs from here, never from inside our functions */
	bool loaded, publishing, ending, cancelled, suspended;
	char report[4096];
	struct error work_err; /* of `work`, while the loop may set err */
	struct error err;
};

/* review.c */
void review_schedule(
	struct review *r); /* looks what can go on; the only place that ends a review */
void review_fail(struct review *r, const struct error *err);
bool review_stopping(const struct review *r);
/* Takes the reference to data. */
void review_event(struct review *r, const char *event, json_t *data);

static inline bool review_is_fresh(const struct review *r)
{
	return json_is_true(json_object_get(r->request, "fresh"));
}

/* A text of what was asked for; NULL: it was not. */
const char *review_request_text(const struct review *r, const char *key);

/* review_step.c */
void review_step_begin(struct review_step *s);
/* To be called when review.worker is free and the step waits for it. */
void review_step_work(struct review_step *s);
bool review_step_wants_worker(const struct review_step *s);
int review_analyse(struct review *r, struct error *err) MUST_USE; /* once; on a worker */
void review_step_cancel_calls(struct review_step *s);
void review_step_done(struct review_step *s); /* frees what it holds */

/* review_sides.c */
int review_load_steps(struct review *r, struct error *err) MUST_USE;
/* What a side's words go into; on the worker that has the dossier. */
struct dossier *review_side_dossier(struct review *r, size_t side);
/* The endpoints that a side may use, the preferred one first; how many. */
size_t review_endpoint_names(const struct review *r, size_t side,
                             const char *names[static REVIEW_SERVERS_MAX]);
/* Whether that is one of them. */
bool review_side_uses(const struct review *r, size_t side, const char *endpoint);
/* Those of all sides. */
size_t review_all_endpoint_names(const struct review *r,
                                 const char *names[static REVIEW_SERVERS_MAX]);
/* What a side asks for there; NULL: each endpoint's own. */
const char *review_model_name(const struct review *r, size_t side);
/* What is asked for at an endpoint by the first side that uses it. */
const char *review_model_at(const struct review *r, const char *endpoint);

/* review_ask.c: the model side of a step */
void review_turn_model_off(struct review *r, const char *why); /* nobody's calls any more; once */
/* Why a side makes no (more) model calls; NULL: it does. */
const char *review_model_off(const struct review *r, size_t side);
/* The first side that makes none; n_sides: all of them do. */
size_t review_side_off(const struct review *r);
void review_ask_setup(struct review *r); /* decides whether there is a model at all */
bool review_endpoint_wanted(const struct review *r, const struct config_endpoint *e);
struct model_options review_options(const struct review_step *s); /* of a first try */
/* The same where `first` goes before all else. */
struct model_options review_options_with(const struct review_step *s,
                                         const struct option_set *first);
struct ask_limits review_ask_limits(const struct review_step *s);
/* Turns a side's model off for the rest of the review once its failures have cost enough. */
void review_count_cost(struct review *r, size_t side, const struct model_result *result);
void review_ask_calls(struct review_step *s); /* starts what is wanted; the step is CALLING then */
/* Of the i-th question, which was too long, what fits; on a worker. */
int review_ask_shorter(struct review_step *s, size_t i, struct error *err) MUST_USE;

/* How long what fails of a side's calls from now on may take. */
uint64_t review_patience_ms(const struct review *r, size_t side);

/* review_servers.c */
void review_servers_ask(struct review *r);       /* what they are; each answer schedules */
bool review_servers_ask_again(struct review *r); /* what they used; true while that goes on */
/* It has answered a call of this review. */
bool review_server_was_asked(const struct review *r, const struct review_server *s);
bool review_servers_busy(const struct review *r);
void review_servers_cancel(struct review *r);
/* NULL where nothing is known of it. */
const struct model_about *review_server_about(const struct review *r, const char *endpoint);
/* Tokens of the smallest context among them, at most `asked`. */
int64_t review_servers_context(const struct review *r, int64_t asked);

/* review_answers.c; on the worker that has the dossier */
int review_find_answers(struct review_step *s, struct error *err) MUST_USE; /* of all questions */
/* Of call i, which was the last try of its question. */
int review_keep_answer(struct review_step *s, size_t i, struct error *err) MUST_USE;

void review_on_drawn(struct review *r);

/* review_plots.c */
int review_plots_plan(struct review *r, const struct report_meta *meta,
                      struct error *err) MUST_USE; /* on a worker */
bool review_plots_draw(struct review *r);          /* true: review_on_drawn() follows */
void review_plots_take(struct review *r);          /* what was drawn; on a worker */
void review_plots_done(struct review *r);

/* review_report.c; on a worker */
/* Whether an earlier life of this review came as far as publishing: fills report and verdict. */
bool review_was_published(struct review *r);
int review_prepare(struct review *r, struct error *err) MUST_USE; /* what will be drawn */
int review_publish(struct review *r, struct error *err) MUST_USE;
