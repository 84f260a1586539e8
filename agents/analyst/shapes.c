/* SPDX-License-Identifier: MIT */
/* Which tables of an artifact are one: what of a table's place differs from element to element. */
#include "agents/analyst/shapes.h"

#define MAX_TOKENS 32

static bool is_number(struct str token)
{
	for (size_t i = 0; i < token.len; i++)
		if (token.at[i] < '0' || token.at[i] > '9')
			return false;
	return token.len > 0;
}

/* "a~1b" -> "a/b" */
static const char *unescaped(struct work *w, struct str token)
{
	char *text = work_alloc(w, token.len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; text && i < token.len; i++) {
		bool escape = token.at[i] == '~' && i + 1 < token.len;

		if (escape && (token.at[i + 1] == '0' || token.at[i + 1] == '1'))
			text[n++] = token.at[++i] == '0' ? '~' : '/';
		else
			text[n++] = token.at[i];
	}
	return text;
}

/* The table whose rows lie at prefix, or NULL. */
static const struct table *table_of_rows(struct work *w, const struct artifact *a,
                                         const struct strmap *bases, const char *prefix, size_t len)
{
	const char *base = work_printf(w, "%.*s/*", (int)len, prefix);
	size_t number;

	return base && strmap_find(bases, str_of(base), &number) ? &a->tables[number] : NULL;
}

static const char *row_key_of(const struct table *t)
{
	for (size_t c = 0; c < t->n_columns; c++)
		if (t->columns[c].is_row_key)
			return t->columns[c].name;
	return NULL;
}

static void add_label(struct work *w, struct shape *s, const char *name, const char *text)
{
	struct label *more = work_alloc(w, s->n_labels + 1, sizeof *more);

	if (!more || !text)
		return;
	if (s->n_labels)
		memcpy(more, s->labels, s->n_labels * sizeof *more);
	more[s->n_labels] = (struct label){name, text};
	s->labels = more;
	s->n_labels++;
}

/* One token of a base: itself, or a star where it names a row of another table. */
static void add_token(struct work *w, struct shape *s, const struct artifact *a,
                      const struct strmap *bases, const char *base, struct str token)
{
	const struct table *rows = table_of_rows(w, a, bases, base, (size_t)(token.at - base) - 1);
	const char *key = rows ? row_key_of(rows) : NULL;
	bool star = rows || is_number(token);

	if (key && !str_is(token, "*"))
		add_label(w, s, key, unescaped(w, token));
	s->text = star ? work_printf(w, "%s/*", s->text)
	               : work_printf(w, "%s/%.*s", s->text, (int)token.len, token.at);
}

static void shape_of_base(struct work *w, struct shape *s, const struct artifact *a,
                          const struct strmap *bases, const char *base)
{
	const char *at = base;

	s->text = "";
	for (size_t n = 0; *at == '/' && n < MAX_TOKENS && !w->failed; n++) {
		size_t len = strcspn(at + 1, "/");

		add_token(w, s, a, bases, base, (struct str){at + 1, len});
		at += 1 + len;
	}
	if (*at && !w->failed)
		s->text = work_printf(w, "%s%s", s->text, at);
}

void shape_of(struct work *w, struct shape *ret, const struct table *t, const struct strmap *bases)
{
	*ret = (struct shape){0};
	for (size_t i = 0; i < t->n_context; i++)
		add_label(w, ret, t->context[i].name, t->context[i].text);
	if (t->base)
		shape_of_base(w, ret, t->artifact, bases, t->base);
	else
		ret->text = work_printf(w, "table %u", t->number);
}

void bases_of(struct work *w, const struct artifact *a, struct strmap *ret)
{
	size_t number;

	*ret = (struct strmap){.arena = w->arena};
	for (size_t i = 0; i < a->n_tables; i++) {
		/* A unique text stands in for tables without a base, so that numbers are indices.
		 */
		const char *base = a->tables[i].base;
		const char *text = base ? base : work_printf(w, "table %zu", i);

		if (text && strmap_add(ret, str_of(text), &number) < 0)
			w->failed = true;
	}
}
