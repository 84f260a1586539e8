/* SPDX-License-Identifier: MIT */
/*
 * listing - the names in one directory with their types, in the order of the paths below it.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/util.h"

struct listed {
	uint64_t head; /* of the name, as one number that sorts like it */
	size_t at;     /* in text */
};

struct listing {    /* malloc'd; starts as zeros */
	char *text; /* of each name its type (DT_*), itself, NUL */
	size_t len, cap;
	struct listed *names;
	size_t n, cap_names;
	size_t n_directories; /* of n */
	bool listed;
};

/*
 * Hidden directories are passed over and, where the directory holds a report of ours, what belongs
 * to that. -ENOMEM; -E2BIG: there are more than max directories, or more than max others.
 */
int listing_read(struct listing *l, DIR *dir, bool ours, size_t max) MUST_USE;
void listing_done(struct listing *l);

static inline unsigned char listing_type(const struct listing *l, size_t i)
{
	return (unsigned char)l->text[l->names[i].at];
}

static inline const char *listing_name(const struct listing *l, size_t i)
{
	return l->text + l->names[i].at + 1;
}
