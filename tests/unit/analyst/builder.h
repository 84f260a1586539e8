/* SPDX-License-Identifier: MIT */
/*
 * builder - artifacts written by hand, and the promises that every analysis must keep.
 *
 * Rows are lines, cells stand between "|". A cell is a number, true, false, null, nothing, a
 * list "[1;2;3]", or text. JSON columns are written as pointers; "!name" is the member's name.
 */
#pragma once

#include "agents/analyst/analyst.h"
#include "lib/base/buf.h"

struct builder {
	struct arena *arena;
	struct dossier dossier;
	struct buf rows;
	size_t n_findings_of[FINDING_KIND_COUNT]; /* after build_analysis() */
};

void build_start(struct builder *b);
void build_done(struct builder *b);

/* A CSV (base NULL) or JSON artifact with one table; returns it for tests that add to it. */
struct artifact *build_table(struct builder *b, const char *path, const char *base,
                             const char *text);
/* One more table in the artifact added last. */
struct table *build_more(struct builder *b, const char *base, const char *text);

/* One more line in b->rows, for a table that a test writes bit by bit; at most 511 bytes. */
void build_row(struct builder *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One night a value, from 2026-11-01 on: three repetitions about it. Runs the analyst, too. */
void build_nights(struct builder *b, const double *x, size_t n);
#define BUILD_QUIET 100, 101, 99, 100, 100, 101, 100, 101, 99, 100

/* About one, by one per cent of standard deviation; the same in every life of a test. */
double build_scatter(unsigned series, unsigned night);

/* Runs the analyst with the usual settings, checks what it promises, and fails on any breach. */
void build_analysis(struct builder *b);
void build_analysis_with(struct builder *b, const struct analyst_settings *s);

/* Aborts with a message when the dossier breaks a promise. */
void check_dossier(const struct dossier *d);

/* The first fact that fits; subject "" fits all, else "key=value,key=value". NULL: none. */
const struct fact *find_fact(const struct dossier *d, const char *metric, enum statistic s,
                             const char *subject);
const struct finding *find_finding(const struct dossier *d, enum finding_kind k);
const char *find_role(const struct dossier *d, const char *column);
/* The text with facts as {F1}. */
const char *plain(struct builder *b, const struct text *t);
