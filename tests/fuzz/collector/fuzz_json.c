/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "agents/collector/json_dom.h"
#include "lib/base/buf.h"
#include "tests/fuzz/collector/invariants.h"
#include "tests/fuzz/collector/same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void push_key(struct buf *b, const char *key)
{
	for (; *key; key++) {
		if (*key == '~' || *key == '/')
			buf_puts(b, *key == '~' ? "~0" : "~1");
		else
			buf_putc(b, *key);
	}
}

/* The pointer of a table's row: its base, with the star replaced. */
static void row_pointer(struct buf *b, const struct json_node *root, const struct table *t,
                        size_t row)
{
	size_t len = strlen(t->base);
	struct json_node rows;

	b->len = 0;
	if (len == 0) {
		buf_puts(b, "");
		return;
	}
	assert(len >= 2 && strcmp(t->base + len - 2, "/*") == 0);
	buf_add(b, t->base, len - 2);
	assert(json_dom_get(&rows, root, buf_text(b)));
	assert(json_dom_is_container(&rows) && rows.n == t->n_rows);
	buf_putc(b, '/');
	if (rows.items[row].key)
		push_key(b, rows.items[row].key);
	else
		buf_printf(b, "%zu", row);
}

/* Also those of lists in a list. */
static size_t count_numbers(const struct json_node *array)
{
	size_t n = 0;

	if (array->type == DOM_NUMBERS || !array->n || !json_dom_is_array(array->items))
		return array->n;
	for (uint32_t i = 0; i < array->n; i++)
		n += array->items[i].n;
	return n;
}

/* Whether the pointer leads through a list behind its first `from` bytes. */
static bool leads_through_list(const struct json_node *root, const char *pointer, size_t from)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1u << 20);
	struct json_node node;

	for (size_t at = from; pointer[at]; at += 1 + strcspn(pointer + at + 1, "/")) {
		b.len = 0;
		buf_add(&b, pointer, at);
		if (json_dom_get(&node, root, at ? buf_text(&b) : "") && json_dom_is_array(&node))
			return true;
	}
	return false;
}

/*
 * What has no cell has no value either. The exception: in a list, an index can find what another
 * row has below a member of that name. The row's own pointer ends before `row_end`.
 */
static void check_locator(const struct json_node *root, const char *pointer, size_t row_end,
                          const struct cell *c)
{
	struct json_node node;

	if (!json_dom_get(&node, root, pointer)) {
		assert(c->kind == CELL_EMPTY);
		return;
	}
	if (c->kind == CELL_EMPTY)
		assert(json_dom_is_container(&node) || json_dom_is_array(&node) ||
		       node.type == DOM_STRING || leads_through_list(root, pointer, row_end));
	if (c->kind == CELL_NUMBER && node.type == DOM_STRING) /* "12.3 ms" */
		assert(c->unit && str_is(str_trim(json_dom_text(&node)), c->text));
	else if (c->kind == CELL_NUMBER)
		assert(node.type == DOM_NUMBER &&
		       (!*c->text || str_is(json_dom_text(&node), c->text)));
	if (c->kind == CELL_LIST)
		assert(json_dom_is_array(&node) && count_numbers(&node) == c->n_numbers);
}

/* Of arrays side by side: the element of each column. */
static void check_columnar(const struct json_node *root, const struct table *t)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1u << 20);

	for (size_t i = 0; i < t->n_columns; i++) {
		size_t len;

		b.len = 0;
		buf_add(&b, t->base, strlen(t->base) - 2);
		buf_puts(&b, t->columns[i].pointer);
		len = b.len;
		for (size_t row = 0; row < t->n_rows; row++) {
			struct cell cell = table_cell(t, row, i);

			b.len = len;
			buf_printf(&b, "/%zu", row);
			check_locator(root, buf_text(&b), len, &cell);
		}
	}
}

static void check_locators(const struct json_node *root, const struct table *t)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(1u << 20);

	for (size_t row = 0; row < t->n_rows; row++) {
		struct cell cell;
		size_t len;

		row_pointer(&b, root, t, row);
		len = b.len;
		for (size_t i = 0; i < t->n_columns; i++) {
			if (t->columns[i].is_row_key)
				continue;
			cell = table_cell(t, row, i);
			b.len = len;
			buf_puts(&b, t->columns[i].pointer);
			check_locator(root, buf_text(&b), len, &cell);
		}
	}
}

static int count_nodes(void *arg, const struct json_node *node, size_t row)
{
	size_t *n = arg;

	assert(node && row > 0);
	++*n;
	return 0;
}

/* A table's base resolves to its rows, all of them. */
static void check_base(const struct json_node *root, const struct table *t)
{
	size_t n = 0;

	if (*t->base && !strchr(t->base, '~') &&
	    strchr(t->base, '*') == t->base + strlen(t->base) - 1) {
		assert(json_dom_resolve(root, t->base, count_nodes, &n) == 0);
		assert(n == t->n_rows);
	}
}

/* Rows that are read straight into columns have the cells that their tree has. */
static void check_records(const struct artifact *tree, int result, struct str text)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	struct artifact a = {0};
	struct error err = {0};
	int r = arena ? json_read_by(&a, text, 0, arena, &err) : -ENOMEM;

	if (r == -ENOMEM || result == -ENOMEM)
		return;
	assert(r == result);
	check_artifact(&a, r, &err);
	check_same_artifact(tree, &a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(64u << 20);
	struct str text = {(const char *)data, size};
	struct artifact a = {0};
	struct json_node *root = NULL;
	struct error err = {0}, cut = {0};
	int r;

	if (!arena || memchr(data, '\0', size))
		return 0;
	r = json_dom_parse(&root, &cut, arena, text, &err);
	assert((r == 0) == (root != NULL) && (r == 0) == (err.code == 0));
	check_text(cut.text);
	if (encoding_valid_prefix(text.at, size) < size) {
		assert(r < 0);
		return 0;
	}
	err = (struct error){0};
	assert(json_read_by(&a, text, SIZE_MAX, arena, &err) == r || r == -ENOMEM ||
	       err.code == -ENOMEM);
	check_artifact(&a, err.code, &err);
	check_records(&a, err.code, text);
	for (size_t i = 0; i < a.n_tables; i++) {
		if (a.tables[i].columnar) {
			check_columnar(root, &a.tables[i]);
			continue;
		}
		check_locators(root, &a.tables[i]);
		check_base(root, &a.tables[i]);
	}
	return 0;
}
