/* SPDX-License-Identifier: MIT */
/*
 * bundle_impl - what the parts of bundle share. Nobody else includes this.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "ctl/bundle.h"
#include "lib/base/digest.h"

struct bundle_root {
	const char *path; /* resolved; as the report has it, when it is not there */
	const char *name; /* in the archive; of a file, its whole name */
	bool is_file;
};

int bundle_no_memory(struct error *err);
bool bundle_is_id(const char *id);

/* b->n_roots of them, in an array that the caller frees; also sets b->commands. */
int bundle_roots(struct bundle *b, const struct option_texts *given, struct bundle_root **ret,
                 struct error *err) MUST_USE;

/* A descriptor, or negative errno. */
int bundle_open(const struct bundle_file *f) MUST_USE;
/* So many bytes of it into `to`, unless that is NULL. -EAGAIN: there are fewer. */
int bundle_read(int fd, uint64_t bytes, FILE *to, char digest[static DIGEST_TEXT_BYTES]) MUST_USE;
