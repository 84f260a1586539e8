/* SPDX-License-Identifier: MIT */
/* Locators from which anybody finds the same cells in the same order. */
#include "agents/analyst/places.h"

#include <stdio.h>

#include "lib/base/buf.h"

#define MAX_ROWS_TEXT (32u << 20)

const char *rows_text(struct work *w, const uint32_t *rows, size_t n)
{
	struct buf b = BUF_INIT(MAX_ROWS_TEXT);
	char *text = NULL;

	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && rows[j] == rows[j - 1] + 1; j++)
			;
		buf_printf(&b, "%s%u", i ? "," : "", rows[i] + 1);
		if (j - i > 1)
			buf_printf(&b, "-%u", rows[j - 1] + 1);
	}
	if (b.failed)
		w->failed = true;
	else
		text = work_printf(w, "%s", buf_text(&b));
	buf_done(&b);
	return text;
}

static bool ends_in_star(const char *base)
{
	size_t n = strlen(base);

	return n >= 2 && strcmp(base + n - 2, "/*") == 0;
}

static const char *escaped(struct work *w, const char *token)
{
	char *text = work_alloc(w, 2 * strlen(token) + 1, 1);
	size_t n = 0;

	for (; text && *token; token++) {
		if (*token == '~' || *token == '/') {
			text[n++] = '~';
			text[n++] = *token == '~' ? '0' : '1';
		} else {
			text[n++] = *token;
		}
	}
	return text;
}

/* The member's name where rows are members, NULL where they are elements of an array. */
static const char *member_of(const struct table *t, uint32_t row)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		const char *text = table_cell(t, row, c).text;

		if (t->columns[c].is_row_key)
			return *text && strcmp(text, "*") != 0 ? text : NULL;
	}
	return NULL;
}

/* Of arrays side by side. */
static void locate_columnar(struct work *w, struct locator *at, const struct table *t,
                            const struct column *col, const struct stretch *s)
{
	at->pointer = work_printf(w, "%.*s%s/*", (int)strlen(t->base) - 2, t->base, col->pointer);
	at->rows = rows_text(w, s->rows, s->n);
}

static void locate_json(struct work *w, struct locator *at, const struct table *t,
                        const struct column *col, const struct stretch *s)
{
	const char *list = !s->list ? "" : col->is_nested ? "/*/*" : "/*";
	bool star = ends_in_star(t->base);
	const char *member = star && s->n == 1 ? member_of(t, s->rows[0]) : NULL;
	const char *token = member ? escaped(w, member) : NULL;

	if (t->columnar) {
		locate_columnar(w, at, t, col, s);
		return;
	}
	if (token) {
		at->pointer = work_printf(w, "%.*s%s%s%s", (int)strlen(t->base) - 1, t->base, token,
		                          col->pointer, list);
		return;
	}
	at->pointer = work_printf(w, "%s%s%s", t->base, col->pointer, list);
	if (star)
		at->rows = rows_text(w, s->rows, s->n);
}

/* How much of the rows' text fits: "1-36,40,". */
static size_t text_length(const uint32_t *rows, size_t n, size_t max, size_t *ret_fit)
{
	size_t len = 0, j;

	*ret_fit = 0;
	for (size_t i = 0; i < n && len <= max; i = j) {
		for (j = i + 1; j < n && rows[j] == rows[j - 1] + 1; j++)
			;
		len += (size_t)snprintf(NULL, 0, j - i > 1 ? "%u-%u," : "%u,", rows[i] + 1,
		                        rows[j - 1] + 1);
		if (len <= max)
			*ret_fit = j;
	}
	return len;
}

size_t rows_that_fit(const uint32_t *rows, size_t n)
{
	size_t fit;

	(void)text_length(rows, n, ROWS_TEXT_LONG, &fit);
	return fit;
}

/* A configuration by its texts. */
struct picking {
	const struct view *v;
	const struct picked *p;
	const struct stretch *s;
	int told;         /* column that tells of failures, -1: none */
	const char *text; /* what stands there in the rows that are meant */
	struct label *labels;
	size_t n_labels;
	uint32_t *except;
	size_t n_except;
};

static const char *text_in(const struct picking *k, uint32_t row, int column)
{
	return view_cell(k->v, row, (size_t)column).text;
}

static bool is_cell(const struct picking *k, int column)
{
	return column >= 0 && k->v->parts[k->s->part].map[column] >= 0;
}

static void add_label(struct picking *k, int column, const char *text)
{
	const struct part *part = &k->v->parts[k->s->part];

	k->labels[k->n_labels++] = (struct label){part->table->columns[part->map[column]].name,
	                                          text};
}

