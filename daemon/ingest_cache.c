/* SPDX-License-Identifier: MIT */
/*
 * The file is written without fsync: it is only a cache, and everything in it has a checksum. A
 * killed process leaves a journal that the next one rolls back.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "daemon/ingest_cache_impl.h"
#include "daemon/ingest_paths.h"
#include "daemon/reader_version.h"
#include "lib/base/crew.h"

#define FETCH_AHEAD 8  /* paths that are on their way from memory while one is compared */
#define CHUNKS_MANY 32 /* from here on it takes longer to match them than to call for help */

static int no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}

static const struct cache_layout layout = {
	"CREATE TABLE IF NOT EXISTS root (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE,"
	" readers TEXT NOT NULL, day INTEGER NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, root INTEGER NOT NULL, body "
	"BLOB NOT NULL)"
	" STRICT;"
	"CREATE INDEX IF NOT EXISTS chunk_root ON chunk (root);"
	"CREATE TABLE IF NOT EXISTS paths (digest TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS list (id INTEGER PRIMARY KEY, roots TEXT NOT NULL, job TEXT "
	"NOT NULL,"
	" day INTEGER NOT NULL, paths TEXT NOT NULL) STRICT;"
	"CREATE INDEX IF NOT EXISTS list_roots ON list (roots);",
	1936287592};

/* --- reading -------------------------------------------------------------------- */

static void blob_closep(sqlite3_blob **b)
{
	(void)sqlite3_blob_close(*b);
}

static int blob_fail(const struct ingest_cache *c, int rc, struct error *err)
{
	if (rc == SQLITE_ERROR) /* not a blob, which the table does not allow */
		return error_set(err, -EBADMSG, "%s: %s", c->sql.path, sqlite3_errmsg(c->sql.db));
	return sql_fail(&c->sql, rc, err);
}

/* The body in that row, straight from the file's pages into memory that is aligned for anything. */
static int take_body(const struct ingest_cache *c, sqlite3_blob **blob, const char *table,
                     int64_t row, char **ret, size_t *ret_len, struct error *err)
{
	int rc = *blob ? sqlite3_blob_reopen(*blob, row)
	               : sqlite3_blob_open(c->sql.db, "main", table, "body", row, 0, blob);
	int len = rc == SQLITE_OK ? sqlite3_blob_bytes(*blob) : 0;
	char *bytes;

	if (rc != SQLITE_OK)
		return blob_fail(c, rc, err);
	bytes = arena_alloc(c->blobs, (size_t)len);
	if (!bytes)
		return no_memory(err);
	rc = sqlite3_blob_read(*blob, bytes, len, 0);
	if (rc != SQLITE_OK)
		return blob_fail(c, rc, err);
	*ret = bytes;
	*ret_len = (size_t)len;
	return 0;
}

static int grow_chunks(struct ingest_cache *c)
{
	size_t cap = c->cap_chunks ? 2 * c->cap_chunks : 64;
	struct kept_chunk *more;

	if (c->n_chunks < c->cap_chunks)
		return 0;
	more = reallocarray(c->chunks, cap, sizeof *more);
	if (!more)
		return -ENOMEM;
	c->chunks = more;
	c->cap_chunks = cap;
	return 0;
}

static int note_places(struct ingest_cache *c, struct kept_chunk *k)
{
	size_t i = 0;

	k->at = arena_alloc(c->blobs, k->n * sizeof *k->at);
	if (!k->at)
		return -ENOMEM;
	for (const struct packed *p = chunk_next(k->bytes, k->len, NULL); p;
	     p = chunk_next(k->bytes, k->len, p))
		k->at[i++] = (struct kept_at){(uint32_t)((const char *)p - k->bytes),
		                              (uint32_t)(packed_path(p) - k->bytes)};
	return 0;
}

/* A chunk that is not sound is kept without content, so that it is thrown away at the end. */
static int take_chunk(struct ingest_cache *c, sqlite3_blob **blob, int64_t id, unsigned root,
                      struct error *err)
{
	struct kept_chunk k = {.id = id, .root = root};
	int r;

