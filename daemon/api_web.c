/* SPDX-License-Identifier: MIT */
/*
 * The web pages: the index of the reports, and a page that follows a job. The reports themselves
 * are served by api_jobs.c.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/api_impl.h"
#include "daemon/file_source.h"

/* Nothing from outside is in this text: the script reads the job's id from its own address. */
static const char job_page[] =
	"<!doctype html>\n"
	"<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Job</title>\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'\">\n"
	"<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:48rem;"
	"padding:0 1rem}td,th{padding:.2rem 1rem .2rem 0;text-align:left}"
	"td.n{text-align:right;font-variant-numeric:tabular-nums}</style>\n"
	"</head><body><h1>Job <span id=\"id\"></span></h1>\n"
	"<p role=\"status\"><strong id=\"state\">asking</strong> <span id=\"what\"></span></p>\n"
	"<table><thead><tr><th scope=\"col\">Step</th><th scope=\"col\">State</th>"
	"<th scope=\"col\">Seconds</th><th scope=\"col\">Calls ended</th></tr></thead>"
	"<tbody id=\"steps\"></tbody></table>\n"
	"<p id=\"report\" hidden><a id=\"link\">The report</a></p>\n"
	"<noscript><p>Without a script this page cannot follow the job: chimeractl watch does."
	"</p></noscript>\n"
	"<p><a href=\"/reports/index.html\">All reports</a></p>\n"
	"<script src=\"/job.js\"></script></body></html>\n";

static const char job_script[] =
	"'use strict';\n"
	"const id = location.pathname.split('/')[2];\n"
	"const at = name => document.getElementById(name);\n"
	"const rows = new Map(), ended = ['succeeded', 'failed', 'cancelled'];\n"
	"function cell(row, i, text) { row.cells[i].textContent = text; }\n"
	"function row(step) {\n"
	"\tif (!rows.has(step)) {\n"
	"\t\tconst r = at('steps').insertRow();\n"
	"\t\tfor (let i = 0; i < 4; i++) r.insertCell().className = i > 1 ? 'n' : '';\n"
	"\t\tcell(r, 0, step);\n"
	"\t\tcell(r, 3, '0');\n"
	"\t\trows.set(step, r);\n"
	"\t}\n"
	"\treturn rows.get(step);\n"
	"}\n"
	"function show(job) {\n"
	"\tat('id').textContent = job.id;\n"
	"\tat('state').textContent = job.state;\n"
	"\tconst why = job.error ? job.error.detail || job.error.title : job.verdict;\n"
	"\tat('what').textContent = why ? why.replace('_', ' ') : '';\n"
	"\tat('report').hidden = job.state !== 'succeeded';\n"
	"\tat('link').href = '/reports/' + encodeURIComponent(job.id) + '/report.html';\n"
	"\treturn ended.includes(job.state);\n"
	"}\n"
	"const events = new EventSource('/v1/jobs/' + id + '/events');\n"
	"events.addEventListener('step', e => {\n"
	"\tconst s = JSON.parse(e.data);\n"
	"\tcell(row(s.id), 1, s.state);\n"
	"\tif (s.state === 'done') cell(row(s.id), 2, (s.wall_ms / 1000).toFixed(1));\n"
	"});\n"
	"events.addEventListener('call', e => {\n"
	"\tconst c = JSON.parse(e.data);\n"
	"\tif (c.state !== 'done' && c.state !== 'failed') return;\n"
	"\tcell(row(c.step), 3, Number(row(c.step).cells[3].textContent) + 1);\n"
	"});\n"
	"events.addEventListener('state', e => { if (show(JSON.parse(e.data))) events.close(); "
        "});\n"
	"fetch('/v1/jobs/' + id).then(r => r.json()).then(show);\n";

static void answer_static(struct api_call *c, const char *type, const char *text)
{
	api_answer_text(c, 200, type, strdup(text));
}

void api_job_page(struct api_call *c, const struct http_request *req)
{
	(void)req;
	answer_static(c, "text/html; charset=utf-8", job_page);
}

void api_job_script(struct api_call *c, const struct http_request *req)
{
	(void)req;
	answer_static(c, "text/javascript; charset=utf-8", job_script);
}

void api_to_index(struct api_call *c, const struct http_request *req)
{
	struct http_reply reply = {.status = 303, .type = "text/plain; charset=utf-8"};

	(void)req;
	(void)snprintf(reply.location, sizeof reply.location, "/reports/index.html");
	api_answer(c, &reply);
}

static void open_index(uv_work_t *work)
{
	struct api_call *c = work->data;

	(void)!file_source_open(&c->source, &c->source_len, c->api->env.loop, c->path, &c->err);
}

static void on_index(uv_work_t *work, int status)
{
	struct api_call *c = work->data;
	struct http_reply reply = {
		.status = 200, .type = "text/html; charset=utf-8", .source_len = c->source_len};

	(void)status; /* nobody cancels it */
	if (c->err.code == -ENOENT) {
		api_answer_problem(c, 404, "there is no report yet: chimeractl review PATH");
	} else if (c->err.code < 0) {
		api_answer_problem(c, 500, "%s", c->err.text);
	} else {
		reply.source = TAKE(c->source);
		api_answer(c, &reply);
	}
}

void api_index(struct api_call *c, const struct http_request *req)
{
	(void)req;
	if (asprintf(&c->path, "%s/index.html", c->config->reports) < 0) {
		c->path = NULL;
		api_answer_problem(c, 503, "out of memory");
		return;
	}
	api_offload(c, open_index, on_index);
}
