/* SPDX-License-Identifier: MIT */
#include "ctl/compare_side.h"
#include "ctl/ctl_json.h"

#include <errno.h>
#include <sys/stat.h>

#include "agents/analyst/analyst.h"
#include "lib/base/files.h"

#define ARENA_BYTES_MAX  ((uint64_t)1 << 30)
#define REPORT_BYTES_MAX ((uint64_t)256 << 20)

void compare_side_done(struct compare_side *s)
{
	explain_free(s->tree);
	json_decref(s->report);
	json_decref(s->samples);
	arena_free(s->arena);
	free(s->all);
	free(s->name);
	*s = (struct compare_side){0};
}

/*
 * Which table or object: the pointer with stars for the elements of lists. Where a number stands in
 * a tool's text says nothing about the next run.
 */
static const char *shape_of(struct arena *arena, unsigned table, const char *pointer)
{
	char *shape = pointer ? arena_strdup(arena, pointer) : NULL;
	size_t n = 0;

	if (!pointer)
		return table ? arena_printf(arena, "table %u", table) : "";
	for (size_t i = 0; shape && pointer[i];) {
		size_t len = strcspn(pointer + i + 1, "/") + 1;

		if (len > 1 && strspn(pointer + i + 1, "0123456789") == len - 1) {
			shape[n++] = '/';
			shape[n++] = '*';
		} else {
			memmove(shape + n, pointer + i, len);
			n += len;
		}
		i += len;
	}
	if (shape)
		shape[n] = '\0';
	return shape;
}

/* --- a tree ----------------------------------------------------------------------------- */

static int add_cell(struct compare_side *s, const struct group *g, size_t i, size_t m)
{
	const struct group_configuration *c = &g->configurations[i];
	const struct fact *f = dossier_fact(&s->tree->dossier,
	                                    g->cells[i * g->n_metrics + m].center);
	struct compare_series *to = &s->all[s->n];

	if (!f || !f->n_cells || c->failed || g->metrics[m].derived)
		return 0;
	*to = (struct compare_series){.title = g->title,
	                              .where = g->where,
	                              .machine = g->machine,
	                              .path = g->path,
	                              .metric = g->metrics[m].name,
	                              .unit = g->metrics[m].unit,
	                              .better = g->metrics[m].better,
	                              .subject = c->subject,
	                              .n_subject = c->n_subject,
	                              .fact = f};
	to->shape = shape_of(s->arena, f->cells[0].table, f->cells[0].pointer);
	s->n++;
	return to->shape ? 0 : -ENOMEM;
}

static int list_tree(struct compare_side *s)
{
	const struct dossier *d = &s->tree->dossier;
	size_t n = 0;

	for (size_t i = 0; i < d->n_groups; i++)
		n += d->groups[i].n_configurations * d->groups[i].n_metrics;
	s->single = d->inventory.n_artifacts == 1;
	s->all = calloc(n + 1, sizeof *s->all);
	if (!s->all)
		return -ENOMEM;
	for (size_t k = 0; k < d->n_groups; k++) {
		const struct group *g = &d->groups[k];

		for (size_t m = 0; m < g->n_metrics; m++)
			for (size_t i = 0; i < g->n_configurations; i++)
				if (add_cell(s, g, i, m) < 0)
					return -ENOMEM;
	}
	return 0;
}

/* --- a report --------------------------------------------------------------------------- */

static const json_t *artifacts_of(const struct compare_side *s)
{
	return json_object_get(json_object_get(s->report, "inventory"), "artifacts");
}

/* Artifacts stand in the order of their ids, from A1. SIZE_MAX: there is none such. */
static size_t index_of_artifact(const struct compare_side *s, const char *id)
{
	unsigned long n = *id ? strtoul(id + 1, NULL, 10) : 0;
	const json_t *artifact = n ? json_array_get(artifacts_of(s), n - 1) : NULL;

	return artifact && strcmp(ctl_json_text(artifact, "id"), id) == 0 ? n - 1 : SIZE_MAX;
}

/* Which artifacts are the latest of their series: the facts of others are history. */
static bool *latest_of(const struct compare_side *s)
{
	size_t n = json_array_size(artifacts_of(s)), i;
	bool *latest = arena_calloc(s->arena, n + 1, sizeof *latest);
	const json_t *group;

	json_array_foreach (json_object_get(json_object_get(s->report, "configuration"), "groups"),
	                    i, group) {
		size_t at = index_of_artifact(s, ctl_json_text(group, "artifact"));

		if (latest && at < n)
			latest[at] = true;
	}
	return latest;
}

static enum better better_of(const json_t *fact)
{
	const char *text = ctl_json_text(fact, "better");

	return strcmp(text, "higher") == 0  ? BETTER_HIGHER
	       : strcmp(text, "lower") == 0 ? BETTER_LOWER
	                                    : BETTER_NONE;
}

static int fill_subject(struct compare_side *s, struct compare_series *to, const json_t *subject)
{
	struct label *labels = arena_calloc(s->arena, json_object_size(subject) + 1,
	                                    sizeof *labels);
	const char *name;
	json_t *text;

	json_object_foreach ((json_t *)(uintptr_t)subject, name, text) {
		if (labels && json_is_string(text))
			labels[to->n_subject++] = (struct label){name, json_string_value(text)};
	}
	to->subject = labels;
	return labels ? 0 : -ENOMEM;
}

