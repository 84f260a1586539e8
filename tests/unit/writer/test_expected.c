/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <math.h>

#include "tests/unit/writer/checker.h"
#include "tests/unit/writer/fixture.h"

#define SECTION "## 6 Expected and Measured"

static char metric[] = "tokens|s_9", source[] = "Report 108 | <b>4.3</b>", unit[] = "tok/s";
static struct expected_key subject[] = {{(char[]){"num|ctx`2"}, (char[]){"512"}}};

static struct fixture f;
static struct report_files r;

static void start(void)
{
	fixture_full(&f);
}

static void done(void)
{
	report_files_done(&r);
	fixture_done(&f);
}

TestSuite(expected, .init = start, .fini = done);

/* On fact `fact`, of expectation `number`. */
static void judge(unsigned number, unsigned fact, double deviation, bool met)
{
	unsigned *ids = arena_calloc(f.arena, 2, sizeof *ids);
	struct gate *gate = arena_calloc(f.arena, 1, sizeof *gate);
	const struct segment text[] = {
		{.words = "Measured at "}, {.fact = fact}, {.words = ": not as it should be."}};

	cr_assert(ids && gate);
	ids[0] = fact;
	ids[1] = 1;
	*gate = (struct gate){"deviation from the expected value, %", deviation, 2, met};
	(void)fixture_finding(
		&f,
		(struct finding){.kind = met ? FINDING_EXPECTATION_MET : FINDING_EXPECTATION_MISSED,
	                         .severity = met ? SEVERITY_INFO : SEVERITY_MEDIUM,
	                         .facts = ids,
	                         .n_facts = 1,
	                         .artifacts = ids + 1,
	                         .n_artifacts = 1,
	                         .gates = gate,
	                         .n_gates = 1,
	                         .p = (double)NAN,
	                         .p_adjusted = (double)NAN,
	                         .effect = deviation,
	                         .expectation = number},
		text, ARRAY_LEN(text));
}

static void compose(const struct expectation *e, size_t n)
{
	struct error err = {0};

	f.meta.expectations = e;
	f.meta.n_expectations = n;
	cr_assert_eq(writer_compose(&r, &f.d, &f.meta, &err), 0, "%s", err.text);
	cr_assert_gt(checker_numerals(&r.md, &r.json), 100);
}

/* What stands between the section's heading and the next one. */
static const char *section(void)
{
	char *at = strstr(r.md.data, SECTION), *end;

	cr_assert_not_null(at);
	end = strstr(at + 1, "\n## ");
	cr_assert_not_null(end);
	return arena_strndup(f.arena, at, (size_t)(end - at));
}

static size_t rows(void)
{
	size_t n = 0;

	for (const char *at = section(); (at = strstr(at, "\n| ")); at++)
		n++;
	return n - 2; /* the header and the rule */
}

Test(expected, where_nothing_is_expected_there_is_no_section)
{
	compose(NULL, 0);
	cr_expect_null(strstr(buf_text(&r.md), SECTION));
	cr_expect_not_null(strstr(buf_text(&r.json), "\"expect\": []"));
}

Test(expected, an_expectation_stands_beside_what_was_measured_with_its_source)
{
	struct expectation e = {metric, subject, 1, 1102.3125, unit, 2.5, source};

	judge(1, 1, -0.51803, true);
	compose(&e, 1);
	cr_expect_eq(rows(), 1);
	cr_expect_not_null(strstr(section(), "| 1,102.3125 tok/s | "), "%s", section());
	cr_expect_not_null(strstr(section(), " | -0.52 % | yes (2.5 %) [K"), "%s", section());
	cr_expect_not_null(strstr(section(), "Report 108 \\| "), "%s", section());
	cr_expect_null(strstr(buf_text(&r.html), "<b>4"));
	cr_expect_not_null(strstr(buf_text(&r.json), "/configuration/expect/0/tolerance_pct"));
	cr_expect_not_null(strstr(buf_text(&r.json), "/gates/0/value"));
}

Test(expected, what_was_not_measured_says_so)
{
	struct expectation e = {metric, subject, 1, -3, NULL, 2, NULL};

	compose(&e, 1);
	cr_expect_eq(rows(), 1);
	cr_expect_not_null(strstr(section(), "| -3 | not measured here | – | – | – |"), "%s",
	                   section());
}

Test(expected, why_nothing_was_measured_stands_beside_it)
{
	struct expectation e[4];
	enum expected_outcome outcomes[] = {EXPECTED_NO_METRIC, EXPECTED_NO_CONFIGURATION,
	                                    EXPECTED_OTHER_UNIT, EXPECTED_FAILED};

	for (size_t i = 0; i < ARRAY_LEN(e); i++)
		e[i] = (struct expectation){metric, subject, 1, 7 + (double)i, NULL, 2, NULL};
	f.d.expected = outcomes;
	f.d.n_expected = ARRAY_LEN(outcomes);
	compose(e, ARRAY_LEN(e));
	cr_expect_not_null(strstr(section(), "| – | nothing here has this metric | – | – |"));
	cr_expect_not_null(strstr(section(), "| – | not of this configuration | – | – |"));
	cr_expect_not_null(strstr(section(), "| – | in another unit | – | – |"));
	cr_expect_not_null(strstr(section(), "| – | its runs failed | – | – |"));
	cr_expect_not_null(strstr(buf_text(&r.json), "\"outcome\": \"no_configuration\""));
}

