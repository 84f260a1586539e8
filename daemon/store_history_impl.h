/* SPDX-License-Identifier: MIT */
/* store_history_impl - for store.c and what it calls at the end of a job. */
#pragma once

#include <jansson.h>

#include "daemon/store.h"
#include "lib/evidence/dossier.h"

/* Of a job that ends well, inside the transaction that ends it. */
int store_history_add(const struct store *s, const char *job, const char *text,
                      struct error *err) MUST_USE;

/* Part of the text of store_history_print(): what was told of the runs beside the series. */
json_t *store_conditions_json(const struct dossier *d);
/* Inside that transaction; `text` is all of it. */
int store_conditions_keep(const struct store *s, const char *subject, const json_t *text,
                          struct error *err) MUST_USE;

/* Part of the text of store_history_print(): the open findings; NULL: no memory. */
json_t *store_findings_json(const struct dossier *d);
/* Whether the review looked for the finding of that key, by the series that it measured. */
bool store_findings_looked(const char *key, const json_t *series);
/* Inside that transaction, after it: what is to be told of the change. `text` is all of it. */
int store_notices_keep(const struct store *s, const char *job, const char *subject,
                       const json_t *text, struct error *err) MUST_USE;
/* Inside that transaction: they replace those of the subject's review before. */
int store_findings_keep(const struct store *s, int64_t review, const char *subject,
                        const json_t *text, struct error *err) MUST_USE;
