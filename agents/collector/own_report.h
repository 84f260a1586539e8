/* SPDX-License-Identifier: MIT */
/*
 * own_report - a report of this program is no artifact: it would be reviewed as its own evidence.
 */
#pragma once

#include <stdbool.h>

/* Whether this directory holds one. */
bool own_report_in(int dir);

/* Whether a file or directory beside report.json belongs to it. */
bool own_report_part(const char *name);
