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

/* Several threads take one stretch after the other, and join what they cut in order. */
struct crew {
	struct csv_rows *rows;
	struct csv_columns *columns;
	const struct csv_survey *survey;
	pthread_mutex_t lock;
	pthread_cond_t joined;
	size_t next, n_joined; /* stretches */
	size_t next_row;       /* of the next stretch */
	unsigned next_line;
	int result; /* the first failure */
	struct error *err;
};

static bool is_text(const struct csv_rows *rows, const struct csv_window *w, bool whole)
{
	size_t valid;

	if (rows->checked)
		return true;
	if (memchr(w->data, '\0', w->len))
		return false;
	valid = encoding_valid_prefix(w->data, w->len);
	return w->len - valid <= (whole ? 0 : 3); /* a character may be cut in two */
}

static int fail_text(struct error *err)
{
	return error_set(err, -EILSEQ, "not UTF-8");
}

static int result_of(const struct csv_part *p, struct error *err)
{
	if (p->failed)
		return error_set(err, -ENOMEM, "out of memory");
	if (p->overflow)
		return error_set(err, -EIO, "still being written: it changed meanwhile");
	return 0;
}

static uint64_t end_of(const struct crew *c, size_t stretch)
{
	return stretch + 1 < c->survey->n ? c->survey->stretches[stretch + 1].from
	                                  : c->rows->source.size;
}

static int cut_stretch(struct crew *c, size_t i, struct csv_part *p, struct csv_window *w,
                       unsigned line, struct error *err)
{
	const struct csv_stretch *s = &c->survey->stretches[i];
	int r = csv_source_read(&c->rows->source, s->from, (size_t)(end_of(c, i) - s->from), w,
	                        err);

	if (r < 0)
		return r;
	if (!is_text(c->rows, w, true))
		return fail_text(err);
	(void)csv_part_cut(p, &c->rows->form, w->data, w->len, line, true);
	if (p->n_rows < s->records)
		p->overflow = true; /* fewer than counted: not the text that it was */
	return result_of(p, err);
}

