/* SPDX-License-Identifier: MIT */
/*
 * Cells that are the facts of an earlier review: {review: job id, fact, samples}.
 */
#include <errno.h>
#include <limits.h>

#include "ctl/verify_impl.h"
#include "lib/base/files.h"

#define REVIEW_BYTES_MAX (256u * 1024 * 1024)
#define REVIEWS_MAX      400 /* more than a year of nights */

static json_t *load_json(const char *folder, const char *id, const char *name)
{
	CLEANUP(freep) char *text = NULL;
	char path[PATH_MAX];
	size_t len = 0;

	if (snprintf(path, sizeof path, "%s/%s/%s", folder, id, name) >= (int)sizeof path ||
	    files_read(&text, &len, NULL, path, REVIEW_BYTES_MAX, NULL) < 0)
		return NULL;
	return json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
}

/* The report of one of several agents lies in REVIEW/agents/NAME. */
static bool is_an_agents(const struct verify *v)
{
	return json_object_get(json_object_get(v->report, "job"), "agent");
}

static const char *reports_folder(const struct verify *v, char *room, size_t size)
{
	if (v->options->reports)
		return v->options->reports;
	(void)snprintf(room, size, "%s/..%s", *v->texts->folder ? v->texts->folder : ".",
	               is_an_agents(v) ? "/../.." : "");
	return room;
}

static bool is_job_id(const char *id)
{
	return *id && strlen(id) <= 64 &&
	       id[strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static const json_t *review_of(struct verify *v, const char *id)
{
	const json_t *known = json_object_get(v->reviews, id);
	json_t *report, *facts = NULL, *fact;
	char room[PATH_MAX];
	const char *folder;
	size_t i;

	if (known || !is_job_id(id) || json_object_size(v->reviews) >= REVIEWS_MAX)
		return known;
	folder = reports_folder(v, room, sizeof room);
	report = load_json(folder, id, "report.json");
	if (report)
		facts = json_object();
	json_array_foreach (json_object_get(report, "facts"), i, fact)
		(void)json_object_set(facts, verify_text(fact, "id"), fact);
	(void)json_object_set_new(v->reviews, id,
	                          json_pack("{s:o*, s:o*}", "facts", facts, "samples",
	                                    load_json(folder, id, "samples.json")));
	json_decref(report);
	return json_object_get(v->reviews, id);
}

static int add_samples(struct verify *v, const json_t *samples, struct verify_cells *c)
{
	const json_t *number;
	size_t i;
	int r = 0;

	if (!json_is_array(samples))
		verify_cells_bad(c, "that review has no samples of it");
	json_array_foreach (samples, i, number) {
		if (r == 0)
			r = verify_cells_push(v, c, verify_number_of(number));
	}
	return r;
}

const json_t *verify_review_fact(struct verify *v, const json_t *locator)
{
	const json_t *review = json_object_get(locator, "review")
	                               ? review_of(v, verify_text(locator, "review"))
	                               : NULL;

	return json_object_get(json_object_get(review, "facts"), verify_text(locator, "fact"));
}

int verify_review_add(struct verify *v, const json_t *locator, struct verify_cells *c)
{
	const char *id = verify_text(locator, "review"), *name = verify_text(locator, "fact");
	const json_t *fact = verify_review_fact(v, locator);
	double value;

	if (!fact) {
		c->absent = v->options->partial && is_job_id(id) &&
		            !json_object_get(review_of(v, id), "facts");
		verify_cells_bad(c, "review %.40s with fact %.20s is not among the reports", id,
		                 name);
		return 0;
	}
	if (json_is_true(json_object_get(locator, "samples")))
		return add_samples(
			v, json_object_get(json_object_get(review_of(v, id), "samples"), name), c);
	return verify_cells_push(v, c, verify_number(fact, "value", &value) ? value : NO_NUMBER);
}
