/* SPDX-License-Identifier: MIT */
/* The answer as a whole: JSON, limits, recommendations, and the schema that asks for it. */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/unit/claims/world.h"

static struct world w;

static void setup(void)
{
	world_init(&w);
}

static void teardown(void)
{
	arena_free(w.d.arena);
}

TestSuite(answer, .init = setup, .fini = teardown);
TestSuite(schema, .init = setup, .fini = teardown);

static void check(const char *bytes, size_t len)
{
	cr_assert_eq(claims_check(&w.d, &w.scope, "compose", bytes, len, &w.outcome, &w.err), 0,
	             "%s", w.err.text);
}

static void check_text(const char *text)
{
	check(text, strlen(text));
}

#define GOOD "{\"about\":[\"K1\"],\"text\":\"Record the driver of the run.\"}"

Test(answer, broken_json_is_rubbish_and_says_so)
{
	static const char *const texts[] = {
		"",
		" ",
		"null",
		"[]",
		"[1,2]",
		"{",
		"}{",
		"{}",
		"\"claims\"",
		"{\"claims\":17}",
		"{\"claims\":[" GOOD "],\"claims\":[]}",
		"{\"claims\":[{\"about\":[\"K1\"],\"text\":\"a\xFF\"}]}",
		"{\"claims\":[{\"about\":[\"K1\"],\"text\":\"a\\u0000b\"}]}",
		"{\"claims\":[{\"about\":[\"K1\"],\"text\":\"\\uD800\"}]}",
		"{\"claims\":[17,null,\"x\",[]]}",
		"{\"claims\":[{\"about\":[\"K1\"],\"text\":3}]}",
	};
	size_t i;

	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		check_text(texts[i]);
		cr_expect(w.outcome.rubbish, "%s", texts[i]);
		cr_expect_neq(w.outcome.struck, 0, "%s", texts[i]);
		cr_expect_str_not_empty(w.outcome.complaint, "%s", texts[i]);
	}
	cr_expect_eq(w.d.n_comments, 0);
}

Test(answer, a_fence_around_the_object_does_no_harm)
{
	check_text("Here it is:\n```json\n{\"claims\":[" GOOD "]}\n```\n");
	cr_expect_eq(w.outcome.accepted, 1);
	cr_expect_not(w.outcome.rubbish);
}

Test(answer, unknown_members_are_ignored)
{
	check_text("{\"claims\":[{\"about\":[\"K1\"],\"x\":[1,{}],\"text\":"
	           "\"Record the driver of the run.\"}],\"notes\":{\"a\":1}}");
	cr_expect_eq(w.outcome.accepted, 1);
	cr_expect_eq(w.outcome.struck, 0);
}

Test(answer, nul_bytes_and_noise_are_survived)
{
	static const char noise[] = "\0\xFF{\"claims\"\0:[}]\x80\xC3";
	size_t i;

	check(noise, sizeof noise - 1);
	cr_expect(w.outcome.rubbish);
	for (i = 0; w.d.struck[0].text[i]; i++)
		cr_expect_lt((unsigned char)w.d.struck[0].text[i], 0x80);
}

Test(answer, a_huge_answer_is_refused_at_once)
{
	size_t len = 2 << 20;
	char *bytes = malloc(len);

	memset(bytes, '[', len);
	check(bytes, len);
	free(bytes);
	cr_expect(w.outcome.rubbish);
	cr_expect_str_eq(w.d.struck[0].reason, "the answer is too long");
}

Test(answer, deep_nesting_is_survived)
{
	size_t len = 500000, i;
	char *bytes = malloc(len);

	memset(bytes, '{', len);
	for (i = 0; i < len / 2; i++)
		bytes[i] = "{\"a\":"[i % 5];
	bytes[len - 1] = '}';
	check(bytes, len);
	free(bytes);
	cr_expect(w.outcome.rubbish);
}

/* What is looked for at each byte must not be looked for in all of the text. */
Test(answer, a_text_of_nothing_but_marks_is_read_once)
{
	static const char before[] = "{\"claims\":[{\"about\":[\"K1\"],\"text\":\"",
			  behind[] = ">\"}]}";
	size_t half = 500000, at = sizeof before - 1;
	char *bytes = malloc(at + 2 * half + sizeof behind);

	cr_assert_not_null(bytes);
	memcpy(bytes, before, at);
	memset(bytes + at, '`', half);
	memset(bytes + at + half, '<', half);
	memcpy(bytes + at + 2 * half, behind, sizeof behind);
	check_text(bytes);
	free(bytes);
	cr_assert_eq(w.d.n_struck, 1);
	cr_expect_str_eq(w.d.struck[0].reason, "not a sentence: 500001 bytes");
}

