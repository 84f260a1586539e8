/* SPDX-License-Identifier: MIT */
/*
 * html_row - one fact or finding of report.json as the row of a table.
 */
#pragma once

#include <jansson.h>

#include "agents/writer/html_frame.h"

struct html_row {
	struct buf *out;
	const json_t *artifacts; /* of the inventory */
	bool (*lists_fact)(const void *arg,
	                   const char *id); /* whether "F12" has a row to link to */
	const void *arg;
};

void html_row_fact(const struct html_row *r, const json_t *fact);
void html_row_finding(const struct html_row *r, const json_t *finding);

/* To twelve digits; an en dash where it is not finite. */
void html_row_number(struct buf *out, double value);
