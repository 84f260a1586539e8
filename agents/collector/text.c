/* SPDX-License-Identifier: MIT */
/*
 * text - the text output of the tools in text_tools.h as tables.
 *
 * First every line is held against the rules of all tools; a tool all of whose signs were seen is
 * recognised. Then the text is read once for each of these: a log may hold the output of several.
 */
#include <errno.h>

#include "agents/collector/reader.h"
#include "agents/collector/text_tools.h"
#include "lib/base/utf8.h"

#define LINE_BYTES_MAX 4096 /* no tool writes a longer one */
#define TOOLS_MAX      40
#define CARRIED_MAX    32
#define HEAD_MAX       TEXT_PIECES_MAX

/* A line, or a piece of one that CR overwrites on a terminal, as progress is shown. */
struct line {
	struct str text; /* without blanks on both sides; empty: longer than a tool writes one */
	uint32_t number; /* from 1 */
	uint32_t before; /* code points of the line before it */
	const char *counted; /* up to here */
	struct str behind;   /* what is left of the line */
};

static void count_to(struct line *l, const char *to)
{
	for (; l->counted < to; l->counted++)
		l->before += ((unsigned char)*l->counted & 0xC0) != 0x80;
}

static bool next_piece(struct line *l)
{
	struct str piece = l->behind;
	const char *cr;

	if (!piece.at)
		return false;
	cr = piece.len ? memchr(piece.at, '\r', piece.len) : NULL;
	piece.len = cr ? (size_t)(cr - piece.at) : piece.len;
	l->behind = cr ? (struct str){cr + 1, l->behind.len - piece.len - 1}
	               : (struct str){NULL, 0};
	l->text = text_trim(piece);
	count_to(l, l->text.at);
	if (l->text.len > LINE_BYTES_MAX)
		l->text.len = 0;
	return true;
}

static bool next_line(struct line *l, struct str *rest)
{
	const char *end;

	if (next_piece(l))
		return true;
	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	l->behind = (struct str){rest->at, end ? (size_t)(end - rest->at) : rest->len};
	l->counted = rest->at;
	l->before = 0;
	l->number++;
	rest->at += l->behind.len + (end != NULL);
	rest->len -= l->behind.len + (end != NULL);
	return next_piece(l);
}

/* The first character tells most lines from most rules. */
static bool begins(struct str line, const char *with)
{
	size_t len;

	if (*with == '\0' || line.len == 0 || line.at[0] != *with)
		return *with == '\0';
	len = strlen(with);
	return line.len >= len && memcmp(line.at, with, len) == 0;
}

static bool takes(const struct text_rule *r, struct str line, struct text_match *m)
{
	return begins(line, r->begins) && text_match(m, r->pattern, line);
}

/* --- recognising ---------------------------------------------------------------------- */

static uint64_t signs_of(const struct text_tool *tool)
{
	uint64_t signs = 0;

	for (size_t i = 0; tool->rules[i].pattern; i++)
		signs |= (uint64_t)tool->rules[i].sign << i;
	return signs;
}

/* The rules of each tool that are signs and were not seen yet. */
struct missing {
	const struct text_tool *tools[TOOLS_MAX];
	uint64_t rules[TOOLS_MAX];
	size_t n;
};

static void look_for_signs(struct missing *m, struct str line)
{
	struct text_match match;

	for (size_t t = 0; line.len && t < m->n; t++) {
		for (size_t i = 0; i < 64 && m->rules[t] >> i; i++) {
			if (!(m->rules[t] >> i & 1) || !takes(&m->tools[t]->rules[i], line, &match))
				continue;
			m->rules[t] &= m->tools[t]->one_sign ? 0 : ~(UINT64_C(1) << i);
		}
	}
}

static bool may_be_of(const struct text_tool *tool, struct str text, bool in_json)
{
	return tool->in_json == in_json && (!in_json || begins(text, tool->rules->begins));
}

