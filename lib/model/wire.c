/* SPDX-License-Identifier: MIT */
#include "lib/model/wire.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "lib/base/utf8.h"

#define COUNT_MAX   INT64_C(9007199254740992) /* 2^53: what a double still counts one by one */
#define NESTING_MAX 4                         /* errors wrapped in errors */

/* --- numbers ------------------------------------------------------------ */

int64_t wire_int(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	json_int_t n = json_is_integer(v) ? json_integer_value(v) : -1;

	return n >= 0 && n <= COUNT_MAX ? (int64_t)n : -1;
}

double wire_ms(const json_t *object, const char *key, double per_ms)
{
	const json_t *v = json_object_get(object, key);
	double n = json_is_number(v) ? json_number_value(v) / per_ms : -1;

	return n >= 0 && n <= (double)COUNT_MAX ? n : (double)NAN;
}

static void put_real(json_t *object, const char *key, double value)
{
	if (!isnan(value))
		(void)json_object_set_new(object, key, json_real(value));
}

void wire_put_int(json_t *object, const char *key, int64_t value)
{
	if (value != -1)
		(void)json_object_set_new(object, key, json_integer(value));
}

void wire_put_sampling(json_t *object, const struct model_options *o)
{
	put_real(object, "temperature", o->temperature);
	put_real(object, "top_p", o->top_p);
	put_real(object, "min_p", o->min_p);
	put_real(object, "repeat_penalty", o->repeat_penalty);
	wire_put_int(object, "top_k", o->top_k);
	wire_put_int(object, "seed", o->seed);
}

static void keep_known(double *into, double news)
{
	if (!isnan(news))
		*into = news;
}

void wire_metrics_merge(struct wire_metrics *into, const struct wire_metrics *news)
{
	if (news->prompt_tokens >= 0)
		into->prompt_tokens = news->prompt_tokens;
	if (news->output_tokens >= 0)
		into->output_tokens = news->output_tokens;
	keep_known(&into->load_ms, news->load_ms);
	keep_known(&into->prompt_eval_ms, news->prompt_eval_ms);
	keep_known(&into->eval_ms, news->eval_ms);
}

void wire_event_init(struct wire_event *ev)
{
	*ev = (struct wire_event){.text = "", .metrics = WIRE_METRICS_NONE};
}

/* --- text --------------------------------------------------------------- */

void wire_tidy(char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t n = utf8_length(text, left);

		if (n == 0)
			*text = '?';
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = ' ';
		text += n ? n : 1;
		left -= n ? n : 1;
	}
}

static void copy_text(char *ret, size_t size, const char *text, size_t len)
{
	size_t n = utf8_cut(text, len, size - 1);

	memcpy(ret, text, n);
	ret[n] = '\0';
	wire_tidy(ret);
}

/* --- errors ------------------------------------------------------------- */

static void error_read(struct wire_error *ret, const json_t *error, int depth);

/* Ollama hands on the error of its child as JSON within a text. */
static void error_read_text(struct wire_error *ret, const char *text, size_t len, int depth)
{
	CLEANUP(json_decrefp) json_t *inner = NULL;

	if (len && text[0] == '{' && depth < NESTING_MAX)
		inner = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	if (inner)
		error_read(ret, inner, depth + 1);
	else
		copy_text(ret->text, sizeof ret->text, text, len);
}

static void error_read(struct wire_error *ret, const json_t *error, int depth)
{
	const json_t *inner = json_object_get(error, "error");
	const json_t *type = json_object_get(error, "type");
	const json_t *message = json_object_get(error, "message");

	if (!message)
		message = json_object_get(error, "detail");
	if (json_is_string(type))
		copy_text(ret->type, sizeof ret->type, json_string_value(type),
		          json_string_length(type));
	if (json_is_string(error))
		error_read_text(ret, json_string_value(error), json_string_length(error), depth);
	else if (inner && depth < NESTING_MAX)
		error_read(ret, inner, depth + 1);
	else if (json_is_string(message))
		error_read_text(ret, json_string_value(message), json_string_length(message),
		                depth);
}

static void error_never_empty(struct wire_error *ret)
{
	if (!ret->text[0])
		(void)snprintf(ret->text, sizeof ret->text, "no reason given");
}

void wire_error_of(struct wire_error *ret, const json_t *error)
{
	*ret = (struct wire_error){0};
	error_read(ret, error, 0);
	error_never_empty(ret);
}

void wire_error_parse(struct wire_error *ret, const char *body, size_t len)
{
	CLEANUP(json_decrefp) json_t *doc = json_loadb(body, len, 0, NULL);

	*ret = (struct wire_error){0};
	if (doc)
		error_read(ret, doc, 0);
	else
		copy_text(ret->text, sizeof ret->text, body, strcspn(body, "\r\n"));
	error_never_empty(ret);
}

/* --- requests ----------------------------------------------------------- */

static int add_message(json_t *messages, const char *role, const char *text)
{
	json_t *content = json_string(text);

	if (!content)
		return -EINVAL;
	return json_array_append_new(messages,
	                             json_pack("{s:s, s:o}", "role", role, "content", content));
}

json_t *wire_messages(const char *system, const char *user)
{
	CLEANUP(json_decrefp) json_t *messages = json_array();

	if (!messages || (system && add_message(messages, "system", system)) ||
	    add_message(messages, "user", user))
		return NULL;
	return TAKE(messages);
}

/* --- the stream --------------------------------------------------------- */

void wire_reader_init(struct wire_reader *r, const struct wire *wire, size_t line_max,
                      wire_event_fn *fn, void *arg)
{
	*r = (struct wire_reader){.wire = wire,
	                          .lines = {.max = line_max},
	                          .sse = SSE_INIT(line_max),
	                          .alike = ALIKE_INIT,
	                          .fn = fn,
	                          .arg = arg};
}

static int on_parsed(void *arg, const struct wire_event *ev)
{
	struct wire_reader *r = arg;

	alike_learn(&r->alike, r->event, r->event_len, ev);
	return r->fn(r->arg, ev);
}

static int read_event(struct wire_reader *r, const char *text, size_t len)
{
	struct wire_event ev;

	if (alike_read(&r->alike, text, len, &ev))
		return r->fn(r->arg, &ev);
	r->event = text;
	r->event_len = len;
	return r->wire->parse(text, len, on_parsed, r);
}

static int on_line(void *arg, char *line, size_t len)
{
	return len ? read_event(arg, line, len) : 0;
}

static int on_sse(void *arg, bool is_error, const char *text, size_t len)
{
	struct wire_reader *r = arg;
	struct wire_event ev;

	if (!is_error)
		return read_event(r, text, len);
	wire_event_init(&ev);
	ev.failed = true;
	wire_error_parse(&ev.error, text, len);
	return r->fn(r->arg, &ev);
}

int wire_reader_feed(struct wire_reader *r, const char *bytes, size_t len)
{
	if (r->wire->sse)
		return sse_feed(&r->sse, bytes, len, on_sse, r);
	return lines_feed(&r->lines, bytes, len, on_line, r);
}

int wire_reader_end(struct wire_reader *r)
{
	int got;

	if (r->wire->sse)
		got = sse_end(&r->sse, on_sse, r);
	else
		got = lines_pending(&r->lines) ? on_line(r, r->lines.buf, r->lines.len) : 0;
	return got == -EBADMSG ? 0 : got; /* half a line: the stream was cut */
}

void wire_reader_done(struct wire_reader *r)
{
	lines_free(&r->lines);
	sse_done(&r->sse);
	alike_done(&r->alike);
}
