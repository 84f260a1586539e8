/* SPDX-License-Identifier: MIT */
/*
 * pipelines, personas: what is configured.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/terminal.h"

#define ROWS_MAX    256
#define COLUMNS_MAX 8
#define TEXT_BYTES  96

struct table_shape {
	const char *name;                     /* the command, the path and the member */
	const char *members[COLUMNS_MAX + 1]; /* in this order; NULL ends */
};

/* What one member prints; numbers and truth need room of their own. */
static const char *member_text(const json_t *value, char room[static TEXT_BYTES])
{
	if (json_is_string(value))
		return json_string_value(value);
	if (json_is_integer(value))
		(void)snprintf(room, TEXT_BYTES, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		(void)snprintf(room, TEXT_BYTES, "%s", json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		(void)snprintf(room, TEXT_BYTES, "%zu", json_array_size(value));
	else
		(void)snprintf(room, TEXT_BYTES, "-");
	return room;
}

static void print_shape(const struct table_shape *shape, const json_t *items)
{
	const char *cells[(ROWS_MAX + 1) * COLUMNS_MAX];
	static const char blank[] = "";
	char room[ROWS_MAX][COLUMNS_MAX][TEXT_BYTES];
	size_t rows = json_array_size(items), n = 0;

	rows = rows < ROWS_MAX ? rows : ROWS_MAX;
	while (shape->members[n])
		n++;
	for (size_t c = 0; c < n; c++)
		cells[c] = shape->members[c];
	for (size_t i = 0; i < rows; i++) {
		for (size_t c = 0; c < n; c++) {
			const json_t *v = json_object_get(json_array_get(items, i),
			                                  shape->members[c]);

			cells[(i + 1) * n + c] = v ? member_text(v, room[i][c]) : blank;
		}
	}
	terminal_table(stdout, cells, rows + 1, n);
}

static int run_shape(const struct ctl *ctl, const struct table_shape *shape, int argc, char **argv)
{
	static const struct option_spec none[] = {{0}};
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	char path[64];
	int code, n = options_parse(none, NULL, argc, argv, &err);

	if (n > 0)
		n = error_set(&err, -EINVAL, "\"%.40s\": takes no operand", argv[0]);
	if (n < 0)
		return ctl_usage(shape->name, &err);
	(void)snprintf(path, sizeof path, "/v1/%s", shape->name);
	code = client_simple(ctl, shape->name, "GET", path, &reply);
	if (code)
		return code;
	if (ctl->json)
		(void)printf("%s\n", reply.body);
	else
		print_shape(shape, json_is_array(reply.json)
		                           ? reply.json
		                           : json_object_get(reply.json, shape->name));
	return CTL_DONE;
}

static int run_pipelines(const struct ctl *ctl, int argc, char **argv)
{
	static const struct table_shape shape = {
		"pipelines", {"name", "title", "steps", "agents", "variants", "error"}};

	return run_shape(ctl, &shape, argc, argv);
}

static int run_personas(const struct ctl *ctl, int argc, char **argv)
{
	static const struct table_shape shape = {"personas", {"name", "title", "task", "error"}};

	return run_shape(ctl, &shape, argc, argv);
}

const struct command pipelines_command = {
	"pipelines", "", "list the pipelines", "", "chimeractl pipelines", run_pipelines};
const struct command personas_command = {
	"personas", "", "list the personas", "", "chimeractl personas", run_personas};
