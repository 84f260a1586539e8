/* SPDX-License-Identifier: MIT */
/*
 * The store as one file, while it is in use.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/api_impl.h"
#include "daemon/store_backup.h"

#define COPY "backup.new" /* in the state's directory, which has one daemon */

static void copy_work(uv_work_t *work)
{
	struct api_call *c = work->data;
	CLEANUP(freep) char *store = NULL;

	if (asprintf(&store, "%s/" STORE_FILE, c->config->state) < 0) {
		store = NULL;
		error_set(&c->err, -ENOMEM, "out of memory");
		return;
	}
	if (store_backup(store, c->path, &c->err) < 0)
		return;
	(void)!file_source_open(&c->source, &c->about, c->api->env.loop, c->path, &c->err);
	(void)unlink(c->path); /* it is there as long as it is read */
}

static void on_copied(uv_work_t *work, int status)
{
	struct api_call *c = work->data;
	struct http_reply reply = {.status = 200, .type = "application/vnd.sqlite3"};

	(void)status; /* nobody cancels it */
	c->api->backing_up = false;
	if (c->err.code < 0) {
		api_answer_error(c, &c->err);
		return;
	}
	reply.source = TAKE(c->source);
	reply.source_len = c->about.bytes;
	api_answer(c, &reply);
}

void api_backup(struct api_call *c, const struct http_request *req)
{
	(void)req;
	if (c->api->backing_up) {
		api_answer_problem(c, 409, "a backup is being made: try again when it is done");
		return;
	}
	if (asprintf(&c->path, "%s/" COPY, c->config->state) < 0) {
		c->path = NULL;
		api_answer_problem(c, 503, "out of memory");
		return;
	}
	c->api->backing_up = true;
	api_offload(c, copy_work, on_copied);
}
