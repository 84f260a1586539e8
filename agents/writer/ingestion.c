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

static size_t dated_by(const struct page *p, const char *what)
{
	const json_t *dated = json_object_get(json_object_get(p->report, "inventory"), "dated");

	return (size_t)json_integer_value(json_object_get(dated, what));
}

/* What the order of runs stands on. */
static void say_times(struct page *p)
{
	static const struct {
		const char *member, *words;
	} sources[] = {
		{"content", " files by what they hold"},
		{"file_name", " by their name"},
		{"directory_name", " by the name of a directory"},
		{"modification_time", " by nothing but the file system"},
	};
	const char *sep = "What tells when they were measured: ";

	if (!p->d->n_times)
		return;
	page_begin(p, "prose", "builtin");
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (!dated_by(p, sources[i].member))
			continue;
		ink_words(&p->ink, sep);
		ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/dated/%s", sources[i].member);
		ink_words(&p->ink, sources[i].words);
		sep = ", ";
	}
	ink_words(&p->ink, ".");
	page_end(p);
}

static const json_t *listed(const struct page *p, const char *list)
{
	return json_object_get(json_object_get(p->report, "inventory"), list);
}

static json_int_t count_of(const json_t *o, const char *member)
{
	return json_integer_value(json_object_get(o, member));
}

static void say_size(struct page *p, const json_t *heap, const char *list, size_t i)
{
	struct number_unit u = number_unit_for("B", (double)count_of(heap, "bytes"));

	page_cell(p);
	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "/inventory/%s/%zu/bytes", list, i);
	page_unit(p, u.unit);
}

/* What is there stands out from what is not. */
static void say_count(struct page *p, const json_t *heap, const char *list, size_t i,
                      const char *member)
{
	page_cell(p);
	if (count_of(heap, member))
		ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/%s/%zu/%s", list, i, member);
	else
		ink_words(&p->ink, "–");
}

static void say_types(struct page *p)
{
	const json_t *types = listed(p, "types"), *type;
	size_t i;

	if (!json_array_size(types))
		return;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Type | Files | Size | Not read | Latest modification (UTC) |\n");
	page_rule(p, "tnnnt");
	page_table(p, true);
	json_array_foreach (types, i, type) {
		page_cell(p);
		ink_words(&p->ink, json_string_value(json_object_get(type, "format")));
		say_count(p, type, "types", i, "artifacts");
		say_size(p, type, "types", i);
		say_count(p, type, "types", i, "unread");
		page_cell(p);
		ink_date(&p->ink, 16, "/inventory/types/%zu/latest", i);
		page_row(p);
	}
	page_table(p, false);
	page_end(p);
}

static void say_directory(struct page *p, const json_t *d, size_t i)
{
	static const char *const members[] = {"csv", "json", "markdown", "text", "unread"};
	const char *path = json_string_value(json_object_get(d, "path"));
	size_t root = (size_t)count_of(d, "root");
	bool top = path && strcmp(path, ".") == 0;

	page_cell(p);
	if ((top || p->d->inventory.n_roots > 1) && root < p->d->inventory.n_roots)
		ink_name(&p->ink, p->d->inventory.roots[root]);
	if (!top) {
		ink_words(&p->ink, p->d->inventory.n_roots > 1 ? ", " : "");
		ink_name(&p->ink, path ? path : "");
	}
	say_size(p, d, "directories", i);
	for (size_t k = 0; k < ARRAY_LEN(members); k++)
		say_count(p, d, "directories", i, members[k]);
	page_cell(p);
	ink_date(&p->ink, 16, "/inventory/directories/%zu/latest", i);
	page_row(p);
}

/* What was least read first, then what holds most; i: the entries that were not said yet. */
static size_t next_directory(const json_t *list, const bool *said)
{
	size_t best = json_array_size(list), i;
	const json_t *one, *so_far = NULL;

	json_array_foreach (list, i, one) {
		json_int_t unread = count_of(one, "unread"), n = count_of(one, "artifacts");

		if (said[i] || (so_far && (unread < count_of(so_far, "unread") ||
		                           (unread == count_of(so_far, "unread") &&
		                            n <= count_of(so_far, "artifacts")))))
			continue;
		so_far = one;
		best = i;
	}
	return best;
}

/* Which directories fit the page, told in the order of their paths. */
static void say_directories(struct page *p)
{
	const json_t *list = listed(p, "directories"), *one;
	size_t all = json_array_size(list), i;
	bool *said = arena_calloc(p->ink.arena, all + 1, sizeof *said);

	if (all < 2 || !said)
		return;
	for (i = 0; i < p->limits.directories && i < all; i++)
		said[next_directory(list, said)] = true;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Directory | Size | CSV | JSON | Markdown | Text | Not read | Latest "
	                   "modification (UTC) |\n");
	page_rule(p, "tnnnnnnt");
	page_table(p, true);
	json_array_foreach (list, i, one)
		if (said[i])
			say_directory(p, one, i);
	page_table(p, false);
	if (all > p->limits.directories) {
		ink_words(&p->ink, "\nFurther directories, in report.json: ");
		page_omitted(p, all - p->limits.directories);
		ink_words(&p->ink, ".\n");
	}
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

/* false: there are more than fit. */
static bool say_problems(struct page *p)
{
	const struct inventory *v = &p->d->inventory;
	size_t all = 0, shown;

	for (size_t i = 0; i < v->n_artifacts; i++)
		all += is_problem(&v->artifacts[i]);
	if (!all)
		return true;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Artifact | Path | Status | Why |\n");
	page_rule(p, "tttt");
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
	return all == shown;
}

/* The table of problems has told all that this one is about. */
static bool is_in_table(const struct page *p, const struct finding *k)
{
	for (size_t i = 0; i < k->n_artifacts; i++) {
		const struct artifact *a = dossier_artifact(p->d, k->artifacts[i]);

		if (!a || !is_problem(a))
			return false;
	}
	return k->n_artifacts > 0 && k->n_facts == 0;
}

/* Gaps that cost little. Where the table holds all problems, it tells those of whole files. */
static void say_gaps(struct page *p, bool table_is_whole)
{
	size_t n = 0, left = 0;

	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (!page_is_small_gap(k) || p->told[k->id])
			continue;
		if (table_is_whole && is_in_table(p, k)) {
			p->told[k->id] = true;
			continue;
		}
		if (n == p->limits.problems) {
			p->told[k->id] = true;
			left++;
			continue;
		}
		if (n++ == 0)
			page_begin(p, "list", "builtin");
		page_finding(p, k, false);
	}
	if (left) {
		ink_words(&p->ink, "- and ");
		page_omitted(p, left);
		ink_words(&p->ink, " more in report.json\n");
	}
	if (n)
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
	say_times(p);
	say_types(p);
	say_directories(p);
	say_gaps(p, say_problems(p));
	say_copies(p);
}
