/* SPDX-License-Identifier: MIT */
#include "ctl/pretty_impl.h"

#define GAP            2 /* blanks between columns */
#define COLUMN_LEAST   6
#define COLUMNS_MAX    256
#define TABLE_ROWS_MAX 100000

struct grid {
	size_t rows, columns;
	struct buf *cells; /* row after row, styled */
	size_t widths[COLUMNS_MAX];
};

static size_t count(cmark_node *first)
{
	size_t n = 0;

	for (; first; first = cmark_node_next(first))
		n++;
	return n;
}

static void grid_done(struct grid *g)
{
	for (size_t i = 0; g->cells && i < g->rows * g->columns; i++)
		buf_done(&g->cells[i]);
	free(g->cells);
}

/* false: no memory, or no table. The first row has as many cells as any. */
static bool grid_fill(struct grid *g, const struct pretty *p, cmark_node *table)
{
	cmark_node *row = cmark_node_first_child(table);

	g->rows = count(row);
	g->columns = row ? count(cmark_node_first_child(row)) : 0;
	if (g->columns == 0 || g->columns > COLUMNS_MAX || g->rows > TABLE_ROWS_MAX)
		return false;
	g->cells = calloc(g->rows * g->columns, sizeof *g->cells);
	for (size_t r = 0; g->cells && row; row = cmark_node_next(row), r++) {
		cmark_node *cell = cmark_node_first_child(row);

		for (size_t c = 0; cell && c < g->columns; cell = cmark_node_next(cell), c++) {
			struct buf *b = &g->cells[r * g->columns + c];
			size_t width;

			b->max = PRETTY_BYTES_MAX;
			pretty_inlines(b, p, cell);
			width = pretty_columns(buf_text(b));
			g->widths[c] = width > g->widths[c] ? width : g->widths[c];
		}
	}
	return g->cells != NULL;
}

/* The widest columns give until all fit, or can give no more. */
static void grid_fit(struct grid *g, size_t room)
{
	for (;;) {
		size_t sum = (g->columns - 1) * GAP, widest = 0;

		for (size_t c = 0; c < g->columns; c++) {
			sum += g->widths[c];
			if (g->widths[c] > g->widths[widest])
				widest = c;
		}
		if (sum <= room || g->widths[widest] <= COLUMN_LEAST)
			return;
		g->widths[widest]--;
	}
}

/* As many lines as its longest cell needs. */
static void put_row(struct buf *out, const struct pretty *p, const struct grid *g, size_t row,
                    size_t indent)
{
	struct pretty_flow flows[COLUMNS_MAX];
	bool left = true;

	for (size_t c = 0; c < g->columns; c++)
		flows[c] = (struct pretty_flow){.at = buf_text(&g->cells[row * g->columns + c]),
		                                .strong = row == 0};
	while (left) {
		size_t blanks = indent;

		left = false;
		for (size_t c = 0; c < g->columns; c++) {
			size_t used = 0;

			if (*flows[c].at) {
				pretty_blanks(out, blanks);
				blanks = 0;
				used = pretty_line(out, p, &flows[c], g->widths[c]);
			}
			blanks += g->widths[c] > used ? g->widths[c] - used : 0;
			blanks += GAP;
			left = left || *flows[c].at;
		}
		buf_putc(out, '\n');
	}
}

static void put_rule(struct buf *out, const struct pretty *p, const struct grid *g, size_t indent)
{
	pretty_blanks(out, indent);
	for (size_t c = 0; c < g->columns; c++) {
		for (size_t i = 0; i < g->widths[c]; i++)
			buf_puts(out, p->unicode ? "─" : "-");
		if (c + 1 < g->columns)
			pretty_blanks(out, GAP);
	}
	buf_putc(out, '\n');
}

void pretty_table(struct buf *out, const struct pretty *p, cmark_node *table, size_t indent)
{
	CLEANUP(grid_done) struct grid g = {0};

	if (!grid_fill(&g, p, table)) {
		out->failed = true;
		return;
	}
	grid_fit(&g, p->width > indent ? p->width - indent : 1);
	put_row(out, p, &g, 0, indent);
	put_rule(out, p, &g, indent);
	for (size_t r = 1; r < g.rows; r++)
		put_row(out, p, &g, r, indent);
}
