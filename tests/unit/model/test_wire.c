/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/files.h"
#include "lib/model/url.h"
#include "lib/model/watchdog.h"
#include "lib/model/wire.h"

struct seen {
	struct buf text;
	struct wire_metrics metrics;
	unsigned events, texts;
	bool done, cut, failed;
	struct wire_error error;
};

static int see(void *arg, const struct wire_event *ev)
{
	struct seen *s = arg;

	s->events++;
	s->texts += ev->text_len > 0;
	buf_add(&s->text, ev->text, ev->text_len);
	wire_metrics_merge(&s->metrics, &ev->metrics);
	s->done = s->done || ev->done;
	s->cut = s->cut || ev->cut;
	if (ev->failed)
		s->error = ev->error;
	s->failed = s->failed || ev->failed;
	return 0;
}

static int read_all(struct seen *s, const struct wire *wire, const char *bytes, size_t len,
                    size_t step)
{
	struct wire_reader r;
	int rc = 0;

	*s = (struct seen){.text = BUF_INIT(1 << 20), .metrics = WIRE_METRICS_NONE};
	wire_reader_init(&r, wire, WIRE_LINE_MAX, see, s);
	for (size_t i = 0; i < len && rc == 0; i += step)
		rc = wire_reader_feed(&r, bytes + i, step < len - i ? step : len - i);
	rc = rc ? rc : wire_reader_end(&r);
	wire_reader_done(&r);
	return rc;
}

/* --- answers of a real llama-server -------------------------------------- */

/* The body of a recorded answer, chunks joined. */
static char *body_of(const char *name, size_t *ret_len)
{
	const char *shared = getenv("CHIMERAD_SHARED");
	char path[512], *raw = NULL, *body, *in;
	size_t len, out = 0;

	(void)snprintf(path, sizeof path, "%s/model/transcripts/%s/response.txt",
	               shared ? shared : ".", name);
	if (files_read(&raw, &len, NULL, path, 16 << 20, NULL) < 0)
		cr_skip_test("%s is not there", path);
	body = strstr(raw, "\r\n\r\n");
	cr_assert(body);
	*body = '\0';
	in = body += 4;
	*ret_len = len - (size_t)(body - raw);
	if (strcasestr(raw, "transfer-encoding: chunked")) {
		for (size_t n; (n = strtoul(in, &in, 16)) > 0; in += n + 2) {
			in += 2;
			memmove(body + out, in, n);
			out += n;
		}
		*ret_len = out;
	}
	memmove(raw, body, *ret_len);
	raw[*ret_len] = '\0';
	return raw;
}

static void read_recorded(struct seen *s, const char *name)
{
	size_t len;
	char *body = body_of(name, &len);
	struct seen cut;

	cr_assert_eq(read_all(s, &wire_openai, body, len, len), 0);
	cr_assert_eq(read_all(&cut, &wire_openai, body, len, 1), 0);
	cr_expect_str_eq(buf_text(&cut.text), buf_text(&s->text), "%s", name);
	cr_expect_eq(cut.events, s->events);
	buf_done(&cut.text);
	free(body);
}

Test(transcripts, streams_give_text_and_timings)
{
	static const char *const names[] = {"20-stream", "21-stream-usage", "22-stream-timings"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct seen s;

		read_recorded(&s, names[i]);
		cr_expect(s.done && !s.failed, "%s", names[i]);
		cr_expect_eq(strncmp(buf_text(&s.text), "Okay, ", 6), 0, "%s", buf_text(&s.text));
		cr_expect_eq(s.metrics.output_tokens, 24, "%s", names[i]);
		cr_expect_eq(s.metrics.prompt_tokens, 348, "%s", names[i]);
		cr_expect_gt(s.metrics.eval_ms, 0);
		buf_done(&s.text);
	}
}

Test(transcripts, pings_and_progress_are_no_text)
{
	static const char *const names[] = {"23-stream-progress", "24-stream-queued",
	                                    "25-stream-ping"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct seen s;

		read_recorded(&s, names[i]);
		cr_expect(s.done && !s.failed, "%s", names[i]);
		cr_expect_leq((int64_t)s.texts, s.metrics.output_tokens, "%s", names[i]);
		cr_expect_gt(s.text.len, 0);
		buf_done(&s.text);
	}
}

