/* SPDX-License-Identifier: MIT */
/* The open findings as clients see them, and their acknowledgement. */
#include <errno.h>
#include <stdio.h>

#include "daemon/store_findings.h"
#include "daemon/store_sql.h"
#include "daemon/subject_json.h"
#include "lib/base/clock.h"

#define NAMED    3 /* keys that an error names */
#define TEXT_MAX ((size_t)1 << 16)
#define DAY_S    86400

/* --- the list ----------------------------------------------------------------------- */

#define COLUMNS                                                                         \
	" f.kind, f.severity, f.state, f.since, f.text, f.number, f.effect, f.subject," \
	" r.job, a.reason, a.until, a.made_at, a.subject"
#define TABLES                                             \
	" FROM finding f JOIN review r ON r.id = f.review" \
	" LEFT JOIN ack a ON a.subject = f.subject AND a.key ="

enum column {
	KEY,
	KIND,
	SEVERITY,
	STATE,
	SINCE,
	TEXT,
	NUMBER,
	EFFECT,
	SUBJECT,
	JOB,
	ACK_REASON,
	ACK_UNTIL,
	ACK_MADE_AT,
	ACK_SUBJECT
};

/* NULL is null, and so is what is no UTF-8. */
static int add_text(const struct store *s, json_t *o, const char *name, sqlite3_stmt *st,
                    enum column column, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	int r = sql_text(s, &text, st, (int)column, TEXT_MAX, err);
	json_t *value = text ? json_string(text) : NULL;

	if (r == 0 && json_object_set_new(o, name, value ? value : json_null()) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return r;
}

static int add_subject(const struct store *s, json_t *o, sqlite3_stmt *st, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	int r = sql_text(s, &text, st, SUBJECT, STORE_KEY_MAX, err);

	if (r == 0 && subject_json(o, text ? text : "") < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return r;
}

/* An acknowledgement past its last day is none. */
static int add_ack(const struct store *s, json_t *o, sqlite3_stmt *st, struct error *err)
{
	json_t *ack;
	char now[CLOCK_TEXT_BYTES], made[CLOCK_TEXT_BYTES];
	const char *until = (const char *)sqlite3_column_text(st, ACK_UNTIL);
	int r;

	clock_text(now, clock_now_s());
	if (sqlite3_column_type(st, ACK_SUBJECT) == SQLITE_NULL ||
	    (until && strncmp(now, until, 10) > 0))
		return json_object_set_new(o, "acknowledged", json_null());
	ack = json_object();
	clock_text(made, sqlite3_column_int64(st, ACK_MADE_AT));
	r = add_text(s, ack, "reason", st, ACK_REASON, err);
	if (r == 0)
		r = add_text(s, ack, "until", st, ACK_UNTIL, err);
	(void)json_object_set_new(ack, "at", json_string(made));
	(void)json_object_set_new(o, "acknowledged", ack);
	(void)json_object_set_new(o, "state", json_string("acknowledged"));
	return r;
}

static void add_numbers(json_t *o, sqlite3_stmt *st)
{
	char id[24], since[CLOCK_TEXT_BYTES + 16];
	int64_t then;

	(void)snprintf(id, sizeof id, "K%lld", (long long)sqlite3_column_int64(st, NUMBER));
	(void)json_object_set_new(o, "id", json_string(id));
	(void)json_object_set_new(o, "effect",
	                          sqlite3_column_type(st, EFFECT) == SQLITE_FLOAT
	                                  ? json_real(sqlite3_column_double(st, EFFECT))
	                                  : json_null());
	(void)snprintf(since, sizeof since, "%.10sT00:00:00Z",
	               json_string_value(json_object_get(o, "since")) ?: "");
	(void)json_object_set_new(o, "age_days",
	                          clock_parse(str_of(since), &then)
	                                  ? json_integer((clock_now_s() - then) / DAY_S)
	                                  : json_null());
}

static int read_row(const struct store *s, json_t **ret, sqlite3_stmt *st, struct error *err)
{
	static const struct {
		const char *name;
		enum column column;
	} texts[] = {{"key", KEY},     {"kind", KIND},   {"severity", SEVERITY},
	             {"state", STATE}, {"since", SINCE}, {"text", TEXT},
	             {"job", JOB}};
	json_t *o = json_object();
	int r = o ? 0 : error_set(err, -ENOMEM, "out of memory");

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(texts); i++)
		r = add_text(s, o, texts[i].name, st, texts[i].column, err);
	if (r == 0)
		r = add_subject(s, o, st, err);
	if (r == 0)
		add_numbers(o, st);
	if (r == 0)
		r = add_ack(s, o, st, err);
	if (r < 0) {
		json_decref(o);
		return r;
	}
	*ret = o;
	return 0;
}

/* The rows of a statement but for the first ones, as {findings, omitted, next}. */
static int read_rows(const struct store *s, json_t **ret, sqlite3_stmt *st, uint64_t after,
                     struct error *err)
{
	json_t *list = json_array(), *row;
	json_int_t omitted = 0;
	uint64_t passed = 0;
	int r = 0;

	while (r == 0 && (r = sql_step(s, st, err)) == 1) {
		r = 0;
		if (json_array_size(list) == STORE_FINDINGS_MAX)
			omitted++;
		else if (passed++ < after)
			continue;
		else if ((r = read_row(s, &row, st, err)) == 0)
			(void)json_array_append_new(list, row);
	}
	if (r == 0)
		*ret = json_pack("{s:o, s:I, s:o}", "findings", list, "omitted", omitted, "next",
		                 omitted ? json_integer((json_int_t)passed) : json_null());
	else
		json_decref(list);
	return r < 0 ? r : *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
}

int store_findings_list(struct store *s, json_t **ret, uint64_t after, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st,
	                    "SELECT f.key," COLUMNS TABLES
	                    " f.key ORDER BY CASE f.severity WHEN 'high' THEN 0"
	                    " WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END,"
	                    " f.since, f.subject, f.number",
	                    err);

	return r == 0 ? read_rows(s, ret, st, after, err) : r;
}

