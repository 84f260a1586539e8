/* SPDX-License-Identifier: MIT */
/*
 * check - does this YAML mean something? What is this table taken for? Works without a daemon.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/check_yaml.h"
#include "ctl/command.h"
#include "ctl/ctl_json.h"
#include "ctl/explain.h"
#include "ctl/options.h"
#include "ctl/terminal.h"

struct check_options {
	bool explain, json;
	const char *config;
};

static int explain(const struct check_options *o, size_t n, char **paths)
{
	CLEANUP(explain_freep) struct explained *e = NULL;
	struct error err = {0};

	if (explain_read(&e, (const char *const *)paths, n, o->config, &err) < 0)
		return ctl_fail(CTL_FAILED, "check: %s", err.text);
	if (!o->json)
		explain_print(e, stdout, terminal_width(STDOUT_FILENO));
	else if (ctl_json_print(explain_json(e)) < 0)
		return ctl_fail(CTL_FAILED, "check: out of memory");
	return CTL_DONE;
}

static int check_files(const struct check_options *o, int n, char **paths)
{
	CLEANUP(check_known_done) struct check_known known = {0};
	struct error err = {0};
	json_t *list;
	int bad = 0, code;

	if (check_known_load(&known, o->config, &err) < 0)
		return ctl_fail(CTL_FAILED, "check: %s", err.text);
	list = json_array();
	for (int i = 0; i < n; i++) {
		json_t *file = check_yaml(paths[i], o->explain, &known);

		bad += !json_is_true(json_object_get(file, "good"));
		if (!o->json)
			check_yaml_print(file);
		(void)json_array_append_new(list, file);
	}
	code = bad ? CTL_FAILED : CTL_DONE;
	if (o->json && ctl_json_print(json_pack("{s:s, s:O}", "schema", "chimerad.check/1", "files",
	                                        list)) < 0)
		code = ctl_fail(CTL_FAILED, "check: out of memory");
	json_decref(list);
	return code;
}

static int run_check(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"explain", 0, OPTION_FLAG, offsetof(struct check_options, explain)},
		{"json", 0, OPTION_FLAG, offsetof(struct check_options, json)},
		{"config", 0, OPTION_TEXT, offsetof(struct check_options, config)},
		{0}};
	struct check_options o = {.json = ctl->json};
	struct error err = {0};
	int yaml = 0, n = options_parse(table, &o, argc, argv, &err);

	if (n == 0)
		n = error_set(&err, -EINVAL, "give the files to check");
	for (int i = 0; i < n; i++)
		yaml += check_is_yaml(argv[i]);
	if (n > 0 && o.explain && yaml > 0 && yaml < n)
		n = error_set(&err, -EINVAL, "--explain: give YAML files, or artifacts, not both");
	if (n < 0)
		return ctl_usage("check", &err);
	return o.explain && !yaml ? explain(&o, (size_t)n, argv) : check_files(&o, n, argv);
}

const struct command check_command = {
	"check",
	"FILE... [--config FILE] [--json] | --explain PATH... [--config FILE] [--json]",
	"validate YAML, or show what tables are taken for",
	"  --explain      read the artifacts below each PATH and show what a review would make of\n"
	"                 every table and column, and why; of YAML files every value that holds, "
	"and\n"
	"                 whether it is the default or where the file says it\n"
	"  --config FILE  whose personas and endpoints pipelines may name; of artifacts, whose\n"
	"                 limits, machine, columns and metrics apply (default: $CHIMERAD_CONFIG,\n"
	"                 else /etc/chimerad/chimerad.yaml)\n"
	"  --json         the same for scripts\n\n"
	"Without --explain: configurations, pipelines, personas and scheduled reviews. A\n"
	"mistake, and a persona, endpoint or pipeline that is not there, is printed as\n"
	"file:line:column: message, and the exit code is 1.\n",
	"chimeractl check --explain examples/nightly",
	run_check};
