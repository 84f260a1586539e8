/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "lib/base/digest.h"
#include "tests/unit/writer/checker.h"
#include "tests/unit/writer/fixture.h"

static void compose(struct report_files *ret, const struct fixture *f)
{
	struct error err = {0};

	cr_assert_eq(writer_compose(ret, &f->d, &f->meta, &err), 0, "%s", err.text);
	cr_assert_eq(err.code, 0);
}

static unsigned lines_of(const struct buf *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static bool has(const struct buf *b, const char *text)
{
	return strstr(buf_text(b), text) != NULL;
}

static unsigned count(const struct buf *b, const char *text)
{
	unsigned n = 0;

	for (const char *at = buf_text(b); (at = strstr(at, text)); at++)
		n++;
	return n;
}

Test(writer, traces_every_numeral_of_a_hostile_dossier)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	compose(&r, &f);
	cr_expect_gt(checker_numerals(&r.md, &r.json), 100);
	cr_expect_leq(lines_of(&r.md), 299);
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, has_something_to_say_about_nothing)
{
	struct report_files r;
	struct fixture f;

	fixture_empty(&f);
	compose(&r, &f);
	cr_expect_gt(checker_numerals(&r.md, &r.json), 10);
	cr_expect(has(&r.md, "**Cannot tell:** there is nothing to measure here."));
	cr_expect(has(&r.samples, "{\n}\n"));
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, says_every_verdict_in_a_sentence)
{
	static const char *const words[] = {"**Worse:**", "**Better:**",      "**Mixed:**",
	                                    "**Same:**",  "**Cannot tell:**", "**No new data:**"};
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	for (enum verdict v = VERDICT_WORSE; v <= VERDICT_NO_NEW_DATA; v++) {
		f.d.verdict = v;
		compose(&r, &f);
		cr_expect(has(&r.md, words[v]), "%s", words[v]);
		cr_expect_gt(checker_numerals(&r.md, &r.json), 0);
		report_files_done(&r);
	}
	fixture_done(&f);
}

Test(writer, says_with_same_what_would_have_been_noticed)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	f.d.verdict = VERDICT_SAME;
	compose(&r, &f);
	cr_expect(
		has(&r.md,
	            "In half of those tested a change of 4.3 % or more would have been noticed."));
	report_files_done(&r);
	f.d.compared.smallest_change_pct = (double)NAN;
	compose(&r, &f);
	cr_expect(has(&r.md, "would have been noticed is not known"));
	report_files_done(&r);
	fixture_done(&f);
}

static unsigned time_of_runs(struct fixture *f, double value, long n)
{
	static const struct label subject = {"file|name", "`1`"};
	struct fact fact = {.label = "median time",
	                    .metric = "time_s",
	                    .unit = "s",
	                    .better = BETTER_LOWER,
	                    .subject = &subject,
	                    .n_subject = 1,
	                    .statistic = STAT_MEDIAN,
	                    .value = value,
	                    .n = n};

	return fixture_fact(f, fact, NULL, 0);
}

/* A series that moved by so much from 0.07 s, where so much is noise. */
static void give_shift(struct fixture *f, struct chart_shift *to, struct noise_note *note,
                       double pct, double limit_pct)
{
	unsigned *from = arena_calloc(f->arena, 2, sizeof *from);
	struct fact delta;

	cr_assert(from);
	from[0] = time_of_runs(f, .07 * (1 + pct / 100), 12);
	from[1] = time_of_runs(f, .07, 108);
	delta = *dossier_fact(&f->d, from[0]);
	delta.unit = "%";
	delta.statistic = STAT_DELTA_PCT;
	delta.value = pct;
	delta.n = -1;
	delta.from = from;
	delta.n_from = 2;
	*to = (struct chart_shift){.delta = fixture_fact(f, delta, NULL, 0),
	                           .present = from[0],
	                           .limit_pct = limit_pct,
	                           .subject = dossier_fact(&f->d, from[0])->subject,
	                           .n_subject = 1};
	*note = (struct noise_note){.fact = from[0], .earlier = 9, .limit_pct = limit_pct};
}

