/* SPDX-License-Identifier: MIT */
/*
 * source - bytes that come bit by bit: a file, the events of a job.
 *
 * One reader, on the loop. It asks with read(); on SOURCE_WAIT it waits for wake(), which comes
 * from the loop and never from inside read(). It ends the source with close(), once.
 */
#pragma once

#include <stddef.h>

enum source_state {
	SOURCE_MORE,   /* *ret_n bytes were written; ask again */
	SOURCE_WAIT,   /* nothing now: wake() will come */
	SOURCE_END,    /* that was all; *ret_n may be above 0 */
	SOURCE_BROKEN, /* it cannot go on: the reader must let its client see that */
};

struct source {
	enum source_state (*read)(struct source *s, char *buf, size_t size, size_t *ret_n);
	void (*close)(struct source *s);
	void (*wake)(void *arg); /* the reader's; NULL until it listens */
	void *wake_arg;
};

static inline void source_close(struct source *s)
{
	if (!s)
		return;
	s->wake = NULL;
	s->close(s);
}

static inline void source_wake(struct source *s)
{
	if (s->wake)
		s->wake(s->wake_arg);
}
