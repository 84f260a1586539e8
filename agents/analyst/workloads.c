/* SPDX-License-Identifier: MIT */
#include "agents/analyst/workloads.h"

#include <strings.h>

static bool differs(const struct group *g, const char *key)
{
	for (size_t i = 1; i < g->n_configurations; i++)
		if (strcmp(configuration_text(&g->configurations[i], key),
		           configuration_text(&g->configurations[0], key)) != 0)
			return true;
	return false;
}

/* Numbers of different things, or in different units. */
static bool is_incomparable(const struct group *g)
{
	for (size_t k = 0; k < g->n_keys; k++)
		if (name_is_unit(g->keys[k]) || name_is_quantity(g->keys[k]))
			return true;
	return false;
}

/* A suite of benchmarks names each of them; hyperfine's commands are there to be compared. */
static bool is_named_by_schema(const struct series *s, const char *key)
{
	const struct view *v = s->views[s->present];

	for (size_t k = 0; k < s->n_keys; k++) {
		const struct view_column *c = &v->columns[s->keys[k]];

		if (strcmp(c->name, key) == 0)
			return c->meaning && name_is_workload(key) &&
			       strcasecmp(key, "command") != 0;
	}
	return false;
}

static void find_keys(struct work *w, struct group *g, const struct series *s)
{
	const char **keys = work_alloc(w, g->n_keys, sizeof *keys);

	for (size_t k = 0; keys && k < g->n_keys; k++) {
		const char *key = g->keys[k];

		if (name_is_other_work(key) || is_named_by_schema(s, key) ||
		    (name_is_work(key) && g->n_keys > 1 && !key_is_label(w, g, key)))
			keys[g->n_work_keys++] = key;
	}
	g->work_keys = keys;
}

/* "Encode/format=json" -> "Encode/format=": what is written as an option is one. */
static char *without_options(struct work *w, const char *text)
{
	char *ret = work_alloc(w, strlen(text) + 1, 1);
	size_t n = 0;

	while (ret && *text) {
		size_t part = strcspn(text, "/"), kept = strcspn(text, "=");

		kept = kept < part ? kept + 1 : part;
		memcpy(ret + n, text, kept);
		n += kept;
		text += part;
		if (*text)
			ret[n++] = *text++;
	}
	return ret;
}

static const char *work_name(struct work *w, const struct group *g,
                             const struct group_configuration *c)
{
	const char *name = "";

	for (size_t k = 0; k < g->n_work_keys && name; k++)
		name = work_printf(w, "%s/%s=%s", name, g->work_keys[k],
		                   without_options(w, configuration_text(c, g->work_keys[k]))
		                           ?: "");
	return name ? name : "";
}

void workloads_split(struct work *w, struct group *g, const struct series *s)
{
	struct strmap names = {.arena = w->arena};

	if (is_incomparable(g)) {
		g->incomparable = true;
		return;
	}
	find_keys(w, g, s);
	if (w->failed || !g->n_work_keys)
		return;
	g->work_of = work_alloc(w, g->n_configurations, sizeof *g->work_of);
	for (size_t i = 0; g->work_of && i < g->n_configurations && !w->failed; i++) {
		size_t at = 0;

		if (strmap_add(&names, str_of(work_name(w, g, &g->configurations[i])), &at) < 0)
			w->failed = true;
		g->work_of[i] = at;
	}
	g->n_works = names.n;
}

/* --- one work ---------------------------------------------------------------------------- */

static void take_configurations(struct work *w, struct group *ret, const struct group *g,
                                size_t work)
{
	size_t n = g->n_metrics;

	ret->configurations = work_alloc(w, g->n_configurations, sizeof *ret->configurations);
	ret->cells = work_alloc(w, g->n_configurations * n, sizeof *ret->cells);
	ret->n_configurations = 0;
	for (size_t i = 0; i < g->n_configurations && !w->failed; i++) {
		if (g->work_of[i] != work)
			continue;
		ret->configurations[ret->n_configurations] = g->configurations[i];
		memcpy(&ret->cells[ret->n_configurations++ * n], &g->cells[i * n],
		       n * sizeof *ret->cells);
	}
}

static void take_metrics(struct work *w, struct group *ret, const struct group *g)
{
	ret->metrics = work_alloc(w, g->n_metrics, sizeof *ret->metrics);
	for (size_t m = 0; ret->metrics && m < g->n_metrics; m++) {
		ret->metrics[m] = g->metrics[m];
		ret->metrics[m].best = ret->metrics[m].worst = ret->metrics[m].spread = 0;
	}
}

/* "Encode/format=json" -> "Encode": what it is called where its options are told apart. */
static const char *beginning(struct work *w, const char *text)
{
	size_t n = strcspn(text, "=");

	if (!text[n])
		return text;
	while (n && text[n] != '/')
		n--;
	return n ? work_printf(w, "%.*s", (int)n, text) : text;
}

/* What differs within it, and what all of it did. */
static void divide_keys(struct work *w, struct group *ret, const struct group *g)
{
	const char **keys = work_alloc(w, g->n_keys, sizeof *keys);
	struct label *work = work_alloc(w, g->n_work_keys, sizeof *work);

	ret->n_keys = 0;
	for (size_t k = 0; keys && k < g->n_keys; k++)
		if (differs(ret, g->keys[k]))
			keys[ret->n_keys++] = g->keys[k];
	for (size_t k = 0; work && k < g->n_work_keys; k++) {
		const char *text = configuration_text(&ret->configurations[0], g->work_keys[k]);

		text = beginning(w, text);
		if (text && *text)
			work[ret->n_work++] = (struct label){g->work_keys[k], text};
	}
	ret->work_name = work_name(w, g, &ret->configurations[0]);
	ret->keys = keys;
	ret->work = work;
}

bool workloads_part(struct work *w, struct group *ret, const struct group *g, size_t work)
{
	*ret = *g;
	ret->work_of = NULL;
	ret->n_works = ret->n_work_keys = 0;
	take_configurations(w, ret, g, work);
	take_metrics(w, ret, g);
	if (w->failed || ret->n_configurations < 2)
		return false;
	divide_keys(w, ret, g);
	return !w->failed;
}
