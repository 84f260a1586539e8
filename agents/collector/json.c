/* SPDX-License-Identifier: MIT */
/*
 * json - a JSON tree as tables; lib/evidence/table.h says which.
 */
#include <errno.h>

#include "agents/collector/json_columnar.h"
#include "agents/collector/json_pairs.h"
#include "agents/collector/json_results.h"
#include "agents/collector/json_rows.h"
#include "agents/collector/reader.h"
#include "lib/base/buf.h"

#define BASE_BYTES_MAX    (1u << 20)
#define CONTEXT_MAX       64
#define CELLS_PER_BYTE    4 /* rows that share no columns would need far more cells than bytes */
#define CELLS_ANYWAY      100000
#define DOM_BYTES_PER_ONE 32          /* of text; a new name in each row takes most */
#define RECORDS_BYTES_MIN (64 * 1024) /* of text: shorter ones are trees as fast */

/* Where a text of the context stands: it tells of what is near. */
struct place {
	const char *object; /* its pointer; in the scratch */
	size_t alien; /* of its tokens: so many last ones may be others than those of a table */
};
#define ANYWHERE SIZE_MAX

struct builder {
	struct artifact *artifact;
	struct json_text_pool pool; /* for what stays */
	struct arena *scratch;      /* for what goes when all tables are there */
	size_t cells_max;
	struct buf path; /* pointer of the row whose tables are being built */
	struct table *tables;
	size_t n_tables, cap;
	struct label context[CONTEXT_MAX];
	struct place places[CONTEXT_MAX]; /* one each */
	size_t n_context;
	unsigned left_out; /* enum json_left_out */
	bool failed;       /* no memory */
};

/* The rows of a table, and whose tables they are. */
struct making {
	struct builder *b;
	struct json_rows rows;
};

static void build(struct builder *b, struct json_node *node, const char *row_key_name, bool single,
                  unsigned depth);

static void path_cut(struct buf *path, size_t len)
{
	path->len = len;
	if (path->data)
		path->data[len] = '\0';
}

static const char *keep_text(struct builder *b, struct str s)
{
	const char *text = json_cell_text(s, &b->pool);

	b->failed |= !text;
	return text ? text : "";
}

static struct table *new_table(struct builder *b)
{
	b->failed |= !arena_room(b->scratch, &b->tables, b->n_tables, &b->cap, sizeof *b->tables);
	return b->failed ? NULL : &b->tables[b->n_tables++];
}

static size_t count_tokens(const char *pointer)
{
	size_t n = 0;

	for (; *pointer; pointer++)
		n += *pointer == '/';
	return n;
}

/* How many tokens two pointers begin with alike. */
static size_t count_shared(const char *a, const char *b)
{
	size_t n = 0;

	for (; *a && *a == *b; a++, b++)
		n += *a == '/';
	return n && ((*a && *a != '/') || (*b && *b != '/')) ? n - 1 : n;
}

/* Of one name, the nearest texts: where two agents stand side by side, each has its own label. */
static bool tells_of(const struct builder *b, size_t i, const char *table)
{
	const struct place *p = &b->places[i];
	size_t shared = count_shared(p->object, table);

	if (p->alien != ANYWHERE && shared + p->alien < count_tokens(p->object))
		return false;
	for (size_t k = 0; k < b->n_context; k++)
		if (k != i && strcmp(b->context[k].name, b->context[i].name) == 0 &&
		    count_shared(b->places[k].object, table) > shared)
			return false;
	return true;
}

static void keep_context(struct builder *b, struct table *t)
{
	t->context = arena_calloc(b->pool.arena, b->n_context, sizeof *t->context);
	for (size_t i = 0; t->context && i < b->n_context; i++)
		if (tells_of(b, i, buf_text(&b->path)))
			t->context[t->n_context++] = b->context[i];
	b->failed |= !t->context;
}

/* A table without its columns, or NULL. */
static struct table *begin_table(struct builder *b, size_t columns, size_t rows, bool single)
{
	struct table *t;

