/* SPDX-License-Identifier: MIT */
/*
 * ingest_paths - which artifacts a review found, kept so that the next one sees what is gone.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/evidence/dossier.h"

/* Appends the paths of an inventory. */
void paths_pack(struct buf *b, const struct inventory *inv);

/* Whether paths_pack() would make just these bytes of it. */
bool paths_are(const struct inventory *inv, const char *packed, size_t len) MUST_USE;

/*
 * Sets gone and n_gone of d->inventory: what is packed there, of the same roots, and not in it.
 * Texts are copied into d->arena. -EBADMSG: not what paths_pack() made; -ENOMEM.
 */
int paths_gone(struct dossier *d, const char *packed, size_t len) MUST_USE;
