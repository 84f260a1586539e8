/* SPDX-License-Identifier: MIT */
/* What an ingest takes from an earlier one, and what it reads again. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/ingest.h"
#include "lib/base/buf.h"
#include "lib/base/files.h"

#define SETTLED_S 10 /* later than this no file counts as just written */

/* The linker puts this in clock_gettime()'s place: how late it is for the program. */
static int64_t later_s = SETTLED_S;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __real_clock_gettime(clockid_t clock, struct timespec *ret);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	int r = __real_clock_gettime(clock, ret);

	ret->tv_sec += clock == CLOCK_REALTIME ? later_s : 0;
	return r;
}

struct night {
	uv_loop_t loop;
	char dir[32], tree[64], cache[64];
	struct ingest *in;
	struct dossier dossier;
	bool fresh, unended; /* unended: no review before has come to its end */
	const char *job;
	uint64_t memory_bytes;
	unsigned done;
};

static void put(const struct night *n, const char *name, const char *text)
{
	struct error err;

	cr_assert_eq(files_write(n->tree, name, text, strlen(text), &err), 0, "%s", err.text);
}

static const char *at(const struct night *n, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", n->tree, name);
	return path;
}

static struct night *night_new(void)
{
	struct night *n = calloc(1, sizeof *n);
	struct error err;

	(void)snprintf(n->dir, sizeof n->dir, "/tmp/cache-XXXXXX");
	cr_assert_not_null(mkdtemp(n->dir));
	(void)snprintf(n->tree, sizeof n->tree, "%s/tree", n->dir);
	(void)snprintf(n->cache, sizeof n->cache, "%s/ingest.db", n->dir);
	cr_assert_eq(files_make_dirs(n->tree, &err), 0);
	cr_assert_eq(uv_loop_init(&n->loop), 0);
	n->memory_bytes = 1 << 24;
	n->job = "1";
	put(n, "a.csv", "model,ms\nx,1.5\ny,2.5\n");
	put(n, "b.json", "{\"runs\": [{\"ms\": 1, \"s\": [1, 2]}, {\"ms\": 2, \"s\": [3, 4]}]}");
	put(n, "c.md", "# C\n\n| a | b |\n|---|---|\n| x | 1 |\n");
	put(n, "d.csv", "");
	put(n, "e.csv", "model,ms\nx,1.5\ny,2.5\n"); /* a copy */
	put(n, "f.csv", "a,b\n1,2\n1,2,3\n");        /* partial */
	return n;
}

static void forget(struct night *n)
{
	ingest_release(TAKE(n->in));
	arena_free(TAKE(n->dossier.arena));
	n->dossier = (struct dossier){0};
	n->done = 0;
}

static void night_done(struct night **np)
{
	struct night *n = *np;
	struct error err;

	forget(n);
	cr_expect_eq(uv_loop_close(&n->loop), 0);
	cr_expect_eq(files_remove_tree(n->dir, &err), 0);
	free(n);
}

static void on_progress(void *arg, size_t done, size_t total)
{
	(void)arg;
	cr_expect_leq(done, total);
}

static void on_done(void *arg, int status, const struct error *err)
{
	struct night *n = arg;

	n->done++;
	cr_assert_eq(status, 0, "%s", err->text);
}

static bool ended(const void *arg, const char *job)
{
	const struct night *n = arg;

	cr_expect_str_neq(job, n->job);
	return !n->unended;
}

/* One ingest; how many artifacts came from the cache. */
static size_t ingest(struct night *n)
{
	const char *root = n->tree;
	const struct ingest_spec spec = {.dossier = &n->dossier,
	                                 .roots = &root,
	                                 .n_roots = 1,
	                                 .limits = {.file_bytes = 1 << 20, .files = 1000},
	                                 .memory_bytes = n->memory_bytes,
	                                 .cache = n->cache,
	                                 .fresh = n->fresh,
	                                 .job = n->job,
	                                 .ended = ended,
	                                 .ended_arg = n};
	const struct ingest_ops ops = {on_progress, on_done};
	struct error err = {0};

	forget(n);
	n->dossier.arena = arena_new(1 << 20);
	cr_assert_eq(ingest_start(&n->in, &n->loop, &spec, &ops, n, &err), 0, "%s", err.text);
	(void)uv_run(&n->loop, UV_RUN_DEFAULT);
	cr_assert_eq(n->done, 1);
	return n->dossier.inventory.n_reused;
}

