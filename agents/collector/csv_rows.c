/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_rows.h"

#include <errno.h>
#include <pthread.h>

#include "agents/collector/encoding.h"
#include "lib/base/crew.h"

#define RECORD_BYTES_MAX (64u << 20) /* a longer one is a quote that somebody forgot */

/*
 * A cell takes at least the byte of its delimiter, so that a table of full rows never has more
 * cells than bytes. What is beyond this multiple is a file of stray short lines below a wide
 * header, and would take far more memory than it has bytes.
 */
#define CELLS_PER_BYTE_MAX 2
#define CELLS_ANYWAY       100000

/* So much of the text tells how many rows there will be. */
#define SAMPLE_BYTES (1u << 20)

/* Where a stretch's last line may go on; what is longer is not read by several threads. */
#define TAIL_BYTES(stretch) (256 + (stretch) / 16)

/*
 * Several threads cut one stretch after the other, from the first line that begins in it to the
 * first one that begins in the next, and join what they cut in order. A line begins a record unless
 * it is in quotes: then the stretch before has not ended where this one begins, and the rest is
 * read by one thread. A digest takes the stretches in order, too, each from the thread that has
 * just read it: while one thread digests, others cut.
 */
struct crew {
	struct csv_rows *rows;
	struct csv_columns *columns;
	uint64_t from; /* of the first stretch */
	size_t n;      /* stretches */
	pthread_mutex_t lock;
	pthread_cond_t moved; /* what follows, or `ended` */
	size_t next, n_digested, n_joined;
	bool ended; /* by a failure, or for others to read on */
	int result; /* of joining; whatever else fails is met again by whoever reads on */
	struct error *err;
};

static bool is_text(const struct csv_rows *rows, const char *text, size_t len, bool whole)
{
	size_t valid;

	if (rows->checked)
		return true;
	if (memchr(text, '\0', len))
		return false;
	valid = encoding_valid_prefix(text, len);
	return len - valid <= (whole ? 0 : 3); /* a character may be cut in two */
}

static uint64_t rows_max(const struct csv_rows *rows, uint64_t bytes)
{
	return (bytes * CELLS_PER_BYTE_MAX + CELLS_ANYWAY) / rows->n_columns;
}

