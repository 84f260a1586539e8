/* SPDX-License-Identifier: MIT */
#include "lib/evidence/dossier.h"

static bool has_state(const struct finding *f, const char *state)
{
	return f->state && strcmp(f->state, state) == 0;
}

bool finding_alarms(const struct finding *f)
{
	return has_state(f, "suspected") || has_state(f, "confirmed");
}

bool finding_is_required(const struct finding *f)
{
	return f->kind == FINDING_GAP &&
	       strncmp(f->key, FINDING_KEY_REQUIRED, strlen(FINDING_KEY_REQUIRED)) == 0;
}

bool finding_is_acknowledged(const struct finding *f)
{
	return has_state(f, "acknowledged");
}

int dossier_way(const struct dossier *d, const struct finding *f)
{
	const struct fact *first = f->n_facts ? dossier_fact(d, f->facts[0]) : NULL;

	if (f->kind == FINDING_REGRESSION || f->kind == FINDING_IMPROVEMENT)
		return f->kind == FINDING_IMPROVEMENT ? 1 : -1;
	if ((f->kind != FINDING_ENVIRONMENT && f->kind != FINDING_TREND) || !first ||
	    first->better == BETTER_NONE)
		return 0;
	return (first->value > 0) == (first->better == BETTER_HIGHER) ? 1 : -1;
}
