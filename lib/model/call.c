/* SPDX-License-Identifier: MIT */
#include "lib/model/call.h"

#include <errno.h>
#include <stdio.h>

#define TRIES_MAX       3
#define BACKOFF_MS      200  /* doubles ... */
#define BACKOFF_MAX_MS  2000 /* ... up to this */
#define PROGRESS_GAP_MS 100
#define WARMER          0.1 /* degrees for another try after an answer that was no good */

static void call_decide(struct model_call *c);

/* --- state and time ----------------------------------------------------- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a && a < b ? a : b;
}

static void call_on_timer(uv_timer_t *timer);

static void call_arm(struct model_call *c)
{
	uint64_t now = uv_now(c->model->loop), due = UINT64_MAX;

	due = earlier(c->total_due, due);
	if (c->state == CALL_SENT)
		due = earlier(c->token_due, due);
	if (c->state == CALL_STREAMING)
		due = earlier(c->idle_due, due);
	if (c->state == CALL_BACKOFF)
		due = earlier(c->wake_due, due);
	if (c->http) {
		due = earlier(call_silence_due(c), due);
		due = earlier(call_ping_due(c), due);
	}
	if (c->dirty)
		due = earlier(c->progress_due, due);
	if (c->cancelled && !c->http)
		due = now;
	if (due < UINT64_MAX)
		(void)uv_timer_start(&c->timer, call_on_timer, due > now ? due - now : 0, 0);
}

void call_tell(struct model_call *c)
{
	static const char *const words[CALL_STATES] = {
		[CALL_QUEUED] = "queued",   [CALL_PROBING] = "queued",
		[CALL_COUNTING] = "queued", [CALL_BACKOFF] = "queued",
		[CALL_SENT] = "sent",       [CALL_STREAMING] = "streaming"};
	uint64_t now = uv_now(c->model->loop);

	c->dirty = false;
	if (!c->ops.on_progress || !words[c->state])
		return;
	if (now < c->progress_due) {
		c->dirty = true;
		return;
	}
	c->progress_due = now + PROGRESS_GAP_MS;
	c->ops.on_progress(c->arg, words[c->state], c->tokens);
}

/* The only place where the state changes. */
void call_enter(struct model_call *c, enum call_state state)
{
	uint64_t now = uv_hrtime();

	c->spent_ns[c->state] += now - c->since_ns;
	c->since_ns = now;
	c->state = state;
	call_tell(c);
	call_arm(c);
}

/* --- the end ------------------------------------------------------------ */

static int final_status(const struct model_call *c)
{
	if (c->cancelled)
		return -ECANCELED;
	return c->failure.class == FAILURE_NONE ? 0 : c->failure.code;
}

static void call_on_closed(uv_handle_t *handle)
{
	struct model_call *c = handle->data;
	struct model_result res = {.status = final_status(c), .answer = "", .lost_ms = c->lost_ms};

	call_record_fill(c, res.status);
	if (res.status == 0) {
		res.answer = buf_text(&c->answer);
		res.answer_len = c->answer.len;
	}
	res.record = c->record;
	res.room = c->wire ? call_room(c) : -1;
	model_forget(c->model, c);
	c->ops.on_done(c->arg, &res);
	call_free(c);
}

void call_end(struct model_call *c)
{
	call_enter(c, CALL_ENDING);
	uv_close((uv_handle_t *)&c->timer, call_on_closed);
}

/* --- after a try -------------------------------------------------------- */

static uint64_t backoff_ms(unsigned n)
{
	uint64_t ms = n < 5 ? (uint64_t)BACKOFF_MS << n : BACKOFF_MAX_MS;

	ms = ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
	return ms - uv_hrtime() / 1000 % (ms / 4); /* so that calls do not come back in step */
}

static void call_back_off(struct model_call *c, uint64_t ms)
{
	c->wake_due = uv_now(c->model->loop) + ms;
	call_enter(c, CALL_BACKOFF);
}

/* After a try that failed, unless patience would end meanwhile. */
static void try_later(struct model_call *c)
{
	uint64_t ms = backoff_ms(c->failures);

	if (++c->failures == TRIES_MAX) {
		call_end(c);
		return;
	}
	c->lost_ms += ms;
	if (call_is_out_of_patience(c))
		call_end(c);
	else
		call_back_off(c, ms);
}

static void call_queue(struct model_call *c)
{
	call_enter(c, CALL_QUEUED);
	model_kick(c->model);
}

/* The same seed would give the same answer. */
static void other_seed(struct model_options *o)
{
	if (o->seed != -1)
		o->seed++;
}

static void other_dice(struct model_options *o)
{
	other_seed(o);
	if (!isnan(o->temperature))
		o->temperature += WARMER;
}

