/* SPDX-License-Identifier: MIT */
/*
 * pulse - that the loop turns: how long each turn keeps everybody waiting, the service manager's
 * watchdog, the status that it shows, and memory that is given back after work. A loop at rest is
 * woken for the watchdog alone.
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
	/* In words; true: nothing is to be done. */
	bool (*status)(void *arg, char ret[static PULSE_STATUS_BYTES]);
	void *arg;
};

struct pulse { /* in place; zero is one that was never started */
	struct pulse_env env;
	uv_prepare_t turn;
	uv_timer_t watchdog, status, rest;
	uv_signal_t signals[4];      /* all that the process is sent */
	uint64_t turned_ns, idle_ns; /* at the last turn */
	uv_work_t trim;
	bool started, trimming;
	bool changed;     /* since status was told */
	bool interrupted; /* the wait of this turn, by a signal */
};

void pulse_start(struct pulse *p, const struct pulse_env *env);
/* Jobs have begun or ended: told in a moment, and not for each of them. */
void pulse_status_changed(struct pulse *p);
void pulse_close(struct pulse *p); /* idempotent; the loop runs on for its handles */