	if (b->n_tables == READER_TABLES_MAX || rows > b->cells_max / columns) {
		b->left_out |= b->n_tables == READER_TABLES_MAX ? LEFT_TABLES : LEFT_UNLIKE;
		return NULL;
	}
	t = new_table(b);
	if (!t)
		return NULL;
	*t = (struct table){.artifact = b->artifact,
	                    .number = (unsigned)b->n_tables,
	                    .decimal = '.',
	                    .n_columns = columns,
	                    .n_rows = rows};
	t->base = arena_printf(b->pool.arena, "%s%s", buf_text(&b->path), single ? "" : "/*");
	keep_context(b, t);
	b->failed |= !t->base;
	return b->failed ? NULL : t;
}

/* A table of columns and rows to fill, or NULL. */
static struct table *make_table(struct builder *b, size_t columns, size_t rows, bool single)
{
	struct table *t = begin_table(b, columns, rows, single);

	b->failed |= t && !reader_make_columns(t, b->pool.arena);
	return b->failed ? NULL : t;
}

/* Of the object that b->path is of. */
static void push_context(struct builder *b, const char *name, struct str text, size_t alien)
{
	struct label label = {name, keep_text(b, str_trim(text))};

	if (*label.text == '\0' || *label.name == '\0')
		return;
	for (size_t i = 0; i < b->n_context; i++)
		if (strcmp(b->context[i].name, name) == 0 &&
		    strcmp(b->context[i].text, label.text) == 0 &&
		    strcmp(b->places[i].object, buf_text(&b->path)) == 0)
			return;
	if (b->n_context == CONTEXT_MAX)
		return;
	label.name = arena_strdup(b->pool.arena, name);
	b->places[b->n_context] = (struct place){arena_strdup(b->scratch, buf_text(&b->path)),
	                                         alien};
	b->failed |= !label.name || !b->places[b->n_context].object;
	if (!b->failed)
		b->context[b->n_context++] = label;
}

/* What a test was told is part of its name, whatever its type; other numbers are not. */
static void push_argument(struct builder *b, const struct json_node *node)
{
	const char *name = arena_printf(b->pool.arena, "args/%s", node->key);

	b->failed |= !name;
	if (name)
		push_context(b, name, json_dom_text(node), ANYWHERE);
}

static bool is_named(const struct json_path *path, const char *name)
{
	return path && path->key && strcmp(path->key, name) == 0;
}

/* Whether it tells of all that is beside it, and how far: see struct place. */
static bool is_context(const struct json_node *node, const struct json_path *object,
                       enum json_shape shape, size_t *alien)
{
	bool option = is_named(object, "options") && is_named(object->parent, "config");

	*alien = option ? 2 : ANYWHERE; /* an option is of who is configured so, alone */
	return node->type == DOM_STRING ||
	       (shape == SHAPE_SCALAR && (option || is_named(object, "args")));
}

static void note_context(void *arg, struct json_node *node, struct json_path *path,
                         enum json_shape shape, unsigned depth)
{
	struct builder *b = ((struct making *)arg)->b;
	size_t len = b->path.len, alien;

	(void)depth;
	if (!path->parent || !is_context(node, path->parent, shape, &alien))
		return;
	json_path_print(&b->path, path->parent);
	if (shape == SHAPE_SCALAR && is_named(path->parent, "args"))
		push_argument(b, node);
	else
		push_context(b, node->key, json_dom_text(node), alien);
	path_cut(&b->path, len);
}

static bool is_in_context(const struct builder *b, const char *name)
{
	for (size_t i = 0; i < b->n_context; i++)
		if (strcmp(b->context[i].name, name) == 0)
			return true;
	return false;
}

/* "backends" holds one backend a row; within a row that is one of "data", "data 2" does. */
static const char *singular(struct builder *b, const char *plural)
{
	size_t len = strlen(plural);
	const char *bare, *name;

	if (len > 2 && plural[len - 1] == 's' && plural[len - 2] != 's')
		len--;
	name = bare = arena_strndup(b->pool.arena, plural, len);
	for (unsigned i = 2; name && is_in_context(b, name); i++)
		name = arena_printf(b->pool.arena, "%s %u", bare, i);
	b->failed |= !name;
	return len && name ? name : "name";
}

