/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_records.h"

#include <errno.h>

#include "agents/collector/json_scan.h"
#include "agents/collector/json_store.h"
#include "agents/collector/json_template.h"

#define ROWS_FIRST 1024
#define ROWS_SPARE 16

struct reading {
	struct json_templates all;
	struct json_template templates[JSON_SHAPES_MAX];
	size_t n_templates;
	size_t last; /* the one of the last row */
	struct json_store store;
	const char *begin; /* of the first row */
	size_t n_rows;
	bool lines, ended;
};

static int put_row(struct reading *r, const struct json_template *t)
{
	const struct json_values *v = &r->all.values;

	for (size_t i = 0; i < v->n; i++) {
		int result = json_store_put(&r->store, t->steps[v->all[i].step].path, r->n_rows,
		                            &v->all[i], v);

		if (result < 0)
			return result;
	}
	return 0;
}

/* What only the row before had. */
static int put_missing(struct reading *r, const struct json_template *before)
{
	for (uint32_t i = 0; i < before->n; i++) {
		int result = json_store_put_nothing(&r->store, before->steps[i].path, r->n_rows);

		if (result < 0)
			return result;
	}
	return 0;
}

/* Which one the row is of, the one of the row before preferred; NULL: of none. */
static const char *follow_any(struct reading *r, const char *at, size_t *ret)
{
	for (size_t i = 0; i < r->n_templates; i++) {
		size_t nth = i == 0 ? r->last : i <= r->last ? i - 1 : i;
		const char *behind = json_template_follow(&r->templates[nth], &r->all.values, at,
		                                          nth != r->last);

		if (behind) {
			json_template_accept(&r->templates[nth], &r->all.values, at, behind);
			*ret = nth;
			return behind;
		}
	}
	return NULL;
}

static const char *make_template(struct reading *r, const char *at, size_t *ret)
{
	const char *behind;

	if (r->n_templates == JSON_SHAPES_MAX)
		return NULL;
	behind = json_template_make(&r->templates[r->n_templates], &r->all, at);
	if (behind)
		*ret = r->n_templates++;
	return behind;
}

/* Room for as many rows as there will be if the others are like those up to `behind`. */
static bool expect_rows(struct reading *r, const char *behind)
{
	size_t rows = r->n_rows + 1, bytes = (size_t)(behind - r->begin);
	size_t left = (size_t)(r->all.values.end - behind);
	uint64_t more = (uint64_t)rows * left / bytes;

	if (r->n_rows == 0 && more > ROWS_FIRST) /* one row tells little of the others */
		more = ROWS_FIRST;
	return json_store_make_rows(&r->store, r->n_rows, rows + more + more / 16 + ROWS_SPARE);
}

static const char *read_row(struct reading *r, const char *at)
{
	size_t nth = 0;
	const char *behind = follow_any(r, at, &nth);

	if (!behind)
		behind = make_template(r, at, &nth);
	if (!behind)
		return NULL;
	if (r->n_rows == r->store.cap_rows && !expect_rows(r, behind))
		return NULL;
	if (put_row(r, &r->templates[nth]) < 0)
		return NULL;
	if (nth != r->last && put_missing(r, &r->templates[r->last]) < 0)
		return NULL;
	r->last = nth;
	r->n_rows++;
	return behind;
}

/* Behind a row: at the next one, or behind all of them. NULL: neither. */
static const char *next_row(struct reading *r, const char *at)
{
	const char *end = r->all.values.end;
	bool comma;

	at = json_skip_blanks(at, end);
	comma = at < end && *at == ',';
	if (comma)
		at = json_skip_blanks(at + 1, end);
	if (at < end && *at == '{' && (comma || r->lines))
		return at;
	r->ended = r->lines ? at == end : at < end && *at == ']' && !comma;
	return r->ended ? r->lines ? at : at + 1 : NULL;
}

static const char *read_rows(struct reading *r, const char *at)
{
	do {
		if (r->n_rows == UINT32_MAX)
			return NULL;
		at = read_row(r, at);
		at = at ? next_row(r, at) : NULL;
	} while (at && !r->ended);
	return at;
}

static struct json_records *keep(struct reading *r, struct arena *arena)
{
	struct json_records *records = arena_calloc(arena, 1, sizeof *records);
	struct column *columns = NULL;

	if (records && r->store.n && !(r->lines && r->n_rows < 2))
		columns = json_store_finish(&r->store, r->n_rows);
	if (!columns)
		return NULL;
	*records = (struct json_records){columns, r->store.n, r->n_rows};
	return records;
}

static const char *read_all(struct json_records **ret, struct reading *r, const char *at,
                            const char *end)
{
	if (json_values_init(&r->all.values, end) == 0 && json_names_init(&r->all.names) == 0)
		at = read_rows(r, at);
	else
		at = NULL;
	if (at)
		*ret = keep(r, r->store.pool.arena);
	json_values_done(&r->all.values);
	json_names_done(&r->all.names);
	json_paths_done(&r->all.paths);
	json_store_done(&r->store);
	return at && *ret ? at : NULL;
}

const char *json_records_read(struct json_records **ret, const struct json_records_room *room,
                              struct arena *scratch, const char *at, const char *end, bool lines)
{
	struct arena_mark kept = arena_mark(room->arena), before = arena_mark(scratch);
	struct reading r = {.all.arena = scratch,
	                    .store = {.pool.arena = room->arena,
	                              .scratch = scratch,
	                              .cells_max = room->cells_max,
	                              .end = end},
	                    .begin = at,
	                    .lines = lines};
	const char *behind;

	*ret = NULL;
	json_paths_init(&r.all.paths, scratch);
	behind = read_all(ret, &r, at, end);
	arena_rewind(scratch, &before);
	if (!behind)
		arena_rewind(room->arena, &kept);
	return behind;
}