static void recognise(struct missing *ret, struct str text, bool in_json)
{
	struct line line = {0};
	const struct text_tool *tool;

	ret->n = 0;
	for (size_t i = 0; ret->n < TOOLS_MAX && (tool = text_tool(i)) != NULL; i++) {
		if (!may_be_of(tool, text, in_json))
			continue;
		ret->tools[ret->n] = tool;
		ret->rules[ret->n++] = signs_of(tool);
	}
	while (ret->n && next_line(&line, &text))
		look_for_signs(ret, line.text);
}

/* --- reading -------------------------------------------------------------------------- */

struct reading {
	struct artifact *artifact;
	struct arena *arena;
	const struct text_tool *tool;
	struct text_table tables[TEXT_TOOL_TABLES];
	struct text_cell carried[CARRIED_MAX];
	size_t n_carried;
	struct text_cell head[HEAD_MAX]; /* of a grid */
	size_t n_head;
	struct str across; /* empty: the grid has one parameter */
	uint8_t state;
	struct line line;
	struct line partial; /* the first line that makes the artifact so */
	size_t n_partial;
};

/* A spread has its name from what it is of. */
static struct str name_of(const struct reading *r, const struct text_piece *p)
{
	const char *name;

	if (p->kind != 's')
		return p->name;
	name = arena_printf(r->arena, "%.*s +-", (int)p->name.len, p->name.at);
	return str_of(name ? name : "");
}

static struct text_cell cell_of(const struct reading *r, const struct text_piece *p)
{
	bool number = strchr("nsqa", p->kind) != NULL ||
	              (p->kind == 'v' && text_number_length(p->text) == p->text.len);

	return (struct text_cell){.name = name_of(r, p),
	                          .text = p->text,
	                          .unit = p->unit,
	                          .is_number = number,
	                          .place = {r->line.number, r->line.before + p->column, p->length}};
}

static size_t find_carried(const struct reading *r, struct str name)
{
	size_t i = 0;

	while (i < r->n_carried && !str_eq(r->carried[i].name, name))
		i++;
	return i;
}

static void carry(struct reading *r, const struct text_cell *cell)
{
	size_t i = find_carried(r, cell->name);

	if (i == CARRIED_MAX)
		return;
	r->carried[i] = *cell;
	r->n_carried += i == r->n_carried;
}

static void begin_row(struct reading *r, struct text_table *t)
{
	text_table_begin_row(t);
	for (size_t i = 0; i < r->n_carried; i++)
		text_table_put(t, &r->carried[i]);
}

static bool wants_row(const struct text_rule *rule, const struct text_table *t,
                      const struct text_match *m)
{
	switch (rule->effect) {
	case TEXT_ROW:
		return true;
	case TEXT_ADD:
		return t->n_rows == 0;
	case TEXT_AGAIN:
		return m->n > 0 && (text_table_has(t, m->pieces[m->n - 1].name) ||
		                    text_table_differs(t, m->pieces[0].name, m->pieces[0].text));
	case TEXT_CARRY:
	case TEXT_ACROSS:
	case TEXT_HEAD:
	case TEXT_GRID:
	case TEXT_PASS:
	case TEXT_PARTIAL:
		break;
	}
	return false;
}

static void leave_out_aside(const struct reading *r, struct text_table *t,
                            const struct text_match *m)
{
	for (const struct text_aside *a = r->tool->asides; m->n && a && a->suffix; a++) {
		struct str name = m->pieces[0].text;
		size_t len = strlen(a->suffix);

		if (name.len >= len && memcmp(name.at + name.len - len, a->suffix, len) == 0) {
			text_table_leave_out(t, a->why, a->last_resort);
			return;
		}
	}
}

