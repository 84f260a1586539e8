/* SPDX-License-Identifier: MIT */
/*
 * answer_cache - what models have answered, so that the same question need not be asked again.
 *
 * A file of its own that may be lost (cache_file.h). An answer stands under the digest of all that
 * it depends on, the identity of the model among it: another model under the same name is another
 * one. It is checked like a new one whenever it is used. Blocking; for one thread at a time.
 */
#pragma once

#include "lib/base/digest.h"
#include "lib/model/model.h"

#define ANSWER_CACHE_FILE "answers.db" /* in the state's directory */

struct answer_cache;

struct answer_question {      /* borrowed */
	const char *identity; /* of the model: model_about.identity */
	const char *agent;    /* of several: each has answers of its own; else NULL */
	const char *system, *user;
	const json_t *schema;
	struct model_options options;
};

/* A digest of it all. -ENOMEM. */
int answer_key(char ret[static DIGEST_TEXT_BYTES], const struct answer_question *q) MUST_USE;

int answer_cache_open(struct answer_cache **ret, const char *state, struct error *err) MUST_USE;
void answer_cache_close(struct answer_cache *c); /* NULL is fine */
DEFINE_CLEANUP(struct answer_cache *, answer_cache_close)

/* 1: *ret (malloc'd) is what was answered; 0: nothing is kept. Being used keeps it. */
int answer_cache_get(struct answer_cache *c, char **ret, const char *key,
                     struct error *err) MUST_USE;
/* Also forgets what nobody has used for long. */
int answer_cache_put(struct answer_cache *c, const char *key, const char *answer,
                     struct error *err) MUST_USE;
