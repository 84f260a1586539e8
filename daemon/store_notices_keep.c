/* SPDX-License-Identifier: MIT */
/* The transitions of one review, as it ends, and the notice of them. */
#include <errno.h>

#include "daemon/store_history_impl.h"
#include "daemon/store_job.h"
#include "daemon/store_sql.h"
#include "daemon/subject_json.h"
#include "daemon/time_json.h"
#include "daemon/transition.h"
#include "lib/base/clock.h"

#define TEXT_MAX ((size_t)1 << 16)

struct keeping {
	const struct store *store;
	const char *subject;
	const json_t *findings, *series; /* of the review */
	json_t *told;                    /* key -> what was told of it before */
	json_t *transitions;
	json_int_t omitted;
	struct error *err;
};

static void keeping_done(struct keeping *k)
{
	json_decref(k->told);
	json_decref(k->transitions);
}

static const char *text_of(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static struct told finding_of(const json_t *o)
{
	return (struct told){text_of(o, "kind") ?: "", text_of(o, "key") ?: "",
	                     text_of(o, "state")};
}

/* --- what was told before ------------------------------------------------------------- */

static int read_told(struct keeping *k, sqlite3_stmt *st)
{
	static const char *const names[] = {"key", "kind", "severity", "state", "since", "text"};
	json_t *o = json_object();
	int r = 0;

	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *text = NULL;

		r = sql_text(k->store, &text, st, i, i ? TEXT_MAX : STORE_KEY_MAX, k->err);
		if (r == 0)
			(void)json_object_set_new(o, names[i],
			                          text ? json_string(text) : json_null());
	}
	(void)json_object_set_new(o, "level", json_integer(sqlite3_column_int64(st, 6)));
	if (r == 0 && text_of(o, "key"))
		(void)json_object_set(k->told, text_of(o, "key"), o);
	json_decref(o);
	return r;
}

static int read_all_told(struct keeping *k)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(k->store, &st,
	                    "SELECT key, kind, severity, state, since, text, level FROM told"
	                    " WHERE subject = ?1 ORDER BY key",
	                    k->err);

	if (r == 0)
		r = sql_bind(k->store, st, 1, k->subject, k->err);
	while (r == 0 && (r = sql_step(k->store, st, k->err)) == 1)
		r = read_told(k, st);
	return r;
}

static enum told_level level_before(const struct keeping *k, const char *key)
{
	json_int_t level = json_integer_value(
		json_object_get(json_object_get(k->told, key), "level"));

	return level > TOLD_NONE && level <= TOLD_QUIET ? (enum told_level)level : TOLD_NONE;
}

/* --- what became of it ---------------------------------------------------------------- */

/* id: of the finding in the report; NULL: it is not there any more. */
static void note(struct keeping *k, enum transition t, const json_t *finding)
{
	const json_t *number = json_object_get(finding, "number"),
		     *effect = json_object_get(finding, "effect");
	json_t *o;

	if (json_array_size(k->transitions) == NOTICE_FINDINGS_MAX) {
		k->omitted++;
		return;
	}
	o = json_pack("{s:s, s:s*, s:s*, s:s*, s:s?, s:s*, s:s*, s:O?}", "event",
	              transition_name(t), "key", text_of(finding, "key"), "kind",
	              text_of(finding, "kind"), "severity", text_of(finding, "severity"), "state",
	              t == TRANSITION_RECOVERED ? "recovered" : text_of(finding, "state"), "since",
	              text_of(finding, "since"), "text", text_of(finding, "text"), "effect",
	              effect);
	(void)json_object_set_new(
		o, "id",
		number ? json_sprintf("K%lld", (long long)json_integer_value(number))
		       : json_null());
	(void)json_array_append_new(k->transitions, o);
}

static void judge(struct keeping *k, const struct told *f, const json_t *finding,
                  enum told_level now)
{
	enum told_level before = level_before(k, f->key);
	enum transition t = transition_of(before, now, f);

	if (transition_is_wanted(t, before, k->store->notices.suspected))
		note(k, t, finding);
}

static int write_told(struct keeping *k, const json_t *finding, enum told_level level)
{
	static const char *const texts[] = {"key", "kind", "severity", "state", "since", "text"};
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(k->store, &st,
	                    "INSERT OR REPLACE INTO told (subject, key, kind, severity, state,"
	                    " since, text, level) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	                    k->err);

	if (r == 0)
		r = sql_bind(k->store, st, 1, k->subject, k->err);
	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(texts); i++)
		r = sql_bind(k->store, st, 2 + i, text_of(finding, texts[i]), k->err);
	if (r == 0 && sqlite3_bind_int(st, 8, (int)level) != SQLITE_OK)
		r = sql_fail(k->store, SQLITE_ERROR, k->err);
	return r == 0 ? sql_step(k->store, st, k->err) : r;
}

static int forget_told(struct keeping *k, const char *key)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	int r = sql_prepare(k->store, &st, "DELETE FROM told WHERE subject = ?1 AND key = ?2",
	                    k->err);

	if (r == 0)
		r = sql_bind(k->store, st, 1, k->subject, k->err);
	if (r == 0)
		r = sql_bind(k->store, st, 2, key, k->err);
	return r == 0 ? sql_step(k->store, st, k->err) : r;
}

