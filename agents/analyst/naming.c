/* SPDX-License-Identifier: MIT */
/* What groups, their metrics and their configurations are called in sentences. */
#include "agents/analyst/work.h"

#define MAX_SAID 8 /* keys named in a sentence */

const char *configuration_text(const struct group_configuration *c, const char *key)
{
	for (size_t i = 0; i < c->n_subject; i++)
		if (strcmp(c->subject[i].name, key) == 0)
			return c->subject[i].text;
	return "";
}

bool key_is_label(struct work *w, const struct group *g, const char *key)
{
	struct strmap seen = {.arena = w->arena};
	size_t at;

	for (size_t i = 0; i < g->n_configurations && !w->failed; i++)
		if (strmap_add(&seen, str_of(configuration_text(&g->configurations[i], key)), &at) <
		    0)
			w->failed = true;
	return seen.n == g->n_configurations;
}

void say_group(struct sentence *s, const struct group *g)
{
	say_name(s, g->title);
	if (*g->where) {
		say(s, ", ");
		say_name(s, g->where);
	}
	say(s, g->n_work ? ", " : "");
	say_subject(s, g->work, g->n_work);
}

bool has_configuration_name(const struct group *g)
{
	return g->n_keys > 0;
}

static bool is_key(const struct group *g, const char *name)
{
	for (size_t k = 0; k < g->n_keys; k++)
		if (strcmp(g->keys[k], name) == 0)
			return true;
	return false;
}

void say_configuration(struct sentence *s, const struct group *g,
                       const struct group_configuration *c)
{
	bool plain = g->n_keys == 1 && name_is_workload(g->keys[0]); /* a name needs no "command" */
	struct label said[MAX_SAID];
	size_t n = 0;

	for (size_t i = 0; i < c->n_subject && n < MAX_SAID; i++)
		if (is_key(g, c->subject[i].name))
			said[n++] = c->subject[i];
	if (n == 0)
		say(s, g->n_keys ? "the one without a name" : "all");
	else if (plain)
		say_name(s, said[0].text);
	else
		say_subject(s, said, n);
}

/* Whether the quantity can only mean this metric. */
static bool is_unambiguous(const struct group *g, size_t metric)
{
	const char *quantity = g->metrics[metric].quantity;

	if (!quantity || !*quantity || strpbrk(quantity, "0123456789"))
		return false;
	for (size_t m = 0; m < g->n_metrics; m++) {
		const struct group_metric *other = &g->metrics[m];

		if (m != metric && !other->derived && other->quantity &&
		    strcmp(other->quantity, quantity) == 0)
			return false;
	}
	return true;
}

void say_metric(struct work *w, struct sentence *s, const struct group *g, size_t metric,
                bool begins)
{
	char *words;

	if (!is_unambiguous(g, metric)) {
		say_name(s, g->metrics[metric].name);
		return;
	}
	words = work_printf(w, "%s", g->metrics[metric].quantity);
	for (char *c = words; c && *c; c++)
		if (*c == '_')
			*c = ' ';
	if (words && begins && *words >= 'a' && *words <= 'z')
		*words = (char)(*words - 'a' + 'A');
	if (words)
		say(s, words);
}