/* --- the counts --------------------------------------------------------------------- */

static int read_count(const struct store *s, json_t **ret, sqlite3_stmt *st, struct error *err)
{
	CLEANUP(freep) char *kind = NULL, *state = NULL, *subject = NULL;
	json_t *o;
	int r = sql_text(s, &kind, st, 0, TEXT_MAX, err);

	if (r == 0)
		r = sql_text(s, &state, st, 1, TEXT_MAX, err);
	if (r == 0)
		r = sql_text(s, &subject, st, 2, STORE_KEY_MAX, err);
	if (r < 0)
		return r;
	o = json_pack("{s:s, s:s, s:I}", "kind", kind, "state", state, "n",
	              (json_int_t)sqlite3_column_int64(st, 3));
	if (o && subject_json(o, subject ? subject : "") == 0) {
		*ret = o;
		return 0;
	}
	json_decref(o);
	return error_set(err, -ENOMEM, "out of memory");
}

int store_findings_count(struct store *s, json_t **ret, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	json_t *list = json_array(), *row = NULL;
	json_int_t omitted = 0;
	char today[CLOCK_TEXT_BYTES];
	int r = sql_prepare(s, &st,
	                    "SELECT f.kind, CASE WHEN a.subject IS NOT NULL AND"
	                    " (a.until IS NULL OR substr(a.until, 1, 10) >= ?1)"
	                    " THEN 'acknowledged' ELSE coalesce(f.state, 'open') END AS state,"
	                    " f.subject, count(*) FROM finding f"
	                    " LEFT JOIN ack a ON a.subject = f.subject AND a.key = f.key"
	                    " GROUP BY 1, 2, 3 ORDER BY 4 DESC, 3, 1, 2",
	                    err);

	clock_text(today, clock_now_s());
	today[10] = '\0';
	if (r == 0)
		r = sql_bind(s, st, 1, today, err);
	while (r == 0 && (r = sql_step(s, st, err)) == 1) {
		r = 0;
		if (json_array_size(list) == STORE_FINDINGS_MAX)
			omitted += sqlite3_column_int64(st, 3);
		else if ((r = read_count(s, &row, st, err)) == 0)
			(void)json_array_append_new(list, row);
	}
	if (r == 0)
		*ret = json_pack("{s:o, s:I}", "counts", list, "omitted", omitted);
	else
		json_decref(list);
	return r;
}

/* --- which one is meant -------------------------------------------------------------- */

