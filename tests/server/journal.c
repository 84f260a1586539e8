/* SPDX-License-Identifier: MIT */
/* What was asked and how it ended, a line of JSON each. Times are uv_hrtime(), CLOCK_MONOTONIC. */
#include "lib/base/digest.h"
#include "tests/server/server.h"

static void write_line(FILE *file, json_t *line)
{
	(void)json_dumpf(line, file, JSON_COMPACT);
	(void)fputc('\n', file);
	(void)fflush(file);
	json_decref(line);
}

static void digest_of(char ret[static DIGEST_TEXT_BYTES], const struct request *req)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();

	ret[0] = '\0';
	if (!d)
		return;
	digest_add(d, req->body, req->len);
	digest_text(d, ret);
}

void journal_request(struct conn *c, const struct request *req)
{
	char digest[DIGEST_TEXT_BYTES];

	if (!c->server->journal)
		return;
	digest_of(digest, req);
	write_line(c->server->journal,
	           json_pack("{s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:o, s:O?}", "event", "request",
	                     "n", (json_int_t)c->n, "connection", (json_int_t)c->id, "time_ns",
	                     (json_int_t)uv_hrtime(), "method", req->method, "path", req->path,
	                     "digest", digest, "load", script_load_options(req), "body",
	                     req->json));
}

void journal_end(struct conn *c, const char *how)
{
	if (c->server->journal)
		write_line(c->server->journal,
		           json_pack("{s:s, s:I, s:I, s:s, s:I, s:I}", "event", "end", "n",
		                     (json_int_t)c->n, "time_ns", (json_int_t)uv_hrtime(), "how",
		                     how, "bytes", (json_int_t)c->sent, "tokens",
		                     (json_int_t)c->told));
}