Test(answer, claims_beyond_those_asked_for_are_struck)
{
	check_text("{\"claims\":["
	           "{\"about\":[\"K1\"],\"text\":\"Record the driver of the run.\"},"
	           "{\"about\":[\"K1\"],\"text\":\"Record the kernel of the run.\"},"
	           "{\"about\":[\"K1\"],\"text\":\"Record the clocks of the run.\"},"
	           "{\"about\":[\"K1\"],\"text\":\"Record the cache of the run.\"},"
	           "{\"about\":[\"K1\"],\"text\":\"Record the power of the run.\"}]}");
	cr_expect_eq(w.outcome.accepted, 4);
	cr_expect_eq(w.outcome.struck, 1);
	cr_expect_str_eq(w.d.struck[0].reason, "more than was asked for");
}

Test(answer, ids_stay_dense_over_several_answers)
{
	unsigned i;

	check_text("{\"claims\":[" GOOD "]}");
	check_text(
		"{\"claims\":[{\"about\":[\"K2\"],\"text\":\"Record the kernel of the run.\"}]}");
	check_text(
		"{\"claims\":[{\"about\":[\"K2\"],\"text\":\"Record the clocks of the run.\"}]}");
	cr_assert_eq(w.d.n_comments, 3);
	for (i = 0; i < 3; i++)
		cr_expect_eq(w.d.comments[i].id, i + 1);
}

Test(answer, the_complaint_is_the_first_reason)
{
	check_text(
		"{\"claims\":[{\"about\":[\"K1\"],\"text\":\"It took 3 of the runs. It fell again "
		"here now.\"}]}");
	cr_expect_str_eq(w.outcome.complaint, "digit in prose: \"It took 3 of the runs.\"");
	cr_expect_eq(w.outcome.struck, 2);
}

Test(answer, a_recommendation_needs_a_finding)
{
	check_text("{\"claims\":[],\"recommendations\":["
	           "{\"findings\":[],\"text\":\"Record the driver of the run.\"},"
	           "{\"findings\":[\"F1\"],\"text\":\"Record the driver of the run.\"}]}");
	cr_expect_eq(w.d.n_recommendations, 0);
	cr_expect_eq(w.outcome.struck, 2);
	cr_expect_str_eq(w.d.struck[0].reason, "cites nothing");
	cr_expect_str_eq(w.d.struck[1].reason, "cites nothing");
}

Test(answer, a_recommendation_keeps_its_sentences_together)
{
	const struct recommendation *r;

	check_text("{\"recommendations\":[{\"findings\":[\"K1\"],\"text\":\"Repeat the sweep on an "
	           "idle machine. It fell by 2 here. Compare {F1} with it.\"}]}");
	cr_assert_eq(w.d.n_recommendations, 1);
	r = &w.d.recommendations[0];
	cr_expect(r->by_model);
	cr_expect_eq(r->id, 1);
	cr_assert_eq(r->n_findings, 1);
	cr_expect_eq(r->findings[0], 1);
	cr_assert_eq(r->text.n, 5);
	cr_expect_str_eq(r->text.segments[0].words, "Repeat the sweep on an idle machine.");
	cr_expect_str_eq(r->text.segments[1].words, " ");
	cr_expect_eq(r->text.segments[3].fact, 1);
	cr_expect_eq(w.outcome.accepted, 2);
	cr_expect_eq(w.outcome.struck, 1);
}

Test(answer, the_same_recommendation_is_not_made_twice)
{
	const char *text =
		"{\"recommendations\":[{\"findings\":[\"K1\"],\"text\":\"Repeat the sweep "
		"on an idle machine. Record the driver of the run.\"}]}";

	check_text(text);
	check_text(text);
	cr_expect_eq(w.d.n_recommendations, 1);
	cr_expect(w.outcome.rubbish);
}

Test(answer, recommendations_that_nobody_asked_for_are_ignored)
{
	w.scope.max_recommendations = 0;
	check_text("{\"claims\":[" GOOD "],\"recommendations\":[{\"findings\":[\"K1\"],\"text\":"
	           "\"Repeat the sweep on an idle machine.\"}]}");
	cr_expect_eq(w.d.n_recommendations, 0);
	cr_expect_eq(w.outcome.accepted, 1);
}

