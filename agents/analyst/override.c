/* SPDX-License-Identifier: MIT */
#include "agents/analyst/override.h"

#include <fnmatch.h>

static bool role_of_name(const char *name, enum role *ret)
{
	static const char *const names[] = {"key", "metric", "covariate", "ignored"};

	for (int i = 0; i < (int)ARRAY_LEN(names); i++) {
		if (strcmp(name, names[i]) == 0) {
			*ret = (enum role)i;
			return true;
		}
	}
	return false;
}

/* Cells that name a unit are turned into the one that is asked for, if that can be. */
static void apply_unit(struct work *w, struct column_role *r, const struct profile *p,
                       const char *name)
{
	const struct unit *unit = unit_find(str_of(name));

	if (p->units.n_seen && r->unit.unit) {
		if (!unit || strcmp(unit->base, r->unit.unit->base) != 0)
			return;
		r->unit.bare &= strcmp(unit->name, r->unit.unit->name) == 0;
		r->unit.unit = unit;
	}
	r->measure.unit = work_printf(w, "%s", name);
}

/* Of all rules for the name, each property from the first one that has it. */
static struct analyst_rule rule_for(const struct analyst_settings *s, const char *name)
{
	struct analyst_rule all = {0};

	for (size_t i = 0; i < s->n_rules; i++) {
		const struct analyst_rule *rule = &s->rules[i];

		if (fnmatch(rule->pattern, name, 0) != 0)
			continue;
		all.role = all.role ?: rule->role;
		all.unit = all.unit ?: rule->unit;
		all.direction = all.direction ?: rule->direction;
	}
	return all;
}

void override_apply(struct work *w, struct column_role *r, const struct profile *p,
                    const char *name)
{
	struct analyst_rule rule = rule_for(w->settings, name);
	enum role role;

	if (rule.role && role_of_name(rule.role, &role)) {
		r->role = role;
		r->why = "set by the configuration";
		r->rule_role = true;
		r->derived = false;
	}
	if (rule.unit)
		apply_unit(w, r, p, rule.unit);
	r->rule_unit = rule.unit != NULL;
	r->rule_better = rule.direction != NULL;
	if (rule.direction)
		r->measure.better = strcmp(rule.direction, "higher") == 0  ? BETTER_HIGHER
		                    : strcmp(rule.direction, "lower") == 0 ? BETTER_LOWER
		                                                           : BETTER_NONE;
}
