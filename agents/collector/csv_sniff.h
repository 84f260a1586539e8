/* SPDX-License-Identifier: MIT */
/*
 * csv_sniff - find out how a delimited file is written, from its first records.
 */
#pragma once

#include "lib/base/error.h"
#include "lib/base/str.h"

#define CSV_SAMPLE_RECORDS 200

struct csv_dialect {
	char delimiter;       /* ',' for a single column */
	char decimal;         /* '.' or ',' */
	unsigned header_line; /* from 1; 0: there is no header */
	size_t columns;       /* of the header, else of most records */
	bool clear;           /* a header, every sampled row like it, and numbers below it */
};

/* -EINVAL: no table; *err says why, quoting the first line where that helps. */
int csv_sniff(struct csv_dialect *ret, struct str text, struct error *err) MUST_USE;
