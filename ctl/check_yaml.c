/* SPDX-License-Identifier: MIT */
#include "ctl/check_yaml.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

#include "ctl/ctl_json.h"
#include "ctl/scheduled.h"
#include "ctl/terminal.h"
#include "lib/base/files.h"

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

/* --- what they name ------------------------------------------------- */

void check_known_done(struct check_known *k)
{
	config_free(k->config);
	free(k->endpoints);
}

static int know_endpoints(struct check_known *k, const char *file, struct error *err)
{
	if (access(file, F_OK) < 0) {
		(void)snprintf(k->no_endpoints, sizeof k->no_endpoints,
		               "there is no configuration (--config FILE)");
		return 0;
	}
	k->endpoints = config_endpoint_names(k->config);
	k->known.endpoints = k->endpoints;
	k->known.n_endpoints = k->config->n_endpoints;
	return k->endpoints ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* The directory, or why there is none. */
static const char *know_directory(const char *path, char *ret_why, size_t size)
{
	if (access(path, R_OK | X_OK) == 0)
		return path;
	(void)snprintf(ret_why, size, "%s: %s (CHIMERAD_DATA names the directory above)", path,
	               strerror(errno));
	return NULL;
}

int check_known_load(struct check_known *ret, const char *named, struct error *err)
{
	struct error why = {0};
	int r = config_load_usual(&ret->config, named, &why);

	if (r < 0 && named) {
		*err = why;
		return r;
	}
	if (r == 0)
		r = know_endpoints(ret, config_usual(named), err);
	else
		(void)snprintf(ret->no_endpoints, sizeof ret->no_endpoints, "%s", why.text);
	if (!ret->config)
		r = config_default(&ret->config, err);
	if (r == 0)
		r = config_use_data(ret->config, err);
	if (r < 0)
		return r;
	ret->known.personas = know_directory(ret->config->personas, ret->no_personas,
	                                     sizeof ret->no_personas);
	ret->pipelines = know_directory(ret->config->pipelines, ret->no_pipelines,
	                                sizeof ret->no_pipelines);
	return 0;
}

static bool names_endpoints(const struct pipeline *p)
{
	bool does = p->n_endpoints > 0;

	for (size_t i = 0; i < p->n_agents; i++)
		does |= p->agents[i].endpoint != NULL;
	return does;
}

static void add_note(json_t *notes, const char *what, const char *why)
{
	char text[1100];

	(void)snprintf(text, sizeof text, "its %s not looked for: %s", what, why);
	(void)json_array_append_new(notes, json_string(text));
}

static int check_pipeline(const char *path, const char *text, size_t len,
                          const struct check_known *known, json_t *notes, struct error *err)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	int r = pipeline_parse(&p, path, text, len, err);

	if (r == 0)
		r = pipeline_check_known(path, text, len, &known->known, err);
	if (r == 0 && !known->known.personas)
		add_note(notes, "personas were", known->no_personas);
	if (r == 0 && !known->known.endpoints && names_endpoints(p))
		add_note(notes, "endpoints were", known->no_endpoints);
	return r;
}

static int check_names(enum yaml_kind kind, const char *path, const char *text, size_t len,
                       const struct check_known *known, json_t *notes, struct error *err)
{
	if (kind == YAML_PIPELINE)
		return check_pipeline(path, text, len, known, notes, err);
	if (kind != YAML_REVIEW)
		return 0;
	if (known->pipelines)
		return scheduled_check_known(path, text, len, known->pipelines, err);
	add_note(notes, "pipeline was", known->no_pipelines);
	return 0;
}

/* --- one file ------------------------------------------------------------ */

json_t *check_yaml(const char *path, bool values, const struct check_known *known)
{
	static const char *const names[] = {"configuration", "pipeline", "persona",
	                                    "scheduled review"};
	CLEANUP(freep) char *text = NULL;
	json_t *told = json_array(), *notes = json_array();
	const char *kind = NULL;
	struct error err = {0};
	size_t len = 0;
	int r = files_read(&text, &len, NULL, path, YAML_BYTES_MAX, &err);

	if (r == 0) {
		enum yaml_kind k = kind_of(text, len);

		kind = names[k];
		r = tell(k, path, text, len, told, &err);
		if (r == 0)
			r = check_names(k, path, text, len, known, notes, &err);
	}
	if (r < 0 || !values) {
		json_decref(told);
		told = json_null();
	}
	return json_pack("{s:s, s:s?, s:b, s:s?, s:o, s:o}", "path", path, "kind", kind, "good",
	                 r == 0, "message", r < 0 ? err.text : NULL, "notes", notes, "values",
	                 told);
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
	const json_t *note;
	size_t i;

	if (!good) {
		terminal_print(stderr, ctl_json_text(file, "message"));
		(void)fputc('\n', stderr);
		return;
	}
	terminal_print(stdout, path);
	(void)printf(": a good %s\n", ctl_json_text(file, "kind"));
	json_array_foreach (json_object_get(file, "notes"), i, note) {
		(void)fputs("  ", stdout);
		terminal_print(stdout, json_string_value(note));
		(void)fputc('\n', stdout);
	}
	if (json_is_array(values))
		print_values(values);
}
