/* SPDX-License-Identifier: MIT */
/*
 * A store whose file was damaged: the input is patches, four bytes of where and what follows up to
 * 15 bytes of it ("NNNL" + L bytes; NNN is an offset, little endian). What can be read afterwards
 * is read as the daemon reads it at its start and as a review reads its history.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/store_findings.h"
#include "daemon/store_history.h"
#include "daemon/store_sql.h"
#include "lib/base/files.h"

#define SUBJECT   "s"
#define FILE_MAX  (1u << 20)
#define PATCH_MAX 15
#define REVIEWS   5

static char dir[] = "/dev/shm/chimera-fuzz-store-XXXXXX", path[100], reports[100], wal[100],
	    shm[100];
static unsigned char *template;
static size_t template_len;

/* Before there is any damage nothing fails. */
static void sound(int r, const struct error *err)
{
	if (r < 0)
		(void)fprintf(stderr, "%s\n", err->text);
	assert(r >= 0);
}

/* A job of that id, at work. */
static void begin(struct store *s, const char *id)
{
	CLEANUP(job_done) struct job got = {0};
	CLEANUP(job_done) struct job claimed = {0};
	CLEANUP(freep) char *copy = strdup(id);
	static char pipeline[] = "nightly-review", request[] = "{\"paths\":[\"/srv\"]}";
	struct job job = {.id = copy, .pipeline = pipeline, .request = request};
	struct error err = {0};
	bool existed;

	sound(store_add(s, &got, &existed, &job, 1000, &err), &err);
	sound(store_claim(s, &claimed, &err), &err);
}

static void review_one(struct store *s, const char *id, int64_t time_s, double value)
{
	struct fact fact = {.id = 1, .value = value, .n = 5};
	struct history_point point = {"t/ms", time_s, 1, 77};
	struct history_condition condition = {"t", time_s, {"driver", "v1"}};
	static char key[] = "regression:t/ms", state[] = "suspected", since[] = "2026-11-01";
	struct finding finding = {
		.id = 1, .kind = FINDING_REGRESSION, .key = key, .state = state, .since = since};
	struct dossier d = {.facts = &fact,
	                    .n_facts = 1,
	                    .history = &point,
	                    .n_history = 1,
	                    .conditions = &condition,
	                    .n_conditions = 1,
	                    .findings = &finding,
	                    .n_findings = 1};
	CLEANUP(freep) char *text = NULL;
	char folder[200];
	struct error err = {0};

	begin(s, id);
	(void)snprintf(folder, sizeof folder, "%s/%s", reports, id);
	sound(files_make_dirs(folder, &err), &err);
	sound(files_write(folder, "report.json", "{}", 2, &err), &err);
	sound(store_history_print(&text, SUBJECT, &d, &err), &err);
	sound(store_checkpoint(s, id, STORE_HISTORY_STEP, text, &err), &err);
	sound(store_finish(s, id, JOB_SUCCEEDED, NULL, "same", folder, &err), &err);
}

