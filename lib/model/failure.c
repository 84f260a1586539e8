/* SPDX-License-Identifier: MIT */
#include "lib/model/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void failure_set(struct failure *f, enum failure_class class, int code, const char *fmt, ...)
{
	va_list ap;

	if (f->class != FAILURE_NONE)
		return;
	f->class = class;
	f->code = code;
	f->unhealthy = class == FAILURE_LATER;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	wire_tidy(f->text);
}

bool failure_is_loading(const struct http_end *end)
{
	struct wire_error e;

	if (end->http_status != 503)
		return false;
	wire_error_parse(&e, end->body, end->body_len);
	return strcmp(e.type, "unavailable_error") == 0 || strstr(e.text, "oading model");
}

void failure_no_server(struct failure *f, const struct endpoint *ep, const char *why)
{
	if (f->class != FAILURE_NONE)
		return;
	failure_set(f, FAILURE_ELSEWHERE, -ECONNREFUSED,
	            "no answer at %.120s: %.60s; start the model server or use --endpoint builtin",
	            endpoint_url(ep), why);
	f->unhealthy = true;
}

static void no_model(struct failure *f, const struct endpoint *ep, const char *model,
                     const struct wire_error *e)
{
	if (ep->provider == PROVIDER_OLLAMA)
		failure_set(f, FAILURE_ELSEWHERE, -ENODEV,
		            "model '%s' is not on the server; ollama pull %s", model, model);
	else
		failure_set(f, FAILURE_ELSEWHERE, -ENODEV,
		            "model '%s' is not on the server at %.80s: %s", model, endpoint_url(ep),
		            e->text);
}

static void too_long(struct failure *f, const struct wire_error *e)
{
	failure_set(f, FAILURE_ELSEWHERE, -E2BIG, "the prompt is longer than the context: %s",
	            e->text);
}

/*
 * By the type where there is one. Ollama up to 0.24 has none: "the input length exceeds the context
 * length"; later ones hand on llama-server's, or say "the prompt is longer than the context
 * length".
 */
static bool is_too_long(const struct endpoint *ep, const struct wire_error *e)
{
	return strcmp(e->type, "exceed_context_size_error") == 0 ||
	       (ep->provider == PROVIDER_OLLAMA && strstr(e->text, "the context length"));
}

/* By status and type, not by the words, which change from version to version. */
static void refused(struct failure *f, const struct http_end *end, const struct endpoint *ep,
                    const char *model)
{
	long status = end->http_status;
	struct wire_error e;

	wire_error_parse(&e, end->body, end->body_len);
	if (failure_is_loading(end))
		failure_set(f, FAILURE_LOADING, -EAGAIN, "%.120s is loading its model",
		            endpoint_url(ep));
	else if (status == 404 && end->body_len && end->body[0] == '{' && model && model[0])
		no_model(f, ep, model, &e);
	else if (status == 400 && is_too_long(ep, &e))
		too_long(f, &e);
	else if (status == 401 || status == 403)
		failure_set(f, FAILURE_ELSEWHERE, -EACCES,
		            "%.120s lets us not in (HTTP %ld): %.80s", endpoint_url(ep), status,
		            e.text);
	else if (status / 100 == 3)
		failure_set(f, FAILURE_ELSEWHERE, -EREMOTEIO,
		            "%.120s answers HTTP %ld; redirects are not followed: correct the url",
		            endpoint_url(ep), status);
	else if (status == 408 || status == 429 || (status / 100 == 5 && status != 501))
		failure_set(f, FAILURE_LATER, -EREMOTEIO, "HTTP %ld: %s", status, e.text);
	else
		failure_set(f, FAILURE_ELSEWHERE, -EREMOTEIO, "HTTP %ld: %s", status, e.text);
}

void failure_of_http(struct failure *f, const struct http_end *end, const struct endpoint *ep,
                     const char *model)
{
	if (end->status == -EREMOTEIO)
		refused(f, end, ep, model);
	else if (end->status == -ECONNREFUSED)
		failure_no_server(f, ep, end->why);
	else if (end->status < 0)
		failure_set(f, FAILURE_LATER, end->status, "the connection broke: %s", end->why);
}