/* Appends what was cut of the text from rows->at on. */
static int join(struct csv_rows *rows, struct csv_columns *columns, const struct csv_part *p,
                size_t used, struct error *err)
{
	uint64_t n = (uint64_t)columns->n_rows + p->n_rows;

	if (n > rows_max(rows, rows->source.size))
		return error_set(err, -EINVAL,
		                 "no table: more than %zu rows, most of them far from %zu cells",
		                 columns->n_rows, rows->n_columns);
	if (n >= UINT32_MAX)
		return error_set(err, -EINVAL, "over the limit of %u rows: write several files",
		                 UINT32_MAX - 1);
	if (p->failed || csv_columns_join(columns, p, rows->line) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (p->open_quote)
		rows->ret_open_quote = rows->line + p->open_quote - 1;
	rows->at += used;
	rows->line += p->lines;
	return 0;
}

/* Behind the first line feed from there on; 0: there is none. */
static size_t behind_feed(const struct csv_window *w, size_t from)
{
	const char *feed = from < w->len ? memchr(w->data + from, '\n', w->len - from) : NULL;

	return feed ? (size_t)(feed + 1 - w->data) : 0;
}

/* What a stretch comes to. */
struct piece {
	uint64_t at; /* UINT64_MAX: nothing */
	size_t used;
};

/* Waits until so many stretches have gone before; with the lock held. */
static void wait_turn(struct crew *c, const size_t *done, size_t i)
{
	while (*done != i && !c->ended)
		(void)pthread_cond_wait(&c->moved, &c->lock);
}

/* Before it is cut, which changes it. The window's first byte may be one of the stretch before. */
static void digest_stretch(struct crew *c, size_t i, const struct csv_window *w, size_t before)
{
	size_t left = w->len - before, stretch = c->rows->stretch_bytes;
	bool ended;

	if (!c->rows->digest)
		return;
	(void)pthread_mutex_lock(&c->lock);
	wait_turn(c, &c->n_digested, i);
	ended = c->ended;
	(void)pthread_mutex_unlock(&c->lock);
	if (ended)
		return;
	digest_add(c->rows->digest, w->data + before, left < stretch ? left : stretch);
	(void)pthread_mutex_lock(&c->lock);
	c->n_digested++;
	(void)pthread_cond_broadcast(&c->moved);
	(void)pthread_mutex_unlock(&c->lock);
}

static struct piece cut_stretch(struct crew *c, size_t i, struct csv_part *p, struct csv_window *w)
{
	const struct csv_rows *rows = c->rows;
	const struct piece nothing = {.at = UINT64_MAX};
	size_t before = i > 0; /* a byte: where it is a line feed, a line begins behind it */
	uint64_t at = c->from + i * rows->stretch_bytes - before;
	size_t bytes = before + rows->stretch_bytes, begin, end;
	struct error err;

	if (csv_source_read(&rows->source, at, bytes + TAIL_BYTES(rows->stretch_bytes), w, &err) <
	    0)
		return nothing;
	digest_stretch(c, i, w, before);
	begin = i > 0 ? behind_feed(w, 0) : 0;
	end = i + 1 == c->n ? w->len : behind_feed(w, bytes - 1);
	if (end < begin || end == 0 || (i > 0 && begin == 0) ||
	    !is_text(rows, w->data + begin, end - begin, true))
		return nothing;
	return (struct piece){at + begin, csv_part_cut(p, &rows->form, w->data + begin, end - begin,
	                                               at + end == rows->source.size)};
}

/* The next stretch for a thread; false: there is none, or somebody else reads on. */
static bool take_stretch(struct crew *c, size_t *ret, struct csv_part *p)
{
	bool some;

	(void)pthread_mutex_lock(&c->lock);
	some = c->next < c->n && !c->ended;
	if (some) {
		*ret = c->next++;
		csv_part_clear(p);
		csv_columns_tell(c->columns, p);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return some;
}

static void join_stretch(struct crew *c, size_t i, const struct csv_part *p, struct piece piece)
{
	(void)pthread_mutex_lock(&c->lock);
	wait_turn(c, &c->n_joined, i);
	c->ended |= piece.at != c->rows->at || p->failed;
	if (!c->ended)
		c->result = join(c->rows, c->columns, p, piece.used, c->err);
	c->ended |= c->result < 0;
	c->n_joined++;
	(void)pthread_cond_broadcast(&c->moved);
	(void)pthread_mutex_unlock(&c->lock);
}

static int part_init(struct csv_part *p, const struct csv_rows *rows)
{
	int r = csv_part_init(p, rows->n_columns);

	p->max_rows = (size_t)rows_max(rows, rows->stretch_bytes) + 1;
	return r;
}

static void work(void *arg)
{
	struct crew *c = arg;
	struct csv_window w = {0};
	struct csv_part p;
	size_t i;

	if (part_init(&p, c->rows) == 0)
		while (take_stretch(c, &i, &p))
			join_stretch(c, i, &p, cut_stretch(c, i, &p, &w));
	csv_window_done(&w);
	csv_part_done(&p);
}

/* As far as several threads come. */
static int read_stretches(struct csv_rows *rows, struct csv_columns *columns, struct error *err)
{
	struct crew c = {.rows = rows,
	                 .columns = columns,
	                 .from = rows->at,
	                 .n = (size_t)((rows->source.size - rows->at) / rows->stretch_bytes) + 1,
	                 .lock = PTHREAD_MUTEX_INITIALIZER,
	                 .moved = PTHREAD_COND_INITIALIZER,
	                 .err = err};

	crew_run(rows->threads < c.n ? rows->threads : (unsigned)c.n, work, &c);
	rows->digested += c.n_digested * rows->stretch_bytes;
	return c.result;
}

/* Before it is cut, which changes it. */
static void digest_window(struct csv_rows *rows, const struct csv_window *w)
{
	uint64_t end = rows->at + w->len;

	if (!rows->digest || end <= rows->digested)
		return;
	digest_add(rows->digest, w->data + (rows->digested - rows->at),
	           (size_t)(end - rows->digested));
	rows->digested = end;
}

/* What a stretch joined of the next one, which nobody could read. */
static int digest_joined(struct csv_rows *rows, struct csv_window *w, struct error *err)
{
	int r;

	if (!rows->digest || rows->digested >= rows->at)
		return 0;
	r = csv_source_read(&rows->source, rows->digested, (size_t)(rows->at - rows->digested), w,
	                    err);
	if (r < 0)
		return r;
	digest_add(rows->digest, w->data, w->len);
	rows->digested = rows->at;
	return 0;
}

/* One window after the other, each from where the last whole record ended. */
static int read_windows(struct csv_rows *rows, struct csv_columns *columns, struct csv_part *p,
                        struct csv_window *w, struct error *err)
{
	size_t len = rows->stretch_bytes;

	while (rows->at < rows->source.size) {
		int r = csv_source_read(&rows->source, rows->at, len, w, err);
		bool last = rows->at + w->len == rows->source.size;
		size_t used;

		if (r < 0)
			return r;
		if (!is_text(rows, w->data, w->len, last))
			return error_set(err, -EILSEQ, "not UTF-8");
		digest_window(rows, w);
		csv_part_clear(p);
		csv_columns_tell(columns, p);
		used = csv_part_cut(p, &rows->form, w->data, w->len, last);
		r = join(rows, columns, p, used, err);
		if (r < 0)
			return r;
		if (used == 0 && len >= RECORD_BYTES_MAX)
			return error_set(
				err, -EINVAL,
				"line %u: a record of more than %u bytes: is a quote never closed?",
				rows->line, RECORD_BYTES_MAX);
		len = used ? rows->stretch_bytes : 2 * len;
	}
	return 0;
}

static int read_in_order(struct csv_rows *rows, struct csv_columns *columns, struct error *err)
{
	struct csv_window w = {0};
	struct csv_part p;
	int r = part_init(&p, rows);

	r = r < 0 ? error_set(err, r, "out of memory") : digest_joined(rows, &w, err);
	if (r == 0)
		r = read_windows(rows, columns, &p, &w, err);
	csv_part_done(&p);
	csv_window_done(&w);
	return r;
}

/* By the lines of a sample that are not blank. */
static size_t expected_rows(const struct csv_rows *rows)
{
	size_t len = rows->sample.len < SAMPLE_BYTES ? rows->sample.len : SAMPLE_BYTES, lines = 1;
	uint64_t left = rows->source.size - rows->at, n, most = rows_max(rows, rows->source.size);

	for (size_t i = 0; i + 1 < len; i++)
		lines += (rows->sample.at[i] == '\n' || rows->sample.at[i] == '\r') &&
		         (unsigned char)rows->sample.at[i + 1] > ' ';
	n = len && len < left ? lines + (left - len) * lines / len * 17 / 16 : lines;
	return (size_t)(n < most ? n : most);
}

int csv_rows_read(struct csv_columns *ret, struct csv_rows *rows, struct arena *arena,
                  struct error *err)
{
	int r = 0;

	if (csv_columns_init(ret, arena, rows->form.dialect, rows->n_columns, expected_rows(rows)) <
	    0)
		return error_set(err, -ENOMEM, "out of memory");
	rows->digested = rows->at;
	if (rows->threads > 1)
		r = read_stretches(rows, ret, err);
	return r < 0 ? r : read_in_order(rows, ret, err);
}
