/* SPDX-License-Identifier: MIT */
/* What the schema of a recognised tool says of a column goes before what its name looks like. */
#include "agents/analyst/work.h"

static enum role role_of(const struct column_meaning *m)
{
	switch (m->role) {
	case MEANS_KEY:
		return ROLE_KEY;
	case MEANS_METRIC:
		return ROLE_METRIC;
	case MEANS_COVARIATE:
		return ROLE_COVARIATE;
	case MEANS_ANYTHING:
	case MEANS_IGNORED:
		break;
	}
	return ROLE_IGNORED;
}

static bool is_part(const char *quantity)
{
	static const char *const parts[] = {"user_time",    "system_time", "load_time",
	                                    "compile_time", "queue_time",  "connect_time"};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcmp(parts[i], quantity) == 0)
			return true;
	return false;
}

/* Rank and flow are those of a column that is called like the quantity. */
static void apply_quantity(struct measure *m, const char *quantity)
{
	struct measure like = measure_of(quantity, "");

	m->spread = strcmp(quantity, "spread") == 0;
	m->part = is_part(quantity);
	m->flow = like.flow && !m->spread;
	m->rank = m->spread    ? RANK_UNKNOWN - 1
	          : like.known ? like.rank + m->part
	                       : RANK_UNKNOWN - 2;
	m->quantity = quantity;
}

struct measure meaning_measure(const struct view_column *c)
{
	struct measure m = measure_of(c->name, c->parent);

	if (!m.known)
		m = (struct measure){.rank = RANK_UNKNOWN};
	if (c->meaning->quantity)
		apply_quantity(&m, c->meaning->quantity);
	if (c->meaning->unit)
		m.unit = c->meaning->unit;
	m.better = c->meaning->better;
	m.known = true;
	return m;
}

void meaning_assign(struct column_role *role, const struct view_column *c, bool lists)
{
	const struct column_meaning *m = c->meaning;

	role->role = role_of(m);
	role->why = m->why;
	if (m->role != MEANS_METRIC)
		return;
	role->measure.rank -= lists; /* before the statistics that a tool made of them */
	role->derived = m->restates;
}
