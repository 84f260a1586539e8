/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_results.h"

#include <stdio.h>

#include "agents/collector/json_names.h"
#include "agents/collector/json_paths.h"
#include "agents/collector/json_shape.h"
#include "lib/base/buf.h"

#define NAME_BYTES_MAX 1000
#define VALUES         0 /* where they stand in a result; the parameters are behind them */
#define PARAMETERS     1

static const struct json_node *member_of(const struct json_node *object, const char *name)
{
	for (uint32_t i = 0; object->type == DOM_OBJECT && i < object->n; i++)
		if (strcmp(object->items[i].key, name) == 0)
			return &object->items[i];
	return NULL;
}

static bool has(const struct json_node *object, const char *name, enum dom_type type)
{
	const struct json_node *member = member_of(object, name);

	return member && member->type == type;
}

/* NULL: there are none, or nothing says what stands in them. */
static const struct json_node *results_of(const struct json_node *document)
{
	const struct json_node *results = member_of(document, "results");
	const struct json_node *columns = member_of(document, "result_columns");

	if (!results || results->type != DOM_OBJECT || !columns)
		return NULL;
	return columns->type == DOM_ARRAY || columns->type == DOM_RECORDS ? results : NULL;
}

/* Where they stand, by the array that says it; 0: nowhere. */
static uint32_t find_samples(const struct json_node *columns)
{
	for (uint32_t i = 0; columns->type == DOM_ARRAY && i < columns->n; i++)
		if (columns->items[i].type == DOM_STRING &&
		    str_is(json_dom_text(&columns->items[i]), "samples"))
			return i;
	return 0;
}

/* One for each combination of parameters; a benchmark that failed has a null for all of them. */
static size_t count_values(const struct json_node *result)
{
	const struct json_node *values = result->items;

	if (result->type != DOM_ARRAY || result->n == 0 ||
	    json_name_of(result->key)->len > NAME_BYTES_MAX)
		return 0;
	return json_dom_is_array(values) ? values->n : values->type == DOM_NULL;
}

static bool is_tries(const struct json_node *list)
{
	for (uint32_t i = 0; list->type == DOM_ARRAY && i < list->n; i++)
		if (list->items[i].type != DOM_NUMBER && list->items[i].type != DOM_NULL)
			return false;
	return json_dom_is_array(list) && list->n > 0;
}

/* ClickBench's, a list of tries for each query; NULL: there are none. */
static const struct json_node *queries_of(const struct json_node *document)
{
	const struct json_node *queries = member_of(document, "result");

	if (!queries || queries->type != DOM_ARRAY || !has(document, "system", DOM_STRING) ||
	    !has(document, "load_time", DOM_NUMBER))
		return NULL;
	for (uint32_t i = 0; i < queries->n; i++)
		if (!is_tries(&queries->items[i]))
			return NULL;
	return queries;
}

size_t json_results_columns(struct json_node *document)
{
	const struct json_node *results = results_of(document);
	const struct json_node *queries = queries_of(document);
	size_t n = 0;

	if (queries) {
		document->items[queries - document->items].mark = SHAPE_TAKEN;
		return queries->n;
	}
	for (uint32_t i = 0; results && i < results->n; i++)
		n += count_values(&results->items[i]);
	return n;
}

/* The i-th element, or null. */
static struct json_node element(const struct json_node *array, size_t i)
{
	const struct json_node null = {.text = "null", .n = sizeof "null" - 1, .type = DOM_NULL};
	struct json_node node;
	char pointer[24];

	(void)snprintf(pointer, sizeof pointer, "/%zu", i);
	if (json_dom_is_array(array) && json_dom_get(&node, array, pointer))
		return node;
	return null;
}

