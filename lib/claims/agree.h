/* SPDX-License-Identifier: MIT */
/*
 * agree - does a sentence say of each fact only what the fact allows?
 *
 * Ids must be in scope. A direction or size needs a difference, a subject a subject, a unit a
 * unit. A figure must not be told of another subject or metric than its own: the mention nearest
 * before it (else the first one behind it) decides, be it a placeholder or the name in free words.
 */
#pragma once

#include "lib/claims/claims.h"
#include "lib/claims/sentence.h"

/* `findings` are those that the claim is about; false: struck, with the reason. */
bool sentence_agrees(struct sentence *s, const struct dossier *d, const struct claims_scope *scope,
                     const unsigned *findings, size_t n_findings);

/* Is the id among n? */
bool scope_has(const unsigned *ids, size_t n, unsigned id);
