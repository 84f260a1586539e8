/* SPDX-License-Identifier: MIT */
#include "agents/collector/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/collector/own_report.h"
#include "lib/base/crew.h"

#define WINDOW 16 /* directories that one level has open ahead of the walk */
#define LEVELS 3  /* that have any */

enum slot_state {
	SLOT_FREE,
	SLOT_BUSY, /* a helper's */
	SLOT_READY
};

struct slot {
	enum slot_state state;
	struct directory directory; /* dir NULL: it could not be listed */
};

struct ahead_level {
	struct ahead_level *outer;
	const struct directory *in;
	size_t name;        /* where the next directory is looked for */
	size_t next, taken; /* directories that were given out, and that the walk came to */
	struct slot slots[WINDOW];
};

struct ahead {
	pthread_mutex_t lock;
	pthread_cond_t work;  /* there may be a directory to list, or the walk is over */
	pthread_cond_t ready; /* a busy slot became ready */
	struct ahead_level *inner;
	unsigned n_levels;
	size_t max;
	void (*walk)(void *arg, struct ahead *ahead);
	void *arg;
	bool begun, over;
};

int directory_open(struct directory *ret, int fd, const char *name)
{
	CLEANUP(closep)
	int child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (child < 0)
		return -errno;
	*ret = (struct directory){.report = own_report_in(child), .dir = fdopendir(child)};
	if (!ret->dir)
		return -ENOMEM;
	child = -1;
	return 0;
}

void directory_done(struct directory *d)
{
	if (d->dir)
		(void)closedir(d->dir);
	listing_done(&d->names);
	*d = (struct directory){0};
}

/* --- helpers ---------------------------------------------------------------------- */

/* The name of the next directory of the level, which is there. */
static const char *give_out(struct ahead_level *level)
{
	const struct listing *names = &level->in->names;

	while (listing_type(names, level->name) != DT_DIR)
		level->name++;
	level->next++;
	return listing_name(names, level->name++);
}

static bool has_work(const struct ahead_level *level)
{
	return level->next < level->in->names.n_directories && level->next < level->taken + WINDOW;
}

static void list(struct directory *ret, int fd, const char *name, size_t max)
{
	if (directory_open(ret, fd, name) == 0 &&
	    (ret->report || listing_read(&ret->names, ret->dir, false, max) == 0))
		return;
	directory_done(ret);
}

static void help_once(struct ahead *a, struct ahead_level *level)
{
	struct slot *slot = &level->slots[level->next % WINDOW];
	const char *name = give_out(level);
	int fd = dirfd(level->in->dir);

	slot->state = SLOT_BUSY;
	(void)pthread_mutex_unlock(&a->lock);
	list(&slot->directory, fd, name, a->max);
	(void)pthread_mutex_lock(&a->lock);
	slot->state = SLOT_READY;
	(void)pthread_cond_signal(&a->ready);
}

static void help(struct ahead *a)
{
	while (!a->over) {
		struct ahead_level *level = a->inner;

		while (level && !has_work(level))
			level = level->outer;
		if (level)
			help_once(a, level);
		else
			(void)pthread_cond_wait(&a->work, &a->lock);
	}
}

static void walk_or_help(void *arg)
{
	struct ahead *a = arg;

	(void)pthread_mutex_lock(&a->lock);
	if (a->begun) {
		help(a);
	} else {
		a->begun = true;
		(void)pthread_mutex_unlock(&a->lock);
		a->walk(a->arg, a);
		(void)pthread_mutex_lock(&a->lock);
		a->over = true;
		(void)pthread_cond_broadcast(&a->work);
	}
	(void)pthread_mutex_unlock(&a->lock);
}

void ahead_run(unsigned threads, size_t max, void (*walk)(void *arg, struct ahead *ahead),
               void *arg)
{
	struct ahead a = {.lock = PTHREAD_MUTEX_INITIALIZER,
	                  .work = PTHREAD_COND_INITIALIZER,
	                  .ready = PTHREAD_COND_INITIALIZER,
	                  .max = max,
	                  .walk = walk,
	                  .arg = arg};

	if (threads <= 1)
		walk(arg, NULL);
	else
		crew_run(threads, walk_or_help, &a);
	(void)pthread_cond_destroy(&a.ready);
	(void)pthread_cond_destroy(&a.work);
	(void)pthread_mutex_destroy(&a.lock);
}

/* --- the walk --------------------------------------------------------------------- */

struct ahead_level *ahead_enter(struct ahead *a, const struct directory *d)
{
	struct ahead_level *level;

	if (!a || a->n_levels == LEVELS || d->names.n_directories < 2)
		return NULL;
	level = calloc(1, sizeof *level);
	if (!level)
		return NULL;
	level->in = d;
	(void)pthread_mutex_lock(&a->lock);
	level->outer = a->inner;
	a->inner = level;
	a->n_levels++;
	(void)pthread_cond_broadcast(&a->work);
	(void)pthread_mutex_unlock(&a->lock);
	return level;
}

static void wait_for(struct ahead *a, const struct slot *slot)
{
	while (slot->state == SLOT_BUSY)
		(void)pthread_cond_wait(&a->ready, &a->lock);
}

bool ahead_take(struct ahead *a, struct ahead_level *level, struct directory *ret)
{
	struct slot *slot;

	if (!level)
		return false;
	slot = &level->slots[level->taken % WINDOW];
	(void)pthread_mutex_lock(&a->lock);
	if (level->next == level->taken)
		(void)give_out(level);
	while (slot->state == SLOT_BUSY && has_work(level))
		help_once(a, level); /* one of those behind it, rather than to wait */
	wait_for(a, slot);
	*ret = slot->directory;
	*slot = (struct slot){0};
	level->taken++;
	if (level->next - level->taken == WINDOW / 2) /* to be woken up for one is not worth it */
		(void)pthread_cond_broadcast(&a->work);
	(void)pthread_mutex_unlock(&a->lock);
	return ret->dir;
}

void ahead_leave(struct ahead *a, struct ahead_level *level)
{
	if (!level)
		return;
	(void)pthread_mutex_lock(&a->lock);
	a->inner = level->outer;
	a->n_levels--;
	for (size_t i = 0; i < WINDOW; i++)
		wait_for(a, &level->slots[i]);
	(void)pthread_mutex_unlock(&a->lock);
	for (size_t i = 0; i < WINDOW; i++)
		directory_done(&level->slots[i].directory);
	free(level);
}
