/* SPDX-License-Identifier: MIT */
/*
 * agree - does a sentence say of each fact only what the fact allows?
 *
 * Ids must be in scope. A direction or size needs a difference, a subject a subject, a unit a
 * unit. A figure must not be told of another subject or metric than its own: the mention nearest
 * before it (else the first one behind it) decides, be it a placeholder or the name in free words.
 */
#pragma once

#include "lib/claims/names.h"

/* `cited` holds what the claim is about and what the sentence cites; false: struck. */
bool sentence_agrees(struct sentence *s, const struct claims_scope *scope, const struct cited *c,
                     const struct names *names);

/* Is the id among n? */
bool scope_has(const unsigned *ids, size_t n, unsigned id);
