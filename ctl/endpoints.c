/* SPDX-License-Identifier: MIT */
/*
 * endpoints: the model servers, and whether each could write a report now.
 * doctor: what is wrong with this installation, and how to mend it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/checkup.h"
#include "ctl/client.h"
#include "ctl/options.h"

struct check_options {
	bool quick;
};

static int parse(const char *command, struct check_options *o, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"quick", 0, OPTION_FLAG, offsetof(struct check_options, quick)}, {0}};
	struct error err = {0};
	int n = options_parse(table, o, argc, argv, &err);

	if (n > 0)
		n = error_set(&err, -EINVAL, "\"%.40s\": takes no operand", argv[0]);
	return n < 0 ? ctl_usage(command, &err) : CTL_DONE;
}

static void check_endpoints(struct checkup *c, const json_t *list)
{
	const json_t *endpoint;
	size_t i;

	json_array_foreach (list, i, endpoint)
		checkup_endpoint(c, endpoint);
	if (json_array_size(list) == 0)
		checkup_say(c, CHECKUP_WARNING,
		            "no endpoint is configured: reports are written in built-in "
		            "sentences; see endpoints in chimerad.yaml(5)");
}

static const char *path_of(const struct check_options *o)
{
	return o->quick ? "/v1/endpoints?check=server" : "/v1/endpoints?check=model";
}

static int run_endpoints(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct check_options o = {0};
	struct checkup checkup;
	int code = parse("endpoints", &o, argc, argv);

	if (code == CTL_DONE)
		code = client_simple(ctl, "endpoints", "GET", path_of(&o), &reply);
	if (code != CTL_DONE)
		return code;
	if (ctl->json) {
		(void)printf("%s\n", reply.body);
		return CTL_DONE;
	}
	checkup_init(&checkup);
	check_endpoints(&checkup, reply.json);
	return CTL_DONE;
}

/* The daemon answers, or the exit code that says why not. */
static int check_daemon(struct checkup *c, const struct ctl *ctl)
{
	CLEANUP(reply_done) struct reply reply = {0};
	int code = client_simple(ctl, "doctor", "GET", "/readyz", &reply);

	if (code == CTL_DONE) {
		checkup_about("chimerad", "");
		checkup_say(c, CHECKUP_OK, "it answers, and takes jobs");
	}
	return code;
}

/* Where the shell, and execvp() in the daemon, would find it. */
static bool is_on_path(const char *program)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];

	for (at = at ? at : "/usr/bin:/bin"; *at; at += *at == ':') {
		size_t len = strcspn(at, ":");

		if (snprintf(path, sizeof path, "%.*s/%s", (int)len, at, program) <
		            (int)sizeof path &&
		    access(path, X_OK) == 0)
			return true;
		at += len;
	}
	return false;
}

static void check_gnuplot(struct checkup *c)
{
	checkup_about("gnuplot", "");
	if (is_on_path("gnuplot"))
		checkup_say(c, CHECKUP_OK, "it is installed: reports have plots");
	else
		checkup_say(c, CHECKUP_WARNING,
		            "it is not installed, so reports have no plots: apt-get install "
		            "gnuplot-nox");
}

static int run_doctor(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct check_options o = {0};
	struct checkup checkup;
	int code = parse("doctor", &o, argc, argv);

	if (code != CTL_DONE)
		return code;
	checkup_init(&checkup);
	code = check_daemon(&checkup, ctl);
	if (code == CTL_DONE)
		code = client_simple(ctl, "doctor", "GET", path_of(&o), &reply);
	if (code != CTL_DONE)
		return code;
	check_endpoints(&checkup, reply.json);
	check_gnuplot(&checkup);
	(void)printf("%zu problem%s, %zu warning%s\n", checkup.problems,
	             checkup.problems == 1 ? "" : "s", checkup.warnings,
	             checkup.warnings == 1 ? "" : "s");
	return checkup.problems ? CTL_FAILED : CTL_DONE;
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

const struct command doctor_command = {
	"doctor",
	"[--quick]",
	"say what is wrong with this installation, and how to mend it",
	"The daemon, its model servers and gnuplot, a line for each thing that is looked at. Exit "
	"code 1\n"
	"when there is a problem.\n\n"
	"  --quick  ask the servers only; no model is loaded\n",
	"chimeractl doctor",
	run_doctor};