static void cross_off(struct model_call *c, const struct endpoint *ep)
{
	for (size_t i = 0; i < c->n_order; i++)
		c->tried[i] = c->tried[i] || &c->model->endpoints[c->order[i]] == ep;
}

static void wait_for_loading(struct model_call *c)
{
	uint64_t now = uv_now(c->model->loop);

	if (!c->loading_due)
		c->loading_due = now + c->ep->timeouts.first_token_ms;
	if (now >= c->loading_due) {
		c->failure.code = -ETIMEDOUT;
		call_end(c);
		return;
	}
	c->attempts--; /* the server did not try either */
	call_back_off(c, backoff_ms(c->loading_waits++));
}

/* c->failure says how the last try went. */
static void call_decide(struct model_call *c)
{
	if (c->cancelled) {
		call_end(c);
		return;
	}
	switch (c->failure.class) {
	case FAILURE_LATER:
		try_later(c);
		break;
	case FAILURE_AGAIN:
		other_dice(&c->options);
		if (++c->failures < TRIES_MAX && !call_is_out_of_patience(c))
			call_queue(c);
		else
			call_end(c);
		break;
	case FAILURE_SCHEMA:
		call_queue(c);
		break;
	case FAILURE_LOADING:
		wait_for_loading(c);
		break;
	case FAILURE_ELSEWHERE:
		cross_off(c, c->ep);
		if (call_is_out_of_patience(c))
			call_end(c);
		else
			call_queue(c); /* which ends it when there is nowhere else to go */
		break;
	case FAILURE_NONE:
	case FAILURE_FINAL:
		call_end(c);
		break;
	}
}

static void take(struct model_call *c)
{
	const struct load load = call_load(c, c->ep);

	endpoint_take(c->ep);
	if (c->wire->sends_context)
		loads_take(&c->ep->loads, &load);
}

static void release(struct model_call *c)
{
	const struct load load = call_load(c, c->ep);

	endpoint_release(c->ep);
	if (c->wire->sends_context)
		loads_release(&c->ep->loads, &load);
}

static void leave_endpoint(struct model_call *c)
{
	const struct failure *f = &c->failure;

	release(c);
	if (f->unhealthy)
		endpoint_failed(c->ep, f->text, uv_now(c->model->loop));
	else if (f->class != FAILURE_LOADING && !c->cancelled)
		endpoint_did_well(c->ep, f->text);
	if (f->code == -ECONNREFUSED)
		endpoint_forget(c->ep);
	model_kick(c->model); /* a slot is free */
}

/* A server that was there a moment ago is being restarted, and worth waiting for. */
static void soften_refusal(struct model_call *c)
{
	if (c->failure.code == -ECONNREFUSED && c->failures > 0)
		c->failure.class = FAILURE_LATER;
}

/* It may be the text so far that the server could not bear: Ollama gives up on repetitions so. */
static void judge_cut_stream(struct model_call *c)
{
	failure_set(&c->failure, FAILURE_LATER, -EPIPE, "the stream ended before the answer did");
	if (c->tokens)
		other_seed(&c->options);
}

static void judge_end(struct model_call *c, const struct http_end *end)
{
	struct failure *f = &c->failure;

	if (c->done && c->answer.len)
		return;
	if (c->done) {
		if (c->metrics.output_tokens < 0)
			c->metrics.output_tokens = 0;
		failure_set(f, FAILURE_AGAIN, -ENODATA, "the answer is empty");
	} else if (end->status < 0) {
		failure_of_http(f, end, c->ep, c->record.model);
	} else {
		judge_cut_stream(c);
	}
}

static void judge_reader(struct model_call *c, int r)
{
	if (r == -EBADMSG)
		failure_set(&c->failure, FAILURE_LATER, r, "the server sent what is not JSON");
	else if (r < 0)
		failure_set(&c->failure, FAILURE_ELSEWHERE, r,
		            "the server sent a line of more than %zu MiB", WIRE_LINE_MAX >> 20);
}

static bool sends_schema(const struct model_call *c)
{
	return c->schema && c->bare != c->ep && !c->ep->refuses_schema;
}

/*
 * A 400 may be about the schema, which not every server knows: the same without it tells. The
 * prompt describes the form of the answer anyhow.
 */
static void suspect_schema(struct model_call *c, const struct http_end *end)
{
	long status = end->http_status;

	if (c->failure.code != -EREMOTEIO || c->failure.class != FAILURE_ELSEWHERE ||
	    !sends_schema(c))
		return;
	if (status != 400 && status != 422 && status != 501)
		return;
	c->failure.class = FAILURE_SCHEMA;
	c->bare = c->ep;
}

