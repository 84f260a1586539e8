/* SPDX-License-Identifier: MIT */
/*
 * json - report.json: first the whole of it but its text, which report.md's figures point into;
 * then what the text adds.
 */
#pragma once

#include <jansson.h>

#include "agents/writer/ink.h"
#include "agents/writer/writer.h"

/*
 * Every member in the order of the contract; `sections`, `numerals` and `verification` are still
 * without content. The caller drops the reference.
 */
int writer_json_new(json_t **ret, const struct dossier *d, const struct report_meta *meta,
                    struct error *err) MUST_USE;

/* One fact, as it stands in report.json. NULL: no memory. */
json_t *writer_json_fact(const struct fact *f);

/* Puts what is on the page into `numerals`; `verification` was filled by the page itself. */
int writer_json_numerals(json_t *report, const struct ink *page, struct error *err) MUST_USE;

/* The digests of what is published beside the three sealed files; the last member but the seal. */
int writer_json_files(json_t *report, const struct report_file *files, size_t n,
                      struct error *err) MUST_USE;

/*
 * The bytes of report.json with its seal: "sha256:<hex>" over the bytes of report.md, then of
 * samples.json, then of report.json itself with the text `,\n "seal": "sha256:<hex>"` cut out of
 * it. The seal is the last member; every level is indented by one blank.
 */
int writer_json_seal(struct buf *ret, const json_t *report, const struct buf *md,
                     const struct buf *samples, struct error *err) MUST_USE;
