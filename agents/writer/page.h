/* SPDX-License-Identifier: MIT */
/*
 * page - report.md while it is being written: sections, blocks, and how much of each there is
 * room for.
 *
 * What is printed between page_begin() and page_end() is one block of report.json's `sections`.
 */
#pragma once

#include "agents/writer/ink.h"
#include "agents/writer/plot.h"
#include "agents/writer/writer.h"

#define PAGE_MAX_LINES 299 /* "stays under 300 lines" */

/* How many of each may be printed. */
struct page_limits {
	unsigned groups, rows, findings, comments, problems, directories, evidence, roles,
		recommendations, prompt_lines, plots;
	bool evidence_by_table; /* a line of evidence for each table, not for each column */
};

/* Where the words of a model about something are printed. */
enum page_place { PLACE_SUMMARY, PLACE_GROUP, PLACE_FINDING, PLACE_END };

#define PAGE_EXPECTED 6 /* the section of that name */

struct page {
	struct ink ink;
	const struct dossier *d;
	const struct report_meta *meta;
	json_t *report;
	struct page_limits limits;

	unsigned section;   /* that is being written; 0: one without a number */
	unsigned *told;     /* by finding id: the section that has its sentence; 0: none yet */
	bool *advised;      /* by index of recommendation */
	unsigned *group_of; /* by fact id: the group whose matrix holds it, from 1; 0: none */
	bool *in_sheet;     /* by fact id: a table of section 3 has it */
	unsigned *sheet;    /* those facts in their order */
	size_t n_sheet;
	bool *commented; /* by index of comment: printed */
	bool plotted[PLOTS_MAX];
	unsigned comments_left;

	json_t *blocks, *block; /* of the section, and the one now open */
	size_t block_from;
	bool failed; /* no memory */
};

int page_init(struct page *p, const struct dossier *d, const struct report_meta *meta,
              json_t *report, const struct page_limits *limits, struct error *err) MUST_USE;
void page_done(struct page *p);

/* number 0: none. The title is ours. */
void page_section(struct page *p, unsigned number, const char *title);
void page_begin(struct page *p, const char *kind, const char *by);
void page_end(struct page *p);
/* Instead of page_end(), when nothing was printed. */
void page_drop(struct page *p);

/* Records in the open block that n things are left out, and prints n as a figure. */
void page_omitted(struct page *p, size_t n);
/* The same in a sentence of its own, which is about rows of the table above; none for 0. */
void page_more(struct page *p, size_t n);
void page_more_items(struct page *p, size_t n);   /* likewise, as the last item of a list */
void page_item(struct page *p, const char *name); /* begins "- **name:** " */

/* "| a | b |" by parts: cells end where the next begins. */
void page_table(struct page *p, bool begins);
void page_cell(struct page *p);
void page_row(struct page *p);
/* One letter for each column: 't' is text, 'n' numbers, which stand to the right. */
void page_rule(struct page *p, const char *columns);

/* A sentence of segments. */
void page_text(struct page *p, const struct text *t);
/* The value of a fact with its unit, as in a sentence. */
void page_value(struct page *p, unsigned fact);
/* "`ttft_s` (s ↓)": the name of a column of values in that unit. */
void page_metric(struct page *p, const char *name, const char *unit, enum better better);
/* A value without its unit, in a column that has so many decimals. */
void page_column_fact(struct page *p, const struct fact *f, double scale, int decimals);
/* A unit is foreign text: it may hold digits. */
void page_unit(struct page *p, const char *unit);
/* `key=value, key=value` */
void page_subject(struct page *p, const struct label *labels, size_t n);

/* The comments that belong to a place (group or finding id), each a quotation; false: none. */
bool page_comments(struct page *p, enum page_place place, unsigned id, const char *indent);
/* "K1, K2" */
void page_ids(struct page *p, char letter, const unsigned *ids, size_t n);

/* The pictures of a kind that were drawn and are not on the page yet; of sweeps those of a group
 * (its index). */
#define PAGE_ANY_GROUP SIZE_MAX
void page_plots(struct page *p, enum plot_kind kind, size_t group);
/* Whether page_plots() of any group would put some there. */
bool page_has_plots(const struct page *p, enum plot_kind kind);

/* The sections, in their order. */
void page_header(struct page *p);
void page_summary(struct page *p);
void page_ingestion(struct page *p);
void page_performance(struct page *p);
/* Of section 3, under that minor number; false: nothing was compared. */
bool page_shifts(struct page *p, unsigned minor);
void page_findings(struct page *p);
void page_recommendations(struct page *p);
void page_expected(struct page *p); /* nothing where the pipeline expects nothing */
void page_agents(struct page *p);   /* nothing where there are not several */
void page_sweep(struct page *p);    /* nothing where there is no matrix */
void page_sweep_summary(struct page *p);
void page_concurrency(struct page *p); /* of page_agents() */
/* An item that says why what was to be measured was not, or not all of it; none where it was. */
void page_unmeasured(struct page *p, bool is_begun);
void page_appendix(struct page *p);
void page_evidence(struct page *p);
/* "rows 3-4": where in its table or document a fact over cells was read. */
void page_cells(struct page *p, const struct fact *f);
void page_about(struct page *p);

/* A gap that costs the reader little: section 2 tells it, the first screen does not. */
bool page_is_small_gap(const struct finding *k);

/* One finding as a list item, marked as told. */
void page_finding(struct page *p, const struct finding *k, bool with_kind);
