/* SPDX-License-Identifier: MIT */
/*
 * json - a JSON tree as tables; lib/evidence/table.h says which. Each table is walked several
 * times: to find its columns, to fill its cells, and for the tables within its rows.
 */
#include <errno.h>

#include "agents/collector/json_cells.h"
#include "agents/collector/json_columns.h"
#include "agents/collector/json_shape.h"
#include "agents/collector/reader.h"
#include "lib/base/buf.h"

#define NAME_BYTES_MAX    1000 /* of a member: no column has such a name */
#define PATH_BYTES_MAX    (READER_DEPTH_MAX * (2 * NAME_BYTES_MAX + 1))
#define CONTEXT_MAX       64
#define CELLS_PER_BYTE    4 /* rows that share no columns would need far more cells than bytes */
#define CELLS_ANYWAY      100000
#define DOM_BYTES_PER_ONE 32 /* of text; "1," takes a node and its text */

enum left_out {
	LEFT_TABLES = 1,
	LEFT_COLUMNS = 2,
	LEFT_DEEP = 4,
	LEFT_NAMES = 8,
	LEFT_UNLIKE = 16
};

struct builder {
	struct artifact *artifact;
	struct arena *arena;   /* for what stays */
	struct arena *scratch; /* for what goes when all tables are there */
	size_t cells_max;
	struct buf path; /* pointer of the node being looked at */
	struct table *tables;
	size_t n_tables, cap;
	struct label context[CONTEXT_MAX];
	size_t n_context;
	unsigned left_out; /* enum left_out */
	bool failed;       /* no memory */
};

/* One table in the making: rows are the items of `node`, or `node` itself is the only one. */
struct making {
	struct builder *b;
	struct json_node *node;
	const char *row_key_name; /* keyed tables, else NULL */
	bool single;
	size_t row_at; /* where a column's pointer begins in b->path */
	unsigned depth;
	struct json_columns columns;
	struct table *table; /* while filling, and its row */
	size_t row;
	const struct json_node *element;
	bool nested;                  /* there are tables within its rows */
	bool keyed;                   /* one of them is keyed */
	struct json_columns *objects; /* while settling */
	bool mending, mended;
};

typedef void visit_fn(struct making *m, struct json_node *node, enum json_shape shape,
                      unsigned depth);

static void build(struct builder *b, struct json_node *node, const char *row_key_name, bool single,
                  unsigned depth);

static void path_push(struct buf *path, const char *key)
{
	buf_putc(path, '/');
	for (; *key; key++) {
		if (*key == '~' || *key == '/')
			buf_puts(path, *key == '~' ? "~0" : "~1");
		else
			buf_putc(path, *key);
	}
}

static void path_cut(struct buf *path, size_t len)
{
	path->len = len;
	if (path->data)
		path->data[len] = '\0';
}

static size_t n_rows(const struct making *m)
{
	return m->single ? 1 : m->node->n;
}

static struct json_node *row_of(const struct making *m, size_t i)
{
	return m->single ? m->node : &m->node->items[i];
}

static bool only_objects(const struct json_node *object)
{
	for (uint32_t i = 0; i < object->n; i++)
		if (object->items[i].type != DOM_OBJECT)
			return false;
	return object->n > 0;
}

static void mend_shape(struct making *m, struct json_node *object, const struct json_column *seen)
{
	enum json_shape shape = object->mark;

	if (!seen || !seen->keyed || object->n == 0)
		return;
	if (seen->bare)
		shape = SHAPE_PLAIN;
	else if (only_objects(object))
		shape = SHAPE_KEYED;
	m->mended |= shape != object->mark;
	object->mark = (uint8_t)shape;
}

/* Notes, for settle(), what is at this pointer below a row, or makes it what all rows have. */
static void meet_object(struct making *m, struct json_node *object, enum json_shape shape)
{
	const char *pointer = buf_text(&m->b->path) + m->row_at;
	struct json_column *seen = json_columns_find(m->objects, pointer);

	if (m->mending) {
		mend_shape(m, object, seen);
		return;
	}
	if (!seen)
		seen = json_columns_add(m->objects, pointer, "", m->b->scratch);
	m->b->failed |= !seen;
	if (seen) {
		seen->keyed |= shape == SHAPE_KEYED;
		seen->bare |= object->n > 0 && !only_objects(object);
	}
}

static enum json_shape shape_of(struct making *m, struct json_node *node, unsigned depth)
{
	enum json_shape shape = json_shape(node, depth);

	if (!m->objects || node->type != DOM_OBJECT)
		return shape;
	meet_object(m, node, shape);
	return node->mark;
}

