/* SPDX-License-Identifier: MIT */
/* The writing half of ingest_cache.h: chunks that do not hold any more, and what is new. */
#include <errno.h>
#include <limits.h>

#include "daemon/ingest_cache_impl.h"
#include "daemon/ingest_paths.h"
#include "daemon/reader_version.h"
#include "lib/base/clock.h"

#define PATHS_BYTES_MAX (INT_MAX / 2) /* a blob is no larger */
#define LISTS_KEPT      8             /* of one set of roots: failed reviews leave one, too */
#define DAYS_KEPT       90            /* of a root that nobody reviews any more */
#define DAY_S           86400

struct saving {
	struct ingest_cache *cache;
	const struct inventory *inv;
	const bool *reused;
	char *const *packed;
	sqlite3_stmt *insert;
	int64_t root; /* row of the root at work */
	struct chunk chunk;
	struct error *err;
};

/* Which chunks are to be written anew: those of which something does not hold any more and, where
 * there is a write at all, the small ones. */
static void choose_chunks(const struct saving *s)
{
	struct ingest_cache *c = s->cache;
	bool write = false;

	for (size_t i = 0; i < s->inv->n_artifacts; i++) {
		if (s->reused[i])
			kept_chunk(c, i)->reused++;
		write |= s->packed[i] != NULL;
	}
	for (size_t i = 0; i < c->n_chunks; i++) {
		c->chunks[i].rewrite |= c->chunks[i].reused < c->chunks[i].n;
		write |= c->chunks[i].rewrite;
	}
	for (size_t i = 0; i < c->n_chunks && write; i++)
		c->chunks[i].rewrite |= c->chunks[i].len < CHUNK_SMALL;
}

static int drop_chunks(const struct saving *s)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const struct ingest_cache *c = s->cache;
	int r = sql_prepare(&c->sql, &st, "DELETE FROM chunk WHERE id = ?", s->err);

	for (size_t i = 0; i < c->n_chunks && r == 0; i++) {
		if (!c->chunks[i].rewrite)
			continue;
		(void)sqlite3_reset(st);
		if (sqlite3_bind_int64(st, 1, c->chunks[i].id) != SQLITE_OK)
			return sql_fail(&c->sql, sqlite3_errcode(c->sql.db), s->err);
		r = sql_step(&c->sql, st, s->err);
	}
	return r;
}

static int flush(struct saving *s)
{
	const struct store *sql = &s->cache->sql;
	int rc, r = 0;

	if (s->chunk.len == 0)
		return 0;
	chunk_close(&s->chunk);
	(void)sqlite3_reset(s->insert);
	rc = sqlite3_bind_int64(s->insert, 1, s->root);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_blob64(s->insert, 2, s->chunk.bytes, s->chunk.len, SQLITE_STATIC);
	r = rc == SQLITE_OK ? sql_step(sql, s->insert, s->err) : sql_fail(sql, rc, s->err);
	(void)sqlite3_clear_bindings(s->insert);
	chunk_done(&s->chunk);
	return r;
}

/* The bytes to be put into a new chunk; NULL: none, or they stay where they are. */
static const void *to_write(const struct saving *s, size_t i)
{
	const struct ingest_cache *c = s->cache;

	if (s->packed[i])
		return s->packed[i];
	return s->reused[i] && kept_chunk(c, i)->rewrite ? ingest_cache_kept(c, i) : NULL;
}

static int add_chunks(struct saving *s, unsigned root)
{
	int r = 0;

	for (size_t i = 0; i < s->inv->n_artifacts && r == 0; i++) {
		const struct packed *p = s->inv->artifacts[i].root == root ? to_write(s, i) : NULL;

		if (!p)
			continue;
		if (chunk_add(&s->chunk, p, p->size) < 0)
			return error_set(s->err, -ENOMEM, "out of memory");
		if (s->chunk.len >= CHUNK_BYTES)
			r = flush(s);
	}
	return r == 0 ? flush(s) : r;
}

/* Finds or makes the row of a root; what other readers made of it goes. */
static int find_root(struct saving *s, unsigned root)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const struct store *sql = &s->cache->sql;
	const char *path = s->cache->spec.roots[root];
	const struct cache_value values[] = {
		{.text = path}, {.text = READER_VERSION}, {.number = clock_now_s() / DAY_S}};
	int r = cache_file_run(sql,
	                       "DELETE FROM chunk WHERE root ="
	                       " (SELECT id FROM root WHERE path = ? AND readers != ?)",
	                       values, 2, s->err);

	if (r == 0)
		r = cache_file_run(sql,
		                   "INSERT INTO root (path, readers, day) VALUES (?, ?, ?)"
		                   " ON CONFLICT (path) DO UPDATE SET readers = excluded.readers,"
		                   " day = excluded.day"
		                   " WHERE readers != excluded.readers OR day != excluded.day",
		                   values, 3, s->err);
	if (r == 0)
		r = sql_prepare(sql, &st, "SELECT id FROM root WHERE path = ?", s->err);
	if (r == 0)
		r = sql_bind(sql, st, 1, path, s->err);
	if (r == 0)
		r = sql_step(sql, st, s->err);
	if (r > 0)
		s->root = sqlite3_column_int64(st, 0);
	return r < 0 ? r : 0;
}