/* A row of `finding` has all of these, and so has one of `told`. */
static bool is_whole(const json_t *f)
{
	return text_of(f, "key") && text_of(f, "kind") && text_of(f, "severity") &&
	       text_of(f, "since") && text_of(f, "text");
}

static int keep_found(struct keeping *k)
{
	const json_t *finding;
	size_t i;
	int r = 0;

	json_array_foreach (k->findings, i, finding) {
		const struct told f = finding_of(finding);
		enum told_level now = told_level_of(&f);

		if (r < 0 || !is_whole(finding))
			continue;
		judge(k, &f, finding, now);
		r = write_told(k, finding, told_level_after(level_before(k, f.key), now));
		(void)json_object_set_new(json_object_get(k->told, f.key), "found", json_true());
	}
	return r;
}

/* What a review that looked does not find any more. */
static int keep_lost(struct keeping *k)
{
	const char *key;
	json_t *was;
	int r = 0;

	json_object_foreach (k->told, key, was) {
		const struct told f = finding_of(was);

		if (r < 0 || json_object_get(was, "found") ||
		    !store_findings_looked(key, k->series))
			continue;
		judge(k, &f, was, TOLD_NONE);
		r = forget_told(k, key);
	}
	return r;
}

/* --- the notice ----------------------------------------------------------------------- */

static int make_notice(struct keeping *k, char **ret, const char *job_id)
{
	CLEANUP(job_done) struct job job = {0};
	int r = store_get((struct store *)(uintptr_t)k->store, &job, job_id, k->err);
	json_t *o;

	if (r < 0)
		return r;
	o = json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:o, s:O, s:I}", "schema",
	              "chimerad.notice/1", "id", job.id, "job", job.id, "pipeline", job.pipeline,
	              "machine", job.machine, "verdict", job.verdict, "report", job.report,
	              "finished_at", time_json(job.finished_at), "transitions", k->transitions,
	              "omitted", k->omitted);
	if (o && subject_json(o, k->subject) == 0)
		*ret = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return *ret ? 0 : error_set(k->err, -ENOMEM, "out of memory");
}

static int write_notice(struct keeping *k, enum notice_channel channel, const char *job,
                        const char *body)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const char *const texts[] = {notice_channel_name(channel), job, body};
	int r = sql_prepare(k->store, &st,
	                    "INSERT OR IGNORE INTO notice (channel, job, body, made_at)"
	                    " VALUES (?1, ?2, ?3, ?4)",
	                    k->err);

	for (int i = 0; r == 0 && i < (int)ARRAY_LEN(texts); i++)
		r = sql_bind(k->store, st, 1 + i, texts[i], k->err);
	if (r == 0 && sqlite3_bind_int64(st, 4, clock_now_s()) != SQLITE_OK)
		r = sql_fail(k->store, SQLITE_ERROR, k->err);
	return r == 0 ? sql_step(k->store, st, k->err) : r;
}

static int bound(struct keeping *k)
{
#define TEXT_OF(n)  #n
#define NUMBER(n)   TEXT_OF(n)
#define BEYOND(max) " ORDER BY id DESC LIMIT -1 OFFSET " NUMBER(max) ")"
	return sql_exec(
		k->store,
		"UPDATE notice SET state = 'given up', error = 'too many wait' WHERE id IN"
		" (SELECT id FROM notice WHERE channel = 'webhook' AND state = 'waiting'" BEYOND(
			NOTICES_WAITING_MAX) " OR id IN"
					     " (SELECT id FROM notice WHERE channel = 'command' "
					     "AND state = 'waiting'" BEYOND(
						     NOTICES_WAITING_MAX) ";"
									  "DELETE FROM notice "
									  "WHERE id IN"
									  " (SELECT id FROM notice "
									  "WHERE state != "
									  "'waiting'" BEYOND(
										  NOTICES_FINISHED_MAX),
		k->err);
}

static int tell(struct keeping *k, const char *job)
{
	CLEANUP(freep) char *body = NULL;
	int r = make_notice(k, &body, job);

	for (enum notice_channel c = NOTICE_WEBHOOK; r == 0 && c < NOTICE_CHANNELS; c++)
		if (k->store->notices.channels[c])
			r = write_notice(k, c, job, body);
	return r == 0 ? bound(k) : r;
}

int store_notices_keep(const struct store *s, const char *job, const char *subject,
                       const json_t *text, struct error *err)
{
	CLEANUP(keeping_done)
	struct keeping k = {.store = s,
	                    .subject = subject,
	                    .findings = json_object_get(text, "findings"),
	                    .series = json_object_get(text, "series"),
	                    .told = json_object(),
	                    .transitions = json_array(),
	                    .err = err};
	int r;

	if (!k.told || !k.transitions)
		return error_set(err, -ENOMEM, "out of memory");
	r = read_all_told(&k);
	if (r == 0)
		r = keep_found(&k);
	if (r == 0)
		r = keep_lost(&k);
	if (r < 0 || json_array_size(k.transitions) == 0 ||
	    (!s->notices.channels[NOTICE_WEBHOOK] && !s->notices.channels[NOTICE_COMMAND]))
		return r;
	return tell(&k, job);
}