static void walk(struct making *m, struct json_node *object, visit_fn *fn, unsigned depth)
{
	struct buf *path = &m->b->path;
	size_t len = path->len;

	for (uint32_t i = 0; i < object->n; i++) {
		struct json_node *member = &object->items[i];
		enum json_shape shape;

		if (depth >= READER_DEPTH_MAX || strlen(member->key) > NAME_BYTES_MAX) {
			m->b->left_out |= depth >= READER_DEPTH_MAX ? LEFT_DEEP : LEFT_NAMES;
			continue;
		}
		path_push(path, member->key);
		shape = shape_of(m, member, depth);
		if (shape == SHAPE_PLAIN)
			walk(m, member, fn, depth + 1);
		else
			fn(m, member, shape, depth);
		path_cut(path, len);
	}
}

/* A row that is keyed by configuration itself is a table of its own, not a row of columns. */
static void walk_row(struct making *m, size_t i, visit_fn *fn)
{
	struct json_node *row = row_of(m, i);

	m->element = row;
	if (row->type != DOM_OBJECT)
		return; /* null */
	if (m->row_key_name && shape_of(m, row, m->depth) == SHAPE_KEYED)
		fn(m, row, SHAPE_KEYED, m->depth);
	else
		walk(m, row, fn, m->depth);
}

static bool is_table(enum json_shape shape)
{
	return shape == SHAPE_KEYED || shape == SHAPE_RECORDS;
}

static bool is_cell(enum json_shape shape)
{
	return shape == SHAPE_SCALAR || shape == SHAPE_LIST || shape == SHAPE_MIXED;
}

static bool repeats_row_key(const struct making *m, const struct json_node *node)
{
	return m->row_key_name && node->type == DOM_STRING &&
	       str_is(json_dom_text(node), m->element->key);
}

static void discover(struct making *m, struct json_node *node, enum json_shape shape,
                     unsigned depth)
{
	const char *pointer = buf_text(&m->b->path) + m->row_at;
	struct json_column *column;

	(void)depth;
	m->nested |= is_table(shape);
	m->keyed |= shape == SHAPE_KEYED;
	if (!is_cell(shape))
		return;
	column = json_columns_find(&m->columns, pointer);
	if (!column && m->columns.n >= READER_COLUMNS_MAX) {
		m->b->left_out |= LEFT_COLUMNS;
		return;
	}
	if (!column)
		column = json_columns_add(&m->columns, pointer, node->key, m->b->arena);
	if (!column)
		m->b->failed = true;
	else
		column->differs |= !repeats_row_key(m, node);
}

static const char *keep_text(struct builder *b, struct str s)
{
	const char *text = json_cell_text(s, b->arena);

	b->failed |= !text;
	return text ? text : "";
}

static void fill(struct making *m, struct json_node *node, enum json_shape shape, unsigned depth)
{
	struct json_column *column;

	(void)depth;
	if (!is_cell(shape))
		return;
	column = json_columns_find(&m->columns, buf_text(&m->b->path) + m->row_at);
	if (!column || column->in_table == SIZE_MAX)
		return;
	m->b->failed |= !json_cell(&m->table->columns[column->in_table].values[m->row], node, shape,
	                           m->b->arena);
}

/* Numbers the columns that stay; those that only say the row's key again go. */
static size_t place_columns(struct making *m)
{
	size_t n = m->row_key_name ? 1 : 0;

	for (size_t i = 0; i < m->columns.n; i++) {
		struct json_column *c = &m->columns.all[i];

		c->in_table = !m->row_key_name || c->differs ? n++ : SIZE_MAX;
	}
	return n;
}

static void name_columns(struct making *m, struct table *t)
{
	if (m->row_key_name)
		t->columns[0].name = m->row_key_name, t->columns[0].pointer = "",
		t->columns[0].is_row_key = true;
	for (size_t i = 0; i < m->columns.n; i++) {
		const struct json_column *c = &m->columns.all[i];
		struct column *to;

		if (c->in_table == SIZE_MAX)
			continue;
		to = &t->columns[c->in_table];
		to->pointer = c->pointer;
		to->name = *c->name ? c->name
		                    : arena_printf(m->b->arena, "column %zu", c->in_table + 1);
		m->b->failed |= !to->name;
	}
}

static void note_nulls(struct making *m, struct table *t)
{
	struct row_note *notes;
	size_t n = 0;

	for (size_t i = 0; i < t->n_rows; i++)
		n += row_of(m, i)->type != DOM_OBJECT;
	t->notes = notes = n ? arena_calloc(m->b->arena, n, sizeof *notes) : NULL;
	m->b->failed |= n && !notes;
	for (size_t i = 0; i < t->n_rows && notes; i++)
		if (row_of(m, i)->type != DOM_OBJECT)
			notes[t->n_notes++] = (struct row_note){(uint32_t)i, "null"};
}

