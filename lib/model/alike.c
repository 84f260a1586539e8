/* SPDX-License-Identifier: MIT */
#include "lib/model/alike.h"

#include <math.h>

#include "lib/base/utf8.h"
#include "lib/model/wire.h"

#define NONE SIZE_MAX

/* --- strings ------------------------------------------------------------------ */

/* What stands behind a backslash, '\0' for what the parser shall read. */
static char unescaped(char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c ? strchr(from, c) : NULL;

	return at ? to[at - from] : '\0';
}

/* Bytes that stand for themselves at p. */
static size_t plain_run(const char *p, size_t left)
{
	size_t i = 0;

	while (i < left && p[i] != '"' && p[i] != '\\') {
		size_t n = (unsigned char)p[i] < ' ' ? 0 : utf8_length(p + i, left - i);

		if (n == 0)
			break;
		i += n;
	}
	return i;
}

/* Decodes the string whose first byte is bytes[at]; returns where its end quote is, or NONE. */
static size_t read_string(struct buf *ret, const char *bytes, size_t at, size_t len)
{
	ret->len = 0;
	buf_puts(ret, ""); /* it may stay so */
	while (at < len && bytes[at] != '"') {
		size_t n = plain_run(bytes + at, len - at);
		char c;

		buf_add(ret, bytes + at, n);
		at += n;
		if (at == len || bytes[at] == '"')
			continue;
		c = bytes[at] == '\\' && at + 1 < len ? unescaped(bytes[at + 1]) : '\0';
		if (!c)
			return NONE;
		buf_putc(ret, c);
		at += 2;
	}
	return at < len && !ret->failed ? at : NONE;
}

/* A time has no characters that could mean something else. */
static size_t read_time(const char *bytes, size_t at, size_t len)
{
	while (at < len && bytes[at] != '"') {
		if (!strchr("0123456789-+:.TZ", bytes[at]) || !bytes[at])
			return NONE;
		at++;
	}
	return at < len ? at : NONE;
}

/* --- learning ------------------------------------------------------------------- */

/*
 * Where the string of the only member so called begins, or NONE. Within a string, the end quote of
 * the name would have a backslash, or the first one, or this is the name of a member.
 */
static size_t find_member(const char *bytes, size_t len, const char *name)
{
	size_t n = strlen(name);
	const char *at = memmem(bytes, len, name, n), *rest = at ? at + n : NULL;

	if (!at || (at > bytes && at[-1] == '\\') ||
	    memmem(rest, len - (size_t)(rest - bytes), name, n))
		return NONE;
	if (rest < bytes + len && *rest == ' ')
		rest++;
	return rest < bytes + len && *rest == '"' ? (size_t)(rest - bytes) + 1 : NONE;
}

static void add_gap(struct alike *a, size_t from, size_t to)
{
	a->gaps[a->n_gaps].from = from;
	a->gaps[a->n_gaps].to = to;
	a->n_gaps++;
}

/* Only then is the text all that it says. */
static bool is_a_word(const struct wire_event *ev)
{
	const struct wire_metrics *m = &ev->metrics;

	return ev->text_len && !ev->thinking && !ev->done && !ev->cut && !ev->failed &&
	       m->prompt_tokens < 0 && m->output_tokens < 0 && isnan(m->load_ms) &&
	       isnan(m->prompt_eval_ms) && isnan(m->eval_ms);
}

void alike_learn(struct alike *a, const char *bytes, size_t len, const struct wire_event *ev)
{
	size_t text = NONE, text_end = NONE, time = NONE, time_end = NONE;

	a->n_gaps = 0;
	if (!is_a_word(ev) || len > ALIKE_BYTES_MAX / 2 || memmem(bytes, len, "\\u", 2))
		return; /* names may be written with \u, too */
	text = find_member(bytes, len, "\"content\":");
	time = find_member(bytes, len, "\"created_at\":");
	text_end = text == NONE ? NONE : read_string(&a->word, bytes, text, len);
	time_end = time == NONE ? NONE : read_time(bytes, time, len);
	if (text_end == NONE || a->word.len != ev->text_len ||
	    memcmp(a->word.data, ev->text, ev->text_len) != 0)
		return;
	a->model.len = 0;
	buf_add(&a->model, bytes, len);
	if (a->model.failed)
		return;
	if (time_end != NONE && time < text)
		add_gap(a, time, time_end);
	a->text = a->n_gaps;
	add_gap(a, text, text_end);
	if (time_end != NONE && time > text)
		add_gap(a, time, time_end);
}

/* --- reading ----------------------------------------------------------------------- */

bool alike_read(struct alike *a, const char *bytes, size_t len, struct wire_event *ret)
{
	size_t at = 0, model_at = 0;

	if (a->n_gaps == 0)
		return false;
	for (size_t i = 0; i < a->n_gaps; i++) {
		size_t same = a->gaps[i].from - model_at;

		if (len - at < same || memcmp(bytes + at, a->model.data + model_at, same) != 0)
			return false;
		at += same;
		at = i == a->text ? read_string(&a->word, bytes, at, len)
		                  : read_time(bytes, at, len);
		if (at == NONE)
			return false;
		model_at = a->gaps[i].to;
	}
	if (len - at != a->model.len - model_at ||
	    memcmp(bytes + at, a->model.data + model_at, len - at) != 0)
		return false;
	wire_event_init(ret);
	ret->text = buf_text(&a->word);
	ret->text_len = a->word.len;
	return true;
}

void alike_done(struct alike *a)
{
	buf_done(&a->model);
	buf_done(&a->word);
	a->n_gaps = 0;
}
