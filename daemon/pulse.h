/* SPDX-License-Identifier: MIT */
/*
 * pulse - that the loop turns: how long each turn keeps everybody waiting, the service manager's
 * watchdog, and the status that it shows. A loop at rest is woken for the watchdog alone.
 */
#pragma once

#include <uv.h>

#include "daemon/log.h"
#include "daemon/metrics.h"

#define PULSE_STATUS_BYTES 96

struct pulse_env { /* borrowed until the handles have closed */
	uv_loop_t *loop;
	const struct log *log;
	struct metrics *metrics;
	void (*status)(void *arg, char ret[static PULSE_STATUS_BYTES]); /* in words */
	void *arg;
};

struct pulse { /* in place; zero is one that was never started */
	struct pulse_env env;
	uv_prepare_t turn;
	uv_timer_t watchdog, status;
	uint64_t turned_ns, idle_ns; /* at the last turn */
	bool started;
};

void pulse_start(struct pulse *p, const struct pulse_env *env);
void pulse_status_changed(struct pulse *p); /* told in a moment, and not for each change */
void pulse_close(struct pulse *p);          /* idempotent; the loop runs on for its handles */
