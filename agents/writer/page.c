/* SPDX-License-Identifier: MIT */
#include "agents/writer/page.h"

#include <errno.h>

#include "agents/writer/pointer.h"

#define MAX_COMMENTS_A_PLACE 2

static void map_groups(struct page *p)
{
	for (size_t g = 0; g < p->d->n_groups; g++) {
		const struct group *group = &p->d->groups[g];

		for (size_t c = 0; c < group->n_configurations * group->n_metrics; c++) {
			const struct group_cell *cell = &group->cells[c];
			const unsigned ids[] = {cell->center, cell->count, cell->min, cell->max,
			                        cell->mean,   cell->stdev, cell->p95, cell->cv};

			for (size_t k = 0; k < ARRAY_LEN(ids); k++)
				if (ids[k] && ids[k] <= p->d->n_facts)
					p->group_of[ids[k]] = (unsigned)g + 1;
		}
		for (size_t m = 0; m < group->n_metrics; m++)
			if (group->metrics[m].spread && group->metrics[m].spread <= p->d->n_facts)
				p->group_of[group->metrics[m].spread] = (unsigned)g + 1;
	}
}

int page_init(struct page *p, const struct dossier *d, const struct report_meta *meta,
              json_t *report, const struct page_limits *limits, struct error *err)
{
	int r;

	*p = (struct page){.d = d, .meta = meta, .report = report, .limits = *limits};
	p->comments_left = limits->comments;
	r = ink_init(&p->ink, d, report, err);
	if (r < 0)
		return r;
	p->told = calloc(d->n_findings + 1, sizeof *p->told);
	p->advised = calloc(d->n_recommendations + 1, sizeof *p->advised);
	p->group_of = calloc(d->n_facts + 1, sizeof *p->group_of);
	p->in_sheet = calloc(d->n_facts + 1, sizeof *p->in_sheet);
	p->sheet = calloc(d->n_facts + 1, sizeof *p->sheet);
	p->commented = calloc(d->n_comments + 1, sizeof *p->commented);
	if (!p->told || !p->advised || !p->group_of || !p->in_sheet || !p->sheet || !p->commented ||
	    json_object_set_new(report, "sections", json_array()) < 0) {
		page_done(p);
		return error_set(err, -ENOMEM, "report.md: no memory");
	}
	map_groups(p);
	return 0;
}

void page_done(struct page *p)
{
	ink_done(&p->ink);
	free(p->told);
	free(p->advised);
	free(p->group_of);
	free(p->in_sheet);
	free(p->sheet);
	free(p->commented);
	*p = (struct page){0};
}

static void set_text(struct page *p, json_t *object, const char *key, size_t from)
{
	const struct buf *b = &p->ink.out;
	size_t to = b->len;

	while (to > from && b->data[to - 1] == '\n')
		to--;
	if (json_object_set_new(object, key, json_stringn(buf_text(b) + from, to - from)) < 0)
		p->failed = true;
}

static void section_add(struct page *p, size_t heading_from)
{
	json_t *section = json_object();

	p->blocks = json_array();
	set_text(p, section, "heading", heading_from);
	if (json_object_set_new(section, "blocks", p->blocks) < 0 ||
	    json_array_append_new(json_object_get(p->report, "sections"), section) < 0)
		p->failed = true;
}

void page_section(struct page *p, unsigned number, const char *title)
{
	size_t mark = number ? strlen("## ") : strlen(title[0] == '#' ? "# " : "## "), from;

	p->section = number;
	ink_blank(&p->ink);
	from = p->ink.out.len + mark;
	if (number)
		ink_heading(&p->ink, number, 0);
	else if (title[0] != '#')
		ink_words(&p->ink, "## ");
	ink_words(&p->ink, title);
	if (title[0] == '#')
		ink_label(&p->ink, p->meta->title);
	section_add(p, from);
	ink_blank(&p->ink);
}

void page_begin(struct page *p, const char *kind, const char *by)
{
	p->block = json_object();
	if (json_object_set_new(p->block, "kind", json_string(kind)) < 0 ||
	    json_object_set_new(p->block, "text", json_string("")) < 0 ||
	    json_object_set_new(p->block, "by", json_string(by)) < 0 ||
	    json_object_set_new(p->block, "omitted", json_integer(0)) < 0 ||
	    json_array_append_new(p->blocks, p->block) < 0)
		p->failed = true;
	p->block_from = p->ink.out.len;
}

void page_end(struct page *p)
{
	set_text(p, p->block, "text", p->block_from);
	ink_blank(&p->ink);
}

void page_drop(struct page *p)
{
	size_t n = json_array_size(p->blocks);

	if (n && json_array_remove(p->blocks, n - 1) < 0)
		p->failed = true;
	p->block = NULL;
}

void page_omitted(struct page *p, size_t n)
{
	size_t section = json_array_size(json_object_get(p->report, "sections")) - 1;

	if (json_object_set_new(p->block, "omitted", json_integer((json_int_t)n)) < 0)
		p->failed = true;
	ink_figure(&p->ink, NUMBER_MEASURE, "/sections/%zu/blocks/%zu/omitted", section,
	           json_array_size(p->blocks) - 1);
}