static void build_columnar(struct builder *b, const struct json_node *node)
{
	struct table *t = make_table(b, json_columnar_columns(node), json_columnar_rows(node),
	                             false);

	if (!t)
		return;
	t->columnar = node->mark == SHAPE_COLUMNAR;
	b->failed |= !json_columnar_fill(t, node, &b->pool);
}

static void build_records(struct builder *b, const struct json_records *records)
{
	struct table *t = begin_table(b, records->n_columns, records->n_rows, false);

	if (t)
		t->columns = records->columns;
}

static void build_nested(void *arg, struct json_node *node, struct json_path *path,
                         enum json_shape shape, unsigned depth)
{
	struct making *m = arg;
	struct builder *b = m->b;
	size_t len = b->path.len;
	const char *key = NULL;

	if (!json_shape_is_table(shape) || b->failed)
		return;
	json_path_print(&b->path, path);
	if (shape == SHAPE_KEYED)
		key = node == m->rows.element ? "name" : singular(b, node->key);
	if (shape == SHAPE_COLUMNAR || shape == SHAPE_GRID)
		build_columnar(b, node);
	else if (node->type == DOM_RECORDS)
		build_records(b, node->records);
	else
		build(b, node, key, false, depth + 1);
	path_cut(&b->path, len);
}

static void build_within(struct making *m, size_t i)
{
	struct builder *b = m->b;
	size_t len = b->path.len, n = b->n_context;
	const struct json_node *row = json_row(&m->rows, i);

	if (!m->rows.single && row->key)
		json_path_token(&b->path, row->key);
	else if (!m->rows.single)
		buf_printf(&b->path, "/%zu", i);
	if (m->rows.row_key_name)
		push_context(b, m->rows.row_key_name, str_of(row->key), ANYWHERE);
	json_rows_walk(&m->rows, i, note_context, m);
	json_rows_walk(&m->rows, i, build_nested, m);
	b->n_context = n;
	path_cut(&b->path, len);
}

/* Of the columns that a document's results make, those that have room beside its members. */
static size_t fit_results(struct builder *b, size_t n, size_t columns)
{
	size_t room = READER_COLUMNS_MAX > columns ? READER_COLUMNS_MAX - columns : 0;

	b->left_out |= n > room ? LEFT_COLUMNS : 0;
	return n > room ? room : n;
}

static void build_rows(struct making *m)
{
	struct json_rows *rows = &m->rows;
	struct builder *b = m->b;
	size_t results = rows->single ? json_results_columns(rows->node) : 0;
	size_t columns = json_rows_find_columns(rows);
	struct table *t = NULL;

	results = fit_results(b, results, columns);
	if (!rows->failed && columns + results > (rows->row_key_name ? 1 : 0))
		t = make_table(b, columns + results, json_rows_n(rows), rows->single);
	if (t)
		json_rows_fill(rows, t);
	if (t && results) {
		b->failed |= !json_results_fill(t, columns, rows->node, &b->pool);
		b->left_out |= json_results_whole(rows->node) ? 0 : LEFT_TRIES;
	}
	b->failed |= rows->failed;
	for (size_t i = 0;
	     rows->nested && i < json_rows_n(rows) && !b->failed && !(b->left_out & LEFT_TABLES);
	     i++)
		build_within(m, i);
	b->failed |= rows->failed;
	b->left_out |= rows->left_out;
}

static void build(struct builder *b, struct json_node *node, const char *row_key_name, bool single,
                  unsigned depth)
{
	struct making m = {.b = b};

	if (depth >= READER_DEPTH_MAX) {
		b->left_out |= LEFT_DEEP;
		return;
	}
	json_rows_init(&m.rows, &b->pool, b->scratch);
	m.rows.node = node;
	m.rows.row_key_name = row_key_name;
	m.rows.single = single;
	m.rows.depth = depth;
	build_rows(&m);
	json_rows_done(&m.rows);
}

