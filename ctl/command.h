/* SPDX-License-Identifier: MIT */
/*
 * command - what the commands of chimeractl have in common: options before the command, exit
 * codes, one line of error.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/error.h"

/* Fixed by the contract; scripts branch on them. */
enum ctl_exit {
	CTL_DONE,      /* 0 */
	CTL_FAILED,    /* 1 */
	CTL_USAGE,     /* 2 */
	CTL_MATCHED,   /* 3: --fail-on */
	CTL_MISMATCH,  /* 4: verify */
	CTL_NO_DAEMON, /* 5 */
	CTL_REJECTED   /* 6 */
};

struct ctl {
	const char *socket; /* as given by --socket, NULL: find one */
	bool json;          /* print the server's JSON instead of text */
};

struct command {
	const char *name;
	const char *usage; /* behind "chimeractl NAME " */
	const char *about; /* one sentence for the list of commands */
	const char *help;  /* options, a line each; "" when there are none */
	const char *example;
	int (*run)(const struct ctl *ctl, int argc, char **argv); /* argv without the name */
};

extern const struct command tune_command, review_command, submit_command, list_command,
	show_command, watch_command, cancel_command, retry_command, report_command, verify_command,
	pipelines_command, personas_command, endpoints_command, doctor_command, check_command,
	compare_command, init_command, backtest_command, bundle_command, explain_command,
	ack_command, trends_command, accept_command, backup_command, schedule_command;

/* Prints "chimeractl: ..." on stderr, foreign control characters made harmless; returns code. */
int ctl_fail(enum ctl_exit code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A usage error of command `name`: says where the help is. */
int ctl_usage(const char *name, const struct error *err);
