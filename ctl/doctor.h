/* SPDX-License-Identifier: MIT */
/*
 * doctor - what is looked at, thing by thing. Each prints a heading and a line for all that is
 * well, doubtful or wrong, with the command that mends what is wrong.
 */
#pragma once

#include "ctl/checkup.h"
#include "ctl/client.h"
#include "daemon/config.h"

struct doctor_options {
	bool quick;
	const char *config;
};

/* Of `endpoints`, and the whole of `doctor`; a ctl_exit code. */
int doctor_parse(const char *command, struct doctor_options *o, bool whole, int argc, char **argv);
const char *doctor_endpoints_path(const struct doctor_options *o);

/* --- of the daemon: doctor_daemon.c */

/*
 * The socket, whether the daemon answers, its store, what it says of pipelines and personas,
 * whether it can read its roots. ret_where: what it says of itself, NULL where it does not answer.
 * Returns a ctl_exit code.
 */
int doctor_daemon(struct checkup *c, struct client *client, const char *socket, json_t **ret_where);
/* Its model servers. */
void doctor_servers(struct checkup *c, struct client *client, const struct doctor_options *o);

/* --- of the machine: doctor_machine.c */

/* *ret stays NULL where there is none that could be read. */
void doctor_config(struct checkup *c, const struct doctor_options *o, struct config **ret);
void doctor_disk(struct checkup *c, const char *state, const char *reports);
void doctor_gnuplot(struct checkup *c);
void doctor_clock(struct checkup *c);

/* --- of systemd: doctor_units.c */
void doctor_units(struct checkup *c, bool answers);
