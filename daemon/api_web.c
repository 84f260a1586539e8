/* SPDX-License-Identifier: MIT */
/*
 * The web pages: the index of the reports, and a page that follows a job (job.html, job.js), in
 * which nothing is from outside: the script reads the job's id from its own address. The reports
 * themselves are served by api_jobs.c.
 */
#include <stdio.h>

#include "daemon/api_impl.h"
#include "daemon/job_page.h"

void api_job_page(struct api_call *c, const struct http_request *req)
{
	(void)req;
	api_answer_text(c, 200, "text/html; charset=utf-8", strdup(job_html));
}

void api_job_script(struct api_call *c, const struct http_request *req)
{
	(void)req;
	api_answer_text(c, 200, "text/javascript; charset=utf-8", strdup(job_js));
}

void api_to_index(struct api_call *c, const struct http_request *req)
{
	struct http_reply reply = {.status = 303, .type = "text/plain; charset=utf-8"};

	(void)req;
	(void)snprintf(reply.location, sizeof reply.location, "/reports/index.html");
	api_answer(c, &reply);
}

void api_index(struct api_call *c, const struct http_request *req)
{
	(void)req;
	if (asprintf(&c->path, "%s/index.html", c->config->reports) < 0) {
		c->path = NULL;
		api_answer_problem(c, 503, "out of memory");
		return;
	}
	api_answer_file(c, "there is no report yet: chimeractl review PATH");
}
