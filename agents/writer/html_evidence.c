/* SPDX-License-Identifier: MIT */
/* Which rows there are, and the tables they stand in; a row itself is html_row.c's. */
#include "agents/writer/html_evidence.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "agents/writer/html_row.h"
#include "agents/writer/pointer.h"

#define MORE_BYTES \
	((size_t)384 << 10) /* of facts that the page does not cite: it stays below 1 MB */

/* Ids from 1, in the order in which they are to be listed. */
struct id_list {
	unsigned *ids;
	size_t n, max;
	bool *has; /* by id */
};

struct html_evidence {
	json_t *report; /* borrowed */
	struct id_list facts, findings;
	json_t *figures; /* pointer -> number of its row, in their order */
};

static int id_list_init(struct id_list *l, size_t max)
{
	l->max = max;
	l->ids = calloc(max + 1, sizeof *l->ids);
	l->has = calloc(max + 1, sizeof *l->has);
	return l->ids && l->has ? 0 : -ENOMEM;
}

static void id_list_done(struct id_list *l)
{
	free(l->ids);
	free(l->has);
}

static void id_list_add(struct id_list *l, unsigned id)
{
	if (id == 0 || id > l->max || l->has[id])
		return;
	l->has[id] = true;
	l->ids[l->n++] = id;
}

void html_evidence_free(struct html_evidence *e)
{
	if (!e)
		return;
	id_list_done(&e->facts);
	id_list_done(&e->findings);
	json_decref(e->figures);
	free(e);
}

/* 12 of "F12", 0 of anything else. */
static unsigned number_of(const char *text, char letter)
{
	size_t digits = text && text[0] == letter ? strspn(text + 1, "0123456789") : 0;

	return digits && digits < 10 && !text[1 + digits] ? (unsigned)strtoul(text + 1, NULL, 10)
	                                                  : 0;
}

static void collect(struct html_evidence *e, const struct ink_entry *entry)
{
	if (entry->means == INK_FACT || entry->means == INK_ID) {
		id_list_add(&e->facts, number_of(entry->ref, 'F'));
		id_list_add(&e->findings, number_of(entry->ref, 'K'));
	}
	if (entry->means == INK_FIGURE && !json_object_get(e->figures, entry->ref))
		(void)json_object_set_new(
			e->figures, entry->ref,
			json_integer((json_int_t)json_object_size(e->figures) + 1));
}

static void add_facts_of(struct html_evidence *e, const json_t *ids)
{
	const json_t *id;
	size_t i;

	json_array_foreach (ids, i, id)
		id_list_add(&e->facts, number_of(json_string_value(id), 'F'));
}

static json_t *fact_at(const struct html_evidence *e, unsigned id)
{
	return json_array_get(json_object_get(e->report, "facts"), id - 1);
}

static json_t *finding_at(const struct html_evidence *e, unsigned id)
{
	return json_array_get(json_object_get(e->report, "findings"), id - 1);
}

/* What a listed fact was computed from is listed, too: the list grows while it is walked. */
static void add_origins(struct html_evidence *e)
{
	for (size_t i = 0; i < e->findings.n; i++)
		add_facts_of(e, json_object_get(finding_at(e, e->findings.ids[i]), "facts"));
	for (size_t i = 0; i < e->facts.n; i++)
		add_facts_of(e, json_object_get(fact_at(e, e->facts.ids[i]), "from"));
}

int html_evidence_new(struct html_evidence **ret, const struct ink *ink, json_t *report,
                      struct error *err)
{
	CLEANUP(html_evidence_freep) struct html_evidence *e = calloc(1, sizeof *e);

	if (!e)
		return error_set(err, -ENOMEM, "report.html: no memory");
	e->report = report;
	e->figures = json_object();
	if (!e->figures ||
	    id_list_init(&e->facts, json_array_size(json_object_get(report, "facts"))) < 0 ||
	    id_list_init(&e->findings, json_array_size(json_object_get(report, "findings"))) < 0)
		return error_set(err, -ENOMEM, "report.html: no memory");
	for (size_t i = 0; i < ink->n_entries; i++)
		collect(e, &ink->entries[i]);
	add_origins(e);
	*ret = TAKE(e);
	return 0;
}

/* --- what a number points to -------------------------------------------------------- */

static double figure_value(json_t *node)
{
	if (json_is_array(node))
		return (double)json_array_size(node);
	return json_is_number(node) ? json_number_value(node) : (double)NAN;
}

static bool id_row(const struct html_evidence *e, const char *ref, char ret[static HTML_ROW_BYTES])
{
	unsigned fact = number_of(ref, 'F'), finding = number_of(ref, 'K');

	(void)snprintf(ret, HTML_ROW_BYTES, "%c%u", fact ? 'F' : 'K', fact ? fact : finding);
	return fact ? fact <= e->facts.max && e->facts.has[fact]
	            : finding && finding <= e->findings.max && e->findings.has[finding];
}