Test(transcripts, a_schema_gives_json_and_a_cut_one_half_of_it)
{
	struct seen s;
	json_t *doc;

	read_recorded(&s, "31-schema-stream");
	doc = json_loads(buf_text(&s.text), 0, NULL);
	cr_expect(doc && s.done && !s.cut, "%s", buf_text(&s.text));
	json_decref(doc);
	buf_done(&s.text);
	read_recorded(&s, "33-schema-cut-stream");
	cr_expect(s.done && s.cut);
	cr_expect_null(json_loads(buf_text(&s.text), 0, NULL));
	buf_done(&s.text);
}

Test(transcripts, an_error_within_a_stream_is_seen)
{
	struct seen s;

	read_recorded(&s, "35-unsafe-pattern-stream");
	cr_expect(s.failed);
	cr_expect_str_eq(s.error.type, "server_error");
	cr_expect(strstr(s.error.text, "does not match the expected"), "%s", s.error.text);
	buf_done(&s.text);
}

Test(transcripts, refusals_are_read)
{
	static const struct {
		const char *name, *type, *says;
	} cases[] = {
		{"00-loading", "unavailable_error", "Loading model"},
		{"41-context-exceeded-stream", "exceed_context_size_error",
	         "exceeds the available"},
		{"47-not-found", "not_found_error", "File Not Found"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct wire_error e;
		size_t len;
		char *body = body_of(cases[i].name, &len);

		wire_error_parse(&e, body, len);
		cr_expect_str_eq(e.type, cases[i].type);
		cr_expect(strstr(e.text, cases[i].says), "%s", e.text);
		free(body);
	}
}

/* --- errors ------------------------------------------------------------- */

Test(wire, errors_come_in_many_shapes)
{
	static const struct {
		const char *body, *text, *type;
	} cases[] = {
		{"{\"error\":\"plain\"}", "plain", ""},
		{"{\"error\":{\"message\":\"m\",\"type\":\"t\"}}", "m", "t"},
		{"{\"object\":\"error\",\"message\":\"flat\",\"type\":\"b\"}", "flat", "b"},
		{"{\"detail\":\"fast\"}", "fast", ""},
		{"{\"error\":\"{\\\"error\\\":{\\\"message\\\":\\\"deep\\\",\\\"type\\\":\\\"t\\\"}"
	         "}\"}",
	         "deep", "t"},
		{"404 page not found\r\nmore", "404 page not found", ""},
		{"<html>\x01\x7f\xff", "<html>  ?", ""},
		{"", "no reason given", ""},
		{"{\"error\":{}}", "no reason given", ""},
		{"[[[]]]", "no reason given", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct wire_error e;

		wire_error_parse(&e, cases[i].body, strlen(cases[i].body));
		cr_expect_str_eq(e.text, cases[i].text);
		cr_expect_str_eq(e.type, cases[i].type);
	}
}

Test(wire, a_long_error_is_not_cut_through_a_character)
{
	char body[1000] = "x";
	struct wire_error e;

	for (int i = 0; i < 300; i++)
		strcat(body, "\xc3\xa4");
	wire_error_parse(&e, body, strlen(body));
	cr_expect_eq(strlen(e.text), WIRE_TEXT_BYTES - 1 - (WIRE_TEXT_BYTES - 2) % 2);
	cr_expect_null(strchr(e.text, '?'));
}

Test(wire, tidy_leaves_good_text_alone)
{
	char good[] = "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80";
	char bad[] = "a\n\xed\xa0\x80\xc0\xaf\xf5z\xe2\x82";

	wire_tidy(good);
	cr_expect_str_eq(good, "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x98\x80");
	wire_tidy(bad);
	cr_expect_str_eq(bad, "a ??????z??");
}

Test(wire, counts_beyond_all_sense_are_unknown)
{
	static const char line[] =
		"{\"done\":true,\"eval_count\":-5,\"prompt_eval_count\":99999999999999999,"
		"\"eval_duration\":-1,\"load_duration\":\"x\"}\n";
	struct seen s;

	cr_expect_eq(read_all(&s, &wire_ollama, line, sizeof line - 1, 9), 0);
	cr_expect(s.done);
	cr_expect_eq(s.metrics.output_tokens, -1);
	cr_expect_eq(s.metrics.prompt_tokens, -1);
	cr_expect(isnan(s.metrics.eval_ms) && isnan(s.metrics.load_ms));
	buf_done(&s.text);
}

Test(wire, lines_that_are_not_objects_are_refused)
{
	static const char *const lines[] = {"[]\n", "1\n", "nonsense\n", "{\"a\":\n", "\"x\"\n"};

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct seen s;

		cr_expect_eq(read_all(&s, &wire_ollama, lines[i], strlen(lines[i]), 1), -EBADMSG);
		cr_expect_eq(s.events, 0);
		buf_done(&s.text);
	}
}

/* --- events ------------------------------------------------------------- */

static int join(void *arg, bool is_error, const char *text, size_t len)
{
	struct buf *b = arg;

	buf_puts(b, is_error ? "E(" : "D(");
	buf_add(b, text, len);
	buf_putc(b, ')');
	return 0;
}

/* --- events that are alike ---------------------------------------------- */

#define OLLAMA_EVENT(time, word)                                                            \
	"{\"model\":\"m\",\"created_at\":\"" time "\",\"message\":{\"role\":\"assistant\"," \
	"\"content\":\"" word "\"},\"done\":false}"

static struct wire_event word_event(const char *text)
{
	struct wire_event ev;

	wire_event_init(&ev);
	ev.text = text;
	ev.text_len = strlen(text);
	return ev;
}

/* The text of `event` after `first`, which says "one", was learnt; NULL: it has to be parsed. */
static const char *read_after(struct alike *a, const char *first, const char *event)
{
	struct wire_event ev = word_event("one"), got;

	*a = (struct alike)ALIKE_INIT;
	alike_learn(a, first, strlen(first), &ev);
	return alike_read(a, event, strlen(event), &got) ? got.text : NULL;
}

Test(alike, only_the_word_and_the_time_may_differ)
{
	static const char first[] = OLLAMA_EVENT("2026-08-21T10:00:00Z", "one");
	static const struct {
		const char *event, *text;
	} cases[] = {
		{OLLAMA_EVENT("2026-08-21T10:00:01.25+02:00", "two"), "two"},
		{OLLAMA_EVENT("", ""), ""},
		{OLLAMA_EVENT("1", "\\\"a\\\\\\n\\t\\/"), "\"a\\\n\t/"},
		{OLLAMA_EVENT("1", "\xE2\x80\x99\xF0\x9F\x98\x80"), "\xE2\x80\x99\xF0\x9F\x98\x80"},
		{OLLAMA_EVENT("1", "\\u0041"), NULL},
		{OLLAMA_EVENT("1", "\\x"), NULL},
		{OLLAMA_EVENT("1", "\xFF"), NULL},
		{OLLAMA_EVENT("1", "\xED\xA0\x80"), NULL},
		{OLLAMA_EVENT("1", "a\nb"), NULL},
		{OLLAMA_EVENT("1", "a\",\"x\":\"b"), NULL},
		{OLLAMA_EVENT("1\",\"done\":\"true", "a"), NULL},
		{OLLAMA_EVENT("1", "two") " ", NULL},
		{"{\"model\":\"m\",\"created_at\":\"1", NULL},
		{"{\"model\":\"m\",\"created_at\":\"1\",\"message\":{\"role\":\"assistant\","
	         "\"content\":\"b\\",
	         NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct alike a;
		const char *text = read_after(&a, first, cases[i].event);

		if (cases[i].text)
			cr_expect(text && strcmp(text, cases[i].text) == 0, "%s", cases[i].event);
		else
			cr_expect_null(text, "%s", cases[i].event);
		alike_done(&a);
	}
}

Test(alike, what_is_not_a_plain_word_is_no_model_for_others)
{
	static const char *const firsts[] = {
		"{\"content\":\"one\",\"x\":{\"content\":\"one\"}}", /* which of them is it? */
		"{\"content\":\"two\"}",                             /* another text */
		"{\"c\\u006fntent\":\"one\",\"content\":\"one\"}",   /* a name in disguise */
		"{\"x\\\"content\":\"one\"}",                        /* the end of a name */
		"{\"content\":1}",
		"{\"text\":\"one\"}",
	};

	for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
		struct alike a;

		cr_expect_null(read_after(&a, firsts[i], firsts[i]), "%s", firsts[i]);
		alike_done(&a);
	}
}

Test(alike, an_event_with_more_than_a_word_is_parsed)
{
	static const char text[] = "{\"content\":\"one\"}";
	struct wire_event ev[] = {word_event("one"), word_event("one"), word_event("one"),
	                          word_event("one")};
	struct alike a = ALIKE_INIT;
	struct wire_event got;

	ev[0].done = true;
	ev[1].failed = true;
	ev[2].thinking = true;
	ev[3].metrics.output_tokens = 1;
	for (size_t i = 0; i < sizeof ev / sizeof ev[0]; i++) {
		alike_learn(&a, text, strlen(text), &ev[i]);
		cr_expect_not(alike_read(&a, text, strlen(text), &got), "%zu", i);
	}
	alike_done(&a);
}

Test(sse, events_are_cut_as_the_standard_says)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"data: a\n\ndata:b\n\n", "D(a)D(b)"},
		{"data: a\ndata: b\n\n", "D(a\nb)"},
		{"data: a\r\n\r\ndata: b\r\rdata: c\n\n", "D(a)D(b)D(c)"},
		{": ping\n\n:\n\nid: 1\nevent: x\nretry: 5\n\n", ""},
		{"data\n\ndatax: 1\n\n", ""},
		{"data:\n\n", "D()"},
		{"data:  two\n\n", "D( two)"},
		{"error: {}\n\ndata: [DONE]\n\n", "E({})D([DONE])"},
		{"{\"a\":1}", "D({\"a\":1})"},
		{"data: no end", "D(no end)"},
		{"\n\n\r\r\n", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (size_t step = 1; step < 12; step++) {
			CLEANUP(buf_done) struct buf out = BUF_INIT(1000);
			struct sse s = SSE_INIT(100);
			size_t len = strlen(cases[i].in);

			for (size_t at = 0; at < len; at += step)
				cr_assert_eq(sse_feed(&s, cases[i].in + at,
				                      step < len - at ? step : len - at, join,
				                      &out),
				             0);
			cr_assert_eq(sse_end(&s, join, &out), 0);
			cr_expect_str_eq(buf_text(&out), cases[i].out);
			sse_done(&s);
		}
	}
}

