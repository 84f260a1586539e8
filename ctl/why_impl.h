/* SPDX-License-Identifier: MIT */
/* why_impl - what the parts of why share. Nobody else includes this. */
#pragma once

#include <stdbool.h>

#include "ctl/why.h"

const json_t *why_by_id(const struct why *w, const char *id); /* NULL: none */

/* Foreign text, made harmless. */
void why_put(FILE *to, const char *text);
/* As few digits as read back as the same number. */
void why_number(FILE *to, double value);
/* "median times, command=lookups" */
void why_name(FILE *to, const json_t *fact);

/* Its formula, then the cells or the facts that it stands on, these in turn. */
void why_fact(const struct why *w, FILE *to, const json_t *fact);
void why_finding(const struct why *w, FILE *to, const json_t *finding);
/* The gates that nothing was found by, of the present run's value; false: none are known. */
bool why_noise(const struct why *w, FILE *to, const char *fact);
/* One gate: value, threshold, passed or not, and what would have flipped it. */
void why_gate(FILE *to, const char *name, double value, double threshold, bool passed);

int why_series(const struct why *w, FILE *to, const char *what, struct error *err) MUST_USE;
int why_place(const struct why *w, FILE *to, const char *what, struct error *err) MUST_USE;

/*
 * The lines in the file, from 1, on which the first n of these rows of a table stand, in order.
 * Returns how many can be told: 0 where the file is another one than the review read.
 */
size_t why_lines_of_rows(long *ret, const struct why *w, const json_t *artifact, json_int_t table,
                         const size_t *rows, size_t n);