/* Combinations are in order, the last parameter changes first. */
static void print_parameters(struct buf *name, const struct json_node *result, size_t i)
{
	struct json_node axes = element(result, PARAMETERS);
	size_t stride = count_values(result);

	for (size_t k = 0; json_dom_is_array(&axes) && k < axes.n; k++) {
		struct json_node axis = element(&axes, k), value;

		if (!json_dom_is_array(&axis) || axis.n == 0)
			return;
		stride /= axis.n;
		value = element(&axis, stride ? i / stride % axis.n : 0);
		buf_puts(name, k ? ", " : "(");
		if (!json_dom_is_container(&value) && value.type != DOM_NUMBERS)
			buf_add(name, value.text, value.n);
		buf_puts(name, k + 1 == axes.n ? ")" : "");
	}
}

/* The samples of a value, or the value. */
static bool fill_cell(struct cell *ret, struct buf *pointer, const struct json_node *result,
                      size_t i, uint32_t samples, struct json_text_pool *pool)
{
	struct json_node lists = element(result, samples), list = element(&lists, i);
	struct json_node values = element(result, VALUES), value = element(&values, i);

	if (samples && list.type == DOM_NUMBERS) {
		buf_printf(pointer, "/%u/%zu", samples, i);
		return json_cell(ret, &list, SHAPE_LIST, pool);
	}
	buf_printf(pointer, json_dom_is_array(&values) ? "/%d/%zu" : "/%d", VALUES, i);
	*ret = (struct cell){.kind = CELL_EMPTY, .text = ""};
	return json_dom_is_container(&value) || value.type == DOM_NUMBERS ||
	       json_cell(ret, &value, SHAPE_SCALAR, pool);
}

static bool fill_column(struct column *c, const struct json_node *result, size_t i,
                        uint32_t samples, struct json_text_pool *pool)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT(4 * NAME_BYTES_MAX);
	CLEANUP(buf_done) struct buf pointer = BUF_INIT(4 * NAME_BYTES_MAX);

	buf_puts(&name, result->key);
	print_parameters(&name, result, i);
	buf_puts(&pointer, "/results");
	json_path_token(&pointer, result->key);
	if (!fill_cell(&c->values[0], &pointer, result, i, samples, pool) || pointer.failed)
		return false;
	c->name = arena_strdup(pool->arena, name.failed ? result->key : buf_text(&name));
	c->pointer = arena_strdup(pool->arena, buf_text(&pointer));
	return c->name && c->pointer;
}

bool json_results_whole(const struct json_node *document)
{
	const struct json_node *queries = queries_of(document);

	for (uint32_t i = 0; queries && i < queries->n; i++)
		if (queries->items[i].type != DOM_NUMBERS)
			return false;
	return true;
}

static bool fill_queries(struct table *t, size_t from, const struct json_node *queries,
                         struct json_text_pool *pool)
{
	bool fits = true;

	for (uint32_t i = 0; fits && i < queries->n && from + i < t->n_columns; i++) {
		struct column *c = &t->columns[from + i];
		const struct json_node *tries = &queries->items[i];

		c->name = arena_printf(pool->arena, "result %u", i);
		c->pointer = arena_printf(pool->arena, "/result/%u", i);
		fits = c->name && c->pointer &&
		       json_cell(&c->values[0], tries,
		                 tries->type == DOM_NUMBERS ? SHAPE_LIST : SHAPE_MIXED, pool);
	}
	return fits;
}

bool json_results_fill(struct table *t, size_t from, const struct json_node *document,
                       struct json_text_pool *pool)
{
	const struct json_node *results = results_of(document);
	const struct json_node *queries = queries_of(document);
	uint32_t samples = results ? find_samples(member_of(document, "result_columns")) : 0;
	size_t c = from;

	if (queries)
		return fill_queries(t, from, queries, pool);
	for (uint32_t i = 0; results && i < results->n; i++) {
		size_t n = count_values(&results->items[i]);

		for (size_t k = 0; k < n && c < t->n_columns; k++, c++)
			if (!fill_column(&t->columns[c], &results->items[i], k, samples, pool))
				return false;
	}
	return true;
}
