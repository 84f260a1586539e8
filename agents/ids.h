/* SPDX-License-Identifier: MIT */
/*
 * ids - the ids of one question: F1 is the first fact that it offers, K1 the first finding.
 *
 * A question about a group reads the same on every night on which the group is the same, however
 * many facts came before it, and so its old answer can be used. Ids that a question does not offer
 * become F0 and K0, which nothing has.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/claims/claims.h"

/* text with its ids turned into those of the dossier, or back; what stands in words is no id. */
void ids_to_dossier(struct buf *ret, const struct claims_scope *scope, const char *text,
                    size_t len);
void ids_to_question(struct buf *ret, const struct claims_scope *scope, const char *text,
                     size_t len);

/* n for an id that is not among them. */
size_t ids_find(const unsigned *ids, size_t n, unsigned id);