Test(writer, shows_each_series_beside_its_earlier_runs_by_how_much_it_tells)
{
	struct chart_shift shifts[2];
	struct noise_note notes[2];
	struct report_files r;
	const char *first;
	struct fixture f;

	fixture_full(&f);
	give_shift(&f, &shifts[0], &notes[0], -2.0, 8);
	give_shift(&f, &shifts[1], &notes[1], 25.0, 10.7);
	f.d.charts.shifts = shifts;
	f.d.charts.n_shifts = 2;
	f.d.noise = notes;
	f.d.n_noise = 2;
	compose(&r, &f);
	first = strstr(buf_text(&r.md),
	               "| `time_s` (ms ↓) | 70.00 | 87.50 | **+25.0** | 10.7 | 108 |");
	cr_assert_not_null(first);
	cr_expect_not_null(strstr(first, "| `time_s` (ms ↓) | 70.00 | 68.60 | -2.0 | 8 | 108 |"));
	cr_expect_gt(checker_numerals(&r.md, &r.json), 100);
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, names_the_steps_of_one_reason_together)
{
	struct report_step steps[2];
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	steps[0] = steps[1] = f.meta.steps[0];
	steps[0].builtin = steps[1].builtin = true;
	steps[0].builtin_why = steps[1].builtin_why = "no endpoint is configured";
	f.meta.steps = steps;
	f.meta.n_steps = 2;
	compose(&r, &f);
	cr_expect_eq(count(&r.md, "no endpoint is configured"), 1);
	cr_expect_eq(count(&r.md, "**Built-in sentences alone:**"), 1);
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, shows_a_table_once_and_names_the_file_that_says_it_again)
{
	struct report_files r;
	struct fixture f;

	fixture_large(&f, 3);
	f.d.groups[1].repeats = f.d.groups[0].id;
	compose(&r, &f);
	cr_expect_eq(count(&r.md, "he same in `"), 1);
	cr_expect(!has(&r.md, "Tables of less weight"), "it is named: nothing is left out");
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, stays_under_300_lines_whatever_there_is)
{
	static const size_t groups[] = {1, 5, 9, 40, 120};
	struct report_files r;
	struct fixture f;

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		fixture_large(&f, groups[i]);
		compose(&r, &f);
		if (groups[i] == 120)
			cr_expect_lt(lines_of(&r.md), 300, "%zu groups: %u lines", groups[i],
			             lines_of(&r.md));
		cr_expect_gt(checker_numerals(&r.md, &r.json), 100);
		report_files_done(&r);
		fixture_done(&f);
	}
}

Test(writer, stays_under_300_lines_with_prompts_that_do_not)
{
	struct report_step steps[40] = {0};
	char prompts[40][2000];
	struct report_files r;
	struct fixture f;

	fixture_large(&f, 100);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		memset(prompts[i], '\n', sizeof prompts[i] - 1);
		prompts[i][sizeof prompts[i] - 1] = '\0';
		prompts[i][i % 20 < 10 ? 0 : 1900 + i] = '1';
		prompts[i][i % 20 < 10 ? 5 + i : 0] = '\0';
		steps[i] = (struct report_step){.id = "s1",
		                                .agent = "analyse",
		                                .persona = "p1",
		                                .prompt = prompts[i],
		                                .builtin = true,
		                                .builtin_why = "none 1"};
	}
	f.meta.steps = steps;
	f.meta.n_steps = ARRAY_LEN(steps);
	compose(&r, &f);
	cr_expect_lt(lines_of(&r.md), 300);
	cr_expect_gt(checker_numerals(&r.md, &r.json), 100);
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, lets_nothing_foreign_into_the_html)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	compose(&r, &f);
	cr_expect_eq(count(&r.html, "<script"), 1); /* ours */
	cr_expect_not(has(&r.html, "<img"));
	cr_expect_not(has(&r.html, "<i>"));
	cr_expect_not(has(&r.html, "<b>"));
	cr_expect_not(has(&r.html, "<em>may"));
	cr_expect_eq(count(&r.html, "href="), count(&r.html, "href=\"#"));
	cr_expect(has(&r.html, "Content-Security-Policy"));
	cr_expect(has(&r.html, "<title>Technical Report: Review &lt;7&gt; of | `x` &amp; "
	                       "&quot;y&quot;</title>"));
	report_files_done(&r);
	fixture_done(&f);
}

/* A bar, a backtick or a line end in a name must not add a cell to any row. */
Test(writer, keeps_every_table_in_shape)
{
	unsigned cells = 0, headers = 0, rows;
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	compose(&r, &f);
	for (const char *at = strstr(r.html.data, "<table>"); at; at = strstr(at, "<table>")) {
		const char *end = strstr(at, "</table>");

		headers = cells = rows = 0;
		for (; at < end; at++) {
			headers += strncmp(at, "<th>", 4) == 0 || strncmp(at, "<th ", 4) == 0;
			cells += (strncmp(at, "<td>", 4) == 0 || strncmp(at, "<td ", 4) == 0) &&
			         strncmp(at, "<td></td>", 9) != 0 &&
			         strncmp(at, "<td class=\"r\"></td>", 19) != 0;
			rows += strncmp(at, "<tr>", 4) == 0 || strncmp(at, "<tr ", 4) == 0;
		}
		/* cmark drops what is too much and fills what is missing with empty cells. */
		cr_expect_eq(cells, headers * (rows - 1));
	}
	cr_expect_eq(count(&r.html, "<table>"), 11 + 4); /* of the evidence */
	report_files_done(&r);
	fixture_done(&f);
}