Test(sse, an_event_has_a_limit)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT(1000);
	struct sse s = SSE_INIT(10);

	cr_expect_eq(sse_feed(&s, "data: 0123456789", 16, join, &out), -EMSGSIZE);
	sse_done(&s);
	s = (struct sse)SSE_INIT(12);
	cr_expect_eq(sse_feed(&s, "data: 012345\ndata: 678901\n\n", 27, join, &out), -EMSGSIZE);
	sse_done(&s);
}

/* --- urls --------------------------------------------------------------- */

Test(url, all_forms_are_read)
{
	static const struct {
		const char *in, *base, *path;
	} cases[] = {
		{"http://127.0.0.1:11434", "http://127.0.0.1:11434", ""},
		{"http://host:8080/base/", "http://host:8080/base", ""},
		{"https://host", "https://host", ""},
		{"http://host", "http://host", ""},
		{"host", "http://host:11434", ""},
		{"host:8080", "http://host:8080", ""},
		{"0.0.0.0", "http://127.0.0.1:11434", ""},
		{"http://0.0.0.0:1234", "http://127.0.0.1:1234", ""},
		{"[::]:1234", "http://[::1]:1234", ""},
		{"[fe80::1]", "http://[fe80::1]:11434", ""},
		{"unix:/run/llama.sock", "http://localhost", "/run/llama.sock"},
	};
	static const char *const wrong[] = {
		"",         "http://",      "ftp://host",     "http://me:pw@host",
		"unix:rel", "http://ho st", "http://host/?q", "http://host\r\nX: y"};
	char deep[200] = "unix:/";
	struct url u;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		cr_expect_eq(url_parse(&u, cases[i].in, NULL), 0, "%s", cases[i].in);
		cr_expect_str_eq(u.base, cases[i].base);
		cr_expect_str_eq(u.socket_path, cases[i].path);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct error err = {0};

		cr_expect_lt(url_parse(&u, wrong[i], &err), 0, "%s", wrong[i]);
		cr_expect(err.text[0] && !strpbrk(err.text, "\r\n"));
	}
	memset(deep + 6, 'x', 150);
	cr_expect_eq(url_parse(&u, deep, NULL), -ENAMETOOLONG, "libuv and connect() would cut it");
}

