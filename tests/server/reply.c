/* SPDX-License-Identifier: MIT */
/* From a rule of the script to the steps of one reply. */
#include "tests/server/server.h"

#define BYTES_MAX (32U << 20)

static const char *const default_say = "{\"claims\":[{\"about\":[\"K1\"],\"text\":\"The affected "
				       "rows deserve a careful look.\"}]}";

void reply_free(struct reply *r)
{
	for (size_t i = 0; r && i < r->n; i++)
		buf_done(&r->steps[i].bytes);
	free(r);
}
DEFINE_CLEANUP(struct reply *, reply_free)

static struct step *add(struct reply *r, enum step_kind kind)
{
	struct step *s = r->n < STEPS_MAX ? &r->steps[r->n++] : &r->steps[STEPS_MAX - 1];

	s->kind = kind;
	s->bytes.max = BYTES_MAX;
	return s;
}

/* --- speeches ------------------------------------------------------------ */

/* Of the rule, else of the script. */
static const json_t *either(const struct server *s, const json_t *rule, const char *key)
{
	const json_t *v = json_object_get(rule, key);

	return v ? v : json_object_get(s->script, key);
}

static uint64_t number(const struct server *s, const json_t *rule, const char *key,
                       uint64_t otherwise)
{
	const json_t *v = either(s, rule, key);

	return json_is_integer(v) ? (uint64_t)json_integer_value(v) : otherwise;
}

/* Whether the model has to be loaded anew for it. */
static bool loads(struct server *s, const struct request *req)
{
	json_t *wanted = script_load_options(req);
	bool same = s->loaded && json_equal(wanted, s->loaded);

	json_decref(s->loaded);
	s->loaded = wanted;
	return !same;
}

static void read_speech(struct reply *r, struct server *s, const json_t *rule,
                        const struct request *req)
{
	struct speech *sp = &r->speech;
	uint64_t spread = number(s, rule, "spread_ms", 0);

	sp->text = NUL_OR(either(s, rule, "say"), default_say);
	sp->text_len = strlen(sp->text);
	sp->tokens = (unsigned)number(s, rule, "tokens", 8);
	sp->tokens = sp->tokens ? sp->tokens : 1;
	sp->load_ms = loads(s, req) ? number(s, rule, "load_ms", 0) : 0;
	sp->first_ms = number(s, rule, "first_ms", 0);
	sp->first_ms += spread ? s->n_requests * 37 % spread
	                       : 0; /* so that not all speak at once */
	sp->token_ms = number(s, rule, "token_ms", 0);
	sp->stamps = json_is_true(either(s, rule, "stamps"));
	sp->members = either(s, rule, "last");
}

/* Where every write is cut, nothing is timed. */
static void render_speech(struct reply *r, const struct server *s, const struct request *req)
{
	struct buf *b = &add(r, STEP_BYTES)->bytes;
	const struct speech *sp = &r->speech;

	dialect_begin(b, s);
	for (size_t i = 0; i < sp->tokens; i++) {
		size_t from = sp->text_len * i / sp->tokens;

		dialect_token(b, s, sp->text + from, sp->text_len * (i + 1) / sp->tokens - from);
	}
	dialect_end(b, s, sp, req->len);
}

/* --- steps ---------------------------------------------------------------- */

static void put_hex(struct buf *b, const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2) {
		char two[3] = {hex[0], hex[1], '\0'};

		buf_putc(b, (char)strtoul(two, NULL, 16));
	}
}

static bool add_deed(struct reply *r, const char *name)
{
	static const struct {
		const char *name;
		enum step_kind kind;
	} deeds[] = {{"stall", STEP_STALL},
	             {"hold", STEP_HOLD},
	             {"hang_up", STEP_HANG_UP},
	             {"reset", STEP_RESET}};

	for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
		if (strcmp(deeds[i].name, name) == 0) {
			add(r, deeds[i].kind);
			return true;
		}
	}
	return false;
}

static void add_bytes(struct reply *r, const struct server *s, const json_t *item)
{
	json_int_t times = json_integer_value(json_object_get(item, "repeat"));
	const json_t *event = json_object_get(item, "event");
	struct buf *b = &add(r, STEP_BYTES)->bytes;

	do {
		if (event)
			dialect_event(b, s->dialect, event);
		buf_puts(b, NUL_OR(json_object_get(item, "text"), ""));
		put_hex(b, NUL_OR(json_object_get(item, "hex"), ""));
	} while (--times > 0);
}

