/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>

#include "ctl/backtest.h"
#include "ctl/command.h"
#include "ctl/ctl_json.h"
#include "ctl/options.h"

#define INJECT_PCT_LEAST .01
#define INJECT_PCT_MOST  99 /* of what is to be high nothing is left at 100 */

struct backtest_options {
	const char *config, *inject;
	bool json;
};

static int read_percent(double *ret, const char *text, struct error *err)
{
	char *end;
	double pct = strtod(text, &end);

	if (end == text || *end || !(pct >= INJECT_PCT_LEAST && pct <= INJECT_PCT_MOST))
		return error_set(err, -EINVAL, "--inject: \"%.40s\" is no number from %g to %d",
		                 text, INJECT_PCT_LEAST, INJECT_PCT_MOST);
	*ret = pct;
	return 0;
}

static int backtest(const struct backtest_options *o, double inject_pct, const char *path)
{
	CLEANUP(backtest_freep) struct backtest *b = NULL;
	struct error err = {0};

	if (backtest_read(&b, path, inject_pct, o->config, &err) < 0)
		return ctl_fail(CTL_FAILED, "backtest: %s", err.text);
	if (!o->json)
		backtest_print(b, stdout);
	else if (ctl_json_print(backtest_json(b)) < 0)
		return ctl_fail(CTL_FAILED, "backtest: out of memory");
	return CTL_DONE;
}

static int run_backtest(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"config", 0, OPTION_TEXT, offsetof(struct backtest_options, config)},
		{"inject", 0, OPTION_TEXT, offsetof(struct backtest_options, inject)},
		{"json", 0, OPTION_FLAG, offsetof(struct backtest_options, json)},
		{0}};
	struct backtest_options o = {.json = ctl->json};
	struct error err = {0};
	double pct = 0;
	int n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL, "give one directory, DIR");
	if (n >= 0 && o.inject)
		n = read_percent(&pct, o.inject, &err);
	return n < 0 ? ctl_usage("backtest", &err) : backtest(&o, pct, argv[0]);
}

const struct command backtest_command = {
	"backtest",
	"DIR [--inject PCT] [--config FILE] [--json]",
	"replay the nights of a tree and list what each would have said",
	"  --inject PCT    put a step of that size into each series, and count how many are found\n"
	"  --config FILE   whose limits, machine, columns and metrics apply (default:\n"
	"                  $CHIMERAD_CONFIG, else /etc/chimerad/chimerad.yaml)\n"
	"  --json          the same for scripts\n\n"
	"Each night sees only what was measured up to then. Of its changes those are listed that\n"
	"are new since the night before, or stand differently.\n",
	"chimeractl backtest /srv/bench/nightly --inject 5",
	run_backtest};
