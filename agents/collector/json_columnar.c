/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_columnar.h"

#include <strings.h>

#include "agents/collector/json_names.h"
#include "agents/collector/json_paths.h"
#include "lib/base/buf.h"

#define NAME_BYTES_MAX   1000
#define GRID_COLUMNS_MAX 64
#define TEXTS_MIN        3

/* A word of a name, without the s of a plural. */
static bool is_one_of(struct str word, const char *const *words, size_t n)
{
	size_t bare = word.len > 1 && (word.at[word.len - 1] | 0x20) == 's' ? word.len - 1
	                                                                    : word.len;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(words[i]);

		if ((len == word.len || len == bare) && strncasecmp(words[i], word.at, len) == 0)
			return true;
	}
	return false;
}

/* The part of a name up to the next sign, or "" at its end. */
static struct str next_word(const char **name)
{
	const char *from = *name + strspn(*name, "_- .:/([");
	struct str word = {from, strcspn(from, "_- .:/([)]")};

	*name = from + word.len;
	return word;
}

static bool has_word(const char *name, const char *const *words, size_t n)
{
	for (struct str word = next_word(&name); word.len; word = next_word(&name))
		if (is_one_of(word, words, n))
			return true;
	return false;
}

static bool is_summary(const char *name)
{
	static const char *const words[] = {"mean",  "avg", "average", "median", "std",
	                                    "stdev", "p50", "p90",     "p95",    "p99",
	                                    "min",   "max", "sd",      "stddev"};

	return has_word(name, words, ARRAY_LEN(words));
}

static bool is_axis(const char *name)
{
	static const char *const words[] = {
		"x",         "batch",   "batchsize", "size",   "thread", "concurrency",
		"client",    "worker",  "node",      "ctx",    "seq",    "length",
		"depth",     "rate",    "qps",       "step",   "epoch",  "index",
		"timestamp", "context", "date",      "degree", "dim",    "parameter"};

	return has_word(name, words, ARRAY_LEN(words)) || strcasecmp(name, "n") == 0 ||
	       strcasecmp(name, "time") == 0;
}

static bool is_label(const char *name)
{
	static const char *const words[] = {
		"name",    "label",  "model",   "backend", "config", "configuration", "test",
		"variant", "method", "device",  "system",  "query",  "engine",        "case",
		"version", "commit", "library", "bench",   "key",    "benchmark"};

	return has_word(name, words, ARRAY_LEN(words));
}

static bool is_list_of_things(const char *name)
{
	static const char *const words[] = {"tag",     "flag",    "arg",    "argv", "feature",
	                                    "warning", "error",   "note",   "file", "command",
	                                    "keyword", "message", "output", "text", "log"};

	return has_word(name, words, ARRAY_LEN(words));
}

static bool is_scalars(const struct json_node *array)
{
	for (uint32_t i = 0; array->type == DOM_ARRAY && i < array->n; i++)
		if (json_dom_is_array(&array->items[i]) || array->items[i].type == DOM_OBJECT)
			return false;
	return json_dom_is_array(array) && array->n > 1;
}

static bool has_numbers(const struct json_node *array)
{
	for (uint32_t i = 0; array->type == DOM_ARRAY && i < array->n; i++)
		if (array->items[i].type == DOM_NUMBER)
			return true;
	return array->type == DOM_NUMBERS;
}

static bool is_texts(const struct json_node *array)
{
	for (uint32_t i = 0; i < array->n; i++)
		if (array->type != DOM_ARRAY || array->items[i].type != DOM_STRING ||
		    array->items[i].n == 0)
			return false;
	return true;
}

/* Whether it says what the arrays beside it are about. */
static bool leads(const struct json_node *array)
{
	const char *name = array->key;

	if (is_texts(array))
		return is_label(name) || (array->n >= TEXTS_MIN && !is_list_of_things(name));
	return array->type == DOM_NUMBERS && is_axis(name);
}

static bool may_be_columns(const struct json_node *object, uint32_t *ret_rows)
{
	size_t leading = 0, measures = 0;

	*ret_rows = 0;
	for (uint32_t i = 0; i < object->n; i++) {
		const struct json_node *member = &object->items[i];

		if (member->type == DOM_NUMBER && is_summary(member->key))
			return false;
		if (!is_scalars(member))
			continue;
		if ((*ret_rows && *ret_rows != member->n) ||
		    json_name_of(member->key)->len > NAME_BYTES_MAX)
			return false;
		*ret_rows = member->n;
		if (leads(member))
			leading++;
		else
			measures += has_numbers(member);
	}
	return leading > 0 && measures > 0;
}

