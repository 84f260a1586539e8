/* SPDX-License-Identifier: MIT */
/*
 * ack: a finding that is known shall alarm nobody.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl/client.h"
#include "ctl/ctl_json.h"
#include "ctl/options.h"
#include "ctl/terminal.h"

#define PATH_BYTES 16384 /* the daemon takes no longer request lines */

struct ack_options {
	const char *reason, *until;
};

static int body_of(json_t **ret, const struct ack_options *o, struct error *err)
{
	json_t *reason = o->reason ? json_string(o->reason) : NULL;

	if (o->reason && !reason)
		return error_set(err, -EINVAL, "--reason: not UTF-8");
	*ret = json_pack("{s:o*, s:s*}", "reason", reason, "until", o->until);
	return *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static int print_acknowledged(const struct ctl *ctl, const struct reply *reply)
{
	const json_t *list = json_object_get(reply->json, "findings"), *f;
	size_t i;

	if (ctl->json) {
		(void)printf("%s\n", reply->body);
		return CTL_DONE;
	}
	json_array_foreach (list, i, f) {
		const char *until = ctl_json_text(json_object_get(f, "acknowledged"), "until");

		(void)fputs("acknowledged", stdout);
		if (*until) {
			(void)fputs(" until ", stdout);
			terminal_print(stdout, until);
		}
		(void)fputs(": ", stdout);
		terminal_print(stdout, ctl_json_text(f, "key"));
		(void)putchar('\n');
	}
	return CTL_DONE;
}

static int acknowledge(const struct ctl *ctl, const char *finding, const struct ack_options *o)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT(PATH_BYTES);
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	json_t *body = NULL;
	int code, r;

	buf_puts(&path, "/v1/findings/");
	client_add_encoded(&path, finding);
	buf_puts(&path, "/ack");
	r = path.failed ? error_set(&err, -EINVAL, "\"%.40s...\": too long a key: give its K id",
	                            finding)
	                : body_of(&body, o, &err);
	if (r < 0)
		return ctl_usage("ack", &err);
	code = client_request(ctl, "ack", "POST", buf_text(&path), body, &reply);
	json_decref(body);
	return code ? code : print_acknowledged(ctl, &reply);
}

static int run_ack(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"reason", 0, OPTION_TEXT, offsetof(struct ack_options, reason)},
		{"until", 0, OPTION_TEXT, offsetof(struct ack_options, until)},
		{0}};
	struct ack_options o = {0};
	struct error err = {0};
	int n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && (n != 1 || !*argv[0]))
		n = error_set(&err, -EINVAL,
		              "give one finding: its key, or its id in the latest report (K3)");
	return n < 0 ? ctl_usage("ack", &err) : acknowledge(ctl, argv[0], &o);
}

const struct command ack_command = {
	"ack",
	"FINDING [--reason TEXT] [--until DATE]",
	"acknowledge a finding: it stays listed and alarms no more",
	"  FINDING is its key, or its id in the latest report, like K3.\n\n"
	"  --reason TEXT  why; the next reports say it\n"
	"  --until DATE   the last day on which it holds, like 2026-12-24 (default: until the\n"
	"                 finding recovers)\n",
	"chimeractl ack K3 --reason \"the new driver\" --until 2026-12-24",
	run_ack};