/* Each link of the page leads to a row, and each row has one id. */
static void links_lead_somewhere(const struct buf *html)
{
	unsigned links = 0;

	for (const char *at = html->data; (at = strstr(at, "<a class=\"n\" href=\"#")); links++) {
		char row[40];
		size_t len;

		at += strlen("<a class=\"n\" href=\"#");
		len = strcspn(at, "\"");
		cr_assert_leq(len, 20);
		(void)snprintf(row, sizeof row, "<tr id=\"%.*s\">", (int)len, at);
		cr_expect_eq(count(html, row), 1, "%s", row);
	}
	cr_expect_gt(links, 50);
	cr_expect_eq(count(html, "</a>"), count(html, "<a "));
}

Test(writer, leads_each_number_to_its_evidence)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	f.d.facts[0].value = 1234.5;
	/* The marks that html_body.h sets, as foreign text. */
	f.d.inventory.artifacts[0].path = "a\xef\xb7\x90\xef\xb7\x91\xef\xb7\x90\xef\xb7.csv";
	compose(&r, &f);
	links_lead_somewhere(&r.html);
	cr_expect(has(&r.html, "href=\"#F1\" data-v=\"1234.5\">1,23"));
	cr_expect(has(&r.html, "<td data-v=\"1234.5\">1234.5"));
	cr_expect_not(has(&r.html, "\xef\xb7\x90"));
	cr_expect_not(has(&r.html, "\xef\xb7\x91"));
	cr_expect(has(&r.html, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, fences_each_prompt_byte_for_byte)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	compose(&r, &f);
	cr_expect(has(&r.md, "````text\nYou are Writer-9000.\n```\nNever write 42.\n```\n"
	                     "<script>alert(1)</script>\n````\n"));
	cr_expect(has(&r.md, "```text\nYou write. No newline at 1 end\n```\n"));
	cr_expect_eq(count(&r.md, "You are Writer-9000."), 1, "a shared prompt is told once");
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, refuses_a_digit_among_words)
{
	const struct segment text[] = {{.words = "It fell by 7 percent."}};
	struct report_files r;
	struct error err = {0};
	struct fixture f;

	fixture_empty(&f);
	(void)fixture_finding(&f,
	                      (struct finding){.p = (double)NAN,
	                                       .p_adjusted = (double)NAN,
	                                       .effect = (double)NAN},
	                      text, 1);
	cr_expect_eq(writer_compose(&r, &f.d, &f.meta, &err), -EPROTO);
	cr_expect_eq(err.code, -EPROTO);
	cr_expect(strstr(err.text, "report.md:") && strstr(err.text, "It fell by 7"), "%s",
	          err.text);
	fixture_done(&f);
}

Test(writer, marks_what_a_model_said)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	compose(&r, &f);
	cr_expect(has(&r.md,
	              "> **Model** on K9 (hypothesis): It \\*may\\* be  \\# the \\<script\\>"));
	cr_expect(has(&r.md, "(by the model) Run "));
	cr_expect_lt(strstr(r.md.data, "**R4** "), strstr(r.md.data, "**R3** (by the model)"),
	             "builtin's come first");
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, says_no_finding_twice)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	compose(&r, &f);
	cr_expect_eq(count(&r.md, "by 7.9 %"), 1);
	cr_expect_eq(count(&r.md, "by 8.9 %"), 1);
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, writes_the_same_bytes_twice)
{
	struct report_files a, b;
	struct fixture f;

	fixture_full(&f);
	compose(&a, &f);
	compose(&b, &f);
	cr_expect_str_eq(a.md.data, b.md.data);
	cr_expect_str_eq(a.html.data, b.html.data);
	cr_expect_str_eq(a.json.data, b.json.data);
	cr_expect_str_eq(a.samples.data, b.samples.data);
	report_files_done(&a);
	report_files_done(&b);
	fixture_done(&f);
}