static int save_chunks(struct saving *s)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *insert = NULL;
	const struct ingest_cache *c = s->cache;
	int r = sql_prepare(&c->sql, &insert, "INSERT INTO chunk (root, body) VALUES (?, ?)",
	                    s->err);

	choose_chunks(s);
	s->insert = insert;
	if (r == 0)
		r = drop_chunks(s);
	for (size_t i = 0; i < c->spec.n_roots && r == 0; i++) {
		r = find_root(s, (unsigned)i);
		if (r == 0)
			r = add_chunks(s, (unsigned)i);
	}
	return r;
}

static int put_paths(struct saving *s, const char *digest, const struct buf *paths)
{
	CLEANUP(sqlite3_finalizep) sqlite3_stmt *st = NULL;
	const struct store *sql = &s->cache->sql;
	int r = sql_prepare(sql, &st, "INSERT OR IGNORE INTO paths (digest, body) VALUES (?, ?)",
	                    s->err);

	if (r == 0)
		r = sql_bind(sql, st, 1, digest, s->err);
	if (r == 0 &&
	    sqlite3_bind_blob64(st, 2, paths->data, paths->len, SQLITE_STATIC) != SQLITE_OK)
		r = sql_fail(sql, sqlite3_errcode(sql->db), s->err);
	return r == 0 ? sql_step(sql, st, s->err) : r;
}

static int list_new_paths(struct saving *s, const struct cache_value row[static 3])
{
	CLEANUP(buf_done) struct buf paths = BUF_INIT(PATHS_BYTES_MAX);
	CLEANUP(digest_freep) struct digest *d = digest_new();
	char digest[DIGEST_TEXT_BYTES];
	int r;

	paths_pack(&paths, s->inv);
	if (!d || paths.failed)
		return error_set(s->err, -ENOMEM, "out of memory");
	digest_add(d, paths.data, paths.len);
	digest_text(d, digest);
	const struct cache_value values[] = {row[0], row[1], row[2], {.text = digest}};

	r = put_paths(s, digest, &paths);
	if (r == 0)
		r = cache_file_run(&s->cache->sql,
		                   "INSERT INTO list (roots, job, day, paths) VALUES (?, ?, ?, ?)",
		                   values, ARRAY_LEN(values), s->err);
	return r;
}

/* Mostly those of the review before, which are there. */
static int list_paths(struct saving *s, const struct cache_value row[static 3])
{
	const struct ingest_cache *c = s->cache;
	const struct cache_value values[] = {row[0], row[1], row[2], {.number = c->list}};
	int r;

	if (!c->paths || !paths_are(s->inv, c->paths, c->n_paths))
		return list_new_paths(s, row);
	r = cache_file_run(&c->sql,
	                   "INSERT INTO list (roots, job, day, paths)"
	                   " SELECT ?, ?, ?, paths FROM list WHERE id = ?",
	                   values, ARRAY_LEN(values), s->err);
	if (r == 0 && sqlite3_changes(c->sql.db) == 0) /* another review removed it meanwhile */
		r = list_new_paths(s, row);
	return r;
}

static int save_paths(struct saving *s)
{
	const struct ingest_cache *c = s->cache;
	const struct cache_value row[] = {{.text = c->roots_digest},
	                                  {.text = c->spec.job},
	                                  {.number = clock_now_s() / DAY_S}};
	const struct cache_value old[] = {
		row[0], {.number = c->list}, row[0], {.number = LISTS_KEPT}};
	int r = cache_file_run(&c->sql, "DELETE FROM list WHERE roots = ? AND job = ?", row, 2,
	                       s->err);

	if (r == 0)
		r = list_paths(s, row);
	if (r == 0)
		r = cache_file_run(
			&c->sql,
			"DELETE FROM list WHERE roots = ? AND id != ? AND id NOT IN"
			" (SELECT id FROM list WHERE roots = ? ORDER BY id DESC LIMIT ?)",
			old, ARRAY_LEN(old), s->err);
	return r;
}

static int drop_old(const struct saving *s)
{
	static const char *const statements[] = {
		"DELETE FROM chunk WHERE root IN (SELECT id FROM root WHERE day < ?)",
		"DELETE FROM root WHERE day < ?", "DELETE FROM list WHERE day < ?"};
	const struct cache_value day = {.number = clock_now_s() / DAY_S - DAYS_KEPT};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(statements) && r == 0; i++)
		r = cache_file_run(&s->cache->sql, statements[i], &day, 1, s->err);
	if (r == 0)
		r = sql_exec(&s->cache->sql,
		             "DELETE FROM paths WHERE digest NOT IN (SELECT paths FROM list)",
		             s->err);
	return r;
}

int ingest_cache_save(struct ingest_cache *c, const struct inventory *inv, const bool *reused,
                      char *const *packed, struct error *err)
{
	struct saving s = {.cache = c, .inv = inv, .reused = reused, .packed = packed, .err = err};
	CLEANUP(sql_rollback) struct sql_transaction t = {0};
	int r;

	if (!c->sql.db)
		return 0; /* opening it has said why */
	r = sql_begin(&t, &c->sql, err);
	if (r == 0)
		r = save_chunks(&s);
	chunk_done(&s.chunk);
	if (r == 0)
		r = save_paths(&s);
	if (r == 0)
		r = drop_old(&s);
	if (r == 0)
		r = sql_commit(&t, err);
	if (r == -EBADMSG)
		cache_file_discard(c->sql.path);
	return r;
}