/* --- the watchdog -------------------------------------------------------- */

static const char *watch(bool json, const char *chunk, unsigned times, const char *before)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
	struct watchdog w = {.json = json};
	const char *trouble;

	buf_puts(&b, before);
	trouble = watchdog_feed(&w, buf_text(&b), 0, b.len);
	for (unsigned i = 0; i < times && !trouble; i++) {
		size_t from = b.len;

		buf_puts(&b, chunk);
		trouble = watchdog_feed(&w, b.data, from, b.len);
	}
	return trouble;
}

Test(watchdog, whitespace_floods_are_stopped_outside_strings_only)
{
	static const char sixty[] = "                                                            ";

	cr_expect_str_eq(watch(true, sixty, 2, "{\"a\":1,"), "nothing but whitespace");
	cr_expect_null(watch(true, sixty, 1, "{\"a\":1,"));
	cr_expect_null(watch(true, sixty, 2, "{\"a\":\"\\\""), "whitespace within a string");
	cr_expect_null(watch(false, sixty, 4, "x"));
	cr_expect_str_eq(watch(false, sixty, 5, "x"), "nothing but whitespace");
}

Test(watchdog, the_same_chunk_thirty_times_is_enough)
{
	cr_expect_str_eq(watch(false, "no ", 30, "well "), "the same words over and over");
	cr_expect_null(watch(false, "no ", 29, "well "));
}

