/* SPDX-License-Identifier: MIT */
/*
 * doctor: what is wrong with this installation, and how to mend it.
 */
#include "ctl/doctor.h"

#include <errno.h>
#include <stdio.h>

#include "ctl/ctl_json.h"
#include "ctl/options.h"

int doctor_parse(const char *command, struct doctor_options *o, bool whole, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"config", 0, OPTION_TEXT, offsetof(struct doctor_options, config)},
		{"quick", 0, OPTION_FLAG, offsetof(struct doctor_options, quick)},
		{0}};
	struct error err = {0};
	int n = options_parse(whole ? table : table + 1, o, argc, argv, &err);

	if (n > 0)
		n = error_set(&err, -EINVAL, "\"%.40s\": takes no operand", argv[0]);
	return n < 0 ? ctl_usage(command, &err) : CTL_DONE;
}

const char *doctor_endpoints_path(const struct doctor_options *o)
{
	return o->quick ? "/v1/endpoints?check=server" : "/v1/endpoints?check=model";
}

static int check_daemon(struct checkup *c, const struct ctl *ctl, const struct doctor_options *o,
                        json_t **ret_where)
{
	CLEANUP(client_freep) struct client *client = NULL;
	char socket[256];
	struct error err = {0};
	int code, r = client_find_socket(ctl->socket, socket, sizeof socket, &err);

	if (r == 0)
		r = client_new(&client, socket, &err);
	if (r < 0)
		return client_fail("doctor", r, &err);
	code = doctor_daemon(c, client, socket, ret_where);
	if (code == CTL_DONE)
		doctor_servers(c, client, o);
	return code;
}

/* Of the daemon's own words where it answers: it may have another configuration. */
static const char *place(const json_t *where, const char *member, const char *configured)
{
	const char *said = ctl_json_text(where, member);

	return *said ? said : configured;
}

static int check_all(struct checkup *c, const struct ctl *ctl, const struct doctor_options *o)
{
	CLEANUP(config_freep) struct config *config = NULL;
	json_t *where = NULL;
	int code;

	doctor_config(c, o, &config);
	code = check_daemon(c, ctl, o, &where);
	doctor_disk(c, place(where, "state", config ? config->state : NULL),
	            place(where, "reports", config ? config->reports : NULL));
	doctor_gnuplot(c);
	doctor_clock(c);
	doctor_units(c, code == CTL_DONE);
	json_decref(where);
	return code != CTL_DONE ? code : c->problems ? CTL_FAILED : CTL_DONE;
}

static int print_json(const struct checkup *c)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:O}", "schema", "chimerad.doctor/1", "problems",
	                      (json_int_t)c->problems, "warnings", (json_int_t)c->warnings,
	                      "checks", c->checks);

	return ctl_json_print(o) < 0 ? ctl_fail(CTL_FAILED, "doctor: out of memory") : CTL_DONE;
}

static int run_doctor(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(checkup_done) struct checkup checkup = {0};
	struct doctor_options o = {0};
	int printed, code = doctor_parse("doctor", &o, true, argc, argv);

	if (code != CTL_DONE)
		return code;
	checkup_init(&checkup, ctl->json);
	code = check_all(&checkup, ctl, &o);
	if (ctl->json) {
		printed = print_json(&checkup);
		return code ? code : printed;
	}
	(void)printf("%zu problem%s, %zu warning%s\n", checkup.problems,
	             checkup.problems == 1 ? "" : "s", checkup.warnings,
	             checkup.warnings == 1 ? "" : "s");
	return code;
}

const struct command doctor_command = {
	"doctor",
	"[--quick] [--config FILE]",
	"say what is wrong with this installation, and how to mend it",
	"Looks at the configuration, the socket and who may use it, the daemon, its store and "
	"roots,\n"
	"the model servers, the disk, gnuplot, the clock, and the units of systemd. Each line is\n"
	"ok, warning or problem; below what is wrong stands the command that mends it. Exit code "
	"1\n"
	"when there is a problem, 5 when no daemon answers, 6 when you may not ask it.\n\n"
	"  --quick        ask the model servers only; no model is loaded\n"
	"  --config FILE  the configuration that is looked at (default: $CHIMERAD_CONFIG, else\n"
	"                 /etc/chimerad/chimerad.yaml)\n",
	"chimeractl doctor",
	run_doctor};