/* What the text does not name is another thing with each row, not one that was repeated. */
static void name_by_order(const struct reading *r, struct text_table *t)
{
	struct str name = str_of(r->tool->ordinal);
	const char *number;

	if (text_table_has(t, name))
		return;
	number = arena_printf(r->arena, "%zu", t->n_rows);
	t->failed |= !number;
	if (number)
		text_table_put(t, &(struct text_cell){.name = name, .text = str_of(number)});
}

/* What a row names itself is not what was carried until then. */
static void renew_carried(struct reading *r, const struct text_match *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct text_cell cell = cell_of(r, &m->pieces[i]);

		if (find_carried(r, cell.name) < r->n_carried)
			carry(r, &cell);
	}
}

static void keep_head(struct reading *r, const struct text_match *m)
{
	r->n_head = 0;
	for (size_t i = 0; i < m->n && i < HEAD_MAX; i++)
		r->head[r->n_head++] = cell_of(r, &m->pieces[i]);
	if (!m->n)
		r->across = (struct str){NULL, 0};
}

static bool is_error(const struct text_grid *g, struct str text)
{
	for (const char *const *e = g->errors; *e; e++)
		if (str_is(text, *e))
			return true;
	return false;
}

static void put_as(struct text_table *t, struct text_cell cell, struct str name)
{
	cell.name = name;
	text_table_put(t, &cell);
}

/* A line of another shape than the head is no line of the grid. */
static void add_grid(struct reading *r, struct text_table *t, const struct text_match *m)
{
	const struct text_grid *g = r->tool->grid;

	if (m->n < 2 || m->n != (r->across.len ? r->n_head : 2))
		return;
	for (size_t i = 1; i < m->n; i++) {
		struct text_cell cell = cell_of(r, &m->pieces[i]);
		bool error = is_error(g, cell.text);

		if (str_is(cell.text, g->none))
			continue;
		cell.is_number = text_number_length(cell.text) > 0;
		begin_row(r, t);
		put_as(t, cell_of(r, &m->pieces[0]), r->head[0].text);
		if (r->across.len)
			put_as(t, r->head[i], r->across);
		put_as(t, cell, str_of(error ? g->error : g->cell));
	}
}

/* True: that was all that the rule does. */
static bool apply_to_grid(struct reading *r, const struct text_rule *rule,
                          const struct text_match *m)
{
	if (rule->effect == TEXT_ACROSS && m->n)
		r->across = m->pieces[0].text;
	else if (rule->effect == TEXT_HEAD)
		keep_head(r, m);
	else if (rule->effect == TEXT_GRID && r->n_head)
		add_grid(r, &r->tables[rule->table], m);
	return rule->effect == TEXT_ACROSS || rule->effect == TEXT_HEAD ||
	       rule->effect == TEXT_GRID;
}

static void apply(struct reading *r, const struct text_rule *rule, const struct text_match *m)
{
	struct text_table *t = &r->tables[rule->table];

	if (rule->to)
		r->state = rule->to;
	if ((rule->partial || rule->effect == TEXT_PARTIAL) && r->n_partial++ == 0)
		r->partial = r->line;
	if (rule->effect == TEXT_PASS || rule->effect == TEXT_PARTIAL || apply_to_grid(r, rule, m))
		return;
	if (rule->forget && rule->effect == TEXT_CARRY)
		r->n_carried = 0;
	if (rule->effect == TEXT_ROW)
		renew_carried(r, m);
	if (wants_row(rule, t, m))
		begin_row(r, t);
	if (rule->effect == TEXT_ROW)
		leave_out_aside(r, t, m);
	for (size_t i = 0; i < m->n; i++) {
		struct text_cell cell = cell_of(r, &m->pieces[i]);

		if (rule->effect == TEXT_CARRY)
			carry(r, &cell);
		else
			text_table_put(t, &cell);
	}
	if (rule->effect == TEXT_ROW && rule->table == 0 && r->tool->ordinal)
		name_by_order(r, t);
	if (rule->forget && rule->effect == TEXT_ROW)
		r->n_carried = 0;
}

