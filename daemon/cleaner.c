/* SPDX-License-Identifier: MIT */
#include "daemon/cleaner.h"

#include <errno.h>

#include "lib/base/clock.h"

#define PAUSE_TIMES 20 /* of what the work took */

struct cleaner {
	struct cleaner_env env;
	struct retention_limits limits;
	bool working, again, stopped; /* again: there was cause to meanwhile */
	uv_timer_t pause;             /* after work */
	uint64_t ended;               /* jobs, as it was told last */
	/* of the work in the queue */
	struct retention_limits asked;
	struct store_retained done;
	uint64_t took_ns;
	struct error err;
};

static void cleaner_kick(struct cleaner *c);

static void cleaner_work(struct store *s, void *arg)
{
	struct cleaner *c = arg;
	uint64_t begun_ns = clock_mono_ns();

	c->err = (struct error){0};
	(void)!store_retain(s, &c->done, &c->asked, c->env.reports, clock_now_s(), &c->err);
	c->took_ns = clock_mono_ns() - begun_ns;
}

static void cleaner_on_pause(uv_timer_t *timer)
{
	struct cleaner *c = CONTAINER_OF(timer, struct cleaner, pause);

	if (c->again)
		cleaner_kick(c);
}

static void cleaner_after(void *arg)
{
	struct cleaner *c = arg;
	uint64_t n = jobs_counts_ended(&c->done.removed);

	c->working = false;
	if (n) {
		log_info(c->env.log, "retention: %llu jobs and their reports removed",
		         (unsigned long long)n);
		c->ended -= n < c->ended ? n : c->ended;
		c->env.on_removed(c->env.arg, &c->done.removed);
	}
	if (c->err.code < 0)
		log_warning(c->env.log, "retention: %s", c->err.text);
	c->again |= c->done.more && c->err.code == 0;
	if (!c->stopped)
		(void)uv_timer_start(&c->pause, cleaner_on_pause,
		                     c->took_ns * PAUSE_TIMES / 1000000, 0);
}

int cleaner_new(struct cleaner **ret, const struct cleaner_env *env, struct error *err)
{
	struct cleaner *c = calloc(1, sizeof *c);

	if (!c)
		return error_set(err, -ENOMEM, "out of memory");
	c->env = *env;
	(void)uv_timer_init(env->loop, &c->pause); /* cannot fail in libuv 1.44 */
	*ret = c;
	return 0;
}

void cleaner_set_config(struct cleaner *c, const struct config *config)
{
	c->limits = (struct retention_limits){config->retention.days, config->retention.reviews};
}

static void cleaner_kick(struct cleaner *c)
{
	c->again = c->working || uv_is_active((const uv_handle_t *)&c->pause);
	if (c->again || c->stopped)
		return;
	c->asked = c->limits;
	c->working = store_queue_run(c->env.store, cleaner_work, cleaner_after, c) == 0;
}

void cleaner_begin(struct cleaner *c, const struct jobs_counts *counts)
{
	c->ended = jobs_counts_ended(counts);
	cleaner_kick(c);
}

/* Between this review and the next, which is claimed behind it in the queue. */
void cleaner_follow(struct cleaner *c, const struct jobs_counts *counts)
{
	uint64_t ended = jobs_counts_ended(counts);
	bool more = ended > c->ended;

	c->ended = ended;
	if (more)
		cleaner_kick(c);
}

void cleaner_stop(struct cleaner *c)
{
	if (!c || c->stopped)
		return;
	c->stopped = true;
	uv_close((uv_handle_t *)&c->pause, NULL);
}

void cleaner_free(struct cleaner *c)
{
	free(c);
}
