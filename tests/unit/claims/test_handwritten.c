/* SPDX-License-Identifier: MIT */
/*
 * What models of four to thirty billion parameters typically write wrongly, one case each, with
 * what is to become of it: tests/fixtures/answers/handwritten.json.
 */
#include <criterion/criterion.h>

#include "tests/unit/claims/world.h"

static const struct label gemma[] = {{"model", "gemma"}};
static const unsigned of_regression[] = {3, 1}, of_best[] = {5}, of_gap[] = {7};

/* The small world, with a model in the subjects and findings that stand on facts. */
static void case_init(struct world *w)
{
	static const struct {
		const unsigned *facts;
		size_t n;
	} facts[] = {{of_regression, 2}, {of_best, 1}, {of_gap, 1}, {NULL, 0}};
	size_t i;

	world_init(w);
	for (i = 0; i < 3; i++) {
		w->facts[i].subject = gemma;
		w->facts[i].n_subject = 1;
	}
	for (i = 0; i < 4; i++) {
		w->findings[i].facts = facts[i].facts;
		w->findings[i].n_facts = facts[i].n;
	}
	w->scope.instructions = "Refer to a figure by its id in braces. Task: explain what the "
				"findings of this benchmark mean, what may be behind them.";
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void check_sentence(struct world *w, const json_t *one, const char *name, const char *text)
{
	bool keep = strcmp(json_string_value(json_object_get(one, "verdict")), "kept") == 0;
	const char *left = json_string_value(json_object_get(one, "left"));
	const char *reason = json_string_value(json_object_get(one, "reason"));
	const json_t *hypothesis = json_object_get(one, "hypothesis");
	char *about = json_dumps(json_object_get(one, "about"), 0);
	size_t accepted = world_say(w, about, text);

	free(about);
	cr_expect_eq(accepted, keep ? 1 : 0, "%s: %s", name,
	             w->d.n_struck ? w->d.struck[0].reason : "kept");
	if (keep && accepted && left)
		cr_expect_str_eq(w->d.comments[0].text.segments[0].words, left, "%s", name);
	if (keep && accepted && hypothesis)
		cr_expect_eq(w->d.comments[0].hypothesis, json_is_true(hypothesis), "%s", name);
	if (!keep && w->d.n_struck)
		cr_expect(begins(w->d.struck[0].reason, reason), "%s: \"%s\", not \"%s\"", name,
		          w->d.struck[0].reason, reason);
}

static void check_answer(struct world *w, const json_t *one, const char *name, const char *answer)
{
	size_t kept = (size_t)json_integer_value(json_object_get(one, "kept"));
	const char *reason = json_string_value(json_object_get(one, "reason"));

	cr_assert_eq(claims_check(&w->d, &w->scope, "compose", answer, strlen(answer), &w->outcome,
	                          &w->err),
	             0);
	cr_expect_eq(w->outcome.accepted, kept, "%s: %zu kept", name, w->outcome.accepted);
	cr_expect_eq(w->outcome.struck > 0, reason != NULL, "%s", name);
	if (reason && w->d.n_struck)
		cr_expect_str_eq(w->d.struck[0].reason, reason, "%s", name);
}

Test(handwritten, each_case_comes_to_its_verdict)
{
	const char *source = getenv("CHIMERAD_SOURCE");
	char path[4096];
	json_t *cases;
	const json_t *one;
	size_t i;

	(void)snprintf(path, sizeof path, "%s/tests/fixtures/answers/handwritten.json",
	               source ? source : ".");
	cases = json_load_file(path, 0, NULL);
	cr_assert_geq(json_array_size(cases), 60, "%s", path);
	json_array_foreach (cases, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));
		const char *text = json_string_value(json_object_get(one, "text"));
		struct world w;

		case_init(&w);
		if (text)
			check_sentence(&w, one, name, text);
		else
			check_answer(&w, one, name,
			             json_string_value(json_object_get(one, "answer")));
		arena_free(w.d.arena);
	}
	json_decref(cases);
}
