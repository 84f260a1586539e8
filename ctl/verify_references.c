/* SPDX-License-Identifier: MIT */
/*
 * Every id that is named exists, and no two things have the same one.
 */
#include <stdio.h>

#include "ctl/verify_impl.h"

struct kind {
	const char *member; /* of report.json */
	char letter;
};

static const struct kind kinds[] = {
	{"facts", 'F'}, {"findings", 'K'}, {"recommendations", 'R'}, {"commentary", 'C'}};

static void add_ids(struct verify *v, const json_t *list, const char *name, char letter)
{
	const json_t *one;
	size_t i;

	json_array_foreach (list, i, one) {
		const char *id = verify_text(one, "id");
		bool good = id[0] == letter && id[1] && !id[1 + strspn(id + 1, "0123456789")];

		if (!good)
			verify_wrong(v, "%s[%zu]: id %c1, %c2 ... expected, \"%.20s\" found", name,
			             i, letter, letter, id);
		else if (json_object_get(v->ids, id))
			verify_wrong(v, "%s[%zu]: id %.20s comes twice", name, i, id);
		else
			(void)json_object_set(v->ids, id, (json_t *)(uintptr_t)one);
	}
}

void verify_ids(struct verify *v)
{
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		add_ids(v, json_object_get(v->report, kinds[k].member), kinds[k].member,
		        kinds[k].letter);
	add_ids(v, json_object_get(json_object_get(v->report, "inventory"), "artifacts"),
	        "artifacts", 'A');
	v->result->facts = json_array_size(json_object_get(v->report, "facts"));
}

/* `letters`: the kinds of id that may be named here. */
static void check_id(struct verify *v, const char *where, const char *letters, const char *id)
{
	if (!*id || !strchr(letters, id[0]) || !json_object_get(v->ids, id))
		verify_wrong(v, "%s: names \"%.20s\", which is not in the report", where, id);
}

static void check_list(struct verify *v, const char *where, const char *letters,
                       const json_t *owner, const char *key)
{
	const json_t *list = json_object_get(owner, key), *one;
	size_t i;

	if (!json_is_array(list))
		verify_wrong(v, "%s: %s: a list expected", where, key);
	json_array_foreach (list, i, one)
		check_id(v, where, letters, json_is_string(one) ? json_string_value(one) : "");
}

static void check_text(struct verify *v, const char *where, const json_t *owner, const char *member)
{
	const json_t *segment;
	size_t i;

	json_array_foreach (json_object_get(owner, member), i, segment) {
		if (json_object_get(segment, "f"))
			check_id(v, where, "F", verify_text(segment, "f"));
		else if (!json_is_string(json_object_get(segment, "t")))
			verify_wrong(v, "%s: %s[%zu] is neither words nor a fact", where, member,
			             i);
	}
}

static void check_locators(struct verify *v, const char *where, const json_t *list)
{
	const json_t *locator;
	size_t i;

	json_array_foreach (list, i, locator) {
		if (!json_object_get(locator, "review"))
			check_id(v, where, "A", verify_text(locator, "artifact"));
	}
}

static void check_fact(struct verify *v, const json_t *fact)
{
	char where[32];

	(void)snprintf(where, sizeof where, "%.24s", verify_text(fact, "id"));
	check_list(v, where, "F", fact, "from");
	check_locators(v, where, json_object_get(fact, "cells"));
	check_locators(v, where, json_object_get(fact, "excluded"));
}

static void check_finding(struct verify *v, const json_t *finding)
{
	char where[32];

	(void)snprintf(where, sizeof where, "%.24s", verify_text(finding, "id"));
	check_list(v, where, "F", finding, "facts");
	check_list(v, where, "A", finding, "artifacts");
	check_text(v, where, finding, "text");
}

static void check_others(struct verify *v)
{
	const json_t *one;
	char where[32];
	size_t i;

	json_array_foreach (json_object_get(v->report, "recommendations"), i, one) {
		(void)snprintf(where, sizeof where, "%.24s", verify_text(one, "id"));
		check_list(v, where, "K", one, "findings");
		check_text(v, where, one, "text");
	}
	json_array_foreach (json_object_get(v->report, "risks"), i, one) {
		(void)snprintf(where, sizeof where, "risks[%u]", (unsigned)i);
		check_list(v, where, "K", one, "findings");
		check_text(v, where, one, "risk");
		check_text(v, where, one, "mitigation");
	}
	json_array_foreach (json_object_get(v->report, "commentary"), i, one) {
		(void)snprintf(where, sizeof where, "%.24s", verify_text(one, "id"));
		check_list(v, where, "FKA", one, "about");
		check_text(v, where, one, "text");
	}
	json_array_foreach (json_object_get(v->report, "plots"), i, one) {
		(void)snprintf(where, sizeof where, "plots[%u]", (unsigned)i);
		check_list(v, where, "F", one, "facts");
	}
	json_array_foreach (json_object_get(json_object_get(v->report, "inventory"), "duplicates"),
	                    i, one) {
		const json_t *id;
		size_t j;

		(void)snprintf(where, sizeof where, "duplicates[%u]", (unsigned)i);
		json_array_foreach (one, j, id)
			check_id(v, where, "A", json_is_string(id) ? json_string_value(id) : "");
	}
}

/* A call belongs to a step that there is. */
static void check_calls(struct verify *v)
{
	const json_t *calls = json_object_get(v->report, "calls"), *call, *step;
	const json_t *steps = json_object_get(v->report, "steps");
	size_t i, j;

	json_array_foreach (calls, i, call) {
		bool found = false;

		json_array_foreach (steps, j, step)
			found = found ||
			        strcmp(verify_text(step, "id"), verify_text(call, "step")) == 0;
		if (!found)
			verify_wrong(v, "calls[%zu]: step \"%.40s\" is not in the report", i,
			             verify_text(call, "step"));
	}
}

void verify_references(struct verify *v)
{
	const json_t *one;
	size_t i;

	json_array_foreach (json_object_get(v->report, "facts"), i, one)
		check_fact(v, one);
	json_array_foreach (json_object_get(v->report, "findings"), i, one)
		check_finding(v, one);
	check_others(v);
	check_calls(v);
}