bool json_columnar(struct json_node *object)
{
	uint32_t rows;

	if (object->mark == SHAPE_COLUMNAR)
		return true;
	if (object->type != DOM_OBJECT || !may_be_columns(object, &rows))
		return false;
	for (uint32_t i = 0; i < object->n; i++)
		if (is_scalars(&object->items[i]))
			object->items[i].mark = SHAPE_COLUMN;
	object->mark = SHAPE_COLUMNAR;
	return true;
}

static bool is_grid_row(const struct json_node *row, uint32_t columns)
{
	if (!json_dom_is_array(row) || row->n != columns)
		return false;
	for (uint32_t i = 0; row->type == DOM_ARRAY && i < row->n; i++)
		if (row->items[i].type != DOM_NUMBER && row->items[i].type != DOM_NULL)
			return false;
	return true;
}

bool json_is_grid(struct json_node *array)
{
	uint32_t columns;
	bool numbers = false;

	if (array->mark == SHAPE_GRID)
		return true;
	if (array->type != DOM_ARRAY || array->n < 2 || !json_dom_is_array(array->items))
		return false;
	columns = array->items->n;
	if (columns < 2 || columns > GRID_COLUMNS_MAX)
		return false;
	for (uint32_t i = 0; i < array->n; i++) {
		if (!is_grid_row(&array->items[i], columns))
			return false;
		numbers |= has_numbers(&array->items[i]);
	}
	if (numbers)
		array->mark = SHAPE_GRID;
	return numbers;
}

size_t json_columnar_columns(const struct json_node *node)
{
	size_t n = 0;

	if (node->mark == SHAPE_GRID)
		return node->items->n;
	for (uint32_t i = 0; i < node->n; i++)
		n += node->items[i].mark == SHAPE_COLUMN;
	return n;
}

size_t json_columnar_rows(const struct json_node *node)
{
	if (node->mark == SHAPE_GRID)
		return node->n;
	for (uint32_t i = 0; i < node->n; i++)
		if (node->items[i].mark == SHAPE_COLUMN)
			return node->items[i].n;
	return 0;
}

/* The elements of an array of scalars, one after the other. */
struct cursor {
	const struct json_node *array;
	struct json_numbers numbers;
	uint32_t i;
};

static struct cursor cursor_of(const struct json_node *array)
{
	return (struct cursor){.array = array, .numbers = json_dom_numbers(array)};
}

static bool next_cell(struct cursor *c, struct cell *ret, struct json_text_pool *pool)
{
	struct json_node number = {.type = DOM_NUMBER};
	struct str text = {0};

	if (c->array->type != DOM_NUMBERS)
		return json_cell(ret, &c->array->items[c->i++], SHAPE_SCALAR, pool);
	(void)json_dom_next_number(&c->numbers, &text);
	number.text = text.at;
	number.n = (uint32_t)text.len;
	return json_cell(ret, &number, SHAPE_SCALAR, pool);
}

static bool fill_column(struct column *to, size_t place, size_t rows, const struct json_node *array,
                        struct json_text_pool *pool)
{
	CLEANUP(buf_done) struct buf pointer = BUF_INIT(2 * NAME_BYTES_MAX + 2);
	struct cursor elements = cursor_of(array);
	bool fits = true;

	json_path_token(&pointer, array->key);
	to->pointer = arena_strdup(pool->arena, buf_text(&pointer));
	to->name = *array->key ? arena_strdup(pool->arena, array->key)
	                       : arena_printf(pool->arena, "column %zu", place);
	for (size_t i = 0; fits && i < rows; i++)
		fits = next_cell(&elements, &to->values[i], pool);
	return fits && !pointer.failed && to->pointer && to->name;
}

static bool fill_grid(struct table *t, const struct json_node *grid, struct json_text_pool *pool)
{
	bool fits = true;

	for (size_t i = 0; i < t->n_columns; i++) {
		t->columns[i].pointer = arena_printf(pool->arena, "/%zu", i);
		t->columns[i].name = arena_printf(pool->arena, "column %zu", i + 1);
		fits &= t->columns[i].pointer && t->columns[i].name;
	}
	for (size_t row = 0; row < t->n_rows; row++) {
		struct cursor elements = cursor_of(&grid->items[row]);

		for (size_t i = 0; fits && i < t->n_columns; i++)
			fits = next_cell(&elements, &t->columns[i].values[row], pool);
	}
	return fits;
}

bool json_columnar_fill(struct table *t, const struct json_node *node, struct json_text_pool *pool)
{
	bool fits = true;
	size_t n = 0;

	if (node->mark == SHAPE_GRID)
		return fill_grid(t, node, pool);
	for (uint32_t i = 0; fits && i < node->n; i++) {
		if (node->items[i].mark != SHAPE_COLUMN)
			continue;
		fits = fill_column(&t->columns[n], n + 1, t->n_rows, &node->items[i], pool);
		n++;
	}
	return fits;
}