static void read_lines(struct reading *r, struct str rest)
{
	struct text_match match;

	while (next_line(&r->line, &rest)) {
		for (const struct text_rule *rule = r->tool->rules;
		     r->line.text.len && rule->pattern; rule++) {
			if ((rule->in && rule->in != r->state) ||
			    !takes(rule, r->line.text, &match))
				continue;
			apply(r, rule, &match);
			break;
		}
	}
}

/* --- the artifact ---------------------------------------------------------------------- */

static void say_partial(struct reading *r)
{
	struct str quoted = r->partial.text;
	size_t over = 0;

	if (quoted.len > READER_QUOTE_BYTES)
		quoted.len = utf8_cut(quoted.at, quoted.len, READER_QUOTE_BYTES);
	if (r->n_partial)
		reader_partial(r->artifact, r->arena, "line %u: %.*s", r->partial.number,
		               (int)quoted.len, quoted.at);
	for (size_t i = 0; i < TEXT_TOOL_TABLES; i++)
		over += r->tables[i].rows_over;
	if (over)
		reader_partial(r->artifact, r->arena,
		               "%zu rows of a table are left out behind the first %d", over,
		               TEXT_ROWS_MAX);
	if (r->tables[0].columns_over || r->tables[1].columns_over)
		reader_partial(r->artifact, r->arena, "columns beyond the first %d are left out",
		               TEXT_COLUMNS_MAX);
}

/* A table without a number may still tell of runs that failed. */
static bool is_worth(const struct text_table *t)
{
	return t->n_rows > 0 && t->n_columns > 0 &&
	       (t->n_numbers > 0 || text_table_knows(t, str_of("error")));
}

static int add_tables(struct reading *r)
{
	struct artifact *a = r->artifact;

	for (size_t i = 0; i < TEXT_TOOL_TABLES; i++) {
		struct table *more;

		if (!is_worth(&r->tables[i]) && !r->tables[i].failed)
			continue;
		more = arena_grow(r->arena, a->tables, a->n_tables * sizeof *more,
		                  (a->n_tables + 1) * sizeof *more);
		if (!more || text_table_finish(&r->tables[i], &more[a->n_tables], a,
		                               (unsigned)a->n_tables + 1) < 0)
			return -ENOMEM;
		more[a->n_tables].schema = r->tool->name;
		a->tables = more;
		a->n_tables++;
	}
	return 0;
}

static int read_tool(struct artifact *a, const struct text_tool *tool, struct str text,
                     struct arena *arena)
{
	struct reading r = {.artifact = a, .arena = arena, .tool = tool};
	size_t before = a->n_tables;
	int result;

	for (size_t i = 0; i < TEXT_TOOL_TABLES; i++)
		text_table_init(&r.tables[i], arena, tool->columns[i], tool->locale);
	read_lines(&r, text);
	result = add_tables(&r);
	if (result == 0 && a->n_tables > before)
		say_partial(&r);
	for (size_t i = 0; i < TEXT_TOOL_TABLES; i++)
		text_table_done(&r.tables[i]);
	return result;
}

static int read_any(struct artifact *a, struct str text, bool in_json, struct arena *arena,
                    struct error *err)
{
	struct artifact read = *a;
	struct missing missing;

	recognise(&missing, text, in_json);
	for (size_t t = 0; t < missing.n; t++) {
		if (!missing.rules[t] && read_tool(&read, missing.tools[t], text, arena) < 0)
			return error_set(err, -ENOMEM, "out of memory");
	}
	if (read.n_tables == 0)
		return error_set(err, -EINVAL, "text of no recognised tool");
	for (size_t i = 0; i < read.n_tables; i++)
		read.tables[i].artifact = a;
	*a = read;
	return 0;
}

int text_read(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	return read_any(a, text, false, arena, err);
}

int text_read_in_json(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	return read_any(a, text, true, arena, err);
}
