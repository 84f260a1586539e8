/* SPDX-License-Identifier: MIT */
#include "tests/unit/analyst/builder.h"
#include "agents/collector/schemas.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "agents/collector/quantity.h"
#include "tests/unit/analyst/require_that.h"

#define MAX_ARTIFACTS 600
#define MAX_TABLES    8
#define MEMORY        (256u << 20)

static const char *root = "/data";

void build_start(struct builder *b)
{
	*b = (struct builder){.arena = arena_new(MEMORY), .rows = BUF_INIT(MEMORY)};
	REQUIRE(b->arena);
	b->dossier.arena = b->arena;
	b->dossier.inventory.roots = &root;
	b->dossier.inventory.n_roots = 1;
	b->dossier.inventory.artifacts = arena_calloc(b->arena, MAX_ARTIFACTS,
	                                              sizeof(struct artifact));
}

void build_done(struct builder *b)
{
	arena_free(b->arena);
	buf_done(&b->rows);
}

void build_row(struct builder *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vprintf(&b->rows, fmt, args);
	va_end(args);
	buf_putc(&b->rows, '\n');
	REQUIRE(!b->rows.failed);
}

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

static void read_list(struct builder *b, struct cell *c, const char *text)
{
	double *numbers = arena_calloc(b->arena, count(text, ';') + 1, sizeof *numbers);

	c->kind = CELL_LIST;
	c->text = "";
	c->numbers = numbers;
	for (text++; *text; text += *text == ';' || *text == ']') {
		c->n_numbers++;
		numbers[c->n_numbers - 1] = strtod(text, NULL);
		text = text + strcspn(text, ";]");
		if (!isfinite(numbers[c->n_numbers - 1]))
			numbers[c->n_numbers - 1] = 0;
		if (*text == ']')
			return;
	}
}

static struct cell read_cell(struct builder *b, const char *text)
{
	struct cell c = {.kind = CELL_TEXT, .text = text};
	struct quantity q;
	char *end;
	double v = strtod(text, &end);

	if (!*text) {
		c.kind = CELL_EMPTY;
	} else if (strcmp(text, "null") == 0) {
		c.kind = CELL_NULL;
	} else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		c.kind = CELL_BOOL;
		c.number = *text == 't';
	} else if (text[0] == '[' && text[1] >= '0' && text[1] <= '9' &&
	           text[strlen(text) - 1] == ']') {
		read_list(b, &c, text);
	} else if (end != text && !*end && isfinite(v)) {
		c.kind = CELL_NUMBER;
		c.number = v;
	} else if (quantity_parse(&q, str_of(text), '.')) {
		c.kind = CELL_NUMBER;
		c.number = q.number;
		c.unit = q.unit;
	}
	return c;
}

/* Cuts the next piece off *at; NULL at the end. */
static char *cut(struct builder *b, const char **at, char by)
{
	const char *end = *at ? strchrnul(*at, by) : NULL;
	char *piece = end ? arena_strndup(b->arena, *at, (size_t)(end - *at)) : NULL;

	*at = end && *end ? end + 1 : NULL;
	return piece;
}

static void read_header(struct builder *b, struct table *t, const char *line)
{
	t->n_columns = count(line, '|') + 1;
	t->columns = arena_calloc(b->arena, t->n_columns, sizeof *t->columns);
	for (size_t c = 0; c < t->n_columns; c++) {
		char *name = cut(b, &line, '|');
		const char *slash = strrchr(name, '/');

		t->columns[c].name = name;
		if (!t->base)
			continue;
		t->columns[c].is_row_key = *name == '!';
		t->columns[c].pointer = *name == '!' ? "" : name;
		t->columns[c].name = *name == '!' ? name + 1 : slash ? slash + 1 : name;
	}
}

static void read_rows(struct builder *b, struct table *t, const char *text)
{
	size_t most = text ? count(text, '\n') + 1 : 1;
	struct row_note *notes = arena_calloc(b->arena, most, sizeof *notes);

	for (size_t c = 0; c < t->n_columns; c++)
		t->columns[c].values = arena_calloc(b->arena, most, sizeof(struct cell));
	t->notes = notes;
	while (text && *text) {
		const char *line = cut(b, &text, '\n');
		bool ragged = false;

		for (size_t c = 0; c < t->n_columns; c++) {
			char *cell = cut(b, &line, '|');

			t->columns[c].values[t->n_rows] = read_cell(b, cell ? cell : "");
			ragged |= !cell;
		}
		if (ragged)
			notes[t->n_notes++] = (struct row_note){(uint32_t)t->n_rows, "ragged"};
		t->n_rows++;
	}
}