Test(expected, the_nearest_comes_first)
{
	struct expectation e = {metric, subject, 1, 102, unit, 2, source};
	const char *near, *far;

	judge(1, 1, -80, false);
	judge(1, 1, (double)NAN, false);
	judge(1, 1, 1.5, true);
	compose(&e, 1);
	near = strstr(section(), "1.5 %"), far = strstr(section(), "-80 %");
	cr_assert(near && far, "%s", section());
	cr_expect_lt(near, far);
	cr_expect_not_null(strstr(far, "| – | **no**"));
}

Test(expected, what_contradicts_it_stands_below_the_table)
{
	struct expectation e = {metric, subject, 1, 102, unit, 2, source};
	const struct segment text[] = {{.words = "It is of another configuration."}};

	judge(1, 1, 1.5, true);
	(void)fixture_finding(&f,
	                      (struct finding){.kind = FINDING_CONTRADICTION,
	                                       .severity = SEVERITY_LOW,
	                                       .p = (double)NAN,
	                                       .p_adjusted = (double)NAN,
	                                       .effect = (double)NAN,
	                                       .expectation = 1},
	                      text, 1);
	compose(&e, 1);
	cr_expect_eq(rows(), 1);
	cr_expect_not_null(strstr(section(), "\n- It is of another configuration. [K"), "%s",
	                   section());
	cr_expect_eq(strstr(buf_text(&r.md), "It is of another configuration."),
	             strstr(strstr(buf_text(&r.md), SECTION), "It is of another configuration."));
}

static void fits_less(void)
{
	judge(1, 1, 50, false);
	f.d.findings[f.d.n_findings - 1].severity = SEVERITY_LOW;
}

Test(expected, tables_that_another_one_fits_better_than_are_no_rows)
{
	struct expectation e = {metric, subject, 1, 102, unit, 2, source};

	judge(1, 1, 1.5, true);
	for (int i = 0; i < 10; i++)
		fits_less();
	compose(&e, 1);
	cr_expect_eq(rows(), 1);
	cr_expect_not_null(strstr(section(), "in other tables, which fit less: `"), "%s",
	                   section());
	cr_expect_not_null(strstr(section(), "And 2 more in report.json."), "%s", section());
}

Test(expected, where_nothing_else_was_measured_they_are)
{
	struct expectation e = {metric, subject, 1, 102, unit, 2, source};

	fits_less();
	compose(&e, 1);
	cr_expect_eq(rows(), 1);
	cr_expect_not_null(strstr(section(), "| **no** (2 %) [K"), "%s", section());
	cr_expect_null(strstr(section(), "which fit less"), "%s", section());
}

Test(expected, a_deviation_from_nothing_has_no_percentage)
{
	struct expectation e = {metric, subject, 1, 0, unit, 2, source};

	judge(1, 1, (double)NAN, false);
	compose(&e, 1);
	cr_expect_not_null(strstr(section(), " | – | **no** (2 %) [K"), "%s", section());
}

Test(expected, its_findings_are_not_told_again_in_key_findings)
{
	struct expectation e = {metric, subject, 1, 102, unit, 2, source};
	const char *told = "not as it should be";
	unsigned n = 0;

	for (int i = 0; i < 8; i++)
		judge(1, 1, 50 + i, i % 2);
	compose(&e, 1);
	for (const char *at = buf_text(&r.md); (at = strstr(at, told)); at++) {
		cr_expect_lt(at, strstr(buf_text(&r.md), "## 4 Key Findings"));
		n++;
	}
	cr_expect_leq(n, 3);
	cr_expect_not_null(strstr(buf_text(&r.md), "Told under Expected and Measured: K"));
}

Test(expected, what_a_model_says_of_it_stands_below_it)
{
	struct expectation e = {metric, subject, 1, 102, unit, 2, source};
	const struct segment text[] = {{.words = "Something unheard of."}};
	struct comment c = {.id = 1, .step = "analyse2", .n_findings = 1, .text = {text, 1}};
	const char *said;

	judge(1, 1, 1, true);
	c.findings = &f.d.findings[f.d.n_findings - 1].id;
	f.d.comments = &c;
	f.d.n_comments = 1;
	compose(&e, 1);
	cr_expect_not_null(strstr(section(), "Something unheard of."), "%s", section());
	said = strstr(buf_text(&r.md), "Something unheard of.");
	cr_expect_null(strstr(said + 1, "Something unheard of."));
}

Test(expected, many_of_them_stay_few_rows)
{
	struct expectation e[64];

	for (size_t i = 0; i < ARRAY_LEN(e); i++)
		e[i] = (struct expectation){metric, subject, 1, 102.0 + (double)i, unit, 2, source};
	for (unsigned i = 0; i < 16; i++)
		judge(1 + i % 2, 1, 50, false);
	compose(e, ARRAY_LEN(e));
	cr_expect_eq(rows(), 8);
	cr_expect_not_null(strstr(section(), "\nAnd 70 more in report.json."), "%s", section());
}

Test(expected, the_page_stays_under_300_lines_with_it)
{
	struct expectation e[64];
	unsigned n = 0;

	fixture_done(&f);
	fixture_large(&f, 120);
	for (size_t i = 0; i < ARRAY_LEN(e); i++)
		e[i] = (struct expectation){metric, subject, 1, 102.0 + (double)i, unit, 2, source};
	for (unsigned i = 0; i < 16; i++)
		judge(1 + i % 2, 1, 50, false);
	compose(e, ARRAY_LEN(e));
	for (size_t i = 0; i < r.md.len; i++)
		n += r.md.data[i] == '\n';
	cr_expect_lt(n, 300);
}
