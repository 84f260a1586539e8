/* SPDX-License-Identifier: MIT */
/*
 * api_impl - what api.c (routes and answers), api_jobs.c, api_findings.c, api_metrics.c,
 * api_trends.c, api_pages.c and api_web.c share. Nobody else includes it.
 */
#pragma once

#include "daemon/api.h"
#include "daemon/api_condition.h"
#include "daemon/file_source.h"

#define API_SEGMENT_MAX 4096 /* bytes of {id} or {key} in a path */

struct api {
	struct api_env env;
	bool ready, backing_up;
	uint64_t begun_ms; /* loop time */
	size_t in_flight;
	uint64_t answers[6]; /* by the first digit of their status */
};

struct api_trends { /* the query; "" where it says nothing */
	char metric[512], since[64], subject[512], after[24];
};

struct api_call {
	struct api *api;
	const struct config *config;
	api_reply_fn *reply; /* NULL: nobody waits any more */
	void *arg;
	bool *gone; /* set when the call ends while its handler is on the stack */
	char segment[API_SEGMENT_MAX + 1]; /* what {} matched */
	const char *rest;                  /* of the route: "md", "pipelines" */
	bool conditional;                  /* its answers have tags */
	struct api_condition condition;

	uv_work_t work;
	struct jobs_query query;
	char *body; /* of the request, ours */
	size_t body_len;
	struct job job; /* to submit */
	bool dry_run;   /* only checked */
	struct api_trends trends;
	uint64_t after_id;  /* events */
	char *path;         /* a report's file */
	const char *absent; /* what is said where it is not there; NULL: the system's words */
	struct source *source;
	struct file_about about; /* of source */
	json_t *json;            /* what a worker made */
	unsigned status;
	struct error err;
};

/* Each ends the call. */
void api_answer(struct api_call *c, struct http_reply *reply);
void api_answer_json(struct api_call *c, unsigned status, json_t *json); /* takes the reference */
void api_answer_text(struct api_call *c, unsigned status, const char *type, char *text); /* owns */
void api_answer_problem(struct api_call *c, unsigned status, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void api_answer_error(struct api_call *c, const struct error *err); /* status by its code */

/* The file c->path, of the type that c->rest names, opened on the pool. absent: see api_call. */
void api_answer_file(struct api_call *c, const char *absent);

/* Asks the queue for c->query; a failure to do so is answered. */
void api_ask(struct api_call *c, jobs_done_fn *done);
/* The body becomes c->body, with a NUL behind it; -ENOMEM has been answered. */
int api_keep_body(struct api_call *c, const struct http_request *req) MUST_USE;

/* Runs work on the pool, then after on the loop; a failure to do so is answered. */
void api_offload(struct api_call *c, uv_work_cb work, uv_after_work_cb after);

/*
 * A parameter of the query, decoded. 1: there; 0: not; -EINVAL: there is another, or it is too
 * long or badly encoded.
 */
int api_query(const struct http_request *req, const char *name, char *ret, size_t size) MUST_USE;
int api_number(uint64_t *ret, const char *text) MUST_USE; /* -EINVAL: no whole number */

/* Several: bit i is set where list[i] is there; else its room is as it was. -EINVAL as above. */
struct api_parameter {
	const char *name;
	char *ret;
	size_t size;
};
int api_parameters(const struct http_request *req, const struct api_parameter *list,
                   size_t n) MUST_USE;

typedef void api_handler(struct api_call *c, const struct http_request *req);
api_handler api_jobs_add, api_jobs_list, api_jobs_get, api_jobs_cancel, api_jobs_retry,
	api_jobs_accept, api_jobs_events, api_jobs_report;
api_handler api_backup, api_findings_list, api_findings_ack, api_trends;
api_handler api_index, api_job_page, api_job_script, api_to_index;
api_handler api_healthz, api_readyz, api_metrics, api_catalogue, api_endpoints;