static bool add_item(struct reply *r, const struct server *s, const json_t *item)
{
	const json_t *wait = json_object_get(item, "wait_ms");
	const char *deed = json_string_value(json_object_get(item, "do"));

	if (json_is_string(item))
		buf_puts(&add(r, STEP_BYTES)->bytes, json_string_value(item));
	else if (wait)
		add(r, STEP_WAIT)->ms = (uint64_t)json_integer_value(wait);
	else if (deed)
		return add_deed(r, deed);
	else
		add_bytes(r, s, item);
	return true;
}

static bool add_all(struct reply *r, const struct server *s, const json_t *items)
{
	const json_t *item;
	size_t i;

	json_array_foreach (items, i, item) {
		if (!add_item(r, s, item))
			return false;
	}
	return true;
}

static void add_body(struct reply *r, const json_t *body)
{
	CLEANUP(freep) char *text = json_is_string(body) ? NULL : json_dumps(body, JSON_COMPACT);

	buf_puts(&add(r, STEP_BYTES)->bytes, text ? text : NUL_OR(body, ""));
	r->whole = true;
}

static bool follow(struct reply *r, struct server *s, const json_t *rule, const struct request *req)
{
	const json_t *send = json_object_get(rule, "send"), *body = json_object_get(rule, "body");
	json_int_t wait = json_integer_value(json_object_get(rule, "wait_ms"));

	r->plain = json_is_true(json_object_get(rule, "plain"));
	r->close = json_is_true(json_object_get(rule, "close"));
	r->piece = (size_t)json_integer_value(json_object_get(rule, "piece"));
	if (wait)
		add(r, STEP_WAIT)->ms = (uint64_t)wait;
	if (json_is_true(json_object_get(rule, "hold")))
		add(r, STEP_HOLD);
	if (body)
		add_body(r, body);
	else if (send)
		return add_all(r, s, send);
	else {
		read_speech(r, s, rule, req);
		if (r->piece)
			render_speech(r, s, req);
		else
			add(r, STEP_SPEAK);
	}
	return true;
}

static bool answer_by_itself(struct reply *r, struct server *s, const struct request *req)
{
	CLEANUP(json_decrefp) json_t *answer = NULL;

	if (dialect_is_chat(req))
		return follow(r, s, NULL, req);
	answer = dialect_answer(s, req);
	r->status = answer ? 200 : 404;
	r->whole = true;
	if (answer)
		add_body(r, answer);
	return true;
}

/* --- the whole ------------------------------------------------------------- */

/* There was no memory, or there are too many steps. */
static bool has_failed(const struct reply *r)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->steps[i].bytes.failed)
			return true;
	}
	return r->n >= STEPS_MAX;
}

struct reply *reply_new(struct server *s, const struct request *req)
{
	CLEANUP(reply_freep) struct reply *r = calloc(1, sizeof *r);
	const json_t *rule = script_rule(s, req);
	const json_t *status = json_object_get(rule, "status");
	bool ok;

	if (!r)
		return NULL;
	r->status = json_is_integer(status) ? (unsigned)json_integer_value(status) : 200;
	ok = rule ? follow(r, s, rule, req) : answer_by_itself(r, s, req);
	r->type = NUL_OR(json_object_get(rule, "type"), r->whole ? "application/json"
	                                                : s->dialect == DIALECT_OLLAMA
	                                                        ? "application/x-ndjson"
	                                                        : "text/event-stream");
	return ok && !has_failed(r) ? TAKE(r) : NULL;
}

bool reply_is_chunked(const struct reply *r)
{
	return !r->plain && !r->whole && !r->close;
}

void reply_head(struct buf *b, const struct reply *r)
{
	if (r->plain)
		return;
	buf_printf(b, "HTTP/1.1 %u %s\r\nContent-Type: %s\r\n", r->status,
	           r->status / 100 == 2 ? "OK" : "No", r->type);
	if (r->whole)
		buf_printf(b, "Content-Length: %zu\r\n", r->n ? r->steps[r->n - 1].bytes.len : 0);
	else if (reply_is_chunked(r))
		buf_puts(b, "Transfer-Encoding: chunked\r\n");
	buf_puts(b, r->close ? "Connection: close\r\n\r\n" : "\r\n");
}