bool html_evidence_row(const struct html_evidence *e, const struct ink_entry *entry,
                       char ret[static HTML_ROW_BYTES], double *value)
{
	const json_t *figure;

	*value = (double)NAN;
	if (entry->means == INK_FACT)
		*value = figure_value(
			json_object_get(fact_at(e, number_of(entry->ref, 'F')), "value"));
	if (entry->means == INK_FACT || entry->means == INK_ID)
		return id_row(e, entry->ref, ret);
	figure = entry->means == INK_FIGURE ? json_object_get(e->figures, entry->ref) : NULL;
	if (!figure)
		return false;
	*value = figure_value(pointer_get(e->report, entry->ref));
	(void)snprintf(ret, HTML_ROW_BYTES, "P%u", (unsigned)json_integer_value(figure));
	return true;
}

/* --- tables ------------------------------------------------------------------------- */

static bool lists_fact(const void *arg, const char *id)
{
	const struct html_evidence *e = arg;
	unsigned fact = number_of(id, 'F');

	return fact && fact <= e->facts.max && e->facts.has[fact];
}

static struct html_row row_to(const struct html_evidence *e, struct buf *out)
{
	return (struct html_row){
		.out = out,
		.artifacts = json_object_get(json_object_get(e->report, "inventory"), "artifacts"),
		.lists_fact = lists_fact,
		.arg = e};
}

static void open_table(struct buf *out, const char *what, size_t n, const char *columns)
{
	buf_printf(out,
	           "<details>\n<summary>%s: %zu</summary>\n"
	           "<div class=\"t\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n<table>\n"
	           "<thead>\n<tr>%s</tr>\n</thead>\n<tbody>\n",
	           what, n, what, columns);
}

static void close_table(struct buf *out)
{
	buf_puts(out, "</tbody>\n</table>\n</div>\n</details>\n");
}

static const char fact_columns[] =
	"<th>Fact</th><th>What</th><th>Statistic</th><th>Value</th><th>n</th><th>Interval</th>"
	"<th>Computed from</th><th>File</th><th>Rows</th>";

static void write_facts(const struct html_evidence *e, struct buf *out)
{
	struct html_row row = row_to(e, out);

	if (!e->facts.n)
		return;
	open_table(out, "Facts of this page, and what they were computed from", e->facts.n,
	           fact_columns);
	for (size_t i = 0; i < e->facts.n; i++)
		html_row_fact(&row, fact_at(e, e->facts.ids[i]));
	close_table(out);
}

static void write_findings(const struct html_evidence *e, struct buf *out)
{
	struct html_row row = row_to(e, out);

	if (!e->findings.n)
		return;
	open_table(out, "Findings of this page, and what decided them", e->findings.n,
	           "<th>Finding</th><th>Kind</th><th>Severity</th><th>State</th><th>Since</th>"
	           "<th>Gates</th><th>Facts</th>");
	for (size_t i = 0; i < e->findings.n; i++)
		html_row_finding(&row, finding_at(e, e->findings.ids[i]));
	close_table(out);
}

static void write_figures(const struct html_evidence *e, struct buf *out)
{
	const char *pointer;
	json_t *number;

	if (!json_object_size(e->figures))
		return;
	open_table(out, "Figures of the record on this page", json_object_size(e->figures),
	           "<th>Figure</th><th>Place in report.json</th>");
	json_object_foreach (e->figures, pointer, number) {
		json_t *node = pointer_get(e->report, pointer);

		buf_printf(out, "<tr id=\"P%lld\"><td>", json_integer_value(number));
		html_row_number(out, figure_value(node));
		buf_puts(out, "</td><td><code>");
		html_escape(out, pointer);
		buf_puts(out, json_is_array(node) ? "</code>, its length</td></tr>\n"
		                                  : "</code></td></tr>\n");
	}
	close_table(out);
}

/* How many of the others fit, so that the summary can say so before they are written. */
static void write_others(const struct html_evidence *e, struct buf *out)
{
	CLEANUP(buf_done) struct buf rows = BUF_INIT(out->max);
	struct html_row row = row_to(e, &rows);
	size_t n = 0, left = 0;

	for (unsigned id = 1; id <= e->facts.max; id++) {
		if (e->facts.has[id])
			continue;
		if (rows.len < MORE_BYTES) {
			html_row_fact(&row, fact_at(e, id));
			n++;
		} else {
			left++;
		}
	}
	if (!n)
		return;
	buf_puts(out, "<div class=\"more\">\n");
	open_table(out, "Further facts", n, fact_columns);
	buf_puts(out, buf_text(&rows));
	out->failed |= rows.failed;
	close_table(out);
	if (left)
		buf_printf(out, "<p>Facts that are in report.json alone: %zu.</p>\n", left);
	buf_puts(out, "</div>\n");
}

void html_evidence_write(const struct html_evidence *e, struct buf *out)
{
	/* On paper no number leads to its row. */
	buf_puts(out,
	         "<div class=\"screen\">\n<h2 id=\"evidence\">Evidence Behind the Numbers</h2>\n"
	         "<p>Every underlined number points to its row here. "
	         "<code>chimeractl explain</code> shows the values themselves.</p>\n");
	write_facts(e, out);
	write_findings(e, out);
	write_figures(e, out);
	write_others(e, out);
	buf_puts(out, "</div>\n");
}
