/* SPDX-License-Identifier: MIT */
/*
 * private_daemon - a chimerad for one review, which ends with us.
 *
 * It holds the read end of a pipe as its standard input and leaves when that closes, so that even
 * a killed chimeractl leaves nothing behind.
 */
#pragma once

#include <stdbool.h>

#include "ctl/private_config.h"

struct private_daemon;

/* Waits for another local review on the same state, and until the daemon answers. */
int private_daemon_start(struct private_daemon **ret, const struct private_spec *spec,
                         struct error *err) MUST_USE;
const char *private_daemon_socket(const struct private_daemon *d);
bool private_daemon_alive(void *d);

/* Prints the last lines of its log on stderr. */
void private_daemon_show_log(const struct private_daemon *d);

/* Ends it, waits for it, and removes what was temporary. NULL is fine. */
void private_daemon_stop(struct private_daemon *d);
DEFINE_CLEANUP(struct private_daemon *, private_daemon_stop)
