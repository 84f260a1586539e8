/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_value.h"

#include <errno.h>

#include "agents/collector/json_scan.h"
#include "agents/collector/json_word.h"

#define NUMBERS_FIRST 256
#define NUMBERS_MAX   (1u << 20) /* of one row: with more, there are no many rows */

int json_values_init(struct json_values *v, const char *end)
{
	*v = (struct json_values){.end = end};
	v->all = calloc(JSON_STEPS_MAX, sizeof *v->all);
	return v->all ? 0 : -ENOMEM;
}

void json_values_done(struct json_values *v)
{
	free(v->all);
	free(v->numbers);
	*v = (struct json_values){0};
}

static const char *read_string(const struct json_values *v, const char *at, bool *ret_escaped)
{
	const char *stop = json_string_stop(at + 1, v->end);

	*ret_escaped = false;
	while (stop < v->end && *stop == '\\' && v->end - stop > 1) {
		*ret_escaped = true;
		stop = json_string_stop(stop + 2, v->end);
	}
	return stop < v->end && *stop == '"' ? stop + 1 : NULL;
}

static const char *read_word(const struct json_values *v, const char *at, enum dom_type *ret)
{
	struct str word = json_word_at(at, v->end);

	return json_word_type(word, ret) ? at + word.len : NULL;
}

/* Where fewer bytes are left than may be read. */
static const char *read_last_number(const struct json_values *v, const char *at,
                                    struct json_number *ret)
{
	char copy[2 * JSON_NUMBER_BYTES] = {0};
	const char *behind;

	memcpy(copy, at, (size_t)(v->end - at));
	behind = json_number_read(copy, ret);
	return behind && behind - copy <= v->end - at ? at + (behind - copy) : NULL;
}

static inline const char *read_number(const struct json_values *v, const char *at,
                                      struct json_number *ret)
{
	if (v->end - at < JSON_NUMBER_BYTES)
		return read_last_number(v, at, ret);
	return json_number_read(at, ret);
}

static bool make_room(struct json_values *v)
{
	size_t cap = v->cap_numbers ? 2 * v->cap_numbers : NUMBERS_FIRST;
	double *more = cap > NUMBERS_MAX ? NULL : reallocarray(v->numbers, cap, sizeof *more);

	if (!more)
		return false;
	v->numbers = more;
	v->cap_numbers = cap;
	return true;
}

/* One that is finite for certain, as json_dom has them in its lists. */
static inline const char *read_finite(const struct json_values *v, const char *at, double *ret)
{
	struct json_number number;
	const char *behind = read_number(v, at, &number);
	bool plain;

	if (behind && json_number_value(&number, ret))
		return behind;
	behind = json_number_end(at, v->end, &plain);
	return behind && plain && reader_number((struct str){at, (size_t)(behind - at)}, '.', ret)
	               ? behind
	               : NULL;
}

/* Behind the bracket of a list, at its first number. */
static const char *read_numbers(struct json_values *v, const char *at)
{
	for (;;) {
		if (v->n_numbers == v->cap_numbers && !make_room(v))
			return NULL;
		at = read_finite(v, at, &v->numbers[v->n_numbers]);
		if (!at)
			return NULL;
		v->n_numbers++;
		if (at < v->end && *at != ',')
			at = json_skip_blanks(at, v->end);
		if (at == v->end || (*at != ',' && *at != ']'))
			return NULL;
		if (*at++ == ']')
			return at;
		at = json_skip_blanks(at, v->end);
	}
}

/* A string, null, true or false. */
static const char *read_other(const struct json_values *v, const char *at)
{
	enum dom_type type = DOM_STRING;
	bool escaped;

	at = *at == '"' ? read_string(v, at, &escaped) : read_word(v, at, &type);
	return type == DOM_NONFINITE ? NULL : at;
}

/* Behind the bracket of an array that holds neither numbers nor anything nested. */
static const char *read_others(const struct json_values *v, const char *at)
{
	while (at < v->end && *at != ']') {
		at = read_other(v, at);
		at = at ? json_skip_blanks(at, v->end) : v->end;
		if (at < v->end && *at == ',')
			at = json_skip_blanks(at + 1, v->end);
		else if (at < v->end && *at != ']')
			return NULL;
	}
	return at < v->end ? at + 1 : NULL;
}

static const char *read_array(struct json_values *v, struct json_value *value)
{
	const char *at = json_skip_blanks(value->at + 1, v->end);

	value->first = v->n_numbers;
	if (at < v->end && (*at == '-' || (*at >= '0' && *at <= '9')))
		at = read_numbers(v, at);
	else
		at = read_others(v, at);
	value->n = v->n_numbers - value->first;
	value->kind = value->n ? VALUE_LIST : VALUE_NOTHING;
	return at;
}

static const char *read_object(const struct json_values *v, const char *at)
{
	at = json_skip_blanks(at + 1, v->end);
	return at < v->end && *at == '}' ? at + 1 : NULL;
}

static const char *read_number_or_word(const struct json_values *v, struct json_value *value)
{
	const char *at = value->at, *behind = NULL;
	bool finite;

	value->kind = VALUE_SCALAR;
	value->type = DOM_NUMBER;
	value->plain = false;
	if (*at == '-' || (*at >= '0' && *at <= '9')) {
		behind = read_number(v, at, &value->number);
		value->plain = behind;
		behind = behind ? behind : json_number_end(at, v->end, &finite);
	}
	return behind ? behind : read_word(v, at, &value->type);
}

const char *json_value_read(struct json_values *v, const char *at, uint32_t step, bool object)
{
	struct json_value *value = &v->all[v->n];
	const char *behind;
	bool escaped;

	if (v->n == JSON_STEPS_MAX || at == v->end || (*at == '{') != object)
		return NULL;
	value->at = at;
	value->step = step;
	switch (*at) {
	case '"':
		behind = read_string(v, at, &escaped);
		value->kind = escaped ? VALUE_ESCAPED : VALUE_SCALAR;
		value->type = DOM_STRING;
		break;
	case '[':
		behind = read_array(v, value);
		break;
	case '{':
		behind = read_object(v, at);
		value->kind = VALUE_NOTHING;
		break;
	default:
		behind = read_number_or_word(v, value);
		break;
	}
	if (!behind)
		return NULL;
	value->len = (uint32_t)(behind - at);
	v->n++;
	return behind;
}
