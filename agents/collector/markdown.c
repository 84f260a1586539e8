/* SPDX-License-Identifier: MIT */
/*
 * markdown - the GFM tables of a Markdown text, found by cmark-gfm, and the places that only look
 * like one.
 */
#include <cmark-gfm.h>
#include <errno.h>

#include "agents/collector/markdown_lines.h"
#include "agents/collector/markdown_prose.h"
#include "agents/collector/reader.h"
#include "lib/base/buf.h"
#include "lib/base/markdown_memory.h"

/* Some inputs cost cmark-gfm quadratic time: keep it small. */
#define BYTES_MAX (4 * 1024 * 1024)
/* It pads each row to the width of its header, so that a wide one above many short rows explodes.
 */
#define CELLS_MAX 1000000
/*
 * "![[]()" over and over takes it quadratic time (CVE-2023-22486, present in Debian 12): 10,000
 * cost 0.2 s, 40,000 already 12 s.
 */
#define IMAGES_MAX   10000
#define HEADINGS_MAX 6

struct reading {
	struct artifact *artifact;
	struct arena *arena;
	struct markdown_lines *lines;
	struct table *tables;
	size_t n_tables, cap;
	const char *headings[HEADINGS_MAX]; /* the current one of each level, or NULL */
	struct buf text;                    /* of one cell or heading */
	bool failed;                        /* no memory */
	bool left_out;                      /* too many tables */
};

static void cmark_iterp(cmark_iter **i)
{
	if (*i)
		cmark_iter_free(*i);
}

/* The text of a node without its markup, blanks trimmed. Borrowed until the next call. */
static struct str plain_text(struct reading *r, cmark_node *node)
{
	CLEANUP(cmark_iterp) cmark_iter *iter = cmark_iter_new(node);

	r->text.len = 0;
	for (cmark_event_type ev = cmark_iter_next(iter); ev != CMARK_EVENT_DONE;
	     ev = cmark_iter_next(iter)) {
		cmark_node *at = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(at);

		if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
			buf_puts(&r->text, cmark_node_get_literal(at));
		else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK ||
		         type == CMARK_NODE_HTML_INLINE)
			buf_putc(&r->text, ' ');
	}
	r->failed |= r->text.failed;
	return str_trim((struct str){buf_text(&r->text), r->text.len});
}

static const char *keep(struct reading *r, struct str s)
{
	char *text = s.len ? arena_strndup(r->arena, s.at, s.len) : NULL;

	r->failed |= s.len && !text;
	return text ? text : "";
}

static void note_heading(struct reading *r, cmark_node *node)
{
	int level = cmark_node_get_heading_level(node);
	struct str text = plain_text(r, node);

	if (level < 1 || level > HEADINGS_MAX)
		return;
	r->headings[level - 1] = text.len ? keep(r, text) : NULL;
	for (int i = level; i < HEADINGS_MAX; i++)
		r->headings[i] = NULL;
}

static size_t count_children(cmark_node *node)
{
	size_t n = 0;

	for (cmark_node *at = cmark_node_first_child(node); at; at = cmark_node_next(at))
		n++;
	return n;
}

static void take_context(struct reading *r, struct table *t)
{
	t->context = arena_calloc(r->arena, HEADINGS_MAX, sizeof *t->context);
	r->failed |= !t->context;
	for (size_t i = 0; t->context && i < HEADINGS_MAX; i++)
		if (r->headings[i])
			t->context[t->n_context++] = (struct label){"heading", r->headings[i]};
}

static void take_header(struct reading *r, struct table *t, cmark_node *header)
{
	const char **names = arena_calloc(r->arena, t->n_columns, sizeof *names);
	cmark_node *cell = cmark_node_first_child(header);

	r->failed |= !names;
	for (size_t i = 0; names && i < t->n_columns; i++, cell = cmark_node_next(cell))
		names[i] = keep(r, plain_text(r, cell));
	r->failed |= names && reader_name_columns(t->columns, names, t->n_columns, r->arena) < 0;
}

static void take_row(struct reading *r, const struct table *t, size_t to, cmark_node *row)
{
	cmark_node *cell = cmark_node_first_child(row);

	for (size_t i = 0; i < t->n_columns; i++) {
		struct str text = cell ? plain_text(r, cell) : (struct str){0};

		reader_cell(&t->columns[i].values[to], keep(r, text), text.len, t->decimal);
		cell = cell ? cmark_node_next(cell) : NULL;
	}
}

static struct table *new_table(struct reading *r)
{
	if (r->n_tables == READER_TABLES_MAX) {
		r->left_out = true;
		return NULL;
	}
	r->failed |= !arena_room(r->arena, &r->tables, r->n_tables, &r->cap, sizeof *r->tables);
	return r->failed ? NULL : &r->tables[r->n_tables++];
}

/*
 * A table that follows a paragraph without a blank line begins, for cmark-gfm, where the
 * paragraph begins. Its header is the line above the delimiter row.
 */
static unsigned find_header_line(const struct reading *r, cmark_node *table)
{
	unsigned line = (unsigned)cmark_node_get_start_line(table);
	unsigned end = (unsigned)cmark_node_get_end_line(table);

	for (unsigned at = line; at < end; at++)
		if (markdown_is_delimiter_row(r->lines, at + 1))
			return at;
	return line;
}

