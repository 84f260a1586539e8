/* SPDX-License-Identifier: MIT */
/* The open findings of a review on their way into the store. */
#include <errno.h>
#include <math.h>

#include "daemon/store_findings.h"
#include "daemon/store_history_impl.h"
#include "daemon/store_sql.h"
#include "lib/evidence/plain.h"

#define TEXT_BYTES 4096 /* of a sentence */

/* --- printing ----------------------------------------------------------------------- */

static bool is_kept(const struct finding *f)
{
	enum finding_kind k = f->kind;

	return finding_is_required(f) || k == FINDING_REGRESSION || k == FINDING_IMPROVEMENT ||
	       k == FINDING_CHANGED || k == FINDING_ENVIRONMENT || k == FINDING_TREND ||
	       k == FINDING_VANISHED || k == FINDING_EXPECTATION_MISSED ||
	       k == FINDING_CONTRADICTION;
}

/* Neither what went away by itself nor what nothing tells from noise. */
static bool is_open(const struct finding *f)
{
	return f->state ? finding_alarms(f) || finding_is_acknowledged(f)
	                : f->severity != SEVERITY_INFO;
}

static json_t *finding_json(const struct dossier *d, const struct finding *f)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(TEXT_BYTES);
	json_t *effect = isfinite(f->effect) ? json_real(f->effect) : json_null();

	plain_text(&text, d, &f->text);
	return json_pack("{s:s, s:s?, s:I, s:s, s:s, s:s?, s:s, s:s, s:o}", "key", f->key, "group",
	                 f->group, "number", (json_int_t)f->id, "kind", finding_kind_name(f->kind),
	                 "severity", severity_name(f->severity), "state", f->state, "since",
	                 f->since ? f->since : "", "text", buf_text(&text), "effect", effect);
}

/* A key that is no UTF-8 cannot be named by anybody, and is not kept. */
json_t *store_findings_json(const struct dossier *d)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (is_kept(f) && is_open(f) && json_array_size(list) < STORE_FINDINGS_MAX)
			(void)json_array_append_new(list, finding_json(d, f));
	}
	return list;
}

/* --- writing ------------------------------------------------------------------------ */

static int bind_finding(const struct store *s, sqlite3_stmt *st, const char *subject,
                        int64_t review, const json_t *f, struct error *err)
{
	static const char *const texts[] = {"key", "kind", "severity", "state", "since", "text"};
	const json_t *effect = json_object_get(f, "effect");
	int r = sql_bind(s, st, 1, subject, err), rc;

	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(texts); i++)
		r = sql_bind(s, st, 2 + i, json_string_value(json_object_get(f, texts[i])), err);
	if (r < 0)
		return r;
	rc = sqlite3_bind_int64(st, 8, review);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(st, 9, json_integer_value(json_object_get(f, "number")));
	if (rc == SQLITE_OK && json_is_number(effect))
		rc = sqlite3_bind_double(st, 10, json_number_value(effect));
	return rc == SQLITE_OK ? 0 : sql_fail(s, rc, err);
}

/* Bound to the texts it needs; what it gives is not looked at. */
static int run(const struct store *s, const char *query, const char *a, const char *b,
               struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, query, err);

	if (r == 0)
		r = sql_bind(s, st, 1, a, err);
	if (r == 0 && b)
		r = sql_bind(s, st, 2, b, err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r < 0 ? r : 0;
}

/* What lacks something was damaged: that costs this finding, and no job. */
static int add_finding(const struct store *s, const char *subject, int64_t review, const json_t *f,
                       struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(
		s, &st,
		"INSERT OR IGNORE INTO finding (subject, key, kind, severity, state, since, text,"
		" review, number, effect) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
		" ?10)",
		err);

	if (r == 0)
		r = bind_finding(s, st, subject, review, f, err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r < 0 ? r : 0;
}

/* --- what has recovered ------------------------------------------------------------- */

static bool is_about_series(const char *key)
{
	static const char *const kinds[] = {
		"regression:", "improvement:", "changed:", "environment:", "trend:"};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strncmp(key, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

static size_t without(const char *text, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len > n && memcmp(text + len - n, tail, n) == 0 ? len - n : len;
}

/* Whether the review can tell at all: a night on which the benchmark did not run heals nothing. */
bool store_findings_looked(const char *key, const json_t *series)
{
	const char *what = strchr(key, ':');
	const json_t *one;
	size_t i, len;

	if (!what || !is_about_series(key))
		return true;
	len = strlen(++what);
	len = without(what, len, "@latest"); /* as the analyst marks a second one, ... */
	len = without(what, len, "/*");      /* ... and one of many configurations */
	json_array_foreach (series, i, one) {
		const char *name = json_string_value(json_array_get(one, 0));

		if (name && strncmp(name, what, len) == 0 &&
		    (!name[len] || name[len] == ' ' || name[len] == '/'))
			return true;
	}
	return false;
}

static bool has_text(const json_t *finding, const char *member, const char *text)
{
	const char *other = json_string_value(json_object_get(finding, member));

	return other && strcmp(other, text) == 0;
}

/* By itself, or by one that is left of it. */
static bool is_listed(const json_t *findings, const char *key)
{
	const json_t *f;
	size_t i;

	json_array_foreach (findings, i, f)
		if (has_text(f, "key", key) || has_text(f, "group", key))
			return true;
	return false;
}

/* The keys of acknowledgements that have nothing to acknowledge any more. */
static int find_healed(const struct store *s, json_t *ret, const char *subject, const json_t *text,
                       struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, "SELECT key FROM ack WHERE subject = ?1", err);

	if (r == 0)
		r = sql_bind(s, st, 1, subject, err);
	while (r == 0 && (r = sql_step(s, st, err)) == 1) {
		CLEANUP(freep) char *key = NULL;

		r = sql_text(s, &key, st, 0, STORE_KEY_MAX, err);
		if (r == 0 && key && !is_listed(json_object_get(text, "findings"), key) &&
		    store_findings_looked(key, json_object_get(text, "series")))
			(void)json_array_append_new(ret, json_string(key));
	}
	return r;
}

static int forget_healed(const struct store *s, const char *subject, const json_t *text,
                         struct error *err)
{
	json_t *keys = json_array(), *key;
	int r = keys ? find_healed(s, keys, subject, text, err)
	             : error_set(err, -ENOMEM, "out of memory");
	size_t i;

	json_array_foreach (keys, i, key) {
		if (r == 0)
			r = run(s, "DELETE FROM ack WHERE subject = ?1 AND key = ?2", subject,
			        json_string_value(key), err);
	}
	json_decref(keys);
	return r;
}

int store_findings_keep(const struct store *s, int64_t review, const char *subject,
                        const json_t *text, struct error *err)
{
	int r = run(s, "DELETE FROM finding WHERE subject = ?1", subject, NULL, err);
	const json_t *f;
	size_t i;

	json_array_foreach (json_object_get(text, "findings"), i, f) {
		if (r == 0)
			r = add_finding(s, subject, review, f, err);
	}
	return r == 0 ? forget_healed(s, subject, text, err) : r;
}
