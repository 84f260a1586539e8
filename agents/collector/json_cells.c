/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_cells.h"

#include "agents/collector/encoding.h"
#include "agents/collector/reader.h"
#include "lib/base/buf.h"
#include "lib/base/utf8.h"

#define TEXT_BYTES_MAX 200

const char *json_cell_text(struct str s, struct arena *arena)
{
	size_t len = s.len;

	if (len == 0)
		return "";
	if (len <= TEXT_BYTES_MAX)
		return arena_strndup(arena, s.at, len);
	len = utf8_cut(s.at, len, TEXT_BYTES_MAX - 3);
	return arena_printf(arena, "%.*s...", (int)len, s.at);
}

static bool list_cell(struct cell *ret, const struct json_node *list, struct arena *arena)
{
	double *numbers = arena_calloc(arena, list->n, sizeof *numbers);
	struct json_numbers rest = json_dom_numbers(list);
	struct str number;

	*ret = (struct cell){.kind = CELL_LIST, .text = "", .numbers = numbers};
	if (list->type == DOM_NUMBERS)
		while (numbers && json_dom_next_number(&rest, &number))
			ret->n_numbers += reader_number(number, '.', &numbers[ret->n_numbers]);
	for (uint32_t i = 0; list->type == DOM_ARRAY && numbers && i < list->n; i++)
		ret->n_numbers += reader_number(json_dom_text(&list->items[i]), '.', &numbers[i]);
	return numbers;
}

/* As it stands, but short. */
static bool mixed_cell(struct cell *ret, const struct json_node *list, struct arena *arena)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(4 * TEXT_BYTES_MAX);

	for (uint32_t i = 0; i < list->n && text.len <= TEXT_BYTES_MAX; i++) {
		const struct json_node *item = &list->items[i];

		buf_puts(&text, i ? ", " : "[");
		buf_add(&text, item->text, utf8_cut(item->text, item->n, TEXT_BYTES_MAX));
	}
	buf_putc(&text, ']');
	*ret = (struct cell){.kind = CELL_TEXT};
	ret->text = json_cell_text(str_of(buf_text(&text)), arena);
	return ret->text && !text.failed;
}

static bool scalar_cell(struct cell *ret, const struct json_node *node, struct arena *arena)
{
	struct str s = str_trim(json_dom_text(node));

	*ret = (struct cell){.kind = CELL_TEXT, .text = json_cell_text(s, arena)};
	if (node->type == DOM_NULL) {
		ret->kind = CELL_NULL;
	} else if (node->type == DOM_BOOL) {
		ret->kind = CELL_BOOL;
		ret->number = node->text[0] == 't';
	} else if (s.len == 0) {
		ret->kind = CELL_EMPTY;
	} else if (node->type == DOM_NUMBER && reader_number(s, '.', &ret->number)) {
		ret->kind = CELL_NUMBER;
	}
	return ret->text;
}

bool json_cell(struct cell *ret, const struct json_node *node, enum json_shape shape,
               struct arena *arena)
{
	if (shape == SHAPE_LIST)
		return list_cell(ret, node, arena);
	if (shape == SHAPE_MIXED)
		return mixed_cell(ret, node, arena);
	return scalar_cell(ret, node, arena);
}
