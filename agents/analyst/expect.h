/* SPDX-License-Identifier: MIT */
/*
 * expect - findings on what the pipeline expects, and on what it claims with that. Inside this
 * room only.
 */
#pragma once

#include "agents/analyst/work.h"
#include "lib/evidence/pipeline.h"

/* Where an expectation met a measurement. */
struct match {
	const struct expectation *expected;
	unsigned number; /* its own, from 1 */
	const struct series *series;
	const struct group *group;
	size_t configuration, metric;
	unsigned measured; /* fact */
	double value;      /* of that fact */
	double deviation;  /* %, NAN: nothing was expected, and something measured */
	bool met;
	bool elsewhere; /* missed, and another table fits better what is expected */
};

/* expect.c */
void expectations_judge(struct work *w);
bool expectation_number(const char *text, double *ret);
/* Texts of one value: "999" is "999.0". */
bool expectation_same_text(const char *a, const char *b);
bool expectation_means(const struct expectation *e, const struct group_configuration *c);
double expectation_deviation(const struct expectation *e, double measured); /* % */
/* "num_gpu=999,num_ctx=4096"; NULL: no memory. */
const char *expectation_subject(struct work *w, const struct expectation *e);

/* expect_claims.c: contradictions. */
/* Of the configuration claimed and the options that the pipeline or one of its agents runs on. */
void claims_of_options(struct work *w);
/* Of the unit; `metric` of that series has the name, and is in another one. */
void claim_of_unit(struct work *w, unsigned number, const struct series *s, size_t metric);
/* What was missed is what another configuration of the same table measured. */
void claim_of_other(struct work *w, const struct match *m);
