/* SPDX-License-Identifier: MIT */
/*
 * bounds - the numbers that a metric cannot have, whatever was measured.
 */
#pragma once

#include "agents/analyst/units.h"

/* A time, a rate, a size: below zero it is an error of whoever measured. */
bool bounds_no_negative(const struct measure *m, const char *name);
/* A share in percent of what there is: a hit rate, a success rate. */
bool bounds_no_more_than_all(const struct measure *m, const char *name);