#define RISK       "\"risk\":\"The sweep may rest on a busy machine.\""
#define MITIGATION "\"mitigation\":\"Repeat it on an idle machine and compare {F1} with it.\""

static void risks_of(const char *item)
{
	char *text = NULL;

	w.scope.max_risks = 2;
	cr_assert_gt(asprintf(&text, "{\"claims\":[" GOOD "],\"risks\":[%s]}", item), 0);
	check_text(text);
	free(text);
}

Test(answer, a_risk_is_two_texts_and_the_findings_that_it_is_of)
{
	const struct risk *k;

	risks_of("{\"findings\":[\"K1\"]," RISK "," MITIGATION "}");
	cr_assert_eq(w.d.n_risks, 1);
	k = &w.d.risks[0];
	cr_expect(k->by_model);
	cr_assert_eq(k->n_findings, 1);
	cr_expect_eq(k->findings[0], 1);
	cr_assert_eq(k->risk.n, 1);
	cr_expect_str_eq(k->risk.segments[0].words, "The sweep may rest on a busy machine.");
	cr_assert_eq(k->mitigation.n, 3);
	cr_expect_eq(k->mitigation.segments[1].fact, 1);
	cr_expect_eq(w.outcome.accepted, 3);
}

Test(answer, neither_text_of_a_risk_may_say_what_a_sentence_may_not)
{
	static const char *const items[] = {
		"{\"findings\":[\"K1\"],\"risk\":\"The sweep may lose 3 of its runs.\"," MITIGATION
		"}",
		"{\"findings\":[\"K1\"]," RISK
		",\"mitigation\":\"Repeat it three times on an idle machine.\"}",
		"{\"findings\":[\"K1\"]," RISK
		",\"mitigation\":\"The faster of both is | the safe one.\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		size_t struck = w.d.n_struck;

		risks_of(items[i]);
		cr_expect_eq(w.d.n_risks, 0, "%s", items[i]);
		cr_expect_gt(w.d.n_struck, struck);
	}
}

Test(answer, a_risk_without_mitigation_or_finding_is_none)
{
	risks_of("{\"findings\":[\"K1\"]," RISK "},{\"findings\":[\"F1\"]," RISK "," MITIGATION
	         "}");
	cr_expect_eq(w.d.n_risks, 0);
	cr_assert_eq(w.d.n_struck, 2);
	cr_expect_str_eq(w.d.struck[0].reason, "a risk without what contains it");
	cr_expect_str_eq(w.d.struck[1].reason, "cites nothing");
}

Test(answer, the_same_risk_is_told_once_and_no_more_than_were_asked_for)
{
	risks_of("{\"findings\":[\"K1\"]," RISK "," MITIGATION "},"
	         "{\"findings\":[\"K1\"]," RISK "," MITIGATION "},"
	         "{\"findings\":[\"K1\"]," RISK "," MITIGATION "}");
	cr_expect_eq(w.d.n_risks, 1);
	cr_assert_eq(w.d.n_struck, 2);
	cr_expect_str_eq(w.d.struck[0].reason, "repeats itself: said before");
	cr_expect_str_eq(w.d.struck[1].reason, "more than was asked for");
}

Test(answer, risks_that_nobody_asked_for_are_ignored)
{
	check_text("{\"claims\":[" GOOD "],\"risks\":[{\"findings\":[\"K1\"]," RISK "," MITIGATION
	           "}]}");
	cr_expect_eq(w.d.n_risks, 0);
	cr_expect_eq(w.outcome.accepted, 1);
}

Test(answer, what_sums_up_is_marked)
{
	check_text("{\"claims\":[" GOOD "]}");
	w.scope.summary = true;
	check_text("{\"claims\":[{\"about\":[\"K1\"],\"text\":\"Record the clocks of it.\"}]}");
	cr_assert_eq(w.d.n_comments, 2);
	cr_expect_not(w.d.comments[0].summary);
	cr_expect(w.d.comments[1].summary);
}

Test(answer, no_memory_is_an_error_and_nothing_is_half_there)
{
	struct claims_outcome before = w.outcome;

	arena_free(w.d.arena);
	w.d.arena = arena_new(100);
	cr_expect_eq(claims_check(&w.d, &w.scope, "s", "{}", 2, &w.outcome, &w.err), -ENOMEM);
	cr_expect_eq(w.d.n_comments + w.d.n_struck, 0);
	cr_expect_eq(memcmp(&before, &w.outcome, sizeof before), 0);
	cr_expect_str_not_empty(w.err.text);
}

