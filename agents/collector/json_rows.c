/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_rows.h"

#include "agents/collector/json_columnar.h"
#include "agents/collector/json_names.h"
#include "agents/collector/reader.h"

#define NAME_BYTES_MAX 1000 /* of a member: no column has such a name */
#define PATH_BYTES_MAX (READER_DEPTH_MAX * (2 * NAME_BYTES_MAX + 1))

/* What a column's cell was in an earlier row: mostly it is that again. */
struct memo {
	struct str text;
	uint8_t type;
	struct cell cell;
};

struct json_filling {
	struct table *table;
	size_t row, filled;
	struct memo *memos; /* by column */
};

void json_rows_init(struct json_rows *r, struct json_text_pool *pool, struct arena *scratch)
{
	*r = (struct json_rows){.pool = pool};
	json_paths_init(&r->paths, scratch);
}

void json_rows_done(struct json_rows *r)
{
	json_paths_done(&r->paths);
	free(r->columns);
	r->columns = NULL;
}

static bool only_objects(const struct json_node *object)
{
	for (uint32_t i = 0; i < object->n; i++)
		if (object->items[i].type != DOM_OBJECT)
			return false;
	return object->n > 0;
}

static void mend_shape(struct json_rows *r, struct json_node *object, const struct json_path *seen)
{
	enum json_shape shape = object->mark;

	if (seen->round != r->round || !seen->keyed || object->n == 0)
		return;
	if (seen->bare)
		shape = SHAPE_PLAIN;
	else if (only_objects(object))
		shape = SHAPE_KEYED;
	r->mended |= shape != object->mark;
	object->mark = (uint8_t)shape;
}

/* Notes, for settle(), what is at this path, or makes it what all rows have. */
static void meet_object(struct json_rows *r, struct json_node *object, struct json_path *path)
{
	if (r->settling == MENDING) {
		mend_shape(r, object, path);
		return;
	}
	if (path->round != r->round) {
		path->round = r->round;
		path->keyed = path->bare = false;
	}
	path->keyed |= object->mark == SHAPE_KEYED;
	path->bare |= object->n > 0 && !only_objects(object);
}

static inline enum json_shape shape_of(struct json_rows *r, struct json_node *node,
                                       struct json_path *path, unsigned depth)
{
	enum json_shape shape = json_shape(node, depth);

	if (r->settling == SETTLED || node->type != DOM_OBJECT)
		return shape;
	meet_object(r, node, path);
	return node->mark;
}

/* Numbers side by side are tables only where they are no samples of a row. */
static enum json_shape look_closer(const struct json_rows *r, struct json_node *node,
                                   enum json_shape shape)
{
	if (!r->single || (shape != SHAPE_PLAIN && shape != SHAPE_OTHER && shape != SHAPE_LISTS))
		return shape;
	if (shape != SHAPE_PLAIN)
		return json_is_grid(node) ? SHAPE_GRID : shape;
	return json_columnar(node) ? SHAPE_COLUMNAR : SHAPE_PLAIN;
}

static bool is_left_out(struct json_rows *r, const struct json_node *member, unsigned depth)
{
	if (depth >= READER_DEPTH_MAX)
		r->left_out |= LEFT_DEEP;
	else if (json_name_of(member->key)->len > NAME_BYTES_MAX)
		r->left_out |= LEFT_NAMES;
	else
		return false;
	return true;
}

static void walk(struct json_rows *r, struct json_node *object, struct json_path *path,
                 json_visit_fn *fn, void *arg, unsigned depth)
{
	struct json_path **guess = &path->first;

	for (uint32_t i = 0; i < object->n; i++) {
		struct json_node *member = &object->items[i];
		struct json_path *below;
		enum json_shape shape;

		if (is_left_out(r, member, depth))
			continue;
		below = json_paths_below(&r->paths, path, member->key, guess);
		if (!below) {
			r->failed = true;
			return;
		}
		guess = &below->next;
		shape = look_closer(r, member, shape_of(r, member, below, depth));
		if (shape != SHAPE_PLAIN)
			fn(arg, member, below, shape, depth);
		if (shape == SHAPE_PLAIN || shape == SHAPE_COLUMNAR)
			walk(r, member, below, fn, arg, depth + 1);
	}
}