void page_item(struct page *p, const char *name)
{
	ink_words(&p->ink, "- **");
	ink_words(&p->ink, name);
	ink_words(&p->ink, ":** ");
}

void page_more(struct page *p, size_t n)
{
	if (!n)
		return;
	ink_words(&p->ink, "And ");
	page_omitted(p, n);
	ink_words(&p->ink, " more in report.json.");
}

void page_more_items(struct page *p, size_t n)
{
	if (!n)
		return;
	ink_words(&p->ink, "- and ");
	page_omitted(p, n);
	ink_words(&p->ink, " more in report.json\n");
}

void page_table(struct page *p, bool begins)
{
	p->ink.in_table = begins;
}

void page_cell(struct page *p)
{
	ink_words(&p->ink, p->ink.column == 1 ? "| " : " | ");
}

void page_row(struct page *p)
{
	ink_words(&p->ink, " |\n");
}

void page_rule(struct page *p, const char *columns)
{
	for (; *columns; columns++)
		ink_words(&p->ink, *columns == 'n' ? "| ---: " : "| --- ");
	ink_words(&p->ink, "|\n");
}

void page_ids(struct page *p, char letter, const unsigned *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		ink_words(&p->ink, i ? ", " : "");
		ink_id(&p->ink, letter, ids[i]);
	}
}

static bool step_composes(const struct page *p, const char *step)
{
	for (size_t i = 0; i < p->meta->n_steps; i++)
		if (strcmp(p->meta->steps[i].id, step ? step : "") == 0)
			return strcmp(p->meta->steps[i].agent, task_name(TASK_COMPOSE)) == 0;
	return false;
}

/* The group a comment speaks of, by the first of its facts that is in one. */
static unsigned comment_group(const struct page *p, const struct comment *c)
{
	unsigned ids[64];
	size_t n = 0;

	for (size_t i = 0; i < c->n_facts && n < ARRAY_LEN(ids); i++)
		ids[n++] = c->facts[i];
	for (size_t i = 0; i < c->text.n && n < ARRAY_LEN(ids); i++)
		ids[n++] = c->text.segments[i].fact;
	for (size_t k = 0; k < c->n_findings; k++) {
		const struct finding *f = dossier_finding(p->d, c->findings[k]);

		for (size_t i = 0; f && i < f->n_facts && n < ARRAY_LEN(ids); i++)
			ids[n++] = f->facts[i];
	}
	for (size_t i = 0; i < n; i++)
		if (ids[i] <= p->d->n_facts && p->group_of[ids[i]])
			return p->group_of[ids[i]];
	return 0;
}

static bool about_a_best(const struct page *p, const struct comment *c)
{
	const struct finding *f = dossier_finding(p->d, c->n_findings ? c->findings[0] : 0);

	return f && f->kind == FINDING_BEST;
}

static enum page_place place_of(const struct page *p, const struct comment *c, unsigned *id)
{
	*id = 0;
	if (c->summary || step_composes(p, c->step))
		return PLACE_SUMMARY;
	if (c->n_findings && !about_a_best(p, c)) {
		*id = c->findings[0];
		return PLACE_FINDING;
	}
	*id = comment_group(p, c);
	if (*id)
		return PLACE_GROUP;
	*id = c->n_findings ? c->findings[0] : 0;
	return *id ? PLACE_FINDING : PLACE_END;
}

static void comment_print(struct page *p, const struct comment *c, const char *indent)
{
	ink_words(&p->ink, indent);
	ink_words(&p->ink, "> **Model**");
	if (c->n_findings)
		ink_words(&p->ink, " on ");
	page_ids(p, 'K', c->findings, c->n_findings > 3 ? 3 : c->n_findings);
	ink_words(&p->ink, c->hypothesis ? " (hypothesis): " : ": ");
	page_text(p, &c->text);
	ink_line(&p->ink);
}

/* Whether a later section prints it. */
static bool comes_later(const struct page *p, const struct comment *c)
{
	unsigned id = 0;
	const struct finding *k = place_of(p, c, &id) == PLACE_FINDING ? dossier_finding(p->d, id)
	                                                               : NULL;

	return k && k->expectation;
}

/* PLACE_END takes whatever found no other place. */
bool page_comments(struct page *p, enum page_place place, unsigned id, const char *indent)
{
	unsigned room = MAX_COMMENTS_A_PLACE, at;
	bool any = false;

	for (size_t i = 0; i < p->d->n_comments && room && p->comments_left; i++) {
		const struct comment *c = &p->d->comments[i];

		if (p->commented[i] ||
		    (place == PLACE_END ? comes_later(p, c)
		                        : place_of(p, c, &at) != place || at != id))
			continue;
		if (any && !indent[0]) /* quotations in a row would melt into one */
			ink_blank(&p->ink);
		comment_print(p, c, indent);
		p->commented[i] = any = true;
		p->comments_left--;
		room--;
	}
	return any;
}
