/* SPDX-License-Identifier: MIT */
/*
 * checkpoint - what a finished step leaves behind: the answers it got and what they cost.
 *
 * Facts are not kept: code computes them again in less time than it takes to read them back, and
 * `evidence` tells whether the artifacts are still those that the answers are about. As text it
 * is one JSON object; text from the store is checked like any other input.
 */
#pragma once

#include "lib/base/digest.h"
#include "lib/base/error.h"
#include "lib/model/model.h"

struct checkpoint_answer {
	size_t ask; /* index of the question */
	char *text; /* malloc'd */
	size_t len;
};

struct checkpoint {
	char evidence[DIGEST_TEXT_BYTES];
	int64_t started_at_s;
	double wall_ms;
	char why[256]; /* why builtin wrote, "" when a model did */
	struct checkpoint_answer *answers;
	size_t n_answers;
	struct model_record *records;
	size_t n_records;
};

int checkpoint_print(char **ret, const struct checkpoint *c, struct error *err) MUST_USE;
int checkpoint_parse(struct checkpoint *ret, const char *text, struct error *err) MUST_USE;
void checkpoint_done(struct checkpoint *c); /* frees what it holds */

int checkpoint_add_answer(struct checkpoint *c, size_t ask, const char *text, size_t len) MUST_USE;
int checkpoint_add_record(struct checkpoint *c, const struct model_record *record) MUST_USE;
