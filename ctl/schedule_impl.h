/* SPDX-License-Identifier: MIT */
/*
 * schedule_impl - what the parts of the command `schedule` share. Nobody else includes it.
 */
#pragma once

#include "ctl/client.h"
#include "ctl/schedule_units.h"

/* Connects as ctl says; prints what went wrong and returns a ctl_exit code. */
int schedule_connect(const struct ctl *ctl, struct client **ret);

/* A ctl_exit code for a failure of the machine's: no daemon has been asked. */
int schedule_fail(int r, const struct error *err);

/*
 * Asks the daemon, in its sandbox and as its user, whether it would take this review; prints what
 * it would not, and the mend. Returns a ctl_exit code.
 */
int schedule_ask_daemon(const struct ctl *ctl, const struct scheduled *s);

/*
 * What mends that the daemon does not see `path`: commands, or "" where its own words say enough.
 * sandboxed: it is systemd's service.
 */
void schedule_mend(struct buf *ret, const char *path, bool sandboxed);

/* The subcommands; argv without their names. */
int schedule_list(const struct ctl *ctl, int argc, char **argv);
int schedule_run(const struct ctl *ctl, int argc, char **argv);
