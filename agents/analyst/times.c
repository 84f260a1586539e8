/* SPDX-License-Identifier: MIT */
/*
 * When a table was measured. What it holds itself wins where that is one time: a column or a
 * field is written by the clock of the run, a name may be a copy's. Then what its artifact holds
 * elsewhere (the head of the document), the file's name, the names of its directories from the
 * nearest to the root, the earliest of its rows where each row tells its own, and last, because a
 * checkout or a copy changes it, when the file was written. Times of commits, builds, models and
 * boots are none of the run's.
 */
#include "agents/analyst/work.h"

#include "agents/analyst/stamp.h"
#include "agents/analyst/words.h"

#define TIME_ROWS     16 /* rows of a column looked at before it is taken for one of times */
#define RANK_NONE     1000
#define RANK_BY_DEPTH 10

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool starts_number(const char *path, size_t i)
{
	return digit(path[i]) && (i == 0 || !digit(path[i - 1]));
}

static bool starts_word(const char *path, size_t i)
{
	return letter(path[i]) && (i == 0 || !letter(path[i - 1]));
}

static bool starts_token(const char *path, size_t i)
{
	return i == 0 || !(letter(path[i - 1]) || digit(path[i - 1]));
}

bool path_time(const char *path, int64_t *ret_s, bool *ret_in_name)
{
	const char *slash = strrchr(path, '/');
	bool found = false;
	int64_t t;

	for (size_t i = 0; path[i]; i++) {
		size_t n = starts_number(path, i) ? stamp_in_name(path + i, &t) : 0;

		if (!n)
			continue;
		*ret_s = t; /* the last one: file names are more exact than folders */
		*ret_in_name = !slash || path + i > slash;
		found = true;
		i += n - 1;
	}
	return found;
}

/* What at path + i is only the time or the number of a run: its length, 0 for nothing. */
static size_t run_at(const char *path, size_t i)
{
	int64_t t;
	size_t n = starts_number(path, i) ? stamp_in_name(path + i, &t) : 0;

	if (!n && starts_token(path, i))
		n = commit_in_name(path + i);
	if (!n && digit(path[i]) && (i == 0 || path[i - 1] == '/'))
		n = counter_in_name(path + i);
	return n;
}

const char *analyst_path(struct arena *arena, const char *path)
{
	static const char *const dirty = "_uncommitted-changes"; /* pytest-benchmark's */
	char *out = arena_alloc(arena, strlen(path) + 1);
	size_t n = 0, i = 0, len;

	while (out && path[i]) {
		if ((len = run_at(path, i)) > 0) {
			out[n++] = '*';
			i += len;
			if (strncmp(path + i, dirty, strlen(dirty)) == 0)
				i += strlen(dirty);
		} else if (starts_word(path, i) && (len = run_word_in_name(path + i)) > 0) {
			memcpy(out + n, path + i, len);
			n += len;
			i += len + digits_at(path + i + len);
			out[n++] = '*';
		} else {
			out[n++] = path[i++];
		}
	}
	return out;
}

size_t path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

const char *path_stripped(struct work *w, const char *path)
{
	const char *out = w->failed ? NULL : analyst_path(w->arena, path);

	w->failed |= !out;
	return out;
}

const char *root_name(const struct work *w, const struct artifact *a)
{
	const char *root = a->root < w->d->inventory.n_roots ? w->d->inventory.roots[a->root] : "";
	const char *slash = strrchr(root, '/');

	return slash ? slash + 1 : root;
}

/* How well a name tells the time of a run, the smaller the better. */
static int rank_of_name(const char *name)
{
	struct words w = words_of(name);

	if (words_any(&w, LIST("timestamp", "datetime", "date")) ||
	    words_are_any(&w, LIST("test_time", "time_stamp", "date_time", "execution_time_utc")))
		return 0;
	if (words_are_any(&w, LIST("started_at", "start_time", "earliest", "time", "ts", "ts_utc",
	                           "time_utc", "epoch", "unix_time", "measured_at", "run_at")))
		return 1;
	if (words_are_any(&w, LIST("finished_at", "ended_at", "end_time", "latest")))
		return 3;
	return name_is_time(name) ? 2 : RANK_NONE;
}

static bool is_of_something_else(const char *name)
{
	struct words w = words_of(name);

	return words_any(&w, LIST("commit", "committer", "git", "vcs", "author", "build", "built",
	                          "boot", "birth", "release", "released", "model", "modified",
	                          "updated", "expires", "expiry", "compiled"));
}

static size_t depth_of(const char *pointer)
{
	size_t n = 0;

	for (; *pointer; pointer++)
		n += *pointer == '/';
	return n;
}

static int rank_of(const struct view_column *c)
{
	int rank = rank_of_name(c->name);
	size_t depth = depth_of(c->parent);

	if (rank == RANK_NONE || c->is_row_key || is_of_something_else(c->name) ||
	    is_of_something_else(c->parent))
		return RANK_NONE;
	if (c->is_added) /* the document's head says it better */
		rank += RANK_BY_DEPTH / 2;
	return rank + RANK_BY_DEPTH * (int)(depth < RANK_BY_DEPTH ? depth : RANK_BY_DEPTH);
}

bool row_time(const struct view *v, size_t row, size_t column, int64_t *ret_s)
{
	const struct cell c = view_cell(v, row, column);

	if (c.kind == CELL_TEXT)
		return stamp_of_text(str_of(c.text), ret_s);
	return c.kind == CELL_NUMBER && stamp_of_number(c.number, ret_s);
}