/* A row that is keyed by configuration itself is a table of its own, not a row of columns. */
void json_rows_walk(struct json_rows *r, size_t i, json_visit_fn *fn, void *arg)
{
	struct json_node *row = json_row(r, i);
	struct json_path *root = &r->paths.root;

	r->element = row;
	if (row->type != DOM_OBJECT)
		return; /* null */
	if (r->row_key_name && shape_of(r, row, root, r->depth) == SHAPE_KEYED) {
		fn(arg, row, root, SHAPE_KEYED, r->depth);
		return;
	}
	if (r->single && json_columnar(row))
		fn(arg, row, root, SHAPE_COLUMNAR, r->depth);
	walk(r, row, root, fn, arg, r->depth);
}

static void walk_all(struct json_rows *r, json_visit_fn *fn)
{
	for (size_t i = 0; i < json_rows_n(r) && !r->failed; i++)
		json_rows_walk(r, i, fn, r);
}

static bool is_cell(enum json_shape shape)
{
	return shape == SHAPE_SCALAR || shape == SHAPE_LIST || shape == SHAPE_LISTS ||
	       shape == SHAPE_MIXED;
}

static bool repeats_row_key(const struct json_rows *r, const struct json_node *node)
{
	return r->row_key_name && node->type == DOM_STRING &&
	       str_is(json_dom_text(node), r->element->key);
}

static void add_column(struct json_rows *r, struct json_path *path)
{
	if (r->n_columns >= READER_COLUMNS_MAX) {
		r->left_out |= LEFT_COLUMNS;
		return;
	}
	if (r->n_columns == r->cap_columns) {
		size_t cap = r->cap_columns ? 2 * r->cap_columns : 32;
		void *more = reallocarray(r->columns, cap, sizeof(struct json_path *));

		r->failed |= !more;
		if (!more)
			return;
		r->columns = more;
		r->cap_columns = cap;
	}
	r->columns[r->n_columns++] = path;
	path->is_column = true;
	path->differs = path->nested = false;
}

static void discover(void *arg, struct json_node *node, struct json_path *path,
                     enum json_shape shape, unsigned depth)
{
	struct json_rows *r = arg;

	(void)depth;
	r->nested |= json_shape_is_table(shape);
	r->keyed |= shape == SHAPE_KEYED;
	if (!is_cell(shape))
		return;
	if (!path->is_column)
		add_column(r, path);
	path->nested |= shape == SHAPE_LISTS;
	path->differs |= !path->differs && !repeats_row_key(r, node);
}

static void look_on(void *arg, struct json_node *node, struct json_path *path,
                    enum json_shape shape, unsigned depth)
{
	(void)arg, (void)node, (void)path, (void)shape, (void)depth;
}

/*
 * An object that is keyed in one row and plain in another would be a table here and columns
 * there, and the pointer of such a column would find values that are not among its cells. So all
 * rows take it alike: as a table if it holds only objects in each, else as columns. What was a
 * table then is looked into, and may hold the like. Returns whether anything changed.
 */
static bool settle(struct json_rows *r)
{
	bool changed = false;

	do {
		r->mended = false;
		r->round++;
		r->settling = NOTING;
		walk_all(r, look_on);
		r->settling = MENDING;
		walk_all(r, look_on);
		changed |= r->mended;
	} while (r->mended && !r->failed);
	r->settling = SETTLED;
	return changed;
}

static void find_again(struct json_rows *r)
{
	for (size_t i = 0; i < r->n_columns; i++)
		r->columns[i]->is_column = false;
	r->n_columns = 0;
	r->nested = false;
	walk_all(r, discover);
}

/* Columns that only say the row's key again go. */
size_t json_rows_find_columns(struct json_rows *r)
{
	uint32_t n = r->row_key_name ? 1 : 0;

	walk_all(r, discover);
	if (r->keyed && json_rows_n(r) > 1 && settle(r))
		find_again(r);
	for (size_t i = 0; i < r->n_columns; i++) {
		struct json_path *c = r->columns[i];

		c->in_table = !r->row_key_name || c->differs ? n++ : JSON_NO_COLUMN;
	}
	return n;
}

