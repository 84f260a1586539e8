/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "ctl/command.h"
#include "ctl/compare.h"
#include "ctl/ctl_json.h"
#include "ctl/options.h"

struct compare_options {
	const char *config, *fail_on;
	bool json;
};

static int compare(const struct compare_options *o, const struct fail_on *f, char **sides)
{
	CLEANUP(compare_freep) struct compared_sides *c = NULL;
	char room[256];
	const char *what;
	struct error err = {0};

	if (compare_read(&c, sides[0], sides[1], o->config, &err) < 0)
		return ctl_fail(CTL_FAILED, "compare: %s", err.text);
	if (!o->json)
		compare_print(c, stdout);
	else if (ctl_json_print(compare_json(c)) < 0)
		return ctl_fail(CTL_FAILED, "compare: out of memory");
	what = o->fail_on ? compare_match(c, f, room, sizeof room) : NULL;
	return what ? ctl_fail(CTL_MATCHED, "compare: --fail-on: %s", what) : CTL_DONE;
}

static int run_compare(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"config", 0, OPTION_TEXT, offsetof(struct compare_options, config)},
		{"fail-on", 0, OPTION_TEXT, offsetof(struct compare_options, fail_on)},
		{"json", 0, OPTION_FLAG, offsetof(struct compare_options, json)},
		{0}};
	struct compare_options o = {.json = ctl->json};
	struct fail_on f = {0};
	struct error err = {0};
	int n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && n != 2)
		n = error_set(&err, -EINVAL,
		              "give two directories, files or report.json, BASE and NEW");
	if (n >= 0 && o.fail_on)
		n = fail_on_parse(&f, o.fail_on, &err);
	return n < 0 ? ctl_usage("compare", &err) : compare(&o, &f, argv);
}

const struct command compare_command = {
	"compare",
	"BASE NEW [--fail-on KIND[,KIND]] [--config FILE] [--json]",
	"compare two trees of artifacts or two reports, repetitions against repetitions",
	"  --fail-on KIND  exit with 3 where there is a regression, improvement, changed, new,\n"
	"                  vanished or untestable series\n"
	"  --config FILE   whose limits, machine, columns and metrics apply (default:\n"
	"                  $CHIMERAD_CONFIG, else /etc/chimerad/chimerad.yaml)\n"
	"  --json          the same for scripts\n\n"
	"A series changed when the Mann-Whitney test says so (p by Benjamini and Hochberg up to\n"
	"0.05; for --fail-on by Holm), the interval of the change lies beyond 2 %, and in four of\n"
	"five pairs the one is larger. Repetitions must be runs of their own: those of one "
	"session\n"
	"share its noise.\n",
	"chimeractl compare results/main results/branch --fail-on regression",
	run_compare};
