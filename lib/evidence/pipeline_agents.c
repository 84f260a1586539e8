/* SPDX-License-Identifier: MIT */
/* The agents of a pipeline, and the variants of its matrix. */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "lib/evidence/pipeline_impl.h"

#define NONE (double)NAN /* the macro is a float, and clang minds */
const struct option_set no_options = {NONE, NONE, NONE, NONE, -1, -1, -1, -1, -1};
const struct agent_spec agent_defaults = {.options = {NONE, NONE, NONE, NONE, -1, -1, -1, -1, -1}};

/* clang-format off */
#define OPTION(member) .offset = offsetof(struct option_set, member)
const struct bind_field option_table[] = {
	{"temperature",    BIND_DOUBLE, OPTION(temperature),    .high = 2},
	{"top_p",          BIND_DOUBLE, OPTION(top_p),          .high = 1},
	{"min_p",          BIND_DOUBLE, OPTION(min_p),          .high = 1},
	{"repeat_penalty", BIND_DOUBLE, OPTION(repeat_penalty), .high = 10},
	{"top_k",          BIND_INT,    OPTION(top_k),          .high = 1000000},
	{"num_ctx",        BIND_INT,    OPTION(num_ctx),        .low = 256, .high = 1048576},
	{"num_gpu",        BIND_INT,    OPTION(num_gpu),        .high = 999},
	{"num_predict",    BIND_INT,    OPTION(num_predict),    .low = 1, .high = 1048576},
	{"seed",           BIND_INT,    OPTION(seed),           .high = INT32_MAX},
	{0}};

#define PERSONA_OF(member) .offset = offsetof(struct agent_persona, member)
static const struct bind_field agent_persona_table[] = {
	{"step",    BIND_STRING, PERSONA_OF(step), .check = bind_check_name},
	{"persona", BIND_STRING, PERSONA_OF(persona), .check = bind_check_name, .required = true},
	{0}};

#define AGENT(member) .offset = offsetof(struct agent_spec, member)
const struct bind_field agent_table[] = {
	{"name",     BIND_STRING, AGENT(name), .required = true, .check = bind_check_name},
	{"endpoint", BIND_STRING, AGENT(endpoint), .check = bind_check_name},
	{"personas", BIND_PAIRS,  AGENT(personas), .table = agent_persona_table,
	 .form = "a mapping: {STEP: PERSONA}",
	 .count_offset = offsetof(struct agent_spec, n_personas),
	 .element_bytes = sizeof(struct agent_persona), .max_count = STEPS_MAX},
	{"options",  BIND_MAP,    AGENT(options), .table = option_table},
	{0}};

/* In the order of struct option_set, as that of the table above. */
#define AXIS(i, option) \
	{option, BIND_STRINGS, .offset = i * sizeof(struct axis) + offsetof(struct axis, values), \
	 .count_offset = i * sizeof(struct axis) + offsetof(struct axis, n), .min = 1, \
	 .form = "a list of values", .max_count = AXIS_VALUES_MAX}
const struct bind_field matrix_table[] = {
	AXIS(0, "temperature"), AXIS(1, "top_p"), AXIS(2, "min_p"), AXIS(3, "repeat_penalty"),
	AXIS(4, "top_k"), AXIS(5, "num_ctx"), AXIS(6, "num_gpu"),
	{0}};
/* clang-format on */

_Static_assert(ARRAY_LEN(matrix_table) - 1 == MATRIX_AXES, "an axis for each");

_Static_assert(ARRAY_LEN(option_table) - 1 == OPTIONS_COUNT, "each of them has a name");

/* --- options --------------------------------------------------------------- */

const char *option_name(size_t option)
{
	return option_table[option].key;
}

