/* SPDX-License-Identifier: MIT */
/*
 * names - does a sentence name only what it stands on?
 *
 * A name is a word out of the subject of some fact ("onnx", the "gemma" of gemma3), a known model
 * or program, or any word with a capital inside a sentence that is no abbreviation of the trade.
 * It must be found in a cited fact: in its subject, its metric, or the path that it comes from.
 */
#pragma once

#include "lib/claims/cited.h"

struct names; /* words of all subjects of a dossier */

int names_new(struct names **ret, const struct dossier *d) MUST_USE; /* -ENOMEM */
void names_free(struct names *n);
DEFINE_CLEANUP(struct names *, names_free)

/* False: struck, with the reason. */
bool names_agree(struct sentence *s, const struct names *n, const struct cited *c);

/* Is the word, lower case, letters only, one that only a configuration has? */
bool names_has(const struct names *n, const char *word);

/* Does the fact itself bear the word, in subject, metric, or the path of its artifact? */
bool names_bears(const struct dossier *d, const struct fact *f, const char *word);
