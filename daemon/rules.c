/* SPDX-License-Identifier: MIT */
#include "daemon/rules.h"

/* Of primary, guard and ignore the last is a role of the analyst's. */
static const char *role_of(const struct config_rule *metric)
{
	return metric->role && strcmp(metric->role, "ignore") == 0 ? "ignored" : NULL;
}

const struct analyst_rule *rules_of(const struct config *c, struct arena *arena, size_t *ret_n)
{
	size_t n = c->n_columns + c->n_metrics, at = 0;
	struct analyst_rule *rules = arena_calloc(arena, n + 1, sizeof *rules);

	*ret_n = rules ? n : 0;
	for (size_t i = 0; rules && i < c->n_columns; i++)
		rules[at++] = (struct analyst_rule){.pattern = c->columns[i].pattern,
		                                    .role = c->columns[i].role};
	for (size_t i = 0; rules && i < c->n_metrics; i++)
		rules[at++] = (struct analyst_rule){.pattern = c->metrics[i].pattern,
		                                    .role = role_of(&c->metrics[i]),
		                                    .unit = c->metrics[i].unit,
		                                    .direction = c->metrics[i].direction};
	return rules;
}
