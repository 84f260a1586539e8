/* SPDX-License-Identifier: MIT */
/*
 * html_evidence - behind report.html's page: a row for every fact, finding and figure that stands
 * on it, so that each number has a place to point to; then further facts, while there is room.
 *
 * All of it is read from report.json as it will be published.
 */
#pragma once

#include "agents/writer/ink.h"
#include "lib/base/buf.h"

struct html_evidence; /* opaque */

/* ink and report are borrowed. */
int html_evidence_new(struct html_evidence **ret, const struct ink *ink, json_t *report,
                      struct error *err) MUST_USE;
void html_evidence_free(struct html_evidence *e);
DEFINE_CLEANUP(struct html_evidence *, html_evidence_free)

/* Whether a numeral has a row of its own; *ret is its id, *value what to sort by, NAN: nothing. */
#define HTML_ROW_BYTES 24
bool html_evidence_row(const struct html_evidence *e, const struct ink_entry *entry,
                       char ret[static HTML_ROW_BYTES], double *value);

void html_evidence_write(const struct html_evidence *e, struct buf *out);
