/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/model/fuzz_stream.h"

#include <assert.h>

#include "lib/model/watchdog.h"

#define LINE_MAX_BYTES 600 /* so that the limit is met too */

struct sum {
	struct buf answer;
	struct watchdog dog;
	bool in_trouble;
	uint64_t hash;
	size_t events;
};

static void mix(struct sum *s, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < len; i++)
		s->hash = (s->hash ^ p[i]) * UINT64_C(1099511628211);
}

/* One line of UTF-8. */
static void check_text(const char *text)
{
	json_t *j = json_string(text);

	assert(j);
	json_decref(j);
	for (; *text; text++)
		assert((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_ms(double ms)
{
	assert(isnan(ms) || (ms >= 0 && ms < 1e17));
}

static int take(void *arg, const struct wire_event *ev)
{
	struct sum *s = arg;
	size_t from = s->answer.len;

	assert(ev->text && strlen(ev->text) == ev->text_len);
	assert(!ev->cut || ev->done);
	assert(!(ev->done && ev->failed));
	assert(!ev->failed || ev->error.text[0]);
	check_text(ev->error.text);
	check_text(ev->error.type);
	assert(ev->metrics.prompt_tokens >= -1 && ev->metrics.output_tokens >= -1);
	check_ms(ev->metrics.load_ms);
	check_ms(ev->metrics.prompt_eval_ms);
	check_ms(ev->metrics.eval_ms);

	buf_add(&s->answer, ev->text, ev->text_len);
	if (ev->text_len && !s->answer.failed &&
	    watchdog_feed(&s->dog, s->answer.data, from, s->answer.len))
		s->in_trouble = true;
	mix(s, ev->text, ev->text_len + 1);
	mix(s, &ev->done, sizeof ev->done);
	mix(s, &ev->cut, sizeof ev->cut);
	mix(s, &ev->failed, sizeof ev->failed);
	mix(s, ev->error.text, strlen(ev->error.text));
	mix(s, &ev->metrics.prompt_tokens, sizeof ev->metrics.prompt_tokens);
	mix(s, &ev->metrics.output_tokens, sizeof ev->metrics.output_tokens);
	s->events++;
	return 0;
}

static int feed(struct sum *s, const struct wire *wire, const char *bytes, size_t size, size_t step)
{
	struct wire_reader r;
	int rc = 0;

	*s = (struct sum){.answer = BUF_INIT(1 << 20)};
	wire_reader_init(&r, wire, LINE_MAX_BYTES, take, s);
	for (size_t i = 0; i < size && rc == 0; i += step)
		rc = wire_reader_feed(&r, bytes + i, step < size - i ? step : size - i);
	rc = rc ? rc : wire_reader_end(&r);
	wire_reader_done(&r);
	buf_done(&s->answer);
	return rc;
}

/* --- every event by a parser -------------------------------------------- */

struct plain {
	const struct wire *wire;
	struct sum *sum;
};

static int parse_line(void *arg, char *line, size_t len)
{
	struct plain *p = arg;

	return len ? p->wire->parse(line, len, take, p->sum) : 0;
}

static int parse_event(void *arg, bool is_error, const char *text, size_t len)
{
	struct plain *p = arg;
	struct wire_event ev;

	if (!is_error)
		return p->wire->parse(text, len, take, p->sum);
	wire_event_init(&ev);
	ev.failed = true;
	wire_error_parse(&ev.error, text, len);
	return take(p->sum, &ev);
}

/* All but what stands behind the last line end. */
static void parse_all(struct sum *s, const struct wire *wire, const char *bytes, size_t size)
{
	struct plain p = {wire, s};
	struct lines lines = {.max = LINE_MAX_BYTES};
	struct sse sse = SSE_INIT(LINE_MAX_BYTES);
	int r;

	*s = (struct sum){.answer = BUF_INIT(1 << 20)};
	r = wire->sse ? sse_feed(&sse, bytes, size, parse_event, &p)
	              : lines_feed(&lines, bytes, size, parse_line, &p);
	(void)r;
	lines_free(&lines);
	sse_done(&sse);
	buf_done(&s->answer);
}

static void check_alike(const struct wire *wire, const char *bytes, size_t size)
{
	struct sum parsed, read;
	struct wire_reader r;
	int rc;

	parse_all(&parsed, wire, bytes, size);
	read = (struct sum){.answer = BUF_INIT(1 << 20)};
	wire_reader_init(&r, wire, LINE_MAX_BYTES, take, &read);
	rc = wire_reader_feed(&r, bytes, size);
	(void)rc;
	wire_reader_done(&r);
	buf_done(&read.answer);
	assert(parsed.events == read.events && parsed.hash == read.hash);
	assert(parsed.in_trouble == read.in_trouble);
}

static void check_error(const char *bytes, size_t size)
{
	struct wire_error e;

	wire_error_parse(&e, bytes, size);
	assert(e.text[0]);
	check_text(e.text);
	check_text(e.type);
}

void fuzz_stream(const struct wire *wire, const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1); /* NUL-terminated, as error bodies are */
	struct sum whole, cut;
	int a, b;

	assert(bytes);
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	a = feed(&whole, wire, bytes, size, size + 1);
	b = feed(&cut, wire, bytes, size, size ? 1 + data[size - 1] % 7U : 1);
	assert(a == b);
	assert(whole.events == cut.events && whole.hash == cut.hash);
	assert(whole.in_trouble == cut.in_trouble);
	check_alike(wire, bytes, size);
	check_error(bytes, size);
	free(bytes);
}