static void call_on_http_done(void *arg, const struct http_end *end)
{
	struct model_call *c = arg;

	c->http = NULL;
	if (end->http_status)
		c->ep->heard = uv_now(c->model->loop);
	if (end->status == 0 && c->failure.class == FAILURE_NONE)
		judge_reader(c, wire_reader_end(&c->reader));
	if (c->failure.class == FAILURE_NONE && !c->cancelled)
		judge_end(c, end);
	suspect_schema(c, end);
	soften_refusal(c);
	if (c->failure.class == FAILURE_NONE) {
		call_learn_tokens(c);
		c->ep->refuses_schema |= c->bare == c->ep;
	}
	call_charge_try(c);
	leave_endpoint(c);
	call_decide(c);
}

void call_on_probe_failed(struct model_call *c, struct endpoint *ep, const struct failure *f)
{
	c->ep = ep;
	call_record_place(c, ep);
	c->failure = *f;
	c->lost_ms += (uv_hrtime() - c->since_ns) / 1000000;
	soften_refusal(c);
	call_decide(c);
}

/* --- the stream --------------------------------------------------------- */

static void on_text(struct model_call *c, const struct wire_event *ev)
{
	size_t from = c->answer.len;
	const char *trouble;

	buf_add(&c->answer, ev->text, ev->text_len);
	if (c->answer.failed) {
		failure_set(&c->failure, FAILURE_FINAL, -EMSGSIZE,
		            "the answer is longer than %zu MiB", c->answer.max >> 20);
		return;
	}
	trouble = watchdog_feed(&c->dog, c->answer.data, from, c->answer.len);
	if (trouble)
		failure_set(&c->failure, FAILURE_AGAIN, -EPROTO, "the model wrote %s", trouble);
	if (!c->first_ns)
		c->first_ns = uv_hrtime();
	c->tokens++;
}

/* It may be the text so far that the server could not bear. */
static void on_error(struct model_call *c, const struct wire_event *ev)
{
	failure_set(&c->failure, FAILURE_LATER, -EREMOTEIO, "the server gave up: %s",
	            ev->error.text);
	other_seed(&c->options);
}

static int call_on_event(void *arg, const struct wire_event *ev)
{
	struct model_call *c = arg;
	bool news = ev->text_len || ev->thinking || ev->done;

	wire_metrics_merge(&c->metrics, &ev->metrics);
	if (ev->model && !c->record.model[0])
		(void)snprintf(c->record.model, sizeof c->record.model, "%s", ev->model);
	if (ev->failed)
		on_error(c, ev);
	else if (ev->text_len)
		on_text(c, ev);
	c->done = c->done || ev->done;
	c->cut = c->cut || ev->cut;
	if (news)
		c->idle_due = uv_now(c->model->loop) + c->ep->timeouts.idle_ms;
	if (news && c->state == CALL_SENT)
		call_enter(c, CALL_STREAMING);
	return c->failure.class == FAILURE_NONE ? 0 : -ECANCELED;
}

static bool call_on_body(void *arg, const char *bytes, size_t len)
{
	struct model_call *c = arg;
	bool was_dirty = c->dirty;
	uint64_t tokens = c->tokens;
	int r;

	c->news_at = c->ep->heard = uv_now(c->model->loop);
	r = wire_reader_feed(&c->reader, bytes, len);

	judge_reader(c, r == -ECANCELED ? 0 : r);
	if (c->tokens != tokens && c->state == CALL_STREAMING)
		call_tell(c);
	if (c->dirty && !was_dirty)
		call_arm(c);
	return r == 0;
}

/* --- clocks ------------------------------------------------------------- */

static void call_time_out(struct model_call *c, enum failure_class class, const char *what)
{
	if (!c->done) { /* else only the end of the stream is missing */
		failure_set(&c->failure, class, -ETIMEDOUT, "%s", what);
		c->failure.unhealthy = true;
	}
	if (c->http)
		http_cancel(c->http);
	else
		call_end(c);
}

static void call_ping(struct model_call *c)
{
	uint64_t now = uv_now(c->model->loop);

	if (!c->patience_ms || !c->http || now < call_ping_due(c))
		return;
	c->pinged_at = now;
	model_ping(c->model, c->ep);
}

