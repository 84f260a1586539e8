/* SPDX-License-Identifier: MIT */
/* What was told of a run beside its series (driver, commit, clock) on its way into the store. */
#include "daemon/store_history_impl.h"
#include "daemon/store_sql.h"

/* --- printing ----------------------------------------------------------------------- */

static bool is_same_run(const struct history_condition *a, const struct history_condition *b)
{
	return a->time_s == b->time_s && strcmp(a->table, b->table) == 0;
}

/* Borrowed from the list: the object of a run's texts. */
static json_t *add_run(json_t *list, const struct history_condition *c)
{
	json_t *texts = json_object();
	json_t *run = json_pack("[s, I, o]", c->table, (json_int_t)c->time_s, texts);

	return json_array_append_new(list, run) == 0 ? texts : NULL;
}

/* [[table, time, {name: text}]] */
json_t *store_conditions_json(const struct dossier *d)
{
	json_t *list = json_array(), *texts = NULL;

	for (size_t i = 0; list && i < d->n_conditions; i++) {
		const struct history_condition *c = &d->conditions[i];

		if (i == 0 || !is_same_run(c, c - 1))
			texts = add_run(list, c);
		if (texts)
			(void)json_object_set_new(texts, c->condition.name,
			                          json_string(c->condition.text));
	}
	return list;
}

/* --- writing ------------------------------------------------------------------------ */

struct writing {
	const struct store *store;
	const char *subject;
	sqlite3_stmt *source, *condition, *prune;
	struct error *err;
};

static void writing_done(struct writing *w)
{
	(void)sqlite3_finalize(w->source);
	(void)sqlite3_finalize(w->condition);
	(void)sqlite3_finalize(w->prune);
}

/* GROUP BY: SQLite 3.40 gives a row for DISTINCT with an OFFSET behind the last one. */
static int prepare(struct writing *w)
{
	int r = sql_prepare(w->store, &w->source,
	                    "INSERT INTO source (subject, key) VALUES (?1, ?2)"
	                    " ON CONFLICT (subject, key) DO UPDATE SET key = excluded.key"
	                    " RETURNING id",
	                    w->err);

	if (r == 0)
		r = sql_prepare(w->store, &w->condition,
		                "INSERT INTO condition (source, time, name, text)"
		                " VALUES (?1, ?2, ?3, ?4)"
		                " ON CONFLICT (source, time, name) DO UPDATE SET"
		                " text = excluded.text",
		                w->err);
	return r == 0 ? sql_prepare(w->store, &w->prune,
	                            "DELETE FROM condition WHERE source = ?1 AND time <="
	                            " (SELECT time FROM condition WHERE source = ?1"
	                            " GROUP BY time ORDER BY time DESC LIMIT 1 OFFSET ?2)",
	                            w->err)
	              : r;
}

static int find_source(struct writing *w, int64_t *ret, const char *table)
{
	int r = sql_bind(w->store, w->source, 1, w->subject, w->err);

	if (r == 0)
		r = sql_bind(w->store, w->source, 2, table, w->err);
	if (r == 0)
		r = sql_ask_id(w->store, ret, w->source, w->err);
	return r < 0 ? r : 0;
}

static int add_condition(struct writing *w, const char *name, const char *text)
{
	int r = sql_bind(w->store, w->condition, 3, name, w->err);

	if (r == 0)
		r = sql_bind(w->store, w->condition, 4, text, w->err);
	return r == 0 ? sql_run(w->store, w->condition, SQLITE_OK, w->err) : r;
}

static int keep_run(struct writing *w, const json_t *run)
{
	const char *table = json_string_value(json_array_get(run, 0)), *name;
	json_t *texts = json_array_get(run, 2), *text;
	int64_t source = 0;
	int rc, r = table ? find_source(w, &source, table) : 0;

	if (r < 0 || !table)
		return r;
	rc = sqlite3_bind_int64(w->condition, 1, source);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->condition, 2,
		                        json_integer_value(json_array_get(run, 1)));
	r = rc == SQLITE_OK ? 0 : sql_fail(w->store, rc, w->err);
	json_object_foreach (texts, name, text) {
		if (r == 0 && json_is_string(text))
			r = add_condition(w, name, json_string_value(text));
	}
	if (r < 0)
		return r;
	rc = sqlite3_bind_int64(w->prune, 1, source);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->prune, 2, PAST_RUNS_MAX);
	return sql_run(w->store, w->prune, rc, w->err);
}

int store_conditions_keep(const struct store *s, const char *subject, const json_t *text,
                          struct error *err)
{
	CLEANUP(writing_done) struct writing w = {.store = s, .subject = subject, .err = err};
	const json_t *run;
	size_t i;
	int r = prepare(&w);

	json_array_foreach (json_object_get(text, "conditions"), i, run) {
		if (r == 0)
			r = keep_run(&w, run);
	}
	return r;
}
