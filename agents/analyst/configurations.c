/* SPDX-License-Identifier: MIT */
/* The rows of a view, put together by the texts of their keys. */
#include "agents/analyst/work.h"

#define NONE      SIZE_MAX
#define SEPARATOR '\x1f' /* ASCII's own: between units of a record */

const char *configuration_name(struct work *w, const struct view *v, size_t row, const int *keys,
                               size_t n_keys)
{
	size_t len = 0, n = 0;
	char *name;

	for (size_t k = 0; k < n_keys; k++)
		len += 1 + (keys[k] < 0 ? 0 : strlen(view_cell(v, row, (size_t)keys[k]).text));
	name = work_alloc(w, len + 1, 1);
	for (size_t k = 0; name && k < n_keys; k++) {
		const char *text = keys[k] < 0 ? "" : view_cell(v, row, (size_t)keys[k]).text;

		len = strlen(text);
		memcpy(name + n, text, len);
		n += len;
		name[n++] = SEPARATOR;
	}
	return name;
}

static bool is_noted(const struct view_row *r)
{
	return r->failed && r->fail_column < 0;
}

/* A name that is built anew for each row would fill the arena: compare with the row before. */
static bool same_as_before(const struct view *v, size_t row, const int *keys, size_t n_keys)
{
	for (size_t k = 0; k < n_keys; k++) {
		if (keys[k] < 0)
			continue;
		if (strcmp(view_cell(v, row, (size_t)keys[k]).text,
		           view_cell(v, row - 1, (size_t)keys[k]).text) != 0)
			return false;
	}
	return true;
}

/* Rows that the reader passes over belong to a configuration only if others make it one. */
static void number_rows(struct work *w, struct configurations *c, const struct view *v,
                        const int *keys, size_t n_keys, size_t *of, bool noted)
{
	for (size_t r = 0; r < v->n_rows && !w->failed; r++) {
		const char *name;

		if (is_noted(&v->rows[r]) != noted)
			continue;
		of[r] = NONE;
		if (r > 0 && is_noted(&v->rows[r - 1]) == noted &&
		    same_as_before(v, r, keys, n_keys)) {
			of[r] = of[r - 1];
			continue;
		}
		name = configuration_name(w, v, r, keys, n_keys);
		if (!name)
			return;
		if (noted)
			(void)strmap_find(&c->names, str_of(name), &of[r]);
		else if (strmap_add(&c->names, str_of(name), &of[r]) < 0)
			w->failed = true;
	}
}

static void sort_rows(struct work *w, struct configurations *c, const size_t *of, size_t n_rows)
{
	size_t *next = work_alloc(w, c->n + 1, sizeof *next);

	c->first = work_alloc(w, c->n + 2, sizeof *c->first);
	c->rows = work_alloc(w, n_rows, sizeof *c->rows);
	if (w->failed)
		return;
	for (size_t r = 0; r < n_rows; r++)
		if (of[r] != NONE)
			c->first[of[r] + 1]++;
	for (size_t i = 0; i < c->n; i++) {
		c->first[i + 1] += c->first[i];
		next[i] = c->first[i];
	}
	for (size_t r = 0; r < n_rows; r++)
		if (of[r] != NONE)
			c->rows[next[of[r]]++] = (uint32_t)r;
}

void configurations_build(struct work *w, struct configurations *ret, const struct view *v,
                          const int *keys, size_t n_keys)
{
	size_t *of = work_alloc(w, v->n_rows, sizeof *of);

	*ret = (struct configurations){.names = {.arena = w->arena}};
	if (!of)
		return;
	number_rows(w, ret, v, keys, n_keys, of, false);
	number_rows(w, ret, v, keys, n_keys, of, true);
	ret->n = ret->names.n;
	if (!w->failed)
		sort_rows(w, ret, of, v->n_rows);
}