struct table *build_more(struct builder *b, const char *base, const char *text)
{
	struct inventory *inv = &b->dossier.inventory;
	struct artifact *a = &inv->artifacts[inv->n_artifacts - 1];
	struct table *t = &a->tables[a->n_tables];

	REQUIRE(a->n_tables < MAX_TABLES);
	*t = (struct table){.artifact = a,
	                    .number = (unsigned)++a->n_tables,
	                    .header_line = base ? 0 : 1,
	                    .decimal = '.',
	                    .base = base};
	read_header(b, t, cut(b, &text, '\n'));
	read_rows(b, t, text);
	return t;
}

struct artifact *build_table(struct builder *b, const char *path, const char *base,
                             const char *text)
{
	struct inventory *inv = &b->dossier.inventory;
	struct artifact *a = &inv->artifacts[inv->n_artifacts++];

	REQUIRE(inv->n_artifacts <= MAX_ARTIFACTS);
	*a = (struct artifact){.id = (unsigned)inv->n_artifacts,
	                       .path = path,
	                       .format = base ? FORMAT_JSON : FORMAT_CSV,
	                       .tables = arena_calloc(b->arena, MAX_TABLES, sizeof(struct table))};
	(void)build_more(b, base, text);
	return a;
}

void build_nights(struct builder *b, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)build_table(
			b, arena_printf(b->arena, "2026-11-%02zu/bench.csv", i + 1), NULL,
			arena_printf(b->arena,
		                     "model|run|tokens_s\na|1|%.17g\na|2|%.17g\na|3|%.17g",
		                     x[i] - 1, x[i], x[i] + 2));
	build_analysis(b);
}

double build_scatter(unsigned series, unsigned night)
{
	uint32_t h = series * 7919u + night * 104729u + 1;

	h = (h ^ (h >> 15)) * 2246822519u;
	h = (h ^ (h >> 13)) * 3266489917u;
	h ^= h >> 16;
	return 1 + .01 * (2 * (double)h / 4294967295.0 - 1) * sqrt(3);
}

void build_analysis(struct builder *b)
{
	struct analyst_settings s = {
		.today = "2026-11-21", .machine = "", .min_effect_pct = 2, .max_facts = 10000};

	build_analysis_with(b, &s);
}

void build_analysis_with(struct builder *b, const struct analyst_settings *s)
{
	struct error err = {0};

	for (size_t i = 0; i < b->dossier.inventory.n_artifacts; i++)
		if (schemas_recognise(&b->dossier.inventory.artifacts[i], b->arena, &err) < 0)
			abort();
	if (analyst_run(&b->dossier, s, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	check_dossier(&b->dossier);
	memset(b->n_findings_of, 0, sizeof b->n_findings_of);
	for (size_t i = 0; i < b->dossier.n_findings; i++)
		b->n_findings_of[b->dossier.findings[i].kind]++;
}

static bool fits(const struct fact *f, const char *subject)
{
	for (const char *at = subject; *at; at += *at == ',') {
		size_t n = strcspn(at, ","), name = strcspn(at, "=");
		bool found = false;

		for (size_t i = 0; i < f->n_subject; i++)
			found |= strlen(f->subject[i].name) == name &&
			         strncmp(f->subject[i].name, at, name) == 0 &&
			         strlen(f->subject[i].text) == n - name - 1 &&
			         strncmp(f->subject[i].text, at + name + 1, n - name - 1) == 0;
		if (!found)
			return false;
		at += n;
	}
	return true;
}

const struct fact *find_fact(const struct dossier *d, const char *metric, enum statistic s,
                             const char *subject)
{
	for (size_t i = 0; i < d->n_facts; i++)
		if (d->facts[i].statistic == s && d->facts[i].metric &&
		    strcmp(d->facts[i].metric, metric) == 0 && fits(&d->facts[i], subject))
			return &d->facts[i];
	return NULL;
}

const struct finding *find_finding(const struct dossier *d, enum finding_kind k)
{
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].kind == k)
			return &d->findings[i];
	return NULL;
}

const char *find_role(const struct dossier *d, const char *column)
{
	for (size_t i = 0; i < d->n_roles; i++)
		if (strcmp(d->roles[i].column, column) == 0)
			return d->roles[i].role;
	return "none";
}

const char *plain(struct builder *b, const struct text *t)
{
	const char *text = "";

	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		if (s->fact)
			text = arena_printf(b->arena, "%s{F%u}", text, s->fact);
		else
			text = arena_printf(b->arena, "%s%s", text, s->words ? s->words : s->name);
	}
	return text;
}
