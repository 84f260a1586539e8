/* SPDX-License-Identifier: MIT */
/*
 * explain - what would a review make of this tree? Reads and analyses it here, without a daemon,
 * a state or a network, and shows what every table and column is taken for.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "agents/analyst/analyst.h"

struct explained {
	struct dossier dossier;
	struct arena *tables, *facts; /* what the dossier holds */
	struct config *config;        /* rules are its words */
};

/*
 * config: --config, NULL for the usual one. Its limits, `machine`, `columns` and `metrics` apply.
 * Errors: a path that is missing or cannot be listed, a bad configuration, no memory.
 */
int explain_read(struct explained **ret, const char *const *paths, size_t n, const char *config,
                 struct error *err) MUST_USE;
/*
 * The same, read and not analysed; ret_settings say what the configuration has for the analyst, and
 * live as long.
 */
int explain_collect(struct explained **ret, struct analyst_settings *ret_settings,
                    const char *const *paths, size_t n, const char *config,
                    struct error *err) MUST_USE;
void explain_free(struct explained *e); /* NULL is fine */
DEFINE_CLEANUP(struct explained *, explain_free)

/* By its number; NULL: the artifact has none such. */
const struct table *explain_table(const struct artifact *a, unsigned number);
/* Facts of a metric's first and last configuration that have one; their number. */
size_t explain_samples(const struct dossier *d, const struct table_note *t,
                       const struct role_note *c, const struct fact *ret[2]);
/* What the cells of a column are multiplied by; 0: not all by the same. */
double explain_factor(const struct dossier *d, const struct table_note *t,
                      const struct role_note *c);

void explain_print(const struct explained *e, FILE *to, unsigned width);
/* The whole as docs/chimeractl.1 has it. NULL: no memory. */
json_t *explain_json(const struct explained *e);