static void take_table(struct reading *r, cmark_node *node)
{
	cmark_node *header = cmark_node_first_child(node);
	struct table *t = header ? new_table(r) : NULL;
	size_t row = 0;

	markdown_mark(r->lines, (unsigned)cmark_node_get_start_line(node),
	              (unsigned)cmark_node_get_end_line(node));
	if (!t)
		return;
	*t = (struct table){.artifact = r->artifact,
	                    .number = (unsigned)r->n_tables,
	                    .header_line = find_header_line(r, node),
	                    .decimal = '.',
	                    .n_columns = count_children(header),
	                    .n_rows = count_children(node) - 1};
	r->failed |= !reader_make_columns(t, r->arena);
	if (r->failed)
		return;
	take_context(r, t);
	take_header(r, t, header);
	for (cmark_node *at = cmark_node_next(header); at && !r->failed; at = cmark_node_next(at))
		take_row(r, t, row++, at);
	reader_find_decimal(t);
	reader_settle(t);
}

static void take_node(struct reading *r, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	if (type == CMARK_NODE_HEADING)
		note_heading(r, node);
	else if (type == CMARK_NODE_CODE_BLOCK)
		markdown_mark(r->lines, (unsigned)cmark_node_get_start_line(node),
		              (unsigned)cmark_node_get_end_line(node));
	else if (strcmp(cmark_node_get_type_string(node), "table") == 0)
		take_table(r, node);
}

static void take_document(struct reading *r, cmark_node *document)
{
	CLEANUP(cmark_iterp) cmark_iter *iter = cmark_iter_new(document);

	for (cmark_event_type ev = cmark_iter_next(iter); ev != CMARK_EVENT_DONE && !r->failed;
	     ev = cmark_iter_next(iter))
		if (ev == CMARK_EVENT_ENTER)
			take_node(r, cmark_iter_get_node(iter));
}

struct parsing {
	struct reading *reading;
	struct str text;
	cmark_mem *memory; /* whose the document is */
};

static void parse(void *arg)
{
	struct parsing *p = arg;
	cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, p->memory);
	cmark_syntax_extension *tables = markdown_tables();
	cmark_node *document = NULL;

	if (tables && cmark_parser_attach_syntax_extension(parser, tables)) {
		cmark_parser_feed(parser, p->text.at, p->text.len);
		document = cmark_parser_finish(parser);
	}
	if (document)
		take_document(p->reading, document);
	else
		p->reading->failed = true;
}

static void take_text(struct reading *r, struct str text)
{
	CLEANUP(markdown_memory_done) struct markdown_memory memory = {0};
	struct parsing p = {.reading = r, .text = text};

	if (markdown_memory_init(&memory, &p.memory) < 0 ||
	    markdown_memory_run(&memory, parse, &p) < 0)
		r->failed = true;
	buf_done(&r->text);
}

static void report(struct reading *r)
{
	struct markdown_lookalikes found = markdown_find_lookalikes(r->lines);

	if (r->left_out)
		reader_partial(r->artifact, r->arena,
		               "more than %d tables: the rest is left out: write several files",
		               READER_TABLES_MAX);
	if (found.n == 1)
		reader_partial(r->artifact, r->arena,
		               "line %u looks like a table but is none in GFM", found.first_line);
	else if (found.n > 1)
		reader_partial(
			r->artifact, r->arena,
			"line %u looks like a table but is none in GFM, as do%s %zu more place%s",
			found.first_line, found.n == 2 ? "es" : "", found.n - 1,
			found.n == 2 ? "" : "s");
}

int markdown_read(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	CLEANUP(markdown_lines_done) struct markdown_lines lines = {0};
	struct reading r = {
		.artifact = a, .arena = arena, .lines = &lines, .text = BUF_INIT(2 * BYTES_MAX)};

	if (text.len > BYTES_MAX)
		return error_set(err, -EINVAL,
		                 "%zu bytes, over the limit of %d for Markdown: write CSV",
		                 text.len, BYTES_MAX);
	if (markdown_lines_init(&lines, text) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (lines.n * (lines.most_pipes + 1) > CELLS_MAX && lines.most_pipes > 100)
		return error_set(err, -EINVAL, "%zu lines, one with %zu pipes: too wide to read",
		                 lines.n, lines.most_pipes);
	if (lines.images > IMAGES_MAX)
		return error_set(err, -EINVAL,
		                 "%zu images, over the limit of %d: write fewer into one file",
		                 lines.images, IMAGES_MAX);
	take_text(&r, text);
	if (r.failed)
		return error_set(err, -ENOMEM, "out of memory");
	a->tables = r.tables;
	a->n_tables = r.n_tables;
	report(&r);
	if (markdown_prose(&a->prose, &lines, arena) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	return 0;
}

/* A row and the rule below it, both with a pipe in front: no list of values looks so. */
static bool has_table(const struct markdown_lines *l)
{
	for (unsigned i = 1; i < l->n; i++) {
		struct str row = str_trim(l->all[i - 1].text), rule = str_trim(l->all[i].text);

		if (row.len && row.at[0] == '|' && rule.len && rule.at[0] == '|' &&
		    markdown_is_delimiter_row(l, i + 1))
			return true;
	}
	return false;
}

int markdown_read_in_text(struct artifact *a, struct str text, struct arena *arena,
                          struct error *err)
{
	CLEANUP(markdown_lines_done) struct markdown_lines lines = {0};
	struct artifact before = *a;
	int r;

	if (markdown_lines_init(&lines, text) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (!has_table(&lines))
		return error_set(err, -EINVAL, "no table of Markdown");
	r = markdown_read(a, text, arena, err);
	if (r < 0 || a->n_tables)
		return r;
	*a = before;
	return error_set(err, -EINVAL, "no table of Markdown");
}
