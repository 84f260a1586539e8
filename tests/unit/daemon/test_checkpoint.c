/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "daemon/checkpoint.h"

Test(checkpoint, what_is_printed_is_what_is_parsed)
{
	struct model_record record = {.options = MODEL_OPTIONS_NONE,
	                              .prompt_tokens = 7,
	                              .ttft_ms = 12.25,
	                              .load_ms = (double)NAN,
	                              .attempts = 3,
	                              .cached = true};
	struct checkpoint c = {.started_at_s = 1700000000, .wall_ms = 3.5}, back = {0};
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};

	record.options.temperature = 0.25;
	(void)snprintf(record.model, sizeof record.model, "gemma3");
	(void)snprintf(c.evidence, sizeof c.evidence, "sha256:ab");
	(void)snprintf(c.why, sizeof c.why, "no \"endpoint\"");
	cr_assert_eq(checkpoint_add_answer(&c, 4, "{\"a\":1}\n", 8), 0);
	cr_assert_eq(checkpoint_add_record(&c, &record), 0);
	cr_assert_eq(checkpoint_print(&text, &c, &err), 0, "%s", err.text);
	cr_assert_eq(checkpoint_parse(&back, text, &err), 0, "%s", err.text);

	cr_expect_str_eq(back.evidence, "sha256:ab");
	cr_expect_str_eq(back.why, "no \"endpoint\"");
	cr_expect_eq(back.started_at_s, 1700000000);
	cr_expect_float_eq(back.wall_ms, 3.5, 0);
	cr_assert_eq(back.n_answers, 1);
	cr_expect_eq(back.answers[0].ask, 4);
	cr_expect_str_eq(back.answers[0].text, "{\"a\":1}\n");
	cr_assert_eq(back.n_records, 1);
	cr_expect_str_eq(back.records[0].model, "gemma3");
	cr_expect_eq(back.records[0].prompt_tokens, 7);
	cr_expect_eq(back.records[0].attempts, 3);
	cr_expect(back.records[0].cached);
	cr_expect(isnan(back.records[0].load_ms));
	cr_expect_float_eq(back.records[0].options.temperature, 0.25, 0);
	cr_expect_eq(back.records[0].options.num_ctx, -1);
	checkpoint_done(&c);
	checkpoint_done(&back);
}

Test(checkpoint, damaged_text_is_refused_and_leaves_nothing_behind)
{
	static const char *const damaged[] = {
		"",
		"null",
		"[]",
		"{",
		"{\"evidence\":1}",
		("{\"evidence\":\"e\",\"started_at\":1,\"wall_ms\":1.0,\"why\":\"\","
	         "\"answers\":[{\"ask\":0,\"text\":\"x\"},{\"ask\":\"1\"}],\"records\":[]}")};

	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		struct checkpoint c = {0};
		struct error err = {0};

		cr_expect_eq(checkpoint_parse(&c, damaged[i], &err), -EINVAL, "%s", damaged[i]);
		cr_expect_eq(c.n_answers, 0);
		cr_expect_null(c.answers);
	}
}
