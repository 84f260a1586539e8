/* SPDX-License-Identifier: MIT */
/* What was there to read, and what of it could not be. */
#include "agents/writer/page.h"

#define SHOWN_COPIES 3

static void say_counts(struct page *p)
{
	struct number_unit u = number_unit_for("B", (double)p->d->inventory.bytes);

	page_begin(p, "prose", "builtin");
	ink_words(&p->ink, "Artifacts found: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/artifacts");
	ink_words(&p->ink, " (");
	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "/inventory/bytes");
	page_unit(p, u.unit);
	ink_words(&p->ink, "). Read in full: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/statuses/ok");
	ink_words(&p->ink, ", partly: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/statuses/partial");
	ink_words(&p->ink, ", unreadable: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/statuses/unreadable");
	ink_words(&p->ink, ", skipped: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/statuses/skipped");
	ink_words(&p->ink, ". Other files, only counted: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/counts/other");
	ink_words(&p->ink, ".");
	page_end(p);
}

static bool is_problem(const struct artifact *a)
{
	return a->status != STATUS_OK;
}

static void say_problem(struct page *p, const struct artifact *a)
{
	page_cell(p);
	ink_id(&p->ink, 'A', a->id);
	page_cell(p);
	ink_name(&p->ink, a->path);
	page_cell(p);
	ink_words(&p->ink, artifact_status_name(a->status));
	page_cell(p);
	ink_label(&p->ink, a->reason ? a->reason : "");
	page_row(p);
}

/* The unreadable first: they are the worse news. */
static size_t say_problems_of(struct page *p, bool unreadable, size_t room)
{
	const struct inventory *v = &p->d->inventory;
	size_t n = 0;

	for (size_t i = 0; i < v->n_artifacts && n < room; i++) {
		const struct artifact *a = &v->artifacts[i];

		if (!is_problem(a) || (a->status == STATUS_UNREADABLE) != unreadable)
			continue;
		say_problem(p, a);
		n++;
	}
	return n;
}

static void say_problems(struct page *p)
{
	const struct inventory *v = &p->d->inventory;
	size_t all = 0, shown;

	for (size_t i = 0; i < v->n_artifacts; i++)
		all += is_problem(&v->artifacts[i]);
	if (!all)
		return;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Artifact | Path | Status | Why |\n");
	page_rule(p, 4);
	page_table(p, true);
	shown = say_problems_of(p, true, p->limits.problems);
	shown += say_problems_of(p, false, p->limits.problems - shown);
	page_table(p, false);
	if (all > shown) {
		ink_words(&p->ink, "\nArtifacts with a reason that are not listed here: ");
		page_omitted(p, all - shown);
		ink_words(&p->ink, "; report.json lists them.\n");
	}
	page_end(p);
}

static void say_copies_of(struct page *p, const struct artifact *first, size_t list)
{
	const struct inventory *v = &p->d->inventory;

	ink_words(&p->ink, "- ");
	ink_name(&p->ink, first->path);
	for (size_t i = first->id; i < v->n_artifacts; i++)
		if (v->artifacts[i].duplicate_of == first->id) {
			ink_words(&p->ink, " = ");
			ink_name(&p->ink, v->artifacts[i].path);
			break;
		}
	ink_words(&p->ink, "; copies in all: ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/duplicates/%zu", list);
	ink_line(&p->ink);
}

/* The artifact that an entry of /inventory/duplicates begins with. */
static const struct artifact *first_of(const struct page *p, const json_t *list)
{
	const char *id = json_string_value(json_array_get(list, 0));

	return id ? dossier_artifact(p->d, (unsigned)strtoul(id + 1, NULL, 10)) : NULL;
}

static void say_copies(struct page *p)
{
	json_t *lists = json_object_get(json_object_get(p->report, "inventory"), "duplicates");
	size_t n = json_array_size(lists);

	if (!n)
		return;
	page_begin(p, "list", "code");
	ink_words(&p->ink, "Byte for byte the same, so read once:\n\n");
	for (size_t i = 0; i < n && i < SHOWN_COPIES; i++) {
		const struct artifact *first = first_of(p, json_array_get(lists, i));

		if (first)
			say_copies_of(p, first, i);
	}
	if (n > SHOWN_COPIES) {
		ink_words(&p->ink, "- and ");
		page_omitted(p, n - SHOWN_COPIES);
		ink_words(&p->ink, " more such sets in report.json\n");
	}
	page_end(p);
}

void page_ingestion(struct page *p)
{
	page_section(p, 2, "Data Ingestion Summary");
	say_counts(p);
	say_problems(p);
	say_copies(p);
}