/* A document that is a list of numbers: what they are, nobody says. */
static void build_numbers(struct builder *b, const struct json_node *list)
{
	static const struct column_meaning meaning = {.role = MEANS_METRIC,
	                                              .why = "the numbers of the document"};
	struct table *t = make_table(b, 1, 1, true);

	if (!t)
		return;
	t->columns[0].name = "value";
	t->columns[0].pointer = "";
	t->columns[0].meaning = &meaning;
	b->failed |= !json_cell(&t->columns[0].values[0], list, SHAPE_LIST, &b->pool);
}

static void build_root(struct builder *b, struct json_node *root)
{
	enum json_shape shape = json_shape(root, 0);

	if (shape == SHAPE_KEYED)
		build(b, root, "name", false, 1);
	else if (root->type == DOM_RECORDS)
		build_records(b, root->records);
	else if (shape == SHAPE_RECORDS)
		build(b, root, NULL, false, 1);
	else if (shape == SHAPE_PLAIN)
		build(b, root, NULL, true, 1);
	else if (shape == SHAPE_LIST)
		build_numbers(b, root);
	else if (json_is_grid(root))
		build_columnar(b, root);
}

static void report(struct builder *b, const struct error *cut)
{
	static const struct {
		enum json_left_out what;
		const char *words;
	} reasons[] = {
		{LEFT_TABLES, "more than 1000 tables: the rest is left out: write several files"},
		{LEFT_COLUMNS,
	         "more than 10000 columns: the rest is left out: write an array of rows"},
		{LEFT_DEEP, "nested more than 64 deep: what is below is left out"},
		{LEFT_NAMES, "names of more than 1000 bytes: such members are left out"},
		{LEFT_UNLIKE, "a table whose rows share hardly any column: left out"},
		{LEFT_TRIES, "queries with a try that failed: their tries are left out"}};

	if (cut->code == -EEXIST)
		reader_partial(b->artifact, b->pool.arena,
		               "%s: which of them is meant nobody can tell, and none was read",
		               cut->text);
	else if (cut->code)
		reader_partial(b->artifact, b->pool.arena, "%s; what stands before it was read",
		               cut->text);
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (b->left_out & reasons[i].what)
			reader_partial(b->artifact, b->pool.arena, "%s", reasons[i].words);
	if (b->n_tables == 0)
		reader_partial(b->artifact, b->pool.arena, "no table: JSON without rows or values");
}

static int build_all(struct builder *b, struct json_node *root, const struct error *cut,
                     struct error *err)
{
	struct table *tables;

	if (!json_pairs_unfold(root, b->scratch))
		return error_set(err, -ENOMEM, "out of memory");
	build_root(b, root);
	tables = arena_calloc(b->pool.arena, b->n_tables, sizeof *tables);
	if (b->failed || b->path.failed || !tables)
		return error_set(err, -ENOMEM, "out of memory");
	if (b->n_tables)
		memcpy(tables, b->tables, b->n_tables * sizeof *tables);
	b->artifact->tables = tables;
	b->artifact->n_tables = b->n_tables;
	report(b, cut);
	return 0;
}

int json_read_by(struct artifact *a, struct str text, size_t records_bytes, struct arena *arena,
                 struct error *err)
{
	uint64_t scratch_max = (uint64_t)text.len * DOM_BYTES_PER_ONE + 4 * 1024 * 1024;
	CLEANUP(arena_freep) struct arena *scratch = arena_new(scratch_max);
	struct builder b = {.artifact = a,
	                    .pool = {.arena = arena},
	                    .scratch = scratch,
	                    .cells_max = CELLS_ANYWAY + CELLS_PER_BYTE * text.len,
	                    .path = BUF_INIT(BASE_BYTES_MAX)};
	struct json_records_room room = {arena, b.cells_max};
	bool records = text.len >= records_bytes;
	struct json_node *root;
	struct error cut;
	int r;

	if (!scratch)
		return error_set(err, -ENOMEM, "out of memory");
	r = json_dom_parse_records(&root, &cut, scratch, records ? &room : NULL, text, err);
	if (r < 0)
		return r;
	r = build_all(&b, root, &cut, err);
	buf_done(&b.path);
	return r;
}

int json_read(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	return json_read_by(a, text, RECORDS_BYTES_MIN, arena, err);
}