/* The key and the subject (as ?1 and ?2 of later statements) that an acknowledgement is about. */
struct meant {
	char *key, *subject; /* subject NULL: every one that has it */
	char *open; /* ?3: the key of the open finding, of which the other is one of many */
};

static void meant_done(struct meant *m)
{
	free(m->key);
	free(m->subject);
	free(m->open);
}

static int ask_text(const struct store *s, char **ret, const char *query, const char *a,
                    const char *b, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st, query, err);

	if (r == 0 && a)
		r = sql_bind(s, st, 1, a, err);
	if (r == 0 && b)
		r = sql_bind(s, st, 2, b, err);
	if (r == 0)
		r = sql_step(s, st, err);
	return r == 1 ? sql_text(s, ret, st, 0, STORE_KEY_MAX, err) : r;
}

static bool is_number(const char *finding)
{
	return finding[0] == 'K' && finding[1] && strlen(finding) < 12 &&
	       !finding[1 + strspn(finding + 1, "0123456789")];
}

static int find_subject(struct store *s, struct meant *m, const struct ack *ack, struct error *err)
{
	CLEANUP(job_done) struct job job = {0};
	int r;

	if (ack->job) {
		r = store_get(s, &job, ack->job, err);
		if (r < 0)
			return r;
		r = ask_text(s, &m->subject, "SELECT subject FROM review WHERE job = ?1", job.id,
		             NULL, err);
		return r < 0 || m->subject
		               ? r
		               : error_set(
					 err, -ENOENT,
					 "job %s has no findings: only a review that succeeded has",
					 job.id);
	}
	if (!is_number(ack->finding))
		return 0;
	r = ask_text(s, &m->subject, "SELECT subject FROM review ORDER BY id DESC LIMIT 1", NULL,
	             NULL, err);
	return r < 0 || m->subject
	               ? r
	               : error_set(err, -ENOENT,
	                           "nothing has been reviewed yet: chimeractl review PATH does");
}

static int find_open(const struct store *s, struct meant *m, const char *finding, struct error *err)
{
	if (is_number(finding))
		return ask_text(s, &m->open,
		                "SELECT key FROM finding WHERE subject = ?1 AND"
		                " number = CAST(?2 AS INTEGER)",
		                m->subject, finding + 1, err);
	if (m->subject)
		return ask_text(s, &m->open,
		                "SELECT key FROM finding WHERE subject = ?1 AND key = ?2",
		                m->subject, finding, err);
	return ask_text(s, &m->open, "SELECT key FROM finding WHERE key = ?1", finding, NULL, err);
}

/* The open finding that tells many configurations, of which this key is the series of one. */
static int find_group(const struct store *s, struct meant *m, const char *finding,
                      struct error *err)
{
	static const char query[] =
		"SELECT f.key FROM finding f WHERE substr(f.key, -2) = '/*'"
		" AND substr(?1, 1, length(f.key) - 1) = substr(f.key, 1, length(f.key) - 1)"
		" AND (?2 IS NULL OR f.subject = ?2) AND EXISTS (SELECT 1 FROM series s"
		"  WHERE s.subject = f.subject AND"
		"  (s.key = substr(?1, instr(?1, ':') + 1) OR"
		"   instr(s.key, substr(?1, instr(?1, ':') + 1) || ' [') = 1))";

	return ask_text(s, &m->open, query, finding, m->subject, err);
}

static int find_key(const struct store *s, struct meant *m, const char *finding, struct error *err)
{
	int r = find_open(s, m, finding, err);

	if (r < 0 || m->open) {
		m->key = m->open ? strdup(m->open) : NULL;
	} else {
		r = find_group(s, m, finding, err);
		m->key = m->open ? strdup(finding) : NULL;
	}
	if (r == 0 && m->open && !m->key)
		return error_set(err, -ENOMEM, "out of memory");
	return r;
}

/* How much two keys have in common at both ends; one within the other is nearly all. */
static size_t likeness(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), head = 0, tail = 0;

	while (a[head] && a[head] == b[head])
		head++;
	while (tail + head < la && tail + head < lb && a[la - 1 - tail] == b[lb - 1 - tail])
		tail++;
	return head + tail + (strstr(b, a) ? la : 0);
}