static void fill_rows(struct making *m, struct table *t)
{
	m->table = t;
	for (size_t i = 0; i < t->n_rows && !m->b->failed; i++) {
		const struct json_node *row = row_of(m, i);

		m->row = i;
		for (size_t k = 0; k < t->n_columns; k++)
			t->columns[k].values[i] = (struct cell){.kind = CELL_EMPTY, .text = ""};
		if (m->row_key_name)
			t->columns[0].values[i] = (struct cell){
				.kind = *row->key ? CELL_TEXT : CELL_EMPTY,
				.text = keep_text(m->b, str_of(row->key))};
		walk_row(m, i, fill);
	}
	note_nulls(m, t);
}

static struct table *new_table(struct builder *b)
{
	if (b->n_tables == b->cap) {
		size_t cap = b->cap ? b->cap * 2 : 16;

		b->tables = arena_grow(b->scratch, b->tables, b->cap * sizeof *b->tables,
		                       cap * sizeof *b->tables);
		b->failed |= !b->tables;
		if (b->failed)
			return NULL;
		b->cap = cap;
	}
	return &b->tables[b->n_tables++];
}

static struct label *keep_context(struct builder *b)
{
	struct label *copy = arena_calloc(b->arena, b->n_context, sizeof *copy);

	if (copy && b->n_context)
		memcpy(copy, b->context, b->n_context * sizeof *copy);
	return copy;
}

static void make_table(struct making *m, size_t columns)
{
	struct builder *b = m->b;
	struct table t = {.artifact = b->artifact,
	                  .decimal = '.',
	                  .n_columns = columns,
	                  .n_rows = n_rows(m),
	                  .n_context = b->n_context};
	struct table *place;

	if (b->n_tables == READER_TABLES_MAX || t.n_rows > b->cells_max / columns) {
		b->left_out |= b->n_tables == READER_TABLES_MAX ? LEFT_TABLES : LEFT_UNLIKE;
		return;
	}
	t.base = arena_printf(b->arena, "%s%s", buf_text(&b->path), m->single ? "" : "/*");
	b->failed |= !reader_make_columns(&t, b->arena);
	t.context = keep_context(b);
	place = new_table(b);
	b->failed |= !t.base || !t.context || !place;
	if (b->failed)
		return;
	t.number = (unsigned)b->n_tables;
	name_columns(m, &t);
	fill_rows(m, &t);
	*place = t;
}

static void push_context(struct builder *b, const char *name, struct str text)
{
	struct label label = {name, keep_text(b, str_trim(text))};

	if (*label.text == '\0' || *label.name == '\0')
		return;
	for (size_t i = 0; i < b->n_context; i++)
		if (strcmp(b->context[i].name, name) == 0 &&
		    strcmp(b->context[i].text, label.text) == 0)
			return;
	if (b->n_context == CONTEXT_MAX)
		return;
	label.name = arena_strdup(b->arena, name);
	b->failed |= !label.name;
	if (label.name)
		b->context[b->n_context++] = label;
}

static void note_context(struct making *m, struct json_node *node, enum json_shape shape,
                         unsigned depth)
{
	(void)shape, (void)depth;
	if (node->type == DOM_STRING)
		push_context(m->b, node->key, (struct str){node->text, node->n});
}

/* "backends" holds one backend a row. */
static const char *singular(struct builder *b, const char *plural)
{
	size_t len = strlen(plural);
	const char *name;

	if (len > 2 && plural[len - 1] == 's' && plural[len - 2] != 's')
		len--;
	name = arena_strndup(b->arena, plural, len);
	b->failed |= !name;
	return len && name ? name : "name";
}

static void build_nested(struct making *m, struct json_node *node, enum json_shape shape,
                         unsigned depth)
{
	const char *key = NULL;

	if (!is_table(shape) || m->b->failed)
		return;
	if (shape == SHAPE_KEYED)
		key = node == m->element ? "name" : singular(m->b, node->key);
	build(m->b, node, key, false, depth + 1);
}

static void build_within(struct making *m, size_t i)
{
	struct builder *b = m->b;
	size_t len = b->path.len, n = b->n_context;
	const struct json_node *row = row_of(m, i);

	if (!m->single && row->key)
		path_push(&b->path, row->key);
	else if (!m->single)
		buf_printf(&b->path, "/%zu", i);
	if (m->row_key_name)
		push_context(b, m->row_key_name, str_of(row->key));
	walk_row(m, i, note_context);
	walk_row(m, i, build_nested);
	b->n_context = n;
	path_cut(&b->path, len);
}

static void look_on(struct making *m, struct json_node *node, enum json_shape shape, unsigned depth)
{
	(void)m, (void)node, (void)shape, (void)depth;
}