	if (grow_chunks(c) < 0)
		return no_memory(err);
	r = take_body(c, blob, "chunk", id, &k.bytes, &k.len, err);
	if (r < 0)
		return r;
	if (!chunk_check(k.bytes, k.len, &k.n)) {
		k = (struct kept_chunk){.id = k.id, .root = root, .rewrite = true};
		r = error_set(err, -EBADMSG, "%s: a damaged entry", c->sql.path);
	} else if (note_places(c, &k) < 0) {
		return no_memory(err);
	}
	c->chunks[c->n_chunks++] = k;
	return r == -EBADMSG ? 0 : r;
}

static int load_root(struct ingest_cache *c, unsigned root, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	CLEANUP(blob_closep) sqlite3_blob *blob = NULL;
	int r = sql_prepare(&c->sql, &st,
	                    "SELECT chunk.id FROM chunk JOIN root ON chunk.root = root.id"
	                    " WHERE root.path = ? AND root.readers = ?",
	                    err);

	if (r == 0)
		r = sql_bind(&c->sql, st, 1, c->spec.roots[root], err);
	if (r == 0)
		r = sql_bind(&c->sql, st, 2, READER_VERSION, err);
	while (r == 0) {
		r = sql_step(&c->sql, st, err);
		if (r <= 0)
			return r;
		r = take_chunk(c, &blob, sqlite3_column_int64(st, 0), root, err);
	}
	return r;
}

/* The latest list of these roots by a review that ended. */
static int load_paths(struct ingest_cache *c, struct error *err)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	CLEANUP(blob_closep) sqlite3_blob *blob = NULL;
	int r = sql_prepare(
		&c->sql, &st,
		"SELECT list.id, job, paths.rowid FROM list JOIN paths ON paths = digest"
		" WHERE roots = ? AND job != ? ORDER BY list.id DESC",
		err);

	if (r == 0)
		r = sql_bind(&c->sql, st, 1, c->roots_digest, err);
	if (r == 0)
		r = sql_bind(&c->sql, st, 2, c->spec.job, err);
	while (r == 0) {
		const char *job;

		r = sql_step(&c->sql, st, err);
		if (r <= 0)
			return r;
		job = (const char *)sqlite3_column_text(st, 1);
		r = 0;
		if (!job || !c->spec.ended(c->spec.arg, job))
			continue;
		c->list = sqlite3_column_int64(st, 0);
		return take_body(c, &blob, "paths", sqlite3_column_int64(st, 2), &c->paths,
		                 &c->n_paths, err);
	}
	return r;
}

static int digest_roots(struct ingest_cache *c)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();

	if (!d)
		return -ENOMEM;
	for (size_t i = 0; i < c->spec.n_roots; i++)
		digest_add(d, c->spec.roots[i], strlen(c->spec.roots[i]) + 1);
	digest_text(d, c->roots_digest);
	return 0;
}

static int load(struct ingest_cache *c, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < c->spec.n_roots && r == 0; i++)
		r = load_root(c, (unsigned)i, err);
	return r == 0 ? load_paths(c, err) : r;
}

static void forget(struct ingest_cache *c)
{
	free(TAKE(c->chunks));
	c->n_chunks = c->cap_chunks = 0;
	c->paths = NULL;
	c->n_paths = 0;
	c->list = 0;
}

/* What is damaged is thrown away, and an empty file takes its place. Why is in *err. */
static int open_and_load(struct ingest_cache *c, struct error *err)
{
	const char *path = c->sql.path;
	struct error again = {0};
	int r = cache_file_open(&c->sql, &layout, err);

	if (r == 0)
		r = load(c, err);
	if (r == 0)
		return err->code; /* of an entry that was left out */
	forget(c);
	cache_file_close(&c->sql);
	if (r != -EBADMSG)
		return r;
	cache_file_discard(path);
	(void)!cache_file_open(&c->sql, &layout, &again);
	return error_set(err, r, "%s: damaged: thrown away, and all is read anew", path);
}

int ingest_cache_open(struct ingest_cache **ret, const struct ingest_cache_spec *spec,
                      struct error *err)
{
	struct ingest_cache *c = calloc(1, sizeof *c);

