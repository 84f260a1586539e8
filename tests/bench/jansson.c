/* SPDX-License-Identifier: MIT */
/* Jansson over a file of JSON or JSON Lines, for comparison: all of it as trees in memory. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"

static json_t *below(json_t *at, const char *pointer)
{
	while (at && *pointer == '/') {
		size_t n = strcspn(pointer + 1, "/");

		at = json_object_getn(at, pointer + 1, n);
		pointer += n + 1;
	}
	return at;
}

/* Every document of the file, in an array; NULL: one of them is broken. */
static json_t *load(FILE *file)
{
	json_t *all = json_array(), *doc;
	json_error_t why;

	while ((doc = json_loadf(file, JSON_DISABLE_EOF_CHECK, &why)))
		(void)json_array_append_new(all, doc);
	if (feof(file))
		return all;
	(void)fprintf(stderr, "bench_jansson: line %d: %s\n", why.line, why.text);
	json_decref(all);
	return NULL;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 4 ? fopen(argv[1], "re") : NULL;
	uint64_t begun = clock_mono_ns(), spent;
	json_t *all, *rows, *row;
	double sum = 0;
	size_t i;

	if (!file) {
		(void)fputs("bench_jansson FILE ROWS MEMBER\n", stderr);
		return 2;
	}
	all = load(file);
	spent = clock_mono_ns() - begun;
	(void)fclose(file);
	if (!all)
		return 1;
	rows = *argv[2] ? below(json_array_get(all, 0), argv[2]) : all;
	json_array_foreach (rows, i, row)
		sum += json_number_value(below(row, argv[3]));
	(void)printf("{\"seconds\": %.9f, \"answer\": {\"rows\": %zu, \"sum\": %.17g}}\n",
	             (double)spent / 1e9, json_array_size(rows), sum);
	json_decref(all);
	return 0;
}