static void name_column(struct json_rows *r, struct table *t, const struct json_path *path)
{
	CLEANUP(buf_done) struct buf pointer = BUF_INIT(PATH_BYTES_MAX);
	struct column *c = &t->columns[path->in_table];

	json_path_print(&pointer, path);
	c->pointer = arena_strdup(r->pool->arena, buf_text(&pointer));
	c->is_nested = path->nested;
	c->name = *path->key ? arena_strdup(r->pool->arena, path->key)
	                     : arena_printf(r->pool->arena, "column %u", path->in_table + 1);
	r->failed |= pointer.failed || !c->pointer || !c->name;
}

static bool is_memo(const struct memo *m, const struct json_node *node)
{
	return m->text.len == node->n && m->type == node->type && m->text.at &&
	       memcmp(m->text.at, node->text, node->n) == 0;
}

static void fill(void *arg, struct json_node *node, struct json_path *path, enum json_shape shape,
                 unsigned depth)
{
	struct json_rows *r = arg;
	struct json_filling *f = r->filling;
	struct cell *cell;
	struct memo *memo;

	(void)depth;
	if (!is_cell(shape) || !path->is_column || path->in_table == JSON_NO_COLUMN)
		return;
	if (shape == SHAPE_LIST && path->nested)
		return; /* no pointer finds the numbers of both */
	cell = &f->table->columns[path->in_table].values[f->row];
	memo = &f->memos[path->in_table];
	f->filled++;
	if (shape == SHAPE_SCALAR && is_memo(memo, node)) {
		*cell = memo->cell;
		return;
	}
	r->failed |= !json_cell(cell, node, shape, r->pool);
	if (shape == SHAPE_SCALAR)
		*memo = (struct memo){json_dom_text(node), node->type, *cell};
}

static void fill_key(struct json_rows *r, struct cell *cell, const char *key)
{
	const char *text = json_cell_text(str_of(key), r->pool);

	r->failed |= !text;
	*cell = (struct cell){.kind = *key ? CELL_TEXT : CELL_EMPTY, .text = text ? text : ""};
}

static void fill_row(struct json_rows *r, size_t row)
{
	struct json_filling *f = r->filling;
	struct table *t = f->table;

	f->row = row;
	f->filled = 0;
	if (r->row_key_name) {
		fill_key(r, &t->columns[0].values[row], json_row(r, row)->key);
		f->filled++;
	}
	json_rows_walk(r, row, fill, r);
	for (size_t i = 0; f->filled < t->n_columns && i < t->n_columns; i++)
		if (!t->columns[i].values[row].text)
			t->columns[i].values[row].text = ""; /* CELL_EMPTY */
}

static void note_nulls(struct json_rows *r, struct table *t)
{
	struct row_note *notes;
	size_t n = 0;

	for (size_t i = 0; i < t->n_rows; i++)
		n += json_row(r, i)->type != DOM_OBJECT;
	t->notes = notes = n ? arena_calloc(r->pool->arena, n, sizeof *notes) : NULL;
	r->failed |= n && !notes;
	for (size_t i = 0; i < t->n_rows && notes; i++)
		if (json_row(r, i)->type != DOM_OBJECT)
			notes[t->n_notes++] = (struct row_note){(uint32_t)i, "null"};
}

void json_rows_fill(struct json_rows *r, struct table *t)
{
	CLEANUP(freep) struct memo *memos = calloc(t->n_columns, sizeof *memos);
	struct json_filling filling = {.table = t, .memos = memos};

	r->failed |= !memos;
	r->filling = &filling;
	if (r->row_key_name)
		t->columns[0].name = r->row_key_name, t->columns[0].pointer = "",
		t->columns[0].is_row_key = true;
	for (size_t i = 0; i < r->n_columns && !r->failed; i++)
		if (r->columns[i]->in_table != JSON_NO_COLUMN)
			name_column(r, t, r->columns[i]);
	for (size_t i = 0; i < t->n_rows && !r->failed; i++)
		fill_row(r, i);
	note_nulls(r, t);
	r->filling = NULL;
}
