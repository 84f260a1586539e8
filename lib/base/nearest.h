/* SPDX-License-Identifier: MIT */
/*
 * nearest - the known word that somebody most likely meant.
 *
 * Counts edits (insertion, deletion, replacement, two neighbours swapped) without regard to case.
 * A word that is nearly a beginning of a known one counts as near it: "nigthly" means
 * "nightly-review".
 */
#pragma once

#include <stddef.h>

#include "lib/base/str.h"
#include "lib/base/util.h"

/* NULL when none of the n words is near enough to be worth a question. Entries may be NULL. */
const char *nearest(struct str word, const char *const *words, size_t n) MUST_USE;
