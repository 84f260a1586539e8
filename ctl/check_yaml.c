/* SPDX-License-Identifier: MIT */
#include "ctl/check_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

#include "ctl/ctl_json.h"
#include "ctl/scheduled.h"
#include "ctl/terminal.h"
#include "daemon/config.h"
#include "lib/base/files.h"
#include "lib/evidence/pipeline.h"

#define YAML_BYTES_MAX (256 * 1024)
#define PLACE_BYTES    48

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

static void on_value(void *arg, const struct bind_told *told)
{
	json_t *values = arg;
	bool said = told->line > 0;

	(void)json_array_append_new(
		values,
		json_pack("{s:s, s:s, s:o, s:o}", "key", told->path, "value", told->value, "line",
	                  said ? json_integer((json_int_t)told->line) : json_null(), "column",
	                  said ? json_integer((json_int_t)told->column) : json_null()));
}

static int tell(enum yaml_kind kind, const char *path, const char *text, size_t len, json_t *values,
                struct error *err)
{
	switch (kind) {
	case YAML_CONFIG:
		return config_tell(path, text, len, on_value, values, err);
	case YAML_PIPELINE:
		return pipeline_tell(path, text, len, on_value, values, err);
	case YAML_PERSONA:
		return persona_tell(path, text, len, on_value, values, err);
	case YAML_REVIEW:
		return scheduled_tell(path, text, len, on_value, values, err);
	}
	return -EINVAL; /* not reached: the list above is complete */
}

bool check_is_yaml(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

json_t *check_yaml(const char *path, bool values)
{
	static const char *const names[] = {"configuration", "pipeline", "persona",
	                                    "scheduled review"};
	CLEANUP(freep) char *text = NULL;
	json_t *told = json_array();
	const char *kind = NULL;
	struct error err = {0};
	size_t len = 0;
	int r = files_read(&text, &len, NULL, path, YAML_BYTES_MAX, &err);

	if (r == 0) {
		enum yaml_kind k = kind_of(text, len);

		kind = names[k];
		r = tell(k, path, text, len, told, &err);
	}
	if (r < 0 || !values) {
		json_decref(told);
		told = json_null();
	}
	return json_pack("{s:s, s:s?, s:b, s:s?, s:o}", "path", path, "kind", kind, "good", r == 0,
	                 "message", r < 0 ? err.text : NULL, "values", told);
}

static void print_values(const json_t *values)
{
	enum { COLUMNS = 3 };
	size_t n = json_array_size(values), i;
	CLEANUP(freep) const char **cells = calloc((n + 1) * COLUMNS, sizeof *cells);
	CLEANUP(freep) char(*places)[PLACE_BYTES] = calloc(n + 1, sizeof *places);
	const json_t *v;

	if (!cells || !places)
		return;
	cells[0] = "KEY", cells[1] = "FROM", cells[2] = "VALUE";
	json_array_foreach (values, i, v) {
		const char **row = cells + (i + 1) * COLUMNS;
		json_int_t line = json_integer_value(json_object_get(v, "line"));
		json_int_t column = json_integer_value(json_object_get(v, "column"));

		(void)snprintf(places[i], PLACE_BYTES, "%lld:%lld", (long long)line,
		               (long long)column);
		row[0] = ctl_json_text(v, "key");
		row[1] = line ? places[i] : "default";
		row[2] = *ctl_json_text(v, "value") ? ctl_json_text(v, "value") : "-";
	}
	terminal_table(stdout, cells, n + 1, COLUMNS);
}

void check_yaml_print(const json_t *file)
{
	bool good = json_is_true(json_object_get(file, "good"));
	const json_t *values = json_object_get(file, "values");
	const char *path = ctl_json_text(file, "path");

	if (!good) {
		terminal_print(stderr, ctl_json_text(file, "message"));
		(void)fputc('\n', stderr);
		return;
	}
	terminal_print(stdout, path);
	(void)printf(": a good %s\n", ctl_json_text(file, "kind"));
	if (json_is_array(values))
		print_values(values);
}
