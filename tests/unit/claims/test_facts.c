/* SPDX-License-Identifier: MIT */
/* What a sentence may say of facts and findings. */
#include <criterion/criterion.h>

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

TestSuite(facts, .init = setup, .fini = teardown);

static void expect_reason(const char *text, const char *reason)
{
	const char *got = world_reason(&w, text);

	cr_expect(*reason ? strncmp(got, reason, strlen(reason)) == 0 : !*got,
	          "\"%s\": got \"%s\", not \"%s\"", text, got, reason);
}

Test(facts, placeholders_become_segments_in_order)
{
	const struct comment *c;

	cr_assert_eq(world_say(&w, "[\"K1\",\"F3\"]",
	                       "Throughput  {F3:direction} by {F3:size}, and reached {F1}."),
	             1);
	c = &w.d.comments[0];
	cr_assert_eq(c->text.n, 7);
	cr_expect_str_eq(c->text.segments[0].words, "Throughput ");
	cr_expect_eq(c->text.segments[1].fact, 3);
	cr_expect_eq(c->text.segments[1].as, AS_DIRECTION);
	cr_expect_str_eq(c->text.segments[2].words, " by ");
	cr_expect_eq(c->text.segments[3].as, AS_SIZE);
	cr_expect_eq(c->text.segments[5].fact, 1);
	cr_expect_eq(c->text.segments[5].as, AS_VALUE);
	cr_expect_str_eq(c->text.segments[6].words, ".");
}

Test(facts, a_comment_lists_what_it_is_about_and_what_it_cites)
{
	const struct comment *c;

	cr_assert_eq(
		world_say(&w, "[\"F3\",\"K1\",\"F3\"]", "The run reached {F1} on this machine."),
		1);
	c = &w.d.comments[0];
	cr_expect_eq(c->id, 1);
	cr_expect_str_eq(c->step, "analyse");
	cr_assert_eq(c->n_facts, 2);
	cr_expect_eq(c->facts[0], 3);
	cr_expect_eq(c->facts[1], 1);
	cr_assert_eq(c->n_findings, 1);
	cr_expect_eq(c->findings[0], 1);
}

Test(facts, ids_that_are_prefixes_of_one_another_stay_apart)
{
	cr_assert_eq(world_say(&w, "[\"K1\"]", "There were {F1} and {F12} and {F123} of it."), 1);
	cr_assert_eq(w.d.comments[0].n_facts, 3);
	cr_expect_eq(w.d.comments[0].facts[0], 1);
	cr_expect_eq(w.d.comments[0].facts[1], 12);
	cr_expect_eq(w.d.comments[0].facts[2], 123);
}

Test(facts, an_id_that_is_unknown_or_outside_the_scope_is_struck)
{
	expect_reason("The run reached {F999} on this machine.", "unknown id F999");
	expect_reason("The run reached {F2} on this machine.", "fact outside the scope: F2");
	expect_reason("The run reached {F13} on this machine.", "fact outside the scope: F13");
	cr_expect_str_eq(world_reason_about(&w, "[\"F99999\"]", "Record the driver of the run."),
	                 "unknown id F99999");
	cr_expect_str_eq(world_reason_about(&w, "[\"F2\"]", "Record the driver of the run."),
	                 "fact outside the scope: F2");
	cr_expect_str_eq(world_reason_about(&w, "[\"K4\"]", "Record the driver of the run."),
	                 "finding outside the scope: K4");
	cr_expect_str_eq(world_reason_about(&w, "[\"K77\"]", "Record the driver of the run."),
	                 "unknown id K77");
	cr_expect_str_eq(world_reason_about(&w, "[17]", "Record the driver of the run."),
	                 "unknown id (no text)");
	cr_expect_eq(w.d.n_comments, 0);
}

Test(facts, a_broken_placeholder_is_struck)
{
	static const char *const texts[] = {
		"The run reached {F1 on this machine.",
		"The run reached {K1} on this machine.",
		"The run reached {F01} on this machine.",
		"The run reached {F1:sum} on this machine.",
		"The run reached {F} on this machine.",
		"The run reached {} on this machine.",
		"The run reached {F1:} on this machine.",
		"The run reached {F-1} on this machine.",
		"The run reached {{F1} on this machine.",
		"The run reached {f1} on this machine.",
		"The run reached {F4294967297} on this machine.",
	};
	size_t i;

	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		expect_reason(texts[i], "broken placeholder");
}

Test(facts, a_figure_that_would_print_as_another_is_struck)
{
	expect_reason("The run reached -{F1} on this machine.", "not a sentence: stray dash");
	expect_reason("The run reached {F1}{F12} on this machine.", "placeholder without blanks");
	expect_reason("The run reached x{F1} on this machine.", "placeholder without blanks");
	expect_reason("The run reached {F1}k on this machine.", "placeholder without blanks");
	expect_reason("The run reached {F1}-{F12} on this machine.", "placeholder without blanks");
	expect_reason("The run reached {F1} {F12} on this machine.", "no word before the figure");
	expect_reason("The run reached {F1} - {F12} on this machine.", "no word before the figure");
	expect_reason("The run reached {F1} ms on this machine.", "a unit behind the figure");
	expect_reason("The run reached {F1} (tokens) on this machine.", "a unit behind the figure");
	expect_reason("The run reached {F1} {F1:unit} on this machine.",
	              "a unit behind the figure");
	expect_reason("The run reached {F1} million on this machine.", "number word");
	expect_reason("The run reached over {F1} on this machine.", "over bends the figure");
	expect_reason("The run reached nearly {F1} on this machine.", "nearly bends the figure");
	expect_reason("The run is not at {F1} on this machine.", "denies the figure");
}