Test(answer, the_words_of_a_persona_hold_over_the_whole_answer)
{
	w.scope.max_words = 12;
	check_text("{\"claims\":["
	           "{\"about\":[\"K1\"],\"text\":\"Record the driver of the run.\"},"
	           "{\"about\":[\"K1\"],\"text\":\"Record the kernel of the run.\"}],"
	           "\"recommendations\":[{\"findings\":[\"K1\"],\"text\":\"Repeat the sweep on an "
	           "idle machine.\"}]}");
	cr_expect_eq(w.outcome.accepted, 2);
	cr_expect_eq(w.d.n_recommendations, 0);
	cr_assert_eq(w.d.n_struck, 1);
	cr_expect_str_eq(w.d.struck[0].reason, "beyond the 12 words that the persona has");
}

Test(answer, sentences_beyond_those_of_a_text_are_struck_and_kept)
{
	check_text(
		"{\"claims\":[{\"about\":[\"K1\"],\"text\":\"Record the driver of it. Record the "
		"kernel of it. Record the clocks of it. Record the cache of it. Record the "
		"power of it. Record the fans of it. Record the load of it.\"}]}");
	cr_expect_eq(w.outcome.accepted, 6);
	cr_assert_eq(w.d.n_struck, 1);
	cr_expect_str_eq(w.d.struck[0].reason, "more sentences than a text may have");
	cr_expect_str_eq(w.d.struck[0].text, "Record the load of it.");
}

static void advise(const char *more)
{
	char text[512];

	(void)snprintf(
		text, sizeof text,
		"{\"recommendations\":[{\"findings\":[\"K1\"],\"text\":\"Repeat the sweep on "
		"an idle machine.\"%s}]}",
		more);
	check_text(text);
}

Test(answer, a_recommendation_says_effect_risk_and_effort)
{
	static const char *const words[] = {"Repeat the sweep on an idle machine.",
	                                    " ",
	                                    "Expected effect:",
	                                    " ",
	                                    "It shows whether the machine matters.",
	                                    " ",
	                                    "Risk:",
	                                    " ",
	                                    "The sweep may disturb other work.",
	                                    " ",
	                                    "Effort: another run of the benchmark."};
	const struct text *t;
	size_t i;

	advise(",\"effect\":\"It shows whether the machine matters.\",\"risk\":\"The sweep may "
	       "disturb other work.\",\"effort\":\"rerun\"");
	cr_assert_eq(w.d.n_recommendations, 1);
	t = &w.d.recommendations[0].text;
	cr_assert_eq(t->n, sizeof words / sizeof *words);
	for (i = 0; i < t->n; i++)
		cr_expect_str_eq(t->segments[i].words, words[i]);
}

Test(answer, what_of_a_recommendation_fails_is_left_out_with_its_heading)
{
	advise(",\"effect\":\"It is twice as fast on it.\",\"risk\":\"None.\",\"effort\":\"2 "
	       "days\"");
	cr_assert_eq(w.d.n_recommendations, 1);
	cr_expect_eq(w.d.recommendations[0].text.n, 1);
	cr_expect_eq(w.outcome.struck, 3);
	cr_expect_str_eq(w.d.struck[2].reason, "no effort that was offered");
}

Test(answer, what_has_not_the_form_is_kept_among_the_struck)
{
	check_text("{\"claims\":[17,\"The driver needs a look.\",{\"text\":4}]}");
	cr_assert_eq(w.d.n_struck, 3);
	cr_expect_str_eq(w.d.struck[0].text, "17");
	cr_expect_str_eq(w.d.struck[1].text, "\"The driver needs a look.\"");
	cr_expect_str_eq(w.d.struck[2].text, "{\"text\":4}");
}

static const char *pattern_of(const json_t *schema, const char *list, const char *member)
{
	const json_t *items = json_object_get(
		json_object_get(json_object_get(schema, "properties"), list), "items");
	const json_t *text = json_object_get(json_object_get(items, "properties"), member);

	return json_string_value(json_object_get(text, "pattern"));
}

