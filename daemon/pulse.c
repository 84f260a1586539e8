/* SPDX-License-Identifier: MIT */
#include "daemon/pulse.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>

#include "daemon/notify.h"

#define TURN_MAX_MS 100  /* design: a loop that is later than this is logged */
#define STATUS_MS   200  /* thousands of changes a second are one message */
#define AGAIN_MS    1000 /* after a message that nobody took */
#define REST_MS     1500 /* without work: then what the last of it left behind is done, too */

/* libuv 1.44 forgets how long it had waited when a signal came. */
static void on_signal(uv_signal_t *handle, int signum)
{
	struct pulse *p = handle->data;

	(void)signum;
	p->interrupted = true;
}

/* From one look for events to the next, without the time in which there was none. */
static void on_turn(uv_prepare_t *handle)
{
	struct pulse *p = CONTAINER_OF(handle, struct pulse, turn);
	uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(p->env.loop);
	uint64_t passed = now - p->turned_ns, rested = idle - p->idle_ns;
	uint64_t ns = passed > rested ? passed - rested : 0;

	p->turned_ns = now;
	p->idle_ns = idle;
	if (p->interrupted) {
		p->interrupted = false;
		return;
	}
	metrics_observe(p->env.metrics, METRICS_LOOP_LAG, (double)ns / 1e9);
	if (ns / 1000000 > TURN_MAX_MS)
		log_warning(p->env.log, "the loop was blocked for %" PRIu64 " ms", ns / 1000000);
}

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	(void)notify_soon("WATCHDOG=1");
}

/*
 * What reviews have freed stays with the process else, in each of its threads' heaps. Not while
 * there is work, which would wait for it and need it again.
 */
static void trim_work(uv_work_t *work)
{
	(void)work;
	(void)malloc_trim(0);
}

static void on_trimmed(uv_work_t *work, int status)
{
	struct pulse *p = CONTAINER_OF(work, struct pulse, trim);

	(void)status; /* nobody cancels it */
	p->trimming = false;
}

static void on_rest(uv_timer_t *timer)
{
	struct pulse *p = CONTAINER_OF(timer, struct pulse, rest);

	if (!p->trimming)
		p->trimming = uv_queue_work(p->env.loop, &p->trim, trim_work, on_trimmed) == 0;
}

/* Who does not take it now is told again, the last one must not be lost; work it is none. */
static void on_status(uv_timer_t *timer)
{
	struct pulse *p = CONTAINER_OF(timer, struct pulse, status);
	char status[PULSE_STATUS_BYTES], state[PULSE_STATUS_BYTES + 8];
	bool idle = p->env.status(p->env.arg, status);

	if (!idle)
		(void)uv_timer_stop(&p->rest);
	else if (p->changed)
		(void)uv_timer_start(&p->rest, on_rest, REST_MS, 0);
	p->changed = false;
	(void)snprintf(state, sizeof state, "STATUS=%s", status);
	if (notify_soon(state) == -EAGAIN)
		(void)uv_timer_start(timer, on_status, AGAIN_MS, 0);
}

/* None of these can fail in libuv 1.44 on a loop that was made and watches signals already. */
void pulse_start(struct pulse *p, const struct pulse_env *env)
{
	static const int signums[] = {SIGHUP, SIGINT, SIGTERM, SIGCHLD};
	uint64_t watchdog_ms = notify_watchdog_ms();

	*p = (struct pulse){.env = *env, .started = true};
	(void)uv_loop_configure(env->loop, UV_METRICS_IDLE_TIME);
	(void)uv_prepare_init(env->loop, &p->turn);
	(void)uv_timer_init(env->loop, &p->watchdog);
	(void)uv_timer_init(env->loop, &p->status);
	(void)uv_timer_init(env->loop, &p->rest);
	p->turned_ns = uv_hrtime();
	p->idle_ns = uv_metrics_idle_time(env->loop);
	(void)uv_prepare_start(&p->turn, on_turn);
	for (size_t i = 0; i < ARRAY_LEN(signums); i++) {
		(void)uv_signal_init(env->loop, &p->signals[i]);
		p->signals[i].data = p;
		(void)uv_signal_start(&p->signals[i], on_signal, signums[i]);
	}
	if (watchdog_ms)
		(void)uv_timer_start(&p->watchdog, on_watchdog, watchdog_ms, watchdog_ms);
}

void pulse_status_changed(struct pulse *p)
{
	p->changed = true;
	if (p->started && !uv_is_active((const uv_handle_t *)&p->status))
		(void)uv_timer_start(&p->status, on_status, STATUS_MS, 0);
}

void pulse_close(struct pulse *p)
{
	if (!p->started)
		return;
	p->started = false;
	uv_close((uv_handle_t *)&p->turn, NULL);
	uv_close((uv_handle_t *)&p->watchdog, NULL);
	uv_close((uv_handle_t *)&p->status, NULL);
	uv_close((uv_handle_t *)&p->rest, NULL);
	for (size_t i = 0; i < ARRAY_LEN(p->signals); i++)
		uv_close((uv_handle_t *)&p->signals[i], NULL);
}