static void call_on_timer(uv_timer_t *timer)
{
	struct model_call *c = timer->data;
	uint64_t now = uv_now(c->model->loop);

	if (c->cancelled && !c->http)
		call_end(c);
	else if (c->failure.class != FAILURE_NONE && c->http)
		return; /* it is being cancelled */
	else if (c->total_due && now >= c->total_due)
		call_time_out(c, FAILURE_FINAL, "the call took longer than its time limit");
	else if (c->state == CALL_SENT && now >= c->token_due)
		call_time_out(c, FAILURE_ELSEWHERE, "no first token in time");
	else if (c->state == CALL_STREAMING && now >= c->idle_due)
		call_time_out(c, FAILURE_LATER, "the stream stalled");
	else if (c->patience_ms && c->http && now >= call_silence_due(c))
		call_time_out(c, FAILURE_ELSEWHERE, "the server gives no sign of life");
	else if (c->state == CALL_BACKOFF && now >= c->wake_due)
		call_queue(c);
	else {
		call_ping(c);
		if (c->dirty && now >= c->progress_due)
			call_tell(c);
		call_arm(c);
	}
}

/* --- a try -------------------------------------------------------------- */

static void try_reset(struct model_call *c)
{
	if (c->wire)
		wire_reader_done(&c->reader);
	c->wire = c->ep->provider == PROVIDER_OLLAMA ? &wire_ollama : &wire_openai;
	wire_reader_init(&c->reader, c->wire, WIRE_LINE_MAX, call_on_event, c);
	buf_done(&c->answer);
	c->dog = (struct watchdog){.json = c->schema};
	c->metrics = (struct wire_metrics)WIRE_METRICS_NONE;
	c->failure = (struct failure){0};
	c->done = c->cut = false;
	c->tokens = 0;
	c->first_ns = c->news_at = 0;
	c->try_began = uv_now(c->model->loop);
}

static char *body_text(const struct model_call *c)
{
	const char *name = call_model_name(c, c->ep);
	struct wire_request req = {.model = name[0] ? name : "default",
	                           .keep_alive = c->ep->keep_alive,
	                           .messages = c->messages,
	                           .schema = sends_schema(c) ? c->schema : NULL,
	                           .options = &c->options,
	                           .is_llama = c->ep->is_llama};
	CLEANUP(json_decrefp) json_t *body = c->wire->body(&req);

	return body ? json_dumps(body, JSON_COMPACT) : NULL;
}

static int post(struct model_call *c, struct error *err)
{
	static const struct http_ops ops = {call_on_body, call_on_http_done};
	CLEANUP(freep) char *body = body_text(c);
	struct http_request req = {.url = &c->ep->url,
	                           .path = c->wire->path,
	                           .api_key = c->ep->api_key,
	                           .body = body,
	                           .body_len = body ? strlen(body) : 0,
	                           .connect_ms = c->ep->timeouts.connect_ms};

	if (!body)
		return error_set(err, -ENOMEM, "out of memory");
	return http_start(&c->http, c->model->http, &req, &ops, c, err);
}

static void call_post(struct model_call *c)
{
	struct error err = {0};
	uint64_t now = uv_now(c->model->loop);

	if (post(c, &err) < 0) {
		failure_set(&c->failure, FAILURE_FINAL, err.code, "%s", err.text);
		release(c);
		call_decide(c);
		return;
	}
	c->attempts++;
	c->sent_ns = uv_hrtime();
	c->token_due = now + c->ep->timeouts.first_token_ms;
	if (!c->total_due)
		c->total_due = now + c->ep->timeouts.total_ms;
	call_enter(c, CALL_SENT);
}

/* Whether there were too many, or how many there are could not be found out. */
void call_counted(struct model_call *c)
{
	if (c->cancelled || c->failure.class != FAILURE_NONE) {
		leave_endpoint(c);
		call_decide(c);
	} else {
		call_post(c);
	}
}

void call_send(struct model_call *c, struct endpoint *ep)
{
	struct error err = {0};

	c->ep = ep;
	try_reset(c);
	call_record_begin(c);
	c->model->turn = c->turn > c->model->turn ? c->turn : c->model->turn;
	take(c);
	if (c->wire == &wire_ollama && !c->record.model[0])
		failure_set(&c->failure, FAILURE_ELSEWHERE, -EINVAL,
		            "endpoint %s: no model is named; use --model NAME", ep->name);
	if (c->failure.class != FAILURE_NONE || !call_fits(c)) {
		release(c);
		call_decide(c);
	} else if (call_must_count(c) && call_count(c, &err) == 0) {
		call_enter(c, CALL_COUNTING);
	} else {
		call_post(c);
	}
}

void call_cancel(struct model_call *c)
{
	if (c->cancelled || c->state == CALL_ENDING)
		return;
	c->cancelled = true;
	if (c->http)
		http_cancel(c->http);
	else
		call_arm(c);
}

void call_set_patience(struct model_call *c, uint64_t patience_ms)
{
	c->patience_ms = patience_ms;
	if (c->http)
		call_arm(c);
}
