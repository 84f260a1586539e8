/* SPDX-License-Identifier: MIT */
/*
 * endpoints: the model servers, and whether each could write a report now.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl/checkup.h"
#include "ctl/client.h"
#include "ctl/doctor.h"
#include "ctl/options.h"

static int run_endpoints(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_done) struct reply reply = {0};
	CLEANUP(checkup_done) struct checkup checkup = {0};
	struct doctor_options o = {0};
	int code = doctor_parse("endpoints", &o, false, argc, argv);

	if (code == CTL_DONE)
		code = client_simple(ctl, "endpoints", "GET", doctor_endpoints_path(&o), &reply);
	if (code != CTL_DONE)
		return code;
	if (ctl->json) {
		(void)printf("%s\n", reply.body);
		return CTL_DONE;
	}
	checkup_init(&checkup, false);
	checkup_endpoints(&checkup, reply.json);
	return CTL_DONE;
}

const struct command endpoints_command = {
	"endpoints",
	"[--quick]",
	"list the model servers and whether each could write now",
	"Each server is asked what it is and which model it has, and lets the model write one\n"
	"short answer, which loads it.\n\n"
	"  --quick  ask the servers only; nothing is loaded\n",
	"chimeractl endpoints --quick",
	run_endpoints};