static const struct artifact *artifact(const struct night *n, const char *path)
{
	for (size_t i = 0; i < n->dossier.inventory.n_artifacts; i++)
		if (strcmp(n->dossier.inventory.artifacts[i].path, path) == 0)
			return &n->dossier.inventory.artifacts[i];
	cr_assert_fail("%s is not in the inventory", path);
	return NULL;
}

static void expect_trouble(const struct night *n, const char *words)
{
	const char *trouble = ingest_cache_trouble(n->in);

	if (!words)
		cr_expect_null(trouble, "%s", trouble);
	else
		cr_expect(trouble && strstr(trouble, words), "%s", trouble);
}

/* All that is in the inventory, as text. */
static char *print(const struct night *n)
{
	const struct inventory *inv = &n->dossier.inventory;
	struct buf b = BUF_INIT(1 << 20);

	for (size_t i = 0; i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i];

		buf_printf(&b, "%u %s %d %d %s %s copy of %u\n", a->id, a->path, a->format,
		           a->status, a->digest, a->reason ? a->reason : "", a->duplicate_of);
		for (size_t k = 0; k < a->n_tables; k++) {
			const struct table *t = &a->tables[k];

			cr_expect_eq(t->artifact, a);
			for (size_t c = 0; c < t->n_rows * t->n_columns; c++)
				buf_printf(&b, "%s=%s ", t->columns[c % t->n_columns].name,
				           table_cell(t, c / t->n_columns, c % t->n_columns).text);
		}
	}
	return b.data;
}

Test(cache, what_has_not_changed_is_not_read_again_and_is_the_same)
{
	CLEANUP(night_done) struct night *n = night_new();
	CLEANUP(freep) char *first = NULL, *second = NULL;

	cr_expect_eq(ingest(n), 0);
	first = print(n);
	cr_expect_eq(ingest(n), 6);
	second = print(n);
	cr_expect_str_eq(first, second);
	expect_trouble(n, NULL);
}

Test(cache, only_what_changed_is_read_again)
{
	CLEANUP(night_done) struct night *n = night_new();

	(void)ingest(n);
	put(n, "a.csv", "model,ms\nx,9.5\ny,2.5\n"); /* as long as before */
	later_s += SETTLED_S;
	cr_expect_eq(ingest(n), 5);
	cr_expect_str_eq(table_cell(&artifact(n, "a.csv")->tables[0], 0, 1).text, "9.5");
	cr_expect_eq(artifact(n, "e.csv")->duplicate_of, 0, "no copy any more");
	cr_expect_eq(artifact(n, "e.csv")->n_tables, 1);
	cr_expect_eq(ingest(n), 6);
	cr_expect_str_eq(table_cell(&artifact(n, "a.csv")->tables[0], 0, 1).text, "9.5");
}

/* The time of a file is set back by whoever unpacks an archive: its change time tells all the same.
 */
