/* SPDX-License-Identifier: MIT */
/* row_range - "1-36,40" range by range, as locators tell rows and elements, from 1. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The next range, *from moved behind it. False at the end, and with *bad where it is none. */
bool row_range_next(const char **from, size_t *lo, size_t *hi, bool *bad);
