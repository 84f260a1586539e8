/* SPDX-License-Identifier: MIT */
/* tune - the ranking of a sweep, from report.json. */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* Nothing where the review had no matrix. */
void tune_print(FILE *out, const json_t *report);