	if (c) {
		c->spec = *spec;
		c->sql.path = strdup(spec->path);
		c->blobs = arena_new(UINT64_MAX);
	}
	if (!c || !c->sql.path || !c->blobs || digest_roots(c) < 0) {
		ingest_cache_close(c);
		return no_memory(err);
	}
	*ret = c;
	return open_and_load(c, err);
}

void ingest_cache_close(struct ingest_cache *c)
{
	if (!c)
		return;
	forget(c);
	cache_file_close(&c->sql);
	arena_free(c->blobs);
	free(c->sql.path);
	free(c->kept);
	free(c);
}

/* --- matching ------------------------------------------------------------------- */

static int compare(unsigned root, const char *path, const struct artifact *a)
{
	return root != a->root ? (root < a->root ? -1 : 1) : strcmp(path, a->path);
}

/* n when it is not there. `guess` is where it mostly is. */
static size_t find(const struct inventory *inv, size_t guess, unsigned root, const char *path)
{
	size_t low = 0, high = inv->n_artifacts;

	if (guess < high && compare(root, path, &inv->artifacts[guess]) == 0)
		return guess;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(root, path, &inv->artifacts[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < inv->n_artifacts && compare(root, path, &inv->artifacts[low]) == 0
	               ? low
	               : inv->n_artifacts;
}

/* The first place counts, whoever looks first. */
static void keep_at(struct kept *kept, size_t chunk, const struct kept_chunk *k,
                    const struct packed *p)
{
	size_t words = (size_t)((const char *)p - k->bytes) / sizeof(uint64_t);
	uint64_t place = (uint64_t)(chunk + 1) << 32 | words, seen = 0;

	while ((seen == 0 || place < seen) &&
	       !atomic_compare_exchange_weak_explicit(&kept->place, &seen, place,
	                                              memory_order_relaxed, memory_order_relaxed))
		;
}

static void match_chunk(struct ingest_cache *c, size_t chunk, const struct inventory *inv)
{
	const struct kept_chunk *k = &c->chunks[chunk];
	size_t guess = 0;

	for (size_t n = 0; k->bytes && n < k->n; n++) {
		const struct packed *p = (const void *)(k->bytes + k->at[n].packed);
		size_t i;

		if (n + FETCH_AHEAD < k->n)
			__builtin_prefetch(k->bytes + k->at[n + FETCH_AHEAD].path);
		i = find(inv, guess, k->root, k->bytes + k->at[n].path);

		if (i == inv->n_artifacts)
			continue;
		guess = i + 1;
		keep_at(&c->kept[i], chunk, k, p);
	}
}

struct matching {
	struct ingest_cache *cache;
	struct dossier *dossier;
	atomic_size_t next; /* 0: what is gone; n: the nth chunk */
	int r;
};

static void match(void *arg)
{
	struct matching *m = arg;
	struct ingest_cache *c = m->cache;
	size_t n;

	while ((n = atomic_fetch_add(&m->next, 1)) <= c->n_chunks) {
		if (n > 0)
			match_chunk(c, n - 1, &m->dossier->inventory);
		else if (c->paths)
			m->r = paths_gone(m->dossier, c->paths, c->n_paths);
	}
}

int ingest_cache_match(struct ingest_cache *c, struct dossier *d, unsigned threads,
                       struct error *err)
{
	struct matching m = {.cache = c, .dossier = d};

	c->kept = calloc(d->inventory.n_artifacts + 1, sizeof *c->kept);
	if (!c->kept)
		return no_memory(err);
	crew_run(c->n_chunks >= CHUNKS_MANY ? threads : 1, match, &m);
	return m.r == -ENOMEM ? no_memory(err) : 0; /* damaged: nothing is known to be gone */
}

const struct packed *ingest_cache_kept(const struct ingest_cache *c, size_t i)
{
	uint64_t place = kept_place(c, i);

	if (place == 0)
		return NULL;
	return (const void *)(kept_chunk(c, i)->bytes + (place & UINT32_MAX) * sizeof(uint64_t));
}