Test(writer, seals_all_three_files)
{
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	char want[DIGEST_TEXT_BYTES];
	struct report_files r;
	struct fixture f;
	const char *seal;

	fixture_full(&f);
	compose(&r, &f);
	seal = strstr(r.json.data, ",\n \"seal\": \"");
	cr_assert_not_null(seal);
	digest_add(digest, r.md.data, r.md.len);
	digest_add(digest, r.samples.data, r.samples.len);
	digest_add(digest, r.json.data, (size_t)(seal - r.json.data));
	digest_add(digest, "\n}\n", 3);
	digest_text(digest, want);
	cr_expect_eq(strncmp(seal + strlen(",\n \"seal\": \""), want, strlen(want)), 0);
	cr_expect_str_eq(seal + strlen(",\n \"seal\": \"") + strlen(want), "\"\n}\n");
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, follows_the_outline)
{
	static const char *const outline[] = {
		"# Technical Report: ",
		"- **Date:** 2026-11-21",
		"- **Subject:** ",
		"- **Baseline:** ",
		"- **Verdict:** ",
		"## 1 Executive Summary",
		"## 2 Data Ingestion",
		"## 3 Performance Analysis",
		"## 4 Key Findings",
		"## 5 Recommendations",
		"## 7 Appendix",
		"## About This Review",
		"- **Agent Type:** ",
		"- **Model:** ",
		"- **Configuration:** ",
		"### Workflow Summary",
		"- **Files analysed:** ",
		"- **Execution time:** 11.8 s (ingest 0.0 | analysis 5.3 | report 6.5)",
		"### Metrics",
		"| Throughput | ",
		"| TTFT, mean | 142.3 ms",
		"### Persona Prompts",
		"### Verification"};
	struct report_files r;
	struct fixture f;
	const char *at;

	fixture_full(&f);
	compose(&r, &f);
	at = r.md.data;
	for (size_t i = 0; i < ARRAY_LEN(outline); i++) {
		const char *next = strstr(at, outline[i]);

		cr_assert_not_null(next, "%s", outline[i]);
		at = next;
	}
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, tells_in_the_header_when_the_runs_were)
{
	static const char *const days[] = {"2026-11-09", "2026-11-20"};
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	f.d.runs = (struct run_times){.n = 12,
	                              .first_s = 1794182400,
	                              .last_s = 1795132800,
	                              .days = days,
	                              .n_days = ARRAY_LEN(days)};
	compose(&r, &f);
	cr_expect(has(&r.md, "- **Runs:** 12, from 2026-11-09 to 2026-11-20\n"));
	cr_expect(has(&r.json, "\"days\": ["));
	cr_expect_gt(checker_numerals(&r.md, &r.json), 100);
	report_files_done(&r);
	f.d.runs = (struct run_times){
		.n = 1, .first_s = 1794182400, .last_s = 1794182400, .days = days, .n_days = 1};
	compose(&r, &f);
	cr_expect(has(&r.md, "- **Runs:** 1, of 2026-11-09\n"));
	report_files_done(&r);
	f.d.runs = (struct run_times){0};
	compose(&r, &f);
	cr_expect(has(&r.md, "artifacts last written"));
	cr_expect(has(&r.json, "\"runs\": null"));
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, names_rows_by_what_stands_in_them)
{
	static const struct label where[] = {{"back*end", "x 7"}};
	struct report_files r;
	struct locator at;
	struct fixture f;

	fixture_full(&f);
	at = f.d.facts[0].cells[0];
	at.table = 1, at.column = "tokens|s_9", at.pointer = at.rows = NULL;
	at.where = where, at.n_where = 1, at.except = "17,40-41";
	f.d.facts[0].cells = &at;
	compose(&r, &f);
	cr_expect(has(&r.md, "all rows of `back*end=x 7` but `17,40-41`"), "%s", buf_text(&r.md));
	cr_expect(has(&r.json, "\"except\": \"17,40-41\""));
	cr_expect_gt(checker_numerals(&r.md, &r.json), 100);
	report_files_done(&r);
	fixture_done(&f);
}

Test(writer, says_how_far_best_and_worst_are_apart_in_a_way_that_is_true_either_way)
{
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	compose(&r, &f);
	cr_expect(has(&r.md, " differ by a factor of "));
	cr_expect_not(has(&r.md, "times the best"));
	report_files_done(&r);
	fixture_done(&f);
}

/* Five facts of two million numbers each would be a hundred megabytes of digits. */
Test(writer, leaves_out_the_samples_of_the_facts_that_have_most)
{
	size_t n = (size_t)2 << 20;
	double *numbers = calloc(n, sizeof *numbers);
	struct report_files r;
	struct fixture f;

	cr_assert_not_null(numbers);
	fixture_full(&f);
	compose(&r, &f);
	cr_expect_not(has(&r.md, "samples.json leaves out"));
	report_files_done(&r);
	for (size_t i = 0; i < 5; i++) {
		struct fact *fact = &f.d.facts[i];

		fact->samples = numbers;
		fact->n_samples = n;
	}
	compose(&r, &f);
	cr_expect(has(&r.md, "samples.json leaves out the facts with the most numbers"));
	cr_expect_lt(r.samples.len, n);
	cr_expect_not(has(&r.samples, "\"F1\""));
	cr_expect(has(&r.samples, "\"F6\": ["), "%s", buf_text(&r.samples));
	report_files_done(&r);
	fixture_done(&f);
	free(numbers);
}
