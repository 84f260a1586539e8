/* SPDX-License-Identifier: MIT */
/* Pipelines of all shapes, also those that nobody would write. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/review/bench.h"

#define HEAD "name: p\ntitle: P\nsteps:\n"

static void review(struct bench *b, const char *steps)
{
	char text[1024];

	bench_init(b);
	bench_own_pipelines(b);
	(void)snprintf(text, sizeof text, HEAD "%s", steps);
	bench_file(b, "pipelines", "p.yaml", text);
	bench_review(b, "p");
}

static void expect_whole(const char *steps)
{
	struct bench b;
	json_t *report;

	review(&b, steps);
	cr_assert_eq(b.state, JOB_SUCCEEDED, "%s", b.error);
	cr_expect_str_eq(b.verdict, "cannot_tell");
	report = bench_report(&b);
	cr_expect_gt(json_array_size(json_object_get(report, "facts")), 0, "%s", steps);
	json_decref(report);
	bench_done(&b);
}

Test(pipelines, with_an_inventory_alone_the_verdict_is_still_the_analysts)
{
	expect_whole("  - {id: inventory, stage: ingest, agent: data-collector}\n");
}

Test(pipelines, without_an_inventory_the_artifacts_are_read_all_the_same)
{
	expect_whole("  - {id: compose, stage: report, agent: report-writer}\n");
}

Test(pipelines, what_formats_leaves_out_is_not_published_but_for_what_verify_needs)
{
	static const char *const names[] = {"report.md", "report.json", "samples.json",
	                                    "report.html"};
	char path[4128];
	struct bench b;

	review(&b, "  - {id: inventory, stage: ingest, agent: data-collector}\n"
	           "publish: {formats: [md]}\n");
	cr_assert_eq(b.state, JOB_SUCCEEDED, "%s", b.error);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(path, sizeof path, "%s/%s", b.report, names[i]);
		cr_expect_eq(access(path, F_OK) == 0, i < 3, "%s", names[i]);
	}
	bench_done(&b);
}

Test(pipelines, two_analyses_find_each_fact_once)
{
	struct bench one, two;
	json_t *a, *b;

	review(&one, "  - {id: a, stage: analysis, agent: analyst, for_each: group}\n");
	review(&two, "  - {id: a, stage: analysis, agent: analyst, for_each: group}\n"
	             "  - {id: b, stage: analysis, agent: insight}\n"
	             "  - {id: c, stage: analysis, agent: analyst, needs: [a, b]}\n");
	cr_assert_eq(one.state, JOB_SUCCEEDED, "%s", one.error);
	cr_assert_eq(two.state, JOB_SUCCEEDED, "%s", two.error);
	a = bench_report(&one);
	b = bench_report(&two);
	cr_expect(json_equal(json_object_get(a, "facts"), json_object_get(b, "facts")));
	json_decref(a);
	json_decref(b);
	bench_done(&one);
	bench_done(&two);
}

Test(pipelines, steps_without_needs_run_side_by_side)
{
	expect_whole("  - {id: a, stage: ingest, agent: data-collector}\n"
	             "  - {id: b, stage: ingest, agent: data-collector}\n"
	             "  - {id: c, stage: analysis, agent: analyst, for_each: group}\n"
	             "  - {id: d, stage: report, agent: report-writer, for_each: section}\n");
}

Test(pipelines, a_missing_persona_fails_it_with_step_and_name)
{
	struct bench b;

	review(&b, "  - {id: inventory, stage: ingest, agent: data-collector}\n"
	           "  - {id: analyse, stage: analysis, agent: nobody}\n");
	cr_expect_eq(b.state, JOB_FAILED);
	cr_expect(strstr(b.error, "step analyse"), "%s", b.error);
	cr_expect(strstr(b.error, "nobody"), "%s", b.error);
	bench_done(&b);
}

Test(pipelines, a_missing_pipeline_fails_it_with_its_name)
{
	struct bench b;

	bench_init(&b);
	bench_review(&b, "no-such-pipeline");
	cr_expect_eq(b.state, JOB_FAILED);
	cr_expect(strstr(b.error, "no-such-pipeline"), "%s", b.error);
	bench_done(&b);
}