/* Each of its tables has a row, and one job waits. */
static void make_template(void)
{
	struct store *s = NULL;
	struct ack ack = {.finding = "regression:t/ms", .reason = "known"};
	json_t *list = NULL;
	char *bytes = NULL;
	struct error err = {0};

	assert(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/" STORE_FILE, dir);
	(void)snprintf(wal, sizeof wal, "%s/" STORE_FILE "-wal", dir);
	(void)snprintf(shm, sizeof shm, "%s/" STORE_FILE "-shm", dir);
	(void)snprintf(reports, sizeof reports, "%s/reports", dir);
	sound(store_open(&s, path, &err), &err);
	for (int i = 0; i < REVIEWS; i++) {
		char id[] = {'j', '-', (char)('1' + i), '\0'};

		review_one(s, id, 1000 + i, 100 + i);
	}
	sound(store_ack(s, &list, &ack, &err), &err);
	json_decref(list);
	begin(s, "j-9");
	store_close(s); /* which leaves no log beside it */
	sound(files_read(&bytes, &template_len, NULL, path, FILE_MAX, &err), &err);
	template = (unsigned char *)bytes;
}

static void write_damaged(const uint8_t *data, size_t size)
{
	CLEANUP(freep) unsigned char *copy = malloc(template_len);
	struct error err = {0};

	assert(copy);
	memcpy(copy, template, template_len);
	for (size_t at = 0; at + 4 <= size;) {
		size_t where = data[at] | (size_t)data[at + 1] << 8 | (size_t)data[at + 2] << 16;
		size_t n = data[at + 3] % (PATCH_MAX + 1);

		where %= template_len;
		at += 4;
		n = n < size - at ? n : size - at;
		n = n < template_len - where ? n : template_len - where;
		memcpy(copy + where, data + at, n);
		at += n;
	}
	sound(files_write(dir, STORE_FILE, (const char *)copy, template_len, &err), &err);
	(void)!unlink(wal);
	(void)!unlink(shm);
}

/* As the daemon does at its start. */
static void read_jobs(void)
{
	struct store *s = NULL;
	struct job *jobs = NULL;
	json_t *list = NULL;
	uint64_t by_state[JOB_CANCELLED + 1];
	int64_t succeeded_at;
	size_t n = 0;
	struct error err = {0};

	if (store_open(&s, path, &err) < 0)
		return;
	(void)!store_recover(s, &err);
	if (store_list(s, &jobs, &n, NULL, 100, &err) == 0)
		jobs_free(jobs, n);
	(void)!store_count(s, by_state, &succeeded_at, &err);
	if (store_findings_list(s, &list, 0, &err) == 0)
		json_decref(list);
	store_close(s);
}

static void read_memory(const struct past *past, struct arena *arena)
{
	struct past_point *points;
	struct past_condition *conditions;
	struct past_suspicion *suspicions;
	struct past_ack *acks;
	const char **series;
	size_t n;

	if (past->series(past->arg, arena, &series, &n) == 0)
		for (size_t i = 0; i < n; i++)
			assert(strlen(series[i]) <= STORE_KEY_MAX);
	if (past->points(past->arg, arena, "t/ms", &points, &n) == 0)
		for (size_t i = 0; i < n; i++)
			assert(isfinite(points[i].value) && points[i].fact && points[i].review &&
			       (i == 0 || points[i - 1].time_s < points[i].time_s));
	if (past->suspicions(past->arg, arena, &suspicions, &n) == 0)
		for (size_t i = 0; i < n; i++)
			assert(suspicions[i].key && suspicions[i].since);
	if (past->acks(past->arg, arena, &acks, &n) == 0)
		for (size_t i = 0; i < n; i++)
			assert(acks[i].key);
	if (past->conditions(past->arg, arena, "t", 1001, &conditions, &n) == 0)
		for (size_t i = 0; i < n; i++)
			assert(conditions[i].name && conditions[i].text);
}

/* As a review does, which checks no page first. */
static void read_history(void)
{
	struct history_reader *h = NULL;
	struct arena *arena = arena_new(16u << 20);
	struct error err = {0};

	assert(arena);
	if (history_reader_open(&h, path, SUBJECT, reports, NULL, &err) == 0)
		read_memory(history_reader_past(h), arena);
	history_reader_close(h);
	arena_free(arena);
}

/* Undamaged, all of it is read: else nothing would be tried. */
static void expect_whole(void)
{
	struct history_reader *h = NULL;
	struct arena *arena = arena_new(1u << 20);
	const struct past *past;
	struct past_point *points;
	struct past_condition *conditions;
	struct past_suspicion *suspicions;
	struct past_ack *acks;
	size_t n;
	struct error err = {0};

	assert(arena);
	sound(history_reader_open(&h, path, SUBJECT, reports, NULL, &err), &err);
	past = history_reader_past(h);
	assert(past->points(past->arg, arena, "t/ms", &points, &n) == 0 && n == REVIEWS);
	assert(past->suspicions(past->arg, arena, &suspicions, &n) == 0 && n == 1);
	assert(past->acks(past->arg, arena, &acks, &n) == 0 && n == 1);
	assert(past->conditions(past->arg, arena, "t", 1001, &conditions, &n) == 0 && n == 1);
	history_reader_close(h);
	arena_free(arena);
}

static void forget(void)
{
	struct error err = {0};

	(void)!files_remove_tree(dir, &err);
	free(template);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	make_template();
	expect_whole();
	return atexit(forget);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	write_damaged(data, size);
	read_history();
	read_jobs();
	return 0;
}
