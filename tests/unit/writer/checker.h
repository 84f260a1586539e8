/* SPDX-License-Identifier: MIT */
/*
 * checker - the contract on numerals, checked from the published bytes alone.
 */
#pragma once

#include "lib/base/buf.h"

/* The number of numerals; -1 with the first complaint on stderr. */
int checker_numerals(const struct buf *md, const struct buf *json);