/* Of a list that samples.json leaves out the value stays. */
static int fill_fact(struct compare_side *s, struct compare_series *to, const json_t *fact)
{
	const json_t *list = json_object_get(s->samples, ctl_json_text(fact, "id"));
	struct fact *f = arena_calloc(s->arena, 1, sizeof *f);
	double *samples = arena_calloc(s->arena, json_array_size(list) + 1, sizeof *samples);
	const json_t *number;
	size_t i;

	if (!f || !samples)
		return -ENOMEM;
	json_array_foreach (list, i, number) {
		if (json_is_number(number))
			samples[f->n_samples++] = json_number_value(number);
	}
	f->samples = samples;
	f->value = json_number_value(json_object_get(fact, "value"));
	to->fact = f;
	return 0;
}

/* A value, or the median of repetitions, read from artifacts. */
static bool is_measured(const json_t *fact, const json_t *cell)
{
	const char *statistic = ctl_json_text(fact, "statistic");

	return (strcmp(statistic, "value") == 0 || strcmp(statistic, "median") == 0) &&
	       json_array_size(json_object_get(fact, "from")) == 0 &&
	       *ctl_json_text(cell, "artifact") && *ctl_json_text(fact, "metric") &&
	       json_is_number(json_object_get(fact, "value"));
}

static int add_fact(struct compare_side *s, const json_t *fact, const bool *latest)
{
	const json_t *cell = json_array_get(json_object_get(fact, "cells"), 0);
	const char *pointer = json_string_value(json_object_get(cell, "pointer"));
	json_int_t table = json_integer_value(json_object_get(cell, "table"));
	size_t artifact = index_of_artifact(s, ctl_json_text(cell, "artifact"));
	struct compare_series *to = &s->all[s->n];

	if (!is_measured(fact, cell) || artifact == SIZE_MAX || !latest[artifact])
		return 0;
	*to = (struct compare_series){
		.title = ctl_json_text(json_array_get(artifacts_of(s), artifact), "path"),
		.where = "",
		.machine = "",
		.metric = ctl_json_text(fact, "metric"),
		.unit = json_string_value(json_object_get(fact, "unit")),
		.better = better_of(fact)};
	to->path = analyst_path(s->arena, to->title);
	to->shape = shape_of(s->arena, table > 0 ? (unsigned)table : 0, pointer);
	s->n++;
	if (!to->path || !to->shape || fill_subject(s, to, json_object_get(fact, "subject")) < 0)
		return -ENOMEM;
	return fill_fact(s, to, fact);
}

static int list_report(struct compare_side *s)
{
	const json_t *facts = json_object_get(s->report, "facts"), *fact;
	const bool *latest = latest_of(s);
	size_t i;

	s->single = json_array_size(artifacts_of(s)) == 1;
	s->all = calloc(json_array_size(facts) + 1, sizeof *s->all);
	if (!s->all || !latest)
		return -ENOMEM;
	json_array_foreach (facts, i, fact) {
		if (add_fact(s, fact, latest) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* NULL: it is no JSON that can be read. */
static json_t *parse(struct str text)
{
	return json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
}

static json_t *load(const char *path)
{
	CLEANUP(freep) char *text = NULL;
	size_t len;

	return files_read(&text, &len, NULL, path, REPORT_BYTES_MAX, NULL) < 0
	               ? NULL
	               : parse((struct str){text, len});
}

/* --- either ----------------------------------------------------------------------------- */

static bool has_schema(const struct compare_side *s)
{
	return strcmp(ctl_json_text(s->report, "schema"), "chimerad.report/1") == 0;
}

static bool is_report(struct compare_side *s)
{
	size_t len = strlen(s->name);
	struct stat st;

	if (len < 5 || strcmp(s->name + len - 5, ".json") != 0 || stat(s->name, &st) < 0 ||
	    !S_ISREG(st.st_mode))
		return false;
	s->report = load(s->name);
	return has_schema(s);
}

static int read_samples(struct compare_side *s, struct error *err)
{
	const char *slash = strrchr(s->name, '/');
	int folder = slash ? (int)(slash - s->name) : 0;
	char *path = arena_printf(s->arena, "%.*s/samples.json", folder, s->name);

	s->samples = path ? load(path) : NULL;
	return s->samples ? 0
	                  : error_set(err, -ENOENT,
	                              "%s: without its samples.json: put that beside it", s->name);
}

static int none_measured(const struct compare_side *s, struct error *err)
{
	return s->n ? 0
	            : error_set(
			      err, -ENODATA,
			      "%s: nothing in it is a measurement: see chimeractl check --explain",
			      s->name);
}

int compare_side_read(struct compare_side *ret, const char *path, const char *config,
                      struct error *err)
{
	struct compare_side *s = ret;
	int r;

	*s = (struct compare_side){.name = realpath(path, NULL)};
	if (!s->name)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	s->arena = arena_new(ARENA_BYTES_MAX);
	if (!s->arena)
		return error_set(err, -ENOMEM, "out of memory");
	if (is_report(s)) {
		r = read_samples(s, err);
		if (r == 0 && list_report(s) < 0)
			r = error_set(err, -ENOMEM, "out of memory");
	} else {
		r = explain_read(&s->tree, &path, 1, config, err);
		if (r == 0 && list_tree(s) < 0)
			r = error_set(err, -ENOMEM, "out of memory");
	}
	return r < 0 ? r : none_measured(s, err);
}

int compare_side_parse(struct compare_side *ret, struct str report, struct str samples,
                       struct error *err)
{
	struct compare_side *s = ret;

	*s = (struct compare_side){.name = strdup("report"), .arena = arena_new(ARENA_BYTES_MAX)};
	if (!s->name || !s->arena)
		return error_set(err, -ENOMEM, "out of memory");
	s->report = parse(report);
	s->samples = parse(samples);
	if (!has_schema(s) || !s->samples)
		return error_set(err, -EINVAL,
		                 "no report of chimerad with its samples: give its report.json, or "
		                 "a directory");
	if (list_report(s) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return none_measured(s, err);
}