static void walk_rows(struct making *m, visit_fn *fn)
{
	for (size_t i = 0; i < n_rows(m) && !m->b->failed; i++)
		walk_row(m, i, fn);
}

/*
 * An object that is keyed in one row and plain in another would be a table here and columns
 * there, and the pointer of such a column would find values that are not among its cells. So all
 * rows take it alike: as a table if it holds only objects in each, else as columns. What was a
 * table then is looked into, and may hold the like. Returns whether anything changed.
 */
static bool settle(struct making *m)
{
	bool changed = false;

	do {
		struct json_columns objects = {0};

		m->objects = &objects;
		m->mending = m->mended = false;
		walk_rows(m, look_on);
		m->mending = true;
		walk_rows(m, look_on);
		m->objects = NULL;
		changed |= m->mended;
		json_columns_done(&objects);
	} while (m->mended && !m->b->failed);
	return changed;
}

static void find_columns(struct making *m)
{
	walk_rows(m, discover);
	if (!m->keyed || n_rows(m) < 2 || !settle(m))
		return;
	json_columns_done(&m->columns);
	m->nested = false;
	walk_rows(m, discover);
}

static void build(struct builder *b, struct json_node *node, const char *row_key_name, bool single,
                  unsigned depth)
{
	struct making m = {.b = b,
	                   .node = node,
	                   .row_key_name = row_key_name,
	                   .single = single,
	                   .row_at = b->path.len,
	                   .depth = depth};
	size_t columns;

	if (depth >= READER_DEPTH_MAX) {
		b->left_out |= LEFT_DEEP;
		return;
	}
	find_columns(&m);
	columns = place_columns(&m);
	if (!b->failed && columns > (row_key_name ? 1 : 0))
		make_table(&m, columns);
	for (size_t i = 0; m.nested && i < n_rows(&m) && !b->failed && !(b->left_out & LEFT_TABLES);
	     i++)
		build_within(&m, i);
	json_columns_done(&m.columns);
}

static void build_root(struct builder *b, struct json_node *root)
{
	enum json_shape shape = json_shape(root, 0);

	if (shape == SHAPE_KEYED)
		build(b, root, "name", false, 1);
	else if (shape == SHAPE_RECORDS)
		build(b, root, NULL, false, 1);
	else if (shape == SHAPE_PLAIN)
		build(b, root, NULL, true, 1);
}

static void report(struct builder *b, const struct error *cut)
{
	static const struct {
		enum left_out what;
		const char *words;
	} reasons[] = {{LEFT_TABLES, "more than 1000 tables: the rest is left out"},
	               {LEFT_COLUMNS, "more than 10000 columns: the rest is left out"},
	               {LEFT_DEEP, "nested more than 64 deep: what is below is left out"},
	               {LEFT_NAMES, "names of more than 1000 bytes: such members are left out"},
	               {LEFT_UNLIKE, "a table whose rows share hardly any column: left out"}};

	if (cut->code)
		reader_partial(b->artifact, b->arena, "%s; what stands before it was read",
		               cut->text);
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (b->left_out & reasons[i].what)
			reader_partial(b->artifact, b->arena, "%s", reasons[i].words);
	if (b->n_tables == 0)
		reader_partial(b->artifact, b->arena, "no table: JSON without rows or values");
}

static int build_all(struct builder *b, struct json_node *root, const struct error *cut,
                     struct error *err)
{
	struct table *tables;

	build_root(b, root);
	tables = arena_calloc(b->arena, b->n_tables, sizeof *tables);
	if (b->failed || b->path.failed || !tables)
		return error_set(err, -ENOMEM, "out of memory");
	if (b->n_tables)
		memcpy(tables, b->tables, b->n_tables * sizeof *tables);
	b->artifact->tables = tables;
	b->artifact->n_tables = b->n_tables;
	report(b, cut);
	return 0;
}

int json_read(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	uint64_t scratch_max = (uint64_t)text.len * DOM_BYTES_PER_ONE + 4 * 1024 * 1024;
	CLEANUP(arena_freep) struct arena *scratch = arena_new(scratch_max);
	struct builder b = {.artifact = a,
	                    .arena = arena,
	                    .scratch = scratch,
	                    .cells_max = CELLS_ANYWAY + CELLS_PER_BYTE * text.len,
	                    .path = BUF_INIT(PATH_BYTES_MAX)};
	struct json_node *root;
	struct error cut;
	int r;

	if (!scratch)
		return error_set(err, -ENOMEM, "out of memory");
	r = json_dom_parse(&root, &cut, scratch, text, err);
	if (r < 0)
		return r;
	r = build_all(&b, root, &cut, err);
	buf_done(&b.path);
	return r;
}
