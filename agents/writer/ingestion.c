/* SPDX-License-Identifier: MIT */
/* What was there to read, and what of it could not be. */
#include <math.h>

#include "agents/writer/page.h"

#define SHOWN_COPIES    3
#define SHOWN_ELSEWHERE 20

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
		{"content", "what they hold, "},
		{"file_name", "their names, "},
		{"directory_name", "the names of their directories, "},
		{"modification_time", "nothing but the time of their last modification, "},
	};
	const char *sep = "Files with measurements are dated by ";

	if (!p->d->n_times)
		return;
	page_begin(p, "prose", "builtin");
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (!dated_by(p, sources[i].member))
			continue;
		ink_words(&p->ink, sep);
		ink_words(&p->ink, sources[i].words);
		ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/dated/%s", sources[i].member);
		sep = "; by ";
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

/* One unit for a column of sizes, and the decimals that it wants. */
struct sizes {
	const char *list;
	struct number_unit unit;
	int decimals;
};

static struct sizes sizes_of(const struct page *p, const char *list)
{
	struct sizes s = {.list = list};
	double largest = 0, smallest = 0;
	const json_t *one;
	size_t i;

	json_array_foreach (listed(p, list), i, one) {
		double bytes = (double)count_of(one, "bytes");

		largest = fmax(largest, bytes);
		smallest = smallest > 0 && (bytes <= 0 || smallest < bytes) ? smallest : bytes;
	}
	s.unit = number_unit_for("B", largest);
	s.decimals = number_decimals(largest * s.unit.scale, smallest * s.unit.scale);
	s.decimals = s.unit.scale < 1 ? s.decimals : 0;
	json_array_foreach (listed(p, list), i, one)
		if (s.decimals > 0 &&
		    !number_is_clear((double)count_of(one, "bytes"), s.unit.scale, s.decimals))
			s.decimals--; /* a half: one digit less serves as well */
	return s;
}

static void say_size_head(struct page *p, const struct sizes *s)
{
	ink_words(&p->ink, "Size (");
	ink_words(&p->ink, s->unit.unit);
	ink_words(&p->ink, ")");
}

static void say_size(struct page *p, const struct sizes *s, size_t i)
{
	page_cell(p);
	if (s->decimals == NUMBER_ANY_DECIMALS)
		ink_figure_scaled(&p->ink, NUMBER_MEASURE, s->unit.scale, "/inventory/%s/%zu/bytes",
		                  s->list, i);
	else
		ink_figure_in_column(&p->ink, s->unit.scale, s->decimals, "/inventory/%s/%zu/bytes",
		                     s->list, i);
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
	struct sizes sizes = sizes_of(p, "types");
	size_t i;

	if (!json_array_size(types))
		return;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Type | Files | ");
	say_size_head(p, &sizes);
	ink_words(&p->ink, " | Not read |\n");
	page_rule(p, "tnnn");
	page_table(p, true);
	json_array_foreach (types, i, type) {
		page_cell(p);
		ink_words(&p->ink, json_string_value(json_object_get(type, "format")));
		say_count(p, type, "types", i, "artifacts");
		say_size(p, &sizes, i);
		say_count(p, type, "types", i, "unread");
		page_row(p);
	}
	page_table(p, false);
	page_end(p);
}

static void say_directory(struct page *p, const json_t *d, const struct sizes *sizes, size_t i)
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
	say_size(p, sizes, i);
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
	struct sizes sizes = sizes_of(p, "directories");
	size_t all = json_array_size(list), i;
	bool *said = arena_calloc(p->ink.arena, all + 1, sizeof *said);

	if (all < 2 || !said)
		return;
	for (i = 0; i < p->limits.directories && i < all; i++)
		said[next_directory(list, said)] = true;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Directory | ");
	say_size_head(p, &sizes);
	ink_words(&p->ink,
	          " | CSV | JSON | Markdown | Text | Not read | Latest modification (UTC) |\n");
	page_rule(p, "tnnnnnnt");
	page_table(p, true);
	json_array_foreach (list, i, one)
		if (said[i])
			say_directory(p, one, &sizes, i);
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

static size_t say_problem(struct page *p, unsigned artifact, const struct finding *k)
{
	const struct artifact *a = dossier_artifact(p->d, artifact);

	page_cell(p);
	ink_id(&p->ink, 'A', a->id);
	page_cell(p);
	ink_name(&p->ink, a->path);
	page_cell(p);
	ink_words(&p->ink, artifact_status_name(a->status));
	page_cell(p);
	ink_label(&p->ink, a->reason ? a->reason : "");
	page_cell(p);
	if (k)
		ink_id(&p->ink, 'K', k->id);
	else
		ink_words(&p->ink, "–");
	page_row(p);
	return 1;
}

/* The finding that tells most of an artifact: they come by severity. NULL: none does. */
static const struct finding *told_by(const struct page *p, unsigned artifact)
{
	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		for (size_t j = 0; k->kind == FINDING_GAP && j < k->n_artifacts; j++)
			if (k->artifacts[j] == artifact)
				return k;
	}
	return NULL;
}

