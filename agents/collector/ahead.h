/* SPDX-License-Identifier: MIT */
/*
 * ahead - other threads list the directories that a walk will come to.
 *
 * They only list, and only what the walk will ask for next; the walk decides, in its order, so
 * that what it finds does not depend on them. What they could not do it does itself.
 */
#pragma once

#include "agents/collector/listing.h"

struct directory { /* starts as zeros */
	DIR *dir;
	bool report; /* a report of ours is in it, and nothing is listed */
	struct listing names;
};

/* A directory in the directory fd, if it is no link. Negative errno. */
int directory_open(struct directory *ret, int fd, const char *name) MUST_USE;
void directory_done(struct directory *d);

struct ahead;
struct ahead_level; /* the directories in one directory */

/* Calls walk(arg, ahead) once, while other threads, threads - 1 at most, help. max: of listing.h.
 */
void ahead_run(unsigned threads, size_t max, void (*walk)(void *arg, struct ahead *ahead),
               void *arg);

/*
 * The walk begins with what is in d, whose directories it must ask for in their order. d is
 * borrowed until the walk leaves. NULL: nothing is listed ahead, which the other two take, too.
 */
struct ahead_level *ahead_enter(struct ahead *ahead, const struct directory *d);
/* The next directory. False: the walk has to open and list it. */
bool ahead_take(struct ahead *ahead, struct ahead_level *level, struct directory *ret) MUST_USE;
void ahead_leave(struct ahead *ahead, struct ahead_level *level); /* the innermost */