Test(cache, an_old_modification_time_does_not_hide_a_change)
{
	CLEANUP(night_done) struct night *n = night_new();
	struct timespec times[2];
	struct stat st;

	(void)ingest(n);
	cr_assert_eq(stat(at(n, "a.csv"), &st), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	put(n, "a.csv", "model,ms\nx,9.5\ny,2.5\n");
	cr_assert_eq(utimensat(AT_FDCWD, at(n, "a.csv"), times, 0), 0);
	cr_expect_eq(ingest(n), 5);
	cr_expect_str_eq(table_cell(&artifact(n, "a.csv")->tables[0], 0, 1).text, "9.5");
}

Test(cache, what_was_just_written_is_read_again)
{
	CLEANUP(night_done) struct night *n = night_new();

	later_s = -SETTLED_S; /* whatever the time that it takes to come here */
	(void)ingest(n);
	cr_expect_eq(ingest(n), 0, "it could have changed since without its time telling");
	later_s = SETTLED_S;
	(void)ingest(n);
	cr_expect_eq(ingest(n), 6);
}

Test(cache, fresh_reads_all_anew)
{
	CLEANUP(night_done) struct night *n = night_new();

	(void)ingest(n);
	n->fresh = true;
	cr_expect_eq(ingest(n), 0);
	n->fresh = false;
	cr_expect_eq(ingest(n), 6);
}

static void expect_gone(const struct night *n, size_t count, const char *path)
{
	const struct inventory *inv = &n->dossier.inventory;

	cr_assert_eq(inv->n_gone, count);
	if (path)
		cr_expect_str_eq(inv->gone[0].path, path);
}

Test(cache, what_is_gone_is_told_until_a_review_has_ended)
{
	CLEANUP(night_done) struct night *n = night_new();

	(void)ingest(n);
	expect_gone(n, 0, NULL);
	cr_assert_eq(unlink(at(n, "b.json")), 0);
	n->job = "2";
	cr_expect_eq(ingest(n), 5);
	expect_gone(n, 1, "b.json");
	cr_expect_eq(n->dossier.inventory.gone[0].format, FORMAT_JSON);
	(void)ingest(n); /* killed, and begun again */
	expect_gone(n, 1, "b.json");
	n->fresh = true;
	(void)ingest(n);
	expect_gone(n, 1, "b.json");
	n->fresh = false;
	n->job = "3";
	(void)ingest(n);
	expect_gone(n, 0, NULL);
	n->job = "4";
	n->unended = true;
	cr_assert_eq(unlink(at(n, "c.md")), 0);
	(void)ingest(n);
	expect_gone(n, 0, NULL);
}

/* One byte in each page is another one. */
static void damage(const char *path, off_t from)
{
	CLEANUP(closep) int fd = open(path, O_RDWR);
	struct stat st;

	cr_assert_eq(fstat(fd, &st), 0);
	for (off_t i = from; i < st.st_size; i += 1009) {
		unsigned char byte;

		cr_assert_eq(pread(fd, &byte, 1, i), 1);
		byte ^= 0x55;
		cr_assert_eq(pwrite(fd, &byte, 1, i), 1);
	}
}

Test(cache, what_is_damaged_is_said_and_read_again)
{
	static const off_t from[] = {0, 200, 16384 + 5, 3 * 16384};
	CLEANUP(night_done) struct night *n = night_new();
	CLEANUP(freep) char *first = NULL;

	(void)ingest(n);
	first = print(n);
	for (size_t i = 0; i < ARRAY_LEN(from); i++) {
		CLEANUP(freep) char *again = NULL;

		damage(n->cache, from[i]);
		(void)ingest(n);
		again = print(n);
		cr_expect_str_eq(again, first);
		cr_expect_eq(ingest(n), 6, "mended after damage from byte %ld", (long)from[i]);
		expect_trouble(n, NULL);
	}
	damage(n->cache, 0);
	(void)ingest(n);
	expect_trouble(n, "all is read anew");
}

Test(cache, a_file_of_something_else_or_none_is_no_harm)
{
	CLEANUP(night_done) struct night *n = night_new();
	struct error err;

	cr_assert_eq(files_write(n->dir, "ingest.db", "hello", 5, &err), 0);
	cr_expect_eq(ingest(n), 0);
	expect_trouble(n, "ingest.db");
	cr_expect_eq(ingest(n), 6);
	cr_assert_eq(unlink(n->cache), 0);
	cr_expect_eq(ingest(n), 0);
	expect_trouble(n, NULL);
	cr_assert_eq(unlink(n->cache), 0);
	cr_assert_eq(mkdir(n->cache, 0700), 0);
	cr_expect_eq(ingest(n), 0);
	expect_trouble(n, "ingest.db");
}

/* Which artifacts do not fit is the same whether the others are read or reused. */
Test(cache, memory_leaves_out_the_same)
{
	CLEANUP(night_done) struct night *n = night_new();
	CLEANUP(freep) char *text = calloc(1, 200000);
	size_t len = 0;

	for (int i = 0; i < 20000; i++)
		len += (size_t)snprintf(text + len, 200000 - len, "%d,%d\n", i % 7, i % 11);
	put(n, "big.csv", text);
	(void)ingest(n);
	for (uint64_t memory = 1 << 12; memory <= 1 << 23; memory *= 2) {
		CLEANUP(freep) char *reused = NULL, *fresh = NULL;

		n->memory_bytes = memory;
		n->fresh = true;
		(void)ingest(n);
		fresh = print(n);
		n->memory_bytes = 1 << 24;
		(void)ingest(n); /* keeps them all */
		n->memory_bytes = memory;
		n->fresh = false;
		(void)ingest(n);
		reused = print(n);
		cr_expect_str_eq(reused, fresh, "of %llu bytes", (unsigned long long)memory);
	}
}