/* Failed rows stand apart if one text in the column that tells of them is that of all others. */
static void find_told(struct picking *k)
{
	k->told = -1;
	for (size_t i = 0, u = 0; i < k->p->n_rows; i++) {
		uint32_t row = k->p->rows[i];
		bool meant = u < k->s->n && view_row(k->v, row).row == k->s->rows[u];

		u += meant;
		if (!meant && k->told < 0 && is_cell(k, view_row(k->v, row).fail_column) &&
		    view_row(k->v, row).failed)
			k->told = view_row(k->v, row).fail_column;
	}
	for (size_t i = 0, u = 0; k->told >= 0 && i < k->p->n_rows; i++) {
		uint32_t row = k->p->rows[i];

		if (u == k->s->n || view_row(k->v, row).row != k->s->rows[u])
			continue;
		if (u++ == 0)
			k->text = text_in(k, row, k->told);
		else if (strcmp(k->text, text_in(k, row, k->told)) != 0)
			k->told = -1;
	}
}

static void find_except(struct picking *k)
{
	for (size_t i = 0, u = 0; i < k->p->n_rows; i++) {
		uint32_t row = k->p->rows[i];

		if (u < k->s->n && view_row(k->v, row).row == k->s->rows[u])
			u++;
		else if (k->told < 0 || strcmp(k->text, text_in(k, row, k->told)) == 0)
			k->except[k->n_except++] = view_row(k->v, row).row;
	}
}

/* Whether it takes less text to name what is not meant. */
static bool is_shorter(const uint32_t *except, size_t n, const struct stretch *s)
{
	size_t fit, len = text_length(except, n, SIZE_MAX, &fit);

	return text_length(s->rows, s->n, len, &fit) > len;
}

/* Rows of one CSV table, of which all with these texts are meant but for few. */
static bool locate_where(struct work *w, struct locator *at, const struct view *v,
                         const struct stretch *s, const struct picked *p)
{
	struct picking k = {.v = v, .p = p, .s = s};
	CLEANUP(freep) uint32_t *except = NULL;
	size_t rows, fit;

	rows = text_length(s->rows, s->n, ROWS_TEXT_LONG, &fit);
	if (!p || v->whole || v->n_parts != 1 || v->artifact->format != FORMAT_CSV ||
	    rows <= ROWS_TEXT_LONG)
		return false;
	k.labels = work_alloc(w, p->n_keys + 1, sizeof *k.labels);
	except = reallocarray(NULL, p->n_rows + 1, sizeof *except);
	w->failed |= !except;
	if (w->failed)
		return false;
	k.except = except;
	k.told = -1;
	if (s->n < p->n_rows) {
		find_told(&k);
		find_except(&k);
	}
	if (!is_shorter(k.except, k.n_except, s))
		return false;
	for (size_t i = 0; i < p->n_keys; i++)
		if (is_cell(&k, p->keys[i]))
			add_label(&k, p->keys[i], text_in(&k, p->rows[0], p->keys[i]));
	if (k.told >= 0)
		add_label(&k, k.told, k.text);
	at->where = k.labels;
	at->n_where = k.n_labels;
	at->except = k.n_except ? rows_text(w, k.except, k.n_except) : NULL;
	return true;
}

bool are_placed(const struct view *v, const struct stretch *s)
{
	const struct part *part = &v->parts[s->part];

	return part->table->columns[part->map[s->column]].places != NULL;
}

struct locator locate_placed(const struct view *v, const struct stretch *s, size_t i)
{
	const struct part *part = &v->parts[s->part];
	const struct table *t = part->table;
	size_t column = (size_t)part->map[s->column], row = s->rows[i];
	struct locator at = {.artifact = v->artifact->id, .factor = s->factor > 0 ? s->factor : 1};

	at.place = t->columns[column].places[row];
	for (size_t c = 0; c < t->n_columns && at.place.line == 0; c++)
		at.place = t->columns[c].places[row];
	return at;
}

/* A member's own name is no cell of JSON: what is counted then is the member. */
struct locator locate(struct work *w, const struct view *v, const struct stretch *s,
                      const struct picked *p)
{
	const struct part *part = &v->parts[s->part];
	const struct column *col = &part->table->columns[part->map[s->column]];
	struct locator at = {.artifact = v->artifact->id, .factor = s->factor > 0 ? s->factor : 1};

	if (part->table->base) {
		locate_json(w, &at, part->table, col, s);
		return at;
	}
	at.table = part->table->number;
	at.column = col->name;
	if (!locate_where(w, &at, v, s, p))
		at.rows = rows_text(w, s->rows, s->n);
	return at;
}