struct near {
	char *key;
	size_t likeness;
};

static void keep_nearest(struct near list[static NAMED], char *key, size_t like)
{
	size_t at = NAMED;

	while (at > 0 && list[at - 1].likeness < like)
		at--;
	if (at == NAMED) {
		free(key);
		return;
	}
	free(list[NAMED - 1].key);
	memmove(&list[at + 1], &list[at], (NAMED - 1 - at) * sizeof *list);
	list[at] = (struct near){key, like};
}

static int find_nearest(const struct store *s, struct near list[static NAMED], const char *finding,
                        const char *subject, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(s, &st,
	                    "SELECT key, number FROM finding WHERE ?1 IS NULL OR subject = ?1"
	                    " ORDER BY number LIMIT 1000",
	                    err);

	if (r == 0)
		r = sql_bind(s, st, 1, subject, err);
	while (r == 0 && (r = sql_step(s, st, err)) == 1) {
		char *key = NULL;

		r = sql_text(s, &key, st, 0, STORE_KEY_MAX, err);
		if (key)
			keep_nearest(list, key, 1 + likeness(finding, key));
	}
	return r;
}

static int fail_unknown(const struct store *s, const char *finding, const char *subject,
                        struct error *err)
{
	struct near list[NAMED] = {0};
	char names[400] = "";
	int r = find_nearest(s, list, finding, subject, err);

	for (size_t i = 0; i < NAMED && list[i].key; i++) {
		size_t n = strlen(names);

		(void)snprintf(names + n, sizeof names - n, "%s%.120s", n ? ", " : "", list[i].key);
	}
	for (size_t i = 0; i < NAMED; i++)
		free(list[i].key);
	if (r < 0)
		return r;
	return error_set(err, -ENOENT, "no open finding \"%.64s\"%s%s", finding,
	                 *names ? "; open are, nearest first: " : ": none is open", names);
}

/* --- acknowledging ------------------------------------------------------------------- */

static int write_ack(const struct store *s, const struct meant *m, const struct ack *ack,
                     struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const char *const texts[] = {m->key, m->subject, m->open, ack->reason, ack->until};
	int r = sql_prepare(s, &st,
	                    "INSERT INTO ack (subject, key, reason, until, made_at)"
	                    " SELECT subject, ?1, ?4, ?5, ?6 FROM finding"
	                    " WHERE key = ?3 AND (?2 IS NULL OR subject = ?2)"
	                    " ON CONFLICT (subject, key) DO UPDATE SET reason = excluded.reason,"
	                    " until = excluded.until, made_at = excluded.made_at",
	                    err);

	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(texts); i++)
		r = sql_bind(s, st, i + 1, texts[i], err);
	if (r == 0 && sqlite3_bind_int64(st, 6, clock_now_s()) != SQLITE_OK)
		r = sql_fail(s, SQLITE_ERROR, err);
	return r == 0 ? sql_step(s, st, err) : r;
}

static int list_meant(const struct store *s, json_t **ret, const struct meant *m, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const char *const texts[] = {m->key, m->subject, m->open};
	int r = sql_prepare(s, &st,
	                    "SELECT ?1," COLUMNS TABLES
	                    " ?1 WHERE f.key = ?3 AND (?2 IS NULL OR f.subject = ?2)",
	                    err);

	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(texts); i++)
		r = sql_bind(s, st, i + 1, texts[i], err);
	return r == 0 ? read_rows(s, ret, st, 0, err) : r;
}

int store_ack(struct store *s, json_t **ret, const struct ack *ack, struct error *err)
{
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	CLEANUP(meant_done) struct meant m = {0};
	json_t *list = NULL;
	int r = sql_begin(&t, s, err);

	if (r == 0)
		r = find_subject(s, &m, ack, err);
	if (r == 0)
		r = find_key(s, &m, ack->finding, err);
	if (r == 0 && !m.key)
		r = fail_unknown(s, ack->finding, m.subject, err);
	if (r == 0)
		r = write_ack(s, &m, ack, err);
	if (r == 0)
		r = list_meant(s, &list, &m, err);
	if (r == 0)
		r = sql_commit(&t, err);
	if (r < 0) {
		json_decref(list);
		return r;
	}
	*ret = list;
	return 0;
}