/* The next stretch for a thread; false: there is none, or all is in vain. */
static bool take(struct crew *c, size_t *ret, struct csv_part *p, unsigned *ret_line)
{
	bool some;

	(void)pthread_mutex_lock(&c->lock);
	some = c->next < c->survey->n && c->result == 0;
	if (some) {
		const struct csv_stretch *s = &c->survey->stretches[c->next];

		*ret = c->next++;
		*ret_line = c->next_line;
		csv_part_clear(p);
		p->max_rows = s->records;
		csv_columns_lend(c->columns, p, c->next_row);
		c->next_row += s->records;
		c->next_line += (unsigned)s->lines;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return some;
}

static void join(struct crew *c, size_t i, const struct csv_part *p, int r, const struct error *why)
{
	(void)pthread_mutex_lock(&c->lock);
	while (c->n_joined != i && c->result == 0)
		(void)pthread_cond_wait(&c->joined, &c->lock);
	if (r < 0 && c->result == 0)
		c->result = error_set(c->err, r, "%s", why->text);
	if (c->result == 0 && csv_columns_join(c->columns, p) < 0)
		c->result = error_set(c->err, -ENOMEM, "out of memory");
	c->n_joined = i + 1;
	(void)pthread_cond_broadcast(&c->joined);
	(void)pthread_mutex_unlock(&c->lock);
}

static void work(void *arg)
{
	struct crew *c = arg;
	struct csv_window w = {0};
	struct csv_part p;
	unsigned line;
	size_t i;

	if (csv_part_init(&p, c->rows->n_columns) < 0) {
		(void)pthread_mutex_lock(&c->lock);
		c->result = error_set(c->err, -ENOMEM, "out of memory");
		(void)pthread_mutex_unlock(&c->lock);
		return;
	}
	while (take(c, &i, &p, &line)) {
		struct error err = {0};
		int r = cut_stretch(c, i, &p, &w, line, &err);

		join(c, i, &p, r, &err);
	}
	csv_window_done(&w);
	csv_part_done(&p);
}

static int read_stretches(struct csv_rows *rows, struct csv_columns *columns,
                          const struct csv_survey *survey, struct error *err)
{
	struct crew c = {.rows = rows,
	                 .columns = columns,
	                 .survey = survey,
	                 .lock = PTHREAD_MUTEX_INITIALIZER,
	                 .joined = PTHREAD_COND_INITIALIZER,
	                 .next_line = rows->line,
	                 .err = err};

	crew_run(rows->threads < survey->n ? rows->threads : (unsigned)survey->n, work, &c);
	return c.result;
}

/* One window after the other, each from where the last whole record ended. */
static int read_windows(struct csv_rows *rows, struct csv_columns *columns, struct csv_part *p,
                        struct csv_window *w, struct error *err)
{
	size_t len = rows->stretch_bytes;
	unsigned line = rows->line;

	for (uint64_t at = rows->at; at < rows->source.size;) {
		int r = csv_source_read(&rows->source, at, len, w, err);
		bool last = at + w->len == rows->source.size;
		size_t used;

		if (r < 0)
			return r;
		if (!is_text(rows, w, last))
			return fail_text(err);
		csv_part_clear(p);
		p->max_rows = columns->max_rows - columns->n_rows;
		csv_columns_lend(columns, p, columns->n_rows);
		used = csv_part_cut(p, &rows->form, w->data, w->len, line, last);
		r = result_of(p, err);
		if (r == 0 && csv_columns_join(columns, p) < 0)
			r = error_set(err, -ENOMEM, "out of memory");
		if (r < 0)
			return r;
		if (used == 0 && len >= RECORD_BYTES_MAX)
			return error_set(
				err, -EINVAL,
				"line %u: a record of more than %u bytes: is a quote never closed?",
				line, RECORD_BYTES_MAX);
		len = used ? rows->stretch_bytes : 2 * len;
		at += used;
		line += p->lines;
		rows->ret_open_quote = p->open_quote;
	}
	return 0;
}

static int read_in_order(struct csv_rows *rows, struct csv_columns *columns, struct error *err)
{
	struct csv_window w = {0};
	struct csv_part p;
	int r = -ENOMEM;

	if (csv_part_init(&p, rows->n_columns) == 0)
		r = read_windows(rows, columns, &p, &w, err);
	csv_part_done(&p);
	csv_window_done(&w);
	return r;
}

static size_t records_of(const struct csv_survey *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n && s->plain; i++)
		n += s->stretches[i].records;
	return s->plain ? n : (size_t)s->line_ends + 1;
}

static int read_surveyed(struct csv_columns *ret, struct csv_rows *rows,
                         const struct csv_survey *survey, struct arena *arena, struct error *err)
{
	size_t most = records_of(survey);
	uint64_t bytes = rows->source.size - rows->at;

	if (most > (bytes * CELLS_PER_BYTE_MAX + CELLS_ANYWAY) / rows->n_columns)
		return error_set(err, -EINVAL,
		                 "no table: %zu lines, most of them far from %zu cells", most,
		                 rows->n_columns);
	if (most >= UINT32_MAX)
		return error_set(err, -EINVAL,
		                 "%zu rows, over the limit of %u: write several files", most,
		                 UINT32_MAX);
	if (csv_columns_init(ret, arena, rows->form.dialect, rows->n_columns, most) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return survey->plain ? read_stretches(rows, ret, survey, err)
	                     : read_in_order(rows, ret, err);
}

int csv_rows_read(struct csv_columns *ret, struct csv_rows *rows, struct arena *arena,
                  struct error *err)
{
	struct csv_survey survey;
	int r = csv_survey_take(&survey, &rows->source, rows->at, rows->stretch_bytes,
	                        rows->form.dialect->delimiter, err);

	*ret = (struct csv_columns){0};
	if (r == 0)
		r = read_surveyed(ret, rows, &survey, arena, err);
	csv_survey_done(&survey);
	return r;
}
