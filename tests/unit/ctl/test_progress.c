/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "ctl/progress.h"
#include "ctl/summary.h"
#include "ctl/terminal.h"

static char *screen;
static size_t screen_len;
static struct progress p;

static void init(void)
{
	progress_init(&p, open_memstream(&screen, &screen_len));
}

static void done(void)
{
	(void)fclose(p.to);
	free(screen);
}

TestSuite(progress, .init = init, .fini = done);

static void event(const char *name, const char *data)
{
	json_t *json = json_loads(data, 0, NULL);

	cr_assert(json, "%s", data);
	progress_event(&p, name, json);
	json_decref(json);
}

Test(progress, says_a_line_when_a_step_begins_and_ends)
{
	event("step", "{\"id\": \"analyse\", \"stage\": \"analysis\", \"state\": \"running\"}");
	event("call", "{\"step\": \"analyse\", \"n\": 1, \"state\": \"done\", \"tokens\": 40}");
	event("step", "{\"id\": \"analyse\", \"stage\": \"analysis\", \"state\": \"done\","
	              " \"wall_ms\": 1234}");
	progress_end(&p);
	(void)fflush(p.to);
	cr_expect_str_eq(screen,
	                 "analyse: started\nanalyse: done in 1.2 s, 1 model call, 40 tokens\n");
}

Test(progress, ignores_what_it_does_not_know)
{
	event("step", "{\"id\": 7}");
	event("step", "[]");
	event("weather", "{\"step\": \"x\"}");
	event("call", "{\"step\": \"a\", \"tokens\": \"many\", \"tokens_per_s\": null}");
	event("progress", "{\"step\": \"a\", \"done\": -1, \"total\": 1e300}");
	cr_expect_eq(p.steps[0].units_total, 0);
	(void)fflush(p.to);
	cr_expect_str_eq(screen ? screen : "", "");
}

Test(progress, never_draws_a_line_wider_than_the_terminal)
{
	struct buf b = BUF_INIT(4096);

	event("step", "{\"id\": \"analyse\", \"stage\": \"analysis\", \"state\": \"running\"}");
	event("progress", "{\"step\": \"analyse\", \"done\": 3, \"total\": 12, \"what\":"
	                  " \"\\u001b[31mgroup 3: a/very/long/path/\\u00e9\\u00e9\\u00e9.csv\"}");
	p.width = 60;
	progress_line(&b, &p, &p.steps[0], p.steps[0].started_ns + 1500000000);
	cr_expect_leq(terminal_columns(buf_text(&b)), 59);
	cr_expect(strstr(buf_text(&b), "3 of 12"), "%s", buf_text(&b));
	cr_expect_null(strchr(buf_text(&b), '\033'));
	buf_done(&b);
}

Test(progress, holds_no_more_steps_than_it_has_room_for)
{
	char data[64];

	for (int i = 0; i < 2 * PROGRESS_STEPS_MAX; i++) {
		(void)snprintf(data, sizeof data, "{\"id\": \"s%d\", \"state\": \"running\"}", i);
		event("step", data);
	}
	cr_expect_eq(p.n_steps, PROGRESS_STEPS_MAX);
}

static char *line_of(size_t step, unsigned width)
{
	struct buf b = BUF_INIT(4096);

	p.width = width;
	progress_line(&b, &p, &p.steps[step], p.steps[step].started_ns);
	return b.data;
}

Test(progress, tells_calls_that_run_wait_failed_and_are_done)
{
	static const char *const calls[] = {
		"{\"step\":\"a\",\"n\":0,\"state\":\"done\",\"tokens\":90,\"tokens_per_s\":30}",
		"{\"step\": \"a\", \"n\": 1, \"state\": \"failed\", \"tokens\": 0}",
		"{\"step\": \"a\", \"n\": 2, \"state\": \"queued\", \"tokens\": 0}",
		"{\"step\": \"a\", \"n\": 3, \"state\": \"queued\", \"tokens\": 0}",
		"{\"step\": \"a\", \"n\": 3, \"state\": \"streaming\", \"tokens\": 10}"};
	char *wide, *narrow;

	event("step", "{\"id\": \"a\", \"stage\": \"analysis\", \"state\": \"running\"}");
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		event("call", calls[i]);
	wide = line_of(0, 120);
	narrow = line_of(0, 60);
	cr_expect(strstr(wide, "2 calls done, 1 failed, 1 runs, 1 queued, 30.0 tok/s, 100 tokens"),
	          "%s", wide);
	cr_expect_null(strstr(narrow, "tokens"), "parts that do not fit are left out: %s", narrow);
	cr_expect(strstr(narrow, "1 failed"), "%s", narrow);
	free(wide);
	free(narrow);
}

Test(summary, puts_figures_into_a_sentence)
{
	json_t *report = json_loads("{\"facts\": [{\"id\": \"F1\", \"value\": -7.866, \"unit\": "
	                            "\"%\", \"label\": \"change\", \"statistic\": \"delta_pct\","
	                            " \"subject\": {\"night\": \"new\"}}]}",
	                            0, NULL);
	json_t *text = json_loads("[{\"f\": \"F1\", \"as\": \"name\"}, {\"t\": \" for \"},"
	                          " {\"f\": \"F1\", \"as\": \"subject\"}, {\"t\": \" \"},"
	                          " {\"f\": \"F1\", \"as\": \"direction\"}, {\"t\": \" by \"},"
	                          " {\"f\": \"F1\", \"as\": \"size\"}, {\"t\": \" (\"}, {\"f\": "
	                          "\"F1\"}, {\"t\": \")\"},"
	                          " {\"f\": \"F9\"}, 3]",
	                          0, NULL);
	char *sentence = summary_sentence(report, text);

	cr_assert(report && text);
	cr_expect_str_eq(sentence, "change for night=new fell by 7.9 % (-7.9 %)");
	free(sentence);
	json_decref(report);
	json_decref(text);
}

/* The page's own code says the sentence: the integration tests hold the two together. */
Test(summary, prints_units_and_p_as_the_page_does)
{
	json_t *report = json_loads(
		"{\"facts\": [{\"id\": \"F1\", \"value\": 0.069550719, \"unit\": \"s\"},"
		" {\"id\": \"F2\", \"value\": 0.0871489245, \"unit\": \"s\"},"
		" {\"id\": \"F3\", \"value\": 1e-7, \"statistic\": \"mann_whitney_p\"},"
		" {\"id\": \"F4\", \"value\": 0.93, \"statistic\": \"ratio\"}]}",
		0, NULL);
	json_t *text = json_loads("[{\"f\": \"F4\", \"as\": \"direction\"}, {\"t\": \" from \"},"
	                          " {\"f\": \"F1\", \"as\": \"value\"}, {\"t\": \" to \"},"
	                          " {\"f\": \"F2\", \"as\": \"value\"}, {\"t\": \", p \"},"
	                          " {\"f\": \"F3\", \"as\": \"value\"}]",
	                          0, NULL);
	char *sentence = summary_sentence(report, text);

	cr_assert(report && text);
	cr_expect_str_eq(sentence, "fell from 69.55 to 87.15 ms, p < 0.001");
	free(sentence);
	json_decref(report);
	json_decref(text);
}

Test(terminal, makes_foreign_text_harmless)
{
	struct buf b = BUF_INIT(256);

	terminal_add(&b,
	             "a\033[31m\nb\xc2\x9b"
	             "c\xff\xe2\x80\xae"
	             "d\xc3\xa9",
	             0);
	cr_expect_str_eq(buf_text(&b), "a?[31m?b?c??d\xc3\xa9");
	buf_done(&b);
}