/* Ollama ends the stream of such a model, as it compares without them. */
Test(watchdog, chunks_that_differ_by_their_blanks_are_the_same)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(SIZE_MAX);
	struct watchdog w = {.json = true};
	const char *trouble = NULL;
	unsigned n = 0;

	buf_puts(&b, "{\"text\":\"");
	cr_assert_null(watchdog_feed(&w, b.data, 0, b.len));
	for (; n < 40 && !trouble; n++) {
		size_t from = b.len;

		buf_puts(&b, n % 3 ? " B" : "B");
		trouble = watchdog_feed(&w, b.data, from, b.len);
	}
	cr_expect_str_eq(trouble, "the same words over and over");
	cr_expect_eq(n, 30);
}

Test(watchdog, special_tokens_are_no_text)
{
	cr_expect_str_eq(watch(false, "<unused32>", 12, ""), "tokens that no text has");
	cr_expect_str_eq(watch(false, "<pad>", 12, ""), "tokens that no text has");
	cr_expect_null(watch(false, "<unused", 3, "the <pad> token and "));
}

Test(watchdog, circles_are_noticed_however_long_the_way_round)
{
	static const char sentence[] =
		"The throughput of the model is much better than before, in all. ";
	char paragraph[700] = "";

	for (unsigned i = 0; strlen(paragraph) < 600; i++)
		(void)snprintf(paragraph + strlen(paragraph), 60, "%u of them differ; ", i * i);
	cr_expect_str_eq(watch(false, sentence, 20, "Intro. "),
	                 "a text that goes round in circles");
	cr_expect_str_eq(watch(false, paragraph, 20, "Intro. "),
	                 "a text that goes round in circles");
	cr_expect_null(watch(false, paragraph, 3, "Intro. "));
}

Test(watchdog, chunks_of_circles_may_be_cut_anywhere)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
	struct watchdog w = {0};
	const char *trouble = NULL;

	for (unsigned i = 0; i < 3000 && !trouble; i++) {
		size_t from = b.len;

		buf_printf(&b, "%c", "Again and again the same. "[i % 26]);
		trouble = watchdog_feed(&w, b.data, from, b.len);
	}
	cr_expect_str_eq(trouble, "a text that goes round in circles");
	cr_expect_lt(b.len, 700);
}
