/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_cells.h"

#include "agents/collector/encoding.h"
#include "agents/collector/quantity.h"
#include "agents/collector/reader.h"
#include "lib/base/buf.h"
#include "lib/base/utf8.h"

#define TEXT_BYTES_MAX  200
#define BLOCK_BYTES     256 /* at first */
#define BLOCK_BYTES_MAX (64 * 1024)

static char *room_for(struct json_text_pool *pool, size_t len)
{
	char *room;

	if (pool->left <= len) {
		pool->block = pool->block ? 2 * pool->block : BLOCK_BYTES;
		if (pool->block > BLOCK_BYTES_MAX)
			pool->block = BLOCK_BYTES_MAX;
		pool->at = arena_alloc(pool->arena, pool->block);
		pool->left = pool->at ? pool->block : 0;
	}
	if (!pool->at)
		return NULL;
	room = pool->at;
	pool->at += len + 1;
	pool->left -= len + 1;
	return room;
}

const char *json_cell_text(struct str s, struct json_text_pool *pool)
{
	size_t len = utf8_cut(s.at, s.len, s.len <= TEXT_BYTES_MAX ? s.len : TEXT_BYTES_MAX - 3);
	char *text;

	if (s.len == 0)
		return "";
	text = room_for(pool, TEXT_BYTES_MAX < s.len ? len + 3 : len);
	if (!text)
		return NULL;
	memcpy(text, s.at, len);
	memcpy(text + len, len < s.len ? "..." : "", len < s.len ? 4 : 1);
	return text;
}

/* The next of the numbers, digit by digit where it is written plainly. */
static bool next_value(struct json_numbers *n, double *ret)
{
	const char *at = n->at;
	uint64_t mantissa = 0;
	struct json_numbers rest = *n;
	const char *from, *point = NULL;
	struct str text;
	bool negative;

	if (n->left == 0)
		return false;
	while (*at != '-' && (*at < '0' || *at > '9'))
		at++;
	negative = *at == '-';
	from = at += negative;
	for (; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
		if (*at == '.')
			point = at;
		else
			mantissa = mantissa * 10 + (uint64_t)(*at - '0');
	}
	*n = (struct json_numbers){at, n->left - 1};
	if (at - from < 19 && (*at | 0x20) != 'e' &&
	    reader_decimal(mantissa, point ? (int)(point + 1 - at) : 0, ret)) {
		*ret = negative ? -*ret : *ret;
		return true;
	}
	*n = rest;
	return json_dom_next_number(n, &text) && reader_number(text, '.', ret);
}

static void add_list(struct cell *ret, double *numbers, const struct json_node *list)
{
	struct json_numbers rest = json_dom_numbers(list);

	if (list->type == DOM_NUMBERS)
		while (next_value(&rest, &numbers[ret->n_numbers]))
			ret->n_numbers++;
	for (uint32_t i = 0; list->type == DOM_ARRAY && i < list->n; i++)
		ret->n_numbers += reader_number(json_dom_text(&list->items[i]), '.',
		                                &numbers[ret->n_numbers]);
}

static bool list_cell(struct cell *ret, const struct json_node *list, struct arena *arena)
{
	double *numbers = arena_calloc(arena, list->n, sizeof *numbers);

	*ret = (struct cell){.kind = CELL_LIST, .text = "", .numbers = numbers};
	if (numbers)
		add_list(ret, numbers, list);
	return numbers;
}

/* One behind the other, as a pointer with two stars finds them. */
static bool lists_cell(struct cell *ret, const struct json_node *lists, struct arena *arena)
{
	double *numbers;
	size_t n = 0;

	for (uint32_t i = 0; i < lists->n; i++)
		n += lists->items[i].n;
	numbers = arena_calloc(arena, n, sizeof *numbers);
	*ret = (struct cell){.kind = CELL_LIST, .text = "", .numbers = numbers};
	for (uint32_t i = 0; numbers && i < lists->n; i++)
		add_list(ret, numbers, &lists->items[i]);
	return numbers;
}

/* As it stands, but short. */
static bool mixed_cell(struct cell *ret, const struct json_node *list, struct json_text_pool *pool)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4 * TEXT_BYTES_MAX);

	for (uint32_t i = 0; i < list->n && text.len <= TEXT_BYTES_MAX; i++) {
		const struct json_node *item = &list->items[i];

		buf_puts(&text, i ? ", " : "[");
		buf_add(&text, item->text, utf8_cut(item->text, item->n, TEXT_BYTES_MAX));
	}
	buf_putc(&text, ']');
	*ret = (struct cell){.kind = CELL_TEXT};
	ret->text = json_cell_text(str_of(buf_text(&text)), pool);
	return ret->text && !text.failed;
}

/* "12.3 ms"; a number alone in quotes may be a version or a name. */
static void read_quantity(struct cell *ret, struct str s)
{
	struct cell c = *ret;

	if (reader_quantity(&c, s, '.') && (*c.unit->text || c.unit->factor > 1) &&
	    quantity_hint(s) != HINT_COMMA_MAYBE)
		*ret = c;
}

static bool scalar_cell(struct cell *ret, const struct json_node *node, struct json_text_pool *pool)
{
	struct str s = json_dom_text(node);

	if (node->type == DOM_STRING && s.len && (s.at[0] <= ' ' || s.at[s.len - 1] <= ' '))
		s = str_trim(s);
	*ret = (struct cell){.kind = CELL_TEXT, .text = json_cell_text(s, pool)};
	if (node->type == DOM_NULL) {
		ret->kind = CELL_NULL;
	} else if (node->type == DOM_BOOL) {
		ret->kind = CELL_BOOL;
		ret->number = node->text[0] == 't';
	} else if (s.len == 0) {
		ret->kind = CELL_EMPTY;
	} else if (node->type == DOM_NUMBER && reader_number(s, '.', &ret->number)) {
		ret->kind = CELL_NUMBER;
	} else if (node->type == DOM_STRING) {
		read_quantity(ret, s);
	}
	return ret->text;
}

bool json_cell(struct cell *ret, const struct json_node *node, enum json_shape shape,
               struct json_text_pool *pool)
{
	if (shape == SHAPE_LIST)
		return list_cell(ret, node, pool->arena);
	if (shape == SHAPE_LISTS)
		return lists_cell(ret, node, pool->arena);
	if (shape == SHAPE_MIXED)
		return mixed_cell(ret, node, pool);
	return scalar_cell(ret, node, pool);
}
