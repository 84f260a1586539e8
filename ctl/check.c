/* SPDX-License-Identifier: MIT */
/*
 * check - does this YAML mean something? What is this table taken for? Works without a daemon.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
#include <yaml.h>

#include "ctl/command.h"
#include "ctl/ctl_json.h"
#include "ctl/explain.h"
#include "ctl/options.h"
#include "ctl/scheduled.h"
#include "ctl/terminal.h"
#include "daemon/config.h"
#include "lib/base/files.h"
#include "lib/evidence/pipeline.h"

#define YAML_BYTES_MAX (256 * 1024)

enum yaml_kind { YAML_CONFIG, YAML_PIPELINE, YAML_PERSONA, YAML_REVIEW };

static bool has_key(yaml_document_t *doc, const yaml_node_t *root, const char *name)
{
	if (!root || root->type != YAML_MAPPING_NODE)
		return false;
	for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
	     p < root->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(doc, p->key);

		if (key && key->type == YAML_SCALAR_NODE &&
		    strcmp((const char *)key->data.scalar.value, name) == 0)
			return true;
	}
	return false;
}

/* By the keys that only one kind has: a file's name says nothing. */
static enum yaml_kind kind_of(const char *text, size_t len)
{
	enum yaml_kind kind = YAML_CONFIG;
	yaml_parser_t parser;
	yaml_document_t doc;

	if (!yaml_parser_initialize(&parser))
		return kind;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (yaml_parser_load(&parser, &doc)) {
		const yaml_node_t *root = yaml_document_get_root_node(&doc);

		if (has_key(&doc, root, "steps"))
			kind = YAML_PIPELINE;
		else if (has_key(&doc, root, "task") || has_key(&doc, root, "system"))
			kind = YAML_PERSONA;
		else if (has_key(&doc, root, "paths"))
			kind = YAML_REVIEW;
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
	return kind;
}

static int parse(enum yaml_kind kind, const char *path, const char *text, size_t len,
                 struct error *err)
{
	CLEANUP(pipeline_freep) struct pipeline *pipeline = NULL;
	CLEANUP(persona_freep) struct persona *persona = NULL;
	CLEANUP(config_freep) struct config *config = NULL;
	CLEANUP(scheduled_freep) struct scheduled *review = NULL;

	switch (kind) {
	case YAML_CONFIG:
		return config_parse(&config, path, text, len, err);
	case YAML_PIPELINE:
		return pipeline_parse(&pipeline, path, text, len, err);
	case YAML_PERSONA:
		return persona_parse(&persona, path, text, len, err);
	case YAML_REVIEW:
		return scheduled_parse(&review, path, text, len, err);
	}
	return -EINVAL; /* not reached: the list above is complete */
}

static int check_file(const char *path)
{
	static const char *const names[] = {"configuration", "pipeline", "persona",
	                                    "scheduled review"};
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};
	enum yaml_kind kind = YAML_CONFIG;
	size_t len = 0;
	int r = files_read(&text, &len, NULL, path, YAML_BYTES_MAX, &err);

	if (r == 0) {
		kind = kind_of(text, len);
		r = parse(kind, path, text, len, &err);
	}
	terminal_print(r < 0 ? stderr : stdout, r < 0 ? err.text : path);
	if (r < 0)
		(void)fputc('\n', stderr);
	else
		(void)printf(": a good %s\n", names[kind]);
	return r;
}

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

static int run_check(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"explain", 0, OPTION_FLAG, offsetof(struct check_options, explain)},
		{"json", 0, OPTION_FLAG, offsetof(struct check_options, json)},
		{"config", 0, OPTION_TEXT, offsetof(struct check_options, config)},
		{0}};
	struct check_options o = {.json = ctl->json};
	struct error err = {0};
	int bad = 0, n = options_parse(table, &o, argc, argv, &err);

	if (n == 0)
		n = error_set(&err, -EINVAL, "give the files to check");
	if (n > 0 && !o.explain && (o.json || o.config))
		n = error_set(&err, -EINVAL, "--%s is for --explain", o.config ? "config" : "json");
	if (n < 0)
		return ctl_usage("check", &err);
	if (o.explain)
		return explain(&o, (size_t)n, argv);
	for (int i = 0; i < n; i++)
		bad += check_file(argv[i]) < 0;
	return bad ? CTL_FAILED : CTL_DONE;
}

const struct command check_command = {
	"check",
	"FILE... | --explain PATH... [--config FILE] [--json]",
	"validate YAML, or show what tables are taken for",
	"  --explain      read the artifacts below each PATH and show what a review would make of\n"
	"                 every table and column, and why\n"
	"  --config FILE  whose limits, machine, columns and metrics apply (default:\n"
	"                 $CHIMERAD_CONFIG, else /etc/chimerad/chimerad.yaml)\n"
	"  --json         the same for scripts\n\n"
	"Without --explain: configurations, pipelines, personas and scheduled\n"
	"reviews. A mistake is printed as\n"
	"file:line:column: message, and the exit code is 1.\n",
	"chimeractl check --explain examples/nightly",
	run_check};
