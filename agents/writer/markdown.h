/* SPDX-License-Identifier: MIT */
/*
 * markdown - report.md: the outline, written again with less until it fits.
 */
#pragma once

#include "agents/writer/page.h"

/*
 * Fills *ret, which the caller ends with page_done(), and `sections` and `verification` of the
 * report. -EPROTO: a numeral without a source, or a page that does not fit: our bugs both.
 */
int markdown_write(struct page *ret, const struct dossier *d, const struct report_meta *meta,
                   json_t *report, struct error *err) MUST_USE;