/* All that this finding has to tell are files and why they were not read in full. */
static bool is_about_files(const struct page *p, const struct finding *k)
{
	for (size_t i = 0; i < k->n_artifacts; i++) {
		const struct artifact *a = dossier_artifact(p->d, k->artifacts[i]);

		if (!a || !is_problem(a) || told_by(p, a->id) != k)
			return false;
	}
	return k->kind == FINDING_GAP && k->n_artifacts > 0 && k->n_facts == 0;
}

/* Its files have a row each: they fit. If not, it has a sentence, below or later. */
static bool has_rows(const struct page *p, const struct finding *k, size_t room)
{
	return !p->told[k->id] && is_about_files(p, k) && k->n_artifacts <= room;
}

static bool has_row_of_its_own(const struct page *p, const struct artifact *a)
{
	return is_problem(a) && !told_by(p, a->id);
}

static bool has_any_row(const struct page *p)
{
	for (size_t i = 0; i < p->d->n_findings; i++)
		if (has_rows(p, &p->d->findings[i], p->limits.problems))
			return true;
	for (size_t i = 0; i < p->d->inventory.n_artifacts; i++)
		if (has_row_of_its_own(p, &p->d->inventory.artifacts[i]))
			return true;
	return false;
}

static size_t say_files_of_findings(struct page *p, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (!has_rows(p, k, room - n))
			continue;
		for (size_t j = 0; j < k->n_artifacts; j++)
			n += say_problem(p, k->artifacts[j], k);
		p->told[k->id] = p->section;
	}
	return n;
}

static void say_files_of_none(struct page *p, size_t room)
{
	const struct inventory *v = &p->d->inventory;
	size_t left = 0;

	for (size_t i = 0; i < v->n_artifacts; i++) {
		if (!has_row_of_its_own(p, &v->artifacts[i]))
			continue;
		if (room)
			room -= say_problem(p, v->artifacts[i].id, NULL);
		else
			left++;
	}
	page_table(p, false);
	if (!left)
		return;
	ink_words(&p->ink, "\nFurther files that were not read in full, in report.json: ");
	page_omitted(p, left);
	ink_words(&p->ink, ".\n");
}

/* One place tells each file that was not read in full: this table, or the sentence of a finding. */
static void say_problems(struct page *p)
{
	size_t n;

	if (!has_any_row(p))
		return;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Artifact | Path | Status | Why | Finding |\n");
	page_rule(p, "ttttt");
	page_table(p, true);
	n = say_files_of_findings(p, p->limits.problems);
	say_files_of_none(p, p->limits.problems - n);
	page_end(p);
}

/* What the table has no row for, though it is of files that were not read in full. */
static void say_elsewhere(struct page *p)
{
	const char *sep = "Rows that failed, and files that are not listed here, are told by ";
	size_t n = 0;

	page_begin(p, "prose", "builtin");
	for (size_t i = 0; i < p->d->n_findings && n < SHOWN_ELSEWHERE; i++) {
		const struct finding *k = &p->d->findings[i];

		if (k->kind != FINDING_GAP || p->told[k->id] == p->section || !k->n_artifacts ||
		    page_is_small_gap(k) || !is_problem(dossier_artifact(p->d, k->artifacts[0])))
			continue;
		ink_words(&p->ink, sep);
		ink_id(&p->ink, 'K', k->id);
		sep = ", ";
		n++;
	}
	if (n) {
		ink_words(&p->ink, n == SHOWN_ELSEWHERE ? " and others." : ".");
		page_end(p);
	} else {
		page_drop(p);
	}
}

/* Gaps that cost little. */
static void say_gaps(struct page *p)
{
	size_t n = 0, left = 0;

	for (size_t i = 0; i < p->d->n_findings; i++) {
		const struct finding *k = &p->d->findings[i];

		if (!page_is_small_gap(k) || p->told[k->id])
			continue;
		if (n == p->limits.problems) {
			p->told[k->id] = p->section;
			left++;
			continue;
		}
		if (n++ == 0)
			page_begin(p, "list", "builtin");
		page_finding(p, k, false);
	}
	page_more_items(p, left);
	if (n)
		page_end(p);
}

static void say_copies_of(struct page *p, const struct artifact *first, size_t list)
{
	const struct inventory *v = &p->d->inventory;
	const json_t *copies = json_array_get(listed(p, "duplicates"), list);

	ink_words(&p->ink, "- ");
	ink_name(&p->ink, first->path);
	for (size_t i = first->id; i < v->n_artifacts; i++)
		if (v->artifacts[i].duplicate_of == first->id) {
			ink_words(&p->ink, " = ");
			ink_name(&p->ink, v->artifacts[i].path);
			break;
		}
	if (json_array_size(copies) > 2) {
		ink_words(&p->ink, " and others, in all ");
		ink_figure(&p->ink, NUMBER_MEASURE, "/inventory/duplicates/%zu", list);
	}
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
		ink_words(&p->ink, "- further ones, in report.json: ");
		page_omitted(p, n - SHOWN_COPIES);
		ink_line(&p->ink);
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
	say_problems(p);
	say_elsewhere(p);
	say_gaps(p);
	say_copies(p);
}
