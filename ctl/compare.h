/* SPDX-License-Identifier: MIT */
/*
 * compare - what is faster or slower in NEW than in BASE? Works here, without a daemon, a state or
 * a network.
 *
 * Both sides are matched by series: machine, path without times, table, configuration, metric and
 * its unit. Where each side is a single file, its name does not count, and where the machine keeps
 * a series from its like, the machine does not. Repetitions are compared as two samples
 * (agents/analyst/two_sample.h), so they must be runs of their own: those of one session share its
 * noise. Of several runs in one tree the latest speaks.
 */
#pragma once

#include <stdio.h>

#include "agents/analyst/two_sample.h"
#include "ctl/compare_side.h"
#include "ctl/fail_on.h"
#include "lib/base/buf.h"

#define COMPARE_MIN_EFFECT 0.02

struct compare_pair {
	struct compare_series base, new;
	struct two_sample t;
	double p_bh, p_holm; /* 1 where it could not be tested */
	enum two_sample_verdict verdict;
};

struct compared_sides {
	struct compare_side base, new;
	struct compare_pair *pairs; /* in the order of base */
	size_t n_pairs;
	struct compare_series *vanished, *added; /* on one side only */
	size_t n_vanished, n_added;
};

/* Errors and config: as compare_side_read() has them. */
int compare_read(struct compared_sides **ret, const char *base, const char *new, const char *config,
                 struct error *err) MUST_USE;
/* Matches and judges what both sides hold, which are read; the rest of *c is zero. -ENOMEM, or 0.
 */
int compare_sides(struct compared_sides *c) MUST_USE;
void compare_free(struct compared_sides *c); /* NULL is fine */
DEFINE_CLEANUP(struct compared_sides *, compare_free)

/* What a changed pair is, by its better direction: regression, improvement or changed. */
enum finding_kind compare_kind(const struct compare_pair *p);

/* Whether --fail-on matches this pair. */
bool compare_alarms(const struct compare_pair *p, const struct fail_on *f);

/*
 * NULL, or what --fail-on matches, in `room`. Changes count when they hold with p by Holm, so that
 * of all comparisons together one in twenty fails by chance.
 */
const char *compare_match(const struct compared_sides *c, const struct fail_on *f, char *room,
                          size_t size);

/* "from 110 to 99.2 tok/s, -9.8 % [-10.1 %, -9.5 %]: worse, p = 0.008, n=5+5" */
void compare_sentence(struct buf *b, const struct compare_pair *p);
void compare_print(const struct compared_sides *c, FILE *to);
/* As docs/chimeractl.1 has it. NULL: no memory. */
json_t *compare_json(const struct compared_sides *c);