bool option_find(const char *name, size_t *ret)
{
	for (size_t i = 0; i < OPTIONS_COUNT; i++)
		if (strcmp(option_table[i].key, name) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

static void option_copy(struct option_set *to, const struct option_set *from, size_t option)
{
	size_t at = option_table[option].offset;

	memcpy((char *)to + at, (const char *)from + at,
	       option_table[option].type == BIND_DOUBLE ? sizeof(double) : sizeof(int64_t));
}

double option_value(const struct option_set *s, size_t option)
{
	const char *at = (const char *)s + option_table[option].offset;
	double real;
	int64_t integer;

	if (option_table[option].type == BIND_DOUBLE) {
		memcpy(&real, at, sizeof real);
		return real;
	}
	memcpy(&integer, at, sizeof integer);
	return integer < 0 ? NONE : (double)integer;
}

/* --- the matrix ----------------------------------------------------------- */

const char *axis_name(size_t axis)
{
	return matrix_table[axis].key;
}

/* NULL, or what is wrong with the text as a value of this option. */
static const char *option_put(struct option_set *to, const struct bind_field *option,
                              const char *text)
{
	char *at = (char *)to + option->offset, *end;
	double real = strtod(text, &end);
	int64_t integer;

	if (end == text || *end || !isfinite(real) || text[strcspn(text, "xX")])
		return "is not a number";
	if (real < option->low || real > option->high)
		return "is out of the range of this option";
	if (option->type == BIND_DOUBLE) {
		memcpy(at, &real, sizeof real);
		return NULL;
	}
	integer = (int64_t)real;
	if ((double)integer < real)
		return "is not a whole number";
	memcpy(at, &integer, sizeof integer);
	return NULL;
}

size_t pipeline_variants(const struct pipeline *p)
{
	size_t n = 0;

	for (size_t i = 0; i < MATRIX_AXES; i++)
		if (p->matrix.axes[i].n)
			n = (n ? n : 1) * p->matrix.axes[i].n;
	return n;
}

/* The last axis turns fastest. */
size_t pipeline_variant_value(const struct pipeline *p, size_t variant, size_t axis)
{
	for (size_t i = MATRIX_AXES; i-- > axis + 1;)
		if (p->matrix.axes[i].n)
			variant /= p->matrix.axes[i].n;
	return p->matrix.axes[axis].n ? variant % p->matrix.axes[axis].n : 0;
}

struct option_set pipeline_variant(const struct pipeline *p, size_t variant)
{
	struct option_set set = no_options;

	for (size_t i = 0; i < MATRIX_AXES; i++)
		if (p->matrix.axes[i].n)
			(void)option_put(
				&set, &option_table[i],
				p->matrix.axes[i].values[pipeline_variant_value(p, variant, i)]);
	return set;
}

static int check_axis(const struct bind_source *src, const struct pipeline *p, size_t axis,
                      struct error *err)
{
	const struct axis *a = &p->matrix.axes[axis];
	struct option_set seen = no_options, set;
	const char *why;
	char path[64];

	for (size_t i = 0; i < a->n; i++) {
		set = no_options;
		why = option_put(&set, &option_table[axis], a->values[i]);
		for (size_t k = 0; k < i && !why; k++) {
			(void)option_put(&seen, &option_table[axis], a->values[k]);
			if (memcmp(&seen, &set, sizeof set) == 0)
				why = "is an earlier value";
		}
		(void)snprintf(path, sizeof path, "matrix/%s/%zu", axis_name(axis), i);
		if (why)
			return bind_fail(src, path, err, -EINVAL, "\"%.60s\" %s", a->values[i],
			                 why);
	}
	return 0;
}

static int check_matrix(const struct bind_source *src, const struct pipeline *p, struct error *err)
{
	size_t n = 1;
	int r = 0;

	for (size_t i = 0; i < MATRIX_AXES && r == 0; i++) {
		r = check_axis(src, p, i, err);
		n *= p->matrix.axes[i].n ? p->matrix.axes[i].n : 1;
		if (r == 0 && n > VARIANTS_MAX)
			r = bind_fail(src, "matrix", err, -E2BIG, "more than %d combinations",
			              VARIANTS_MAX);
	}
	if (r == 0 && pipeline_variants(p) == 1)
		r = bind_fail(src, "matrix", err, -EINVAL, "one combination is no choice");
	if (r == 0 && pipeline_variants(p) && p->n_agents)
		r = bind_fail(src, "matrix", err, -EINVAL, "a pipeline has agents or a matrix");
	return r;
}

/* --- the agents ----------------------------------------------------------- */

static int check_personas(const struct bind_source *src, const struct pipeline *p, size_t i,
                          struct error *err)
{
	const struct agent_spec *a = &p->agents[i];
	char path[160];

	for (size_t k = 0; k < a->n_personas; k++) {
		(void)snprintf(path, sizeof path, "agents/%zu/personas/%s", i, a->personas[k].step);
		if (pipeline_step_index(p, a->personas[k].step) == p->n_steps)
			return pipeline_fail_step(src, p, path, a->personas[k].step, err);
	}
	return 0;
}

static int check_agent(const struct bind_source *src, const struct pipeline *p, size_t i,
                       struct error *err)
{
	char path[64];

	for (size_t k = 0; k < i; k++) {
		(void)snprintf(path, sizeof path, "agents/%zu/name", i);
		if (strcmp(p->agents[i].name, p->agents[k].name) == 0)
			return bind_fail(src, path, err, -EEXIST, "\"%s\" is an earlier agent's",
			                 p->agents[i].name);
	}
	(void)snprintf(path, sizeof path, "agents/%zu/options/num_predict", i);
	if (p->agents[i].options.num_predict >= 0)
		return bind_fail(src, path, err, -EINVAL,
		                 "agents have equal limits: give it in the pipeline's options");
	return check_personas(src, p, i, err);
}

int pipeline_check_agents(const struct bind_source *src, const struct pipeline *p,
                          struct error *err)
{
	int r = 0;

	if (p->n_agents == 1)
		r = bind_fail(src, "agents", err, -EINVAL,
		              "one agent is a pipeline without agents:"
		              " name two or more");
	for (size_t i = 0; i < p->n_agents && r == 0; i++)
		r = check_agent(src, p, i, err);
	return r < 0 ? r : check_matrix(src, p, err);
}

const char *agent_persona(const struct pipeline *p, const struct agent_spec *a, size_t step)
{
	for (size_t i = 0; a && i < a->n_personas; i++)
		if (strcmp(a->personas[i].step, p->steps[step].id) == 0)
			return a->personas[i].persona;
	return p->steps[step].agent;
}

/* --- who runs on what -------------------------------------------------------- */

static bool is_swept(const struct pipeline *p, size_t option)
{
	for (size_t i = 0; i < MATRIX_AXES; i++)
		if (p->matrix.axes[i].n && strcmp(axis_name(i), option_name(option)) == 0)
			return true;
	return false;
}

size_t pipeline_parties(const struct pipeline *p)
{
	return p->n_agents ? p->n_agents : 1;
}

struct party pipeline_party(const struct pipeline *p, size_t i)
{
	struct party ret = {NULL, p->options};

	for (size_t o = 0; o < OPTIONS_COUNT; o++)
		if (is_swept(p, o))
			option_copy(&ret.options, &no_options, o);
	if (!p->n_agents)
		return ret;
	ret.agent = p->agents[i].name;
	for (size_t o = 0; o < OPTIONS_COUNT; o++)
		if (!isnan(option_value(&p->agents[i].options, o)))
			option_copy(&ret.options, &p->agents[i].options, o);
	return ret;
}
