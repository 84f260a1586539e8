/* SPDX-License-Identifier: MIT */
#include "lib/model/loads.h"

#include <string.h>

/* The place of the model, l->n where it is not known. */
static size_t find(const struct loads *l, const char *model)
{
	size_t i = 0;

	while (i < l->n && strcmp(l->of[i].load.model, model) != 0)
		i++;
	return i;
}

static bool alike(const struct load *a, const struct load *b)
{
	return a->num_ctx == b->num_ctx && a->num_gpu == b->num_gpu;
}

enum load_answer loads_ask(const struct loads *l, const struct load *load)
{
	size_t i = find(l, load->model);

	if (i == l->n)
		return LOAD_FITS;
	if (alike(&l->of[i].load, load))
		return l->of[i].awaited ? LOAD_BUSY : LOAD_FITS;
	return l->of[i].busy ? LOAD_BUSY : LOAD_RELOAD;
}

void loads_await(struct loads *l, const struct load *load)
{
	size_t i = find(l, load->model);

	if (i < l->n && !alike(&l->of[i].load, load))
		l->of[i].awaited = true;
}

void loads_forget_waits(struct loads *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->of[i].awaited = false;
}

/* Room for one more: a new place, or that of a model that is idle; LOADS_MAX where there is none.
 */
static size_t make_room(struct loads *l)
{
	size_t i = 0;

	if (l->n < LOADS_MAX)
		return l->n++;
	while (i < LOADS_MAX && l->of[i].busy)
		i++;
	return i;
}

void loads_take(struct loads *l, const struct load *load)
{
	size_t i = find(l, load->model);
	bool known = i < l->n;

	if (!known)
		i = make_room(l);
	if (i == LOADS_MAX)
		return;
	l->reloads += known && !alike(&l->of[i].load, load);
	l->of[i].busy = known ? l->of[i].busy + 1 : 1;
	l->of[i].load = *load;
}

void loads_release(struct loads *l, const struct load *load)
{
	size_t i = find(l, load->model);

	if (i < l->n && l->of[i].busy)
		l->of[i].busy--;
}