Test(schema, prose_has_no_digit_outside_an_id_and_bounds_are_small)
{
	json_t *schema = NULL;
	const char *p, *at;

	cr_assert_eq(claims_schema(&schema, &w.scope, &w.err), 0);
	p = pattern_of(schema, "claims", "text");
	cr_assert_not_null(p);
	cr_expect_eq(p[0], '^');
	cr_expect_eq(p[strlen(p) - 1], '$');
	cr_expect_not_null(
		strstr(p, "\\{F(1(2(3)?)?|3|5|6|7|8)(:(direction|size|subject|name|unit))?\\}"));
	cr_expect_null(strstr(p, "0-9"));
	cr_expect_null(strstr(p, "\\d"));
	for (at = p; (at = strchr(at, '{')); at++)
		cr_expect(at[-1] == '\\' || strtol(at + 1, NULL, 10) <= 400);
	cr_expect_str_eq(pattern_of(schema, "recommendations", "text"), p);
	json_decref(schema);
}

Test(schema, ids_come_before_the_text_and_at_least_one_is_asked_for)
{
	json_t *schema = NULL;
	char *text;

	cr_assert_eq(claims_schema(&schema, &w.scope, &w.err), 0);
	text = json_dumps(schema, JSON_COMPACT);
	cr_expect_not_null(
		strstr(text, "\"properties\":{\"about\":{\"type\":\"array\",\"minItems\":1"));
	cr_expect_not_null(strstr(text, "\"enum\":[\"K1\",\"K2\",\"K3\",\"F1\",\"F3\""));
	cr_expect_not_null(
		strstr(text, "\"findings\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":4,"
	                     "\"items\":{\"type\":\"string\",\"enum\":[\"K1\",\"K2\",\"K3\"]}"));
	cr_expect_not_null(strstr(text, "\"maxItems\":2"));
	cr_expect_not_null(strstr(text, "\"required\":[\"claims\",\"recommendations\"]"));
	free(text);
	json_decref(schema);
}

Test(schema, many_ids_become_a_trie)
{
	unsigned many[300];
	json_t *schema = NULL;
	char *text;
	unsigned i;

	for (i = 0; i < 300; i++)
		many[i] = i + 1;
	w.scope.facts = many;
	w.scope.n_facts = 300;
	cr_assert_eq(claims_schema(&schema, &w.scope, &w.err), 0);
	text = json_dumps(schema, JSON_COMPACT);
	cr_expect_null(strstr(text, "\"F299\""));
	cr_expect_not_null(strstr(text, "\"^(K(1|2|3)|F(1("));
	free(text);
	json_decref(schema);
}

Test(schema, a_recommendation_is_asked_for_effect_risk_and_effort)
{
	json_t *schema = NULL, *required;
	const char *const names[] = {"findings", "text", "effect", "risk", "effort"};
	size_t i;

	cr_assert_eq(claims_schema(&schema, &w.scope, &w.err), 0);
	required = json_object_get(
		json_object_get(
			json_object_get(json_object_get(schema, "properties"), "recommendations"),
			"items"),
		"required");
	cr_assert_eq(json_array_size(required), 5);
	for (i = 0; i < 5; i++)
		cr_expect_str_eq(json_string_value(json_array_get(required, i)), names[i]);
	json_decref(schema);
}

Test(schema, a_risk_is_asked_for_with_what_contains_it)
{
	json_t *schema = NULL;
	char *text;

	w.scope.max_risks = 3;
	cr_assert_eq(claims_schema(&schema, &w.scope, &w.err), 0);
	text = json_dumps(schema, JSON_COMPACT);
	cr_expect_not_null(strstr(text, "\"required\":[\"findings\",\"risk\",\"mitigation\"]"));
	cr_expect_not_null(strstr(text, "\"required\":[\"claims\",\"recommendations\",\"risks\"]"));
	cr_expect_str_eq(pattern_of(schema, "risks", "risk"),
	                 pattern_of(schema, "recommendations", "effect"));
	free(text);
	json_decref(schema);
}

Test(schema, without_findings_nothing_is_recommended)
{
	json_t *schema = NULL;

	w.scope.n_findings = 0;
	cr_assert_eq(claims_schema(&schema, &w.scope, &w.err), 0);
	cr_expect_null(json_object_get(json_object_get(schema, "properties"), "recommendations"));
	json_decref(schema);
}

Test(schema, a_scope_without_ids_is_refused)
{
	json_t *schema = NULL;

	w.scope.n_findings = w.scope.n_facts = 0;
	cr_expect_eq(claims_schema(&schema, &w.scope, &w.err), -EINVAL);
	cr_expect_null(schema);
}