static bool holds_times(const struct view *v, size_t column)
{
	size_t filled = 0, times = 0;
	int64_t t;

	for (size_t r = 0; r < v->n_rows && filled < TIME_ROWS; r++) {
		enum cell_kind kind = view_cell(v, r, column).kind;

		if (kind == CELL_EMPTY || kind == CELL_NULL)
			continue;
		filled++;
		times += row_time(v, r, column, &t);
	}
	return times * 2 > filled;
}

/* The times that one column of a view tells. */
struct told {
	int column; /* -1: none does */
	int rank;
	int64_t first_s, last_s;
};

static struct told told_by(const struct view *v)
{
	struct told ret = {.column = -1, .rank = RANK_NONE, .first_s = INT64_MAX};
	int64_t t;

	for (size_t c = 0; c < v->n_columns; c++) {
		int rank = rank_of(&v->columns[c]);

		if (rank < ret.rank && holds_times(v, c))
			ret.column = (int)c, ret.rank = rank;
	}
	ret.last_s = INT64_MIN;
	for (size_t r = 0; ret.column >= 0 && r < v->n_rows; r++) {
		if (!row_time(v, r, (size_t)ret.column, &t))
			continue;
		ret.first_s = t < ret.first_s ? t : ret.first_s;
		ret.last_s = t > ret.last_s ? t : ret.last_s;
	}
	return ret;
}

/* The pointer of the field, or the column's name. */
static const char *name_of(struct work *w, const struct view *v, int column)
{
	const struct column *c = view_table_column(v, 0, (size_t)column);
	const char *base = v->parts[0].table->base;

	if (base && c && c->pointer)
		return work_printf(w, "%s%s", base, c->pointer);
	return v->columns[column].name;
}

static void note(struct work *w, const struct view *v, enum time_source source, const char *name,
                 const struct told *t)
{
	struct dossier *d = w->d;

	d->times[d->n_times++] = (struct table_time){.artifact = v->artifact->id,
	                                             .table = v->parts[0].table->number,
	                                             .source = source,
	                                             .name = name,
	                                             .first_s = t ? t->first_s : v->time_s,
	                                             .last_s = t ? t->last_s : v->time_s,
	                                             .runs = 1};
}

static bool is_one(const struct told *t)
{
	return t->column >= 0 && t->first_s == t->last_s;
}

/* Which of an artifact's views tells one time for those that tell none; n: none does. */
static size_t head_of(const struct told *told, size_t n, bool one)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (told[i].column >= 0 && is_one(&told[i]) == one &&
		    (best == n || told[i].rank < told[best].rank))
			best = i;
	return best;
}

static enum time_source source_of(const struct view *v)
{
	return v->parts[0].table->base ? TIME_FIELD : TIME_COLUMN;
}

static void take(struct work *w, struct view *v, const struct view *by, const struct told *t)
{
	v->time_s = t->first_s;
	v->dated = true;
	note(w, v, source_of(by), name_of(w, by, t->column), t);
}

static bool names_tell(const struct work *w, const struct artifact *a, int64_t *ret_s,
                       bool *ret_in_name)
{
	bool in_root;

	*ret_in_name = false;
	return path_time(a->path, ret_s, ret_in_name) ||
	       path_time(root_name(w, a), ret_s, &in_root);
}

static void decide(struct work *w, struct view **views, const struct told *told, size_t n, size_t i)
{
	struct view *v = views[i];
	bool own = is_one(&told[i]) && !v->columns[told[i].column].is_added;
	size_t head = own ? i : head_of(told, n, true), rows;
	const struct artifact *a = v->artifact;
	bool in_name, named = names_tell(w, a, &v->run_s, &in_name);

	v->time_column = told[i].column >= 0 && !is_one(&told[i]) ? told[i].column : -1;
	v->first_s = told[i].first_s;
	v->last_s = told[i].last_s;
	rows = v->time_column >= 0 ? i : head_of(told, n, false);
	if (head < n) {
		take(w, v, views[head], &told[head]);
	} else if (named) {
		v->time_s = v->run_s;
		v->dated = true;
		note(w, v, in_name ? TIME_FILE_NAME : TIME_DIRECTORY_NAME, NULL, NULL);
	} else if (rows < n) {
		take(w, v, views[rows], &told[rows]);
	} else {
		v->time_s = a->modified_s;
		note(w, v, TIME_MODIFIED, NULL, NULL);
	}
	v->run_s = named ? v->run_s : v->time_s;
}

void times_find(struct work *w)
{
	struct told *told = work_alloc(w, w->n_views, sizeof *told);

	w->d->times = work_alloc(w, w->n_views, sizeof *w->d->times);
	for (size_t i = 0, n; i < w->n_views && !w->failed; i += n) {
		for (n = 0;
		     i + n < w->n_views && w->views[i + n]->artifact == w->views[i]->artifact; n++)
			told[n] = told_by(w->views[i + n]);
		for (size_t k = 0; k < n && !w->failed; k++)
			decide(w, &w->views[i], told, n, k);
	}
}

void times_by_rows(struct work *w, size_t view, size_t runs)
{
	const struct view *v = w->views[view];
	struct table_time *t = &w->d->times[view];

	t->source = source_of(v);
	t->name = name_of(w, v, v->time_column);
	t->first_s = v->first_s;
	t->last_s = v->last_s;
	t->runs = runs;
}
