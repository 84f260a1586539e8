/* SPDX-License-Identifier: MIT */
/* Which machine an artifact was measured on: the reader's word, else its own host name. */
#include "agents/analyst/work.h"

#include "agents/analyst/words.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "node" is a computer only where a machine is described; "host" may be the one under load. */
bool machines_names(const struct view_column *c)
{
	struct words w = words_of(c->name), above = words_of(c->parent);

	if (c->is_row_key || c->is_added)
		return false;
	return words_are_any(
		       &w, LIST("hostname", "host_name", "machine", "machine_name", "nodename")) ||
	       (words_are_any(&w, LIST("node")) && words_has(&above, "machine"));
}

/* The one text of a column; NULL: there are several, or none. */
static const char *only_text(const struct view *v, size_t column)
{
	const char *text = NULL;

	for (size_t r = 0; r < v->n_rows; r++) {
		const struct cell c = view_cell(v, r, column);

		if (c.kind != CELL_TEXT || (text && strcmp(text, c.text) != 0))
			return NULL;
		text = c.text;
	}
	return text;
}

static const char *told_by(const struct view *v)
{
	const char *text = NULL;

	for (size_t c = 0; c < v->n_columns && !text; c++)
		if (machines_names(&v->columns[c]))
			text = only_text(v, c);
	return text;
}

void machines_find(struct work *w)
{
	for (size_t i = 0, n; i < w->n_views; i += n) {
		const struct artifact *a = w->views[i]->artifact;
		const char *told = a->machine;

		for (n = 0; i + n < w->n_views && w->views[i + n]->artifact == a; n++)
			told = told ? told : told_by(w->views[i + n]);
		for (size_t k = i; k < i + n; k++)
			w->views[k]->machine = told ? told : w->settings->machine;
	}
}
