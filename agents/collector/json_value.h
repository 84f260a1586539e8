/* SPDX-License-Identifier: MIT */
/*
 * json_value - the values of one row as they stand in the text, before they are cells.
 */
#pragma once

#include "agents/collector/json_dom.h"
#include "agents/collector/json_number.h"

#define JSON_STEPS_MAX 1024 /* values in a row */

enum json_value_kind {
	VALUE_NOTHING, /* no cell: an empty object, an array without numbers */
	VALUE_SCALAR,
	VALUE_ESCAPED, /* a string with a backslash in it */
	VALUE_LIST     /* an array of numbers, all of them finite */
};

struct json_value {
	const char *at; /* all of it: strings with their quotes */
	uint32_t len;
	uint32_t step; /* which value of its row it is */
	enum json_value_kind kind;
	enum dom_type type; /* SCALAR and ESCAPED */
	bool plain;         /* a number that `number` says all of */
	struct json_number number;
	size_t first, n; /* LIST: where its numbers are among those of the row */
};

struct json_values {
	const char *end;        /* of the text */
	struct json_value *all; /* malloc'd; n of JSON_STEPS_MAX */
	size_t n;
	double *numbers; /* malloc'd; of all lists of the row */
	size_t n_numbers, cap_numbers;
};

int json_values_init(struct json_values *v, const char *end) MUST_USE;
void json_values_done(struct json_values *v);

static inline void json_values_clear(struct json_values *v)
{
	v->n = v->n_numbers = 0;
}

/*
 * Adds the value that stands there, an object only where one is asked for, and an empty one.
 * Returns what is behind it; NULL: it is none, or of another kind than those above.
 */
const char *json_value_read(struct json_values *v, const char *at, uint32_t step, bool object);
