/* SPDX-License-Identifier: MIT */
/*
 * notify - the service manager's side of being a daemon, without libsystemd.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/util.h"

/* 1: sent, 0: no service manager listens, or a negative errno. Nobody must care. */
int notify(const char *state);
/* The same, but -EAGAIN where it would have to wait for the service manager. */
int notify_soon(const char *state);
int notify_ready(const char *status);
int notify_reloading(void); /* follow with notify_ready() when done */
int notify_stopping(const char *status);

/* Half of WatchdogSec= in ms: how often to send WATCHDOG=1. 0: no watchdog for us. */
uint64_t notify_watchdog_ms(void);

/*
 * Sockets from the service manager are 3..3+n-1. Returns n (0: none), marks them
 * close-on-exec, and clears the environment so that no child mistakes them for its own.
 */
#define NOTIFY_LISTEN_FDS_START 3
int notify_listen_fds(void);
