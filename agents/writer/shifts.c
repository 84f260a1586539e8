/* SPDX-License-Identifier: MIT */
#include "agents/writer/shifts.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct shift *x = a, *y = b;

	if (x->size < y->size || y->size < x->size)
		return x->size > y->size ? -1 : 1;
	return x->delta->id < y->delta->id ? -1 : x->delta->id > y->delta->id;
}

struct shift *shifts_in_order(struct arena *arena, const struct dossier *d, size_t *ret_n)
{
	const struct charts *c = &d->charts;
	struct shift *all = arena_calloc(arena, c->n_shifts + 1, sizeof *all);
	size_t n = 0;

	for (size_t i = 0; all && i < c->n_shifts; i++) {
		const struct fact *f = dossier_fact(d, c->shifts[i].delta);

		if (f && c->shifts[i].limit_pct > 0)
			all[n++] = (struct shift){&c->shifts[i], f,
			                          fabs(f->value) / c->shifts[i].limit_pct};
	}
	if (n)
		qsort(all, n, sizeof *all, compare);
	*ret_n = n;
	return all;
}
