/* SPDX-License-Identifier: MIT */
/*
 * ink - the page being written, and where every numeral on it came from.
 *
 * There is one function for each way in which a digit may get onto the page, and each records an
 * entry; everything else refuses digits. Errors stick, like those of a buf: one check at the end.
 */
#pragma once

#include <jansson.h>

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"
#include "lib/evidence/number.h"

enum ink_means { INK_FACT, INK_FIGURE, INK_DATE, INK_NAME, INK_ID, INK_HEADING };
const char *ink_means_name(enum ink_means m);

struct ink_entry {
	unsigned line, column; /* from 1, columns in code points */
	size_t at, len;        /* its text, in out */
	enum ink_means means;
	const char *ref; /* in the arena; NULL: a heading's */
	double scale;    /* 1: none */
	char bound;      /* 0: none */
};

/* Bytes that are copied as they are and not scanned for digits: a persona's prompt. */
struct ink_span {
	size_t from, to;
};

#define INK_MAX_VERBATIM 32

struct ink {
	struct buf out;
	unsigned line, column;
	const struct dossier *d;
	json_t *report; /* what figures and dates point into */
	struct arena *arena;
	struct ink_entry *entries;
	size_t n_entries, cap_entries;
	struct ink_span verbatim[INK_MAX_VERBATIM];
	size_t n_verbatim;
	unsigned *cited; /* fact ids in the order in which the text first cites them */
	size_t n_cited;
	bool *is_cited;
	bool in_table; /* a bar inside a cell must be escaped, also in a code span */
	struct error err;
};

/* d and report are borrowed. On failure nothing needs ink_done(). */
int ink_init(struct ink *i, const struct dossier *d, json_t *report, struct error *err) MUST_USE;
void ink_done(struct ink *i);

/* Our own Markdown: no digit in it. */
void ink_words(struct ink *i, const char *markdown);
/* Words that are not ours: printed as they read, no digit in them. */
void ink_prose(struct ink *i, const char *text);
/* Foreign text with digits in it, copied letter by letter from report.json, as prose. */
void ink_label(struct ink *i, const char *text);
/* The same as a code span: paths, columns, configurations. */
void ink_name(struct ink *i, const char *text);
/* `key=value` */
void ink_pair(struct ink *i, const char *key, const char *value);
/* Foreign text that is a number in itself: "F12"; `text` must be found in report.json. */
void ink_id(struct ink *i, char letter, unsigned long number);
void ink_id_text(struct ink *i, const char *text);

/* The first `chars` characters of the date that the pointer names; T is printed as a blank. */
void ink_date(struct ink *i, size_t chars, const char *pointer, ...) PRINTF_LIKE(3, 4);
/* "## 1 " or, with minor, "### 1.2 "; the title follows. */
void ink_heading(struct ink *i, unsigned major, unsigned minor);

/* The number, or the length of the list, that the pointer names; an en dash where it is null. */
void ink_figure(struct ink *i, enum number_kind kind, const char *pointer, ...) PRINTF_LIKE(3, 4);
void ink_figure_scaled(struct ink *i, enum number_kind kind, double scale, const char *pointer, ...)
	PRINTF_LIKE(4, 5);

/* The same in a column whose numbers all have so many decimals. */
void ink_figure_in_column(struct ink *i, double scale, int decimals, const char *pointer, ...)
	PRINTF_LIKE(4, 5);

/* The value of a fact without its unit; with `unsigned_` a minus sign is left to the words. */
struct ink_style {
	enum number_kind kind;
	double scale;
	bool unsigned_;
};
void ink_fact(struct ink *i, unsigned id, struct ink_style style);
/* A measure in a column whose numbers all have so many decimals. */
void ink_fact_in_column(struct ink *i, unsigned id, double scale, int decimals);

/* Fenced, byte for byte. */
void ink_verbatim(struct ink *i, const char *text);

void ink_line(struct ink *i);
/* Ends the line if one is open, and leaves one blank line, never more. */
void ink_blank(struct ink *i);

/* 0, or -EPROTO naming the first run of digits that no entry covers. */
int ink_check(const struct ink *i, struct error *err) MUST_USE;