Test(facts, direction_and_size_come_from_changes_only)
{
	expect_reason("Throughput {F1:direction} on this machine tonight.", "F1 is no change");
	expect_reason("Throughput ended by {F1:size} on this machine.", "F1 is no change");
	expect_reason("{F8:name} {F8:direction} on this machine tonight.", "F8 is no change");
	expect_reason("Throughput did not {F3:direction} on this machine.", "denies the direction");
	expect_reason("Throughput hardly ever {F3:direction} here.", "denies the direction");
	expect_reason("Throughput may {F3:direction} on this machine.", "may bends the direction");
	expect_reason("Throughput {F3:direction} on this machine tonight.", "");
}

Test(facts, a_subject_or_a_unit_that_is_not_there_is_struck)
{
	expect_reason("{F1:subject} is worth a look tonight.", "F1 has no subject");
	expect_reason("The count is told in {F7:unit} tonight.", "F7 has no unit");
}

Test(facts, a_figure_told_of_another_subject_is_struck)
{
	expect_reason("{F6:subject} reached {F5} on this machine.", "tells F5 of another subject");
	expect_reason("The onnx backend reached {F6} here.", "tells F6 of another subject");
	expect_reason("We saw {F6} on the onnx backend.", "speaks of its instructions");
	expect_reason("There was {F6} on the ONNX backend.", "tells F6 of another subject");
	expect_reason("The onnx backend reached {F5} here, and eager took {F6}.", "");
	expect_reason("{F5:subject} reached {F5} on this machine.", "");
	expect_reason("The onnx backend reached {F1} here.", "tells F1 of another subject");
}

Test(facts, a_figure_told_of_another_metric_is_struck)
{
	expect_reason("The latency was {F1} on this machine.", "tells F1 of another metric");
	expect_reason("{F5:name} reached {F1} on this machine.", "tells F1 of another metric");
	expect_reason("The throughput was {F5} on this machine.", "tells F5 of another metric");
	expect_reason("The latency was {F5} beside a throughput of {F1}.", "");
}

Test(facts, regression_may_be_said_of_a_regression_only)
{
	expect_reason("The regression is worth a repeat tonight.", "");
	expect_reason("The improvement is worth a repeat tonight.", "direction word: improvement");
	cr_expect_str_eq(world_reason_about(&w, "[\"K2\"]", "The regression is worth a new look."),
	                 "direction word: regression");
}

Test(facts, a_claim_about_nothing_must_cite)
{
	cr_expect_str_eq(world_reason_about(&w, "[]", "Record the driver of the run."),
	                 "cites nothing");
	cr_expect_str_empty(world_reason_about(&w, "[]", "The run reached {F1} on this machine."));
}

Test(facts, a_name_must_be_that_of_a_cited_fact)
{
	expect_reason("The eager backend needs a closer look.", "names what no cited fact is of");
	expect_reason("The mistral model needs a closer look.", "names what no cited fact is of");
	expect_reason("The run on PyTorch needs a closer look.", "names what no cited fact is of");
	expect_reason("The GPU may have been too warm for it.", "");
	cr_expect_str_empty(
		world_reason_about(&w, "[\"F6\"]", "The eager backend needs a closer look."));
	cr_expect_str_not_empty(
		world_reason_about(&w, "[\"F5\"]", "The eager backend deserves a look."));
}

Test(facts, a_metric_must_be_that_of_a_cited_fact)
{
	expect_reason("The latency deserves a closer look.", "names a metric that no cited fact");
	expect_reason("The accuracy deserves a closer look.", "names a metric that no cited fact");
	expect_reason("The quality of the output may matter.", "names a metric that no cited fact");
	cr_expect_str_empty(
		world_reason_about(&w, "[\"F5\"]", "The latency deserves a closer look."));
	cr_expect_str_empty(
		world_reason_about(&w, "[\"F1\"]", "The throughput deserves a closer look."));
}

Test(facts, a_statistic_must_be_that_of_the_figure)
{
	expect_reason("The average throughput was {F1} here.", "a statistic that the fact is not");
	expect_reason("On average the run reached {F1} here.", "a statistic that the fact is not");
	expect_reason("The mean throughput was {F1} here.", "a statistic that the fact is not");
	expect_reason("The quantile of it was {F1} here.", "a statistic that the fact is not");
	expect_reason("The median throughput was {F1} here.", "");
	expect_reason("Look at what these findings mean together.", "");
}

Test(facts, a_figure_is_said_of_no_more_than_its_fact)
{
	expect_reason("Every run of the night reached {F1} here.", "says {F1} of more than it is");
	expect_reason("The runs always reached {F1} on it.", "says {F1} of more than it is");
	expect_reason("Only this machine reached {F1} tonight.", "says {F1} of more than it is");
	expect_reason("Record the driver before every run.", "");
}

Test(facts, a_change_brings_the_metrics_of_what_it_compares)
{
	cr_expect_str_empty(world_reason_about(
		&w, "[\"F3\"]", "The throughput {F3:direction} by {F3:size} on this machine."));
	cr_expect_str_not_empty(world_reason_about(
		&w, "[\"F3\"]", "The latency {F3:direction} by {F3:size} on this machine."));
}
