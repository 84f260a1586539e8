/* SPDX-License-Identifier: MIT */
#include "lib/evidence/pipeline.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "lib/base/buf.h"
#include "lib/base/files.h"
#include "lib/base/nearest.h"
#include "lib/evidence/pipeline_impl.h"

#define SYSTEM_BYTES (16 * 1024) /* a persona is told to the model with every call */
#define EXPECTED_MAX 64
#define REQUIRED_MAX 64
#define AGE_MS_MAX   (UINT64_C(366) * 24 * 3600 * 1000)
#define RISKS_MAX    8  /* rows */
#define SUBJECT_MAX  16 /* keys of one expectation */
#define LISTED_MAX   64 /* files of a directory that an error can name */

static const char *const task_names[] = {"inventory", "analyse", "compose", NULL};
static const char *const language_names[] = {"en", NULL};
static const char *const stage_names[] = {"ingest", "analysis", "report", NULL};
static const char *const for_each_names[] = {"none", "group", "section", NULL};
static const char *const measure_names[] = {"none", "both", NULL};
static const char *const format_names[] = {"md", "html", "json", NULL};

const char *task_name(enum task t)
{
	return task_names[t];
}

const char *language_in_words(enum language l)
{
	static const char *const words[] = {[LANGUAGE_EN] = "English"};

	return words[l];
}

const char *stage_name(enum stage s)
{
	return stage_names[s];
}

/* "history", "previous", "accepted", or a job id such as 20261121-023000-4f2a9c (or its start). */
static const char *check_against(const char *text)
{
	static const char digit[] = "dddddddd-dddddd-xxxxxx";

	if (strcmp(text, "history") == 0 || strcmp(text, "previous") == 0 ||
	    strcmp(text, "accepted") == 0)
		return NULL;
	for (size_t i = 0; i < 8 || text[i]; i++) {
		unsigned char c = (unsigned char)text[i];

		if (i >= sizeof digit - 1 || (digit[i] == 'd' && !isdigit(c)) ||
		    (digit[i] == 'x' && !(isxdigit(c) && !isupper(c))) ||
		    (digit[i] == '-' && c != '-'))
			return "is none of history, previous, accepted, nor a job id";
	}
	return NULL;
}

/* clang-format off */
#define PERSONA(member) .offset = offsetof(struct persona, member)
static const struct bind_field limits_table[] = {
	{"words", BIND_UINT, PERSONA(max_words), .min = 10, .max = 5000},
	{"risks", BIND_UINT, PERSONA(max_risks), .max = RISKS_MAX},
	{0}};

static const struct bind_field persona_table[] = {
	{"name",    BIND_STRING, PERSONA(name), .required = true, .check = bind_check_name},
	{"title",   BIND_STRING, PERSONA(title), .required = true, .min = 1, .max = TITLE_BYTES},
	{"task",    BIND_ENUM,   PERSONA(task), .required = true, .names = task_names},
	{"system",  BIND_STRING, PERSONA(system), .required = true, .min = 1, .max = SYSTEM_BYTES},
	{"language", BIND_ENUM,  PERSONA(language), .names = language_names},
	{"limits",  BIND_MAP,    .table = limits_table},
	{"options", BIND_MAP,    PERSONA(options), .table = option_table},
	{0}};

#define STEP(member) .offset = offsetof(struct step, member)
static const struct bind_field step_table[] = {
	{"id",       BIND_STRING,  STEP(id), .required = true, .check = bind_check_name},
	{"stage",    BIND_ENUM,    STEP(stage), .required = true, .names = stage_names},
	{"agent",    BIND_STRING,  STEP(agent), .required = true, .check = bind_check_name},
	{"needs",    BIND_STRINGS, STEP(needs), .check = bind_check_name, .form = "a list of step ids",
	 .count_offset = offsetof(struct step, n_needs), .max_count = STEPS_MAX},
	{"for_each", BIND_ENUM,    STEP(for_each), .names = for_each_names},
	{0}};

#define PIPELINE(member) .offset = offsetof(struct pipeline, member)
static const struct bind_field model_table[] = {
	{"name",      BIND_STRING,  PIPELINE(model), .min = 1, .max = TITLE_BYTES},
	{"endpoints", BIND_STRINGS, PIPELINE(endpoints), .check = bind_check_name,
	 .form = "a list of names of endpoints",
	 .count_offset = offsetof(struct pipeline, n_endpoints), .max_count = 64},
	{0}};

static const struct bind_field compare_table[] = {
	{"against",        BIND_STRING, PIPELINE(compare_against), .max = NAME_BYTES,
	 .check = check_against},
	{"q",              BIND_DOUBLE, PIPELINE(compare_q), .low = 1e-6, .high = 0.5},
	{"min_effect_pct", BIND_DOUBLE, PIPELINE(compare_min_effect_pct), .high = 1000},
	{0}};

#define EXPECTED(member) .offset = offsetof(struct expectation, member)
static const struct bind_field subject_table[] = {
	{"key",   BIND_STRING, .offset = offsetof(struct expected_key, name), .min = 1,
	 .max = TITLE_BYTES},
	{"value", BIND_STRING, .offset = offsetof(struct expected_key, text), .min = 1,
	 .max = TITLE_BYTES, .required = true},
	{0}};

static const struct bind_field expect_table[] = {
	{"metric",        BIND_STRING, EXPECTED(metric), .required = true, .min = 1,
	 .max = TITLE_BYTES},
	{"subject",       BIND_PAIRS,  EXPECTED(subject), .table = subject_table,
	 .form = "a mapping: {KEY COLUMN: TEXT}",
	 .count_offset = offsetof(struct expectation, n_subject),
	 .element_bytes = sizeof(struct expected_key), .max_count = SUBJECT_MAX},
	{"value",         BIND_DOUBLE, EXPECTED(value), .required = true},
	{"unit",          BIND_STRING, EXPECTED(unit), .min = 1, .max = NAME_BYTES},
	{"tolerance_pct", BIND_DOUBLE, EXPECTED(tolerance_pct), .high = 1e6},
	{"source",        BIND_STRING, EXPECTED(source), .min = 1, .max = TITLE_BYTES},
	{0}};
static const struct expectation expect_defaults = {.tolerance_pct = 2};

#define REQUIRED(member) .offset = offsetof(struct requirement, member)
static const struct bind_field require_table[] = {
	{"series",  BIND_STRING,   REQUIRED(series), .required = true, .min = 1,
	 .max = TITLE_BYTES},
	{"max_age", BIND_DURATION, REQUIRED(max_age_ms), .min = 1000, .max = AGE_MS_MAX},
	{0}};

static const struct bind_field publish_table[] = {
	{"formats", BIND_STRINGS, PIPELINE(formats), .names = format_names,
	 .form = "a list of md, html and json",
	 .count_offset = offsetof(struct pipeline, n_formats)},
	{0}};

const struct bind_field pipeline_table[] = {
	{"name",    BIND_STRING, PIPELINE(name), .required = true, .check = bind_check_name},
	{"title",   BIND_STRING, PIPELINE(title), .required = true, .min = 1, .max = TITLE_BYTES},
	{"model",   BIND_MAP,    .table = model_table,
	 .form = "a mapping: {name: MODEL, endpoints: [NAME]}"},
	{"options", BIND_MAP,    PIPELINE(options), .table = option_table},
	{"steps",   BIND_MAPS,   PIPELINE(steps), .required = true, .table = step_table,
	 .form = "a list of steps", .count_offset = offsetof(struct pipeline, n_steps),
	 .element_bytes = sizeof(struct step), .max_count = STEPS_MAX},
	{"compare", BIND_MAP,    .table = compare_table},
	{"require", BIND_MAPS,   PIPELINE(requirements), .table = require_table,
	 .form = "a list of {series: PATTERN, max_age: 36h}",
	 .count_offset = offsetof(struct pipeline, n_requirements),
	 .element_bytes = sizeof(struct requirement), .max_count = REQUIRED_MAX},
	{"expect",  BIND_MAPS,   PIPELINE(expectations), .table = expect_table,
	 .form = "a list of expectations",
	 .count_offset = offsetof(struct pipeline, n_expectations),
	 .element_bytes = sizeof(struct expectation), .element = &expect_defaults,
	 .max_count = EXPECTED_MAX},
	{"agents",  BIND_MAPS,   PIPELINE(agents), .table = agent_table,
	 .form = "a list of {name: NAME, endpoint: NAME, options: {}, personas: {STEP: PERSONA}}",
	 .count_offset = offsetof(struct pipeline, n_agents),
	 .element_bytes = sizeof(struct agent_spec), .element = &agent_defaults,
	 .max_count = AGENTS_MAX},
	{"matrix",  BIND_MAP,    PIPELINE(matrix), .table = matrix_table},
	{"measure", BIND_ENUM,   PIPELINE(measure), .names = measure_names},
	{"runs",    BIND_UINT,   PIPELINE(runs), .min = 1, .max = RUNS_MAX},
	{"publish", BIND_MAP,    .table = publish_table},
	{0}};
/* clang-format on */

void persona_free(struct persona *p)
{
	if (!p)
		return;
	bind_free(persona_table, p);
	free(p);
}

void pipeline_free(struct pipeline *p)
{
	if (!p)
		return;
	bind_free(pipeline_table, p);
	free(p->text);
	free(p);
}

/* expected: the name that the file has, NULL where there is no file. */
static int check_name(const struct bind_source *src, const char *name, const char *expected,
                      struct error *err)
{
	if (!expected || strcmp(name, expected) == 0)
		return 0;
	return bind_fail(src, "name", err, -EINVAL, "\"%s\" in a file that is named %s.yaml", name,
	                 expected);
}

static int check_persona(const struct bind_source *src, void *dst, const void *expected,
                         struct error *err)
{
	const struct persona *p = dst;

	return check_name(src, p->name, expected, err);
}

static int parse_persona(struct persona **ret, const char *source, const char *expected,
                         const char *text, size_t len, struct error *err)
{
	CLEANUP(persona_freep) struct persona *p = calloc(1, sizeof *p);
	int r;

	if (!p)
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	p->max_words = 250;
	p->options = no_options;
	r = bind_text(source, text, len, persona_table, p, check_persona, expected, err);
	if (r < 0)
		return r;
	*ret = TAKE(p);
	return 0;
}

int persona_parse(struct persona **ret, const char *source, const char *text, size_t len,
                  struct error *err)
{
	return parse_persona(ret, source, NULL, text, len, err);
}

size_t pipeline_step_index(const struct pipeline *p, const char *id)
{
	size_t i = 0;

	while (i < p->n_steps && strcmp(p->steps[i].id, id) != 0)
		i++;
	return i;
}

int pipeline_fail_step(const struct bind_source *src, const struct pipeline *p, const char *path,
                       const char *need, struct error *err)
{
	const char *ids[STEPS_MAX], *meant;

	for (size_t i = 0; i < p->n_steps; i++)
		ids[i] = p->steps[i].id;
	meant = nearest(str_of(need), ids, p->n_steps);
	return bind_fail(src, path, err, -EINVAL, "no step \"%s\"%s%s%s", need,
	                 meant ? "; did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "");
}

static int check_step(const struct bind_source *src, const struct pipeline *p, size_t i,
                      struct error *err)
{
	const struct step *s = &p->steps[i];
	char path[64];

	if (pipeline_step_index(p, s->id) < i) {
		(void)snprintf(path, sizeof path, "steps/%zu/id", i);
		return bind_fail(src, path, err, -EEXIST, "\"%s\" is an earlier step's", s->id);
	}
	for (size_t j = 0; j < s->n_needs; j++) {
		(void)snprintf(path, sizeof path, "steps/%zu/needs/%zu", i, j);
		if (pipeline_step_index(p, s->needs[j]) == p->n_steps)
			return pipeline_fail_step(src, p, path, s->needs[j], err);
	}
	return 0;
}

/* The first need of step i that is among `left`, n_steps when there is none. */
static size_t need_among(const struct pipeline *p, size_t i, uint64_t left)
{
	for (size_t j = 0; j < p->steps[i].n_needs; j++) {
		size_t k = pipeline_step_index(p, p->steps[i].needs[j]);

		if (left & UINT64_C(1) << k)
			return k;
	}
	return p->n_steps;
}

/* All of `left` wait for one another; names one ring of them. */
static int fail_cycle(const struct bind_source *src, const struct pipeline *p, uint64_t left,
                      struct error *err)
{
	size_t i = (size_t)__builtin_ctzll(left), first;
	char ring[200], path[32];
	size_t len = 0;

	for (size_t n = 0; n < p->n_steps; n++)
		i = need_among(p, i, left); /* after so many steps we are on the ring */
	first = i;
	do {
		int n = snprintf(ring + len, sizeof ring - len, "%s needs ", p->steps[i].id);

		len = n < 0 || (size_t)n >= sizeof ring - len ? sizeof ring - 1 : len + (size_t)n;
		i = need_among(p, i, left);
	} while (i != first);
	(void)snprintf(path, sizeof path, "steps/%zu/needs", first);
	return bind_fail(src, path, err, -ELOOP, "a circle: %s%s", ring, p->steps[first].id);
}

static int check_cycles(const struct bind_source *src, const struct pipeline *p, struct error *err)
{
	uint64_t left = p->n_steps == 64 ? UINT64_MAX : (UINT64_C(1) << p->n_steps) - 1;
	uint64_t before;

	do {
		before = left;
		for (size_t i = 0; i < p->n_steps; i++)
			if (need_among(p, i, left) == p->n_steps)
				left &= ~(UINT64_C(1) << i);
	} while (left != before);
	return left ? fail_cycle(src, p, left, err) : 0;
}

static bool same_subject(const struct expectation *a, const struct expectation *b)
{
	bool same = a->n_subject == b->n_subject;

	for (size_t i = 0; same && i < a->n_subject; i++)
		same = strcmp(a->subject[i].name, b->subject[i].name) == 0 &&
		       strcmp(a->subject[i].text, b->subject[i].text) == 0;
	return same;
}

/* One figure cannot be expected to be two. */
static int check_expectation(const struct bind_source *src, const struct pipeline *p, size_t i,
                             struct error *err)
{
	const struct expectation *e = &p->expectations[i];
	char path[64];

	for (size_t k = 0; k < i; k++) {
		const struct expectation *other = &p->expectations[k];

		if (strcmp(e->metric, other->metric) != 0 || !same_subject(e, other))
			continue;
		(void)snprintf(path, sizeof path, "expect/%zu/metric", i);
		return bind_fail(src, path, err, -EEXIST,
		                 "an earlier entry has the same metric and subject");
	}
	return 0;
}

/* Findings are told apart by the pattern. */
static int check_requirement(const struct bind_source *src, const struct pipeline *p, size_t i,
                             struct error *err)
{
	char path[64];

	for (size_t k = 0; k < i; k++) {
		if (strcmp(p->requirements[k].series, p->requirements[i].series) != 0)
			continue;
		(void)snprintf(path, sizeof path, "require/%zu/series", i);
		return bind_fail(src, path, err, -EEXIST, "an earlier entry has the same pattern");
	}
	return 0;
}

static int check_pipeline(const struct bind_source *src, void *dst, const void *expected,
                          struct error *err)
{
	const struct pipeline *p = dst;
	int r = check_name(src, p->name, expected, err);

	if (r == 0 && p->n_steps == 0)
		r = bind_fail(src, "steps", err, -ENODATA, "must hold at least one step");
	for (size_t i = 0; i < p->n_steps && r == 0; i++)
		r = check_step(src, p, i, err);
	for (size_t i = 0; i < p->n_expectations && r == 0; i++)
		r = check_expectation(src, p, i, err);
	for (size_t i = 0; i < p->n_requirements && r == 0; i++)
		r = check_requirement(src, p, i, err);
	if (r == 0)
		r = pipeline_check_agents(src, p, err);
	return r < 0 ? r : check_cycles(src, p, err);
}

static int pipeline_defaults(struct pipeline *p)
{
	p->options = no_options;
	p->measure = MEASURE_BOTH;
	p->runs = 5;
	p->compare_q = 0.05;
	p->compare_min_effect_pct = 2;
	p->compare_against = strdup("history");
	p->formats = calloc(3, sizeof *p->formats);
	if (!p->compare_against || !p->formats)
		return -ENOMEM;
	for (; p->n_formats < 3; p->n_formats++) {
		p->formats[p->n_formats] = strdup(format_names[p->n_formats]);
		if (!p->formats[p->n_formats])
			return -ENOMEM;
	}
	return 0;
}

static int parse_pipeline(struct pipeline **ret, const char *source, const char *expected,
                          const char *text, size_t len, struct error *err)
{
	CLEANUP(pipeline_freep) struct pipeline *p = calloc(1, sizeof *p);
	int r;

	if (!p || pipeline_defaults(p) < 0)
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	r = bind_text(source, text, len, pipeline_table, p, check_pipeline, expected, err);
	if (r < 0)
		return r;
	p->text = strndup(text, len);
	if (!p->text)
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	*ret = TAKE(p);
	return 0;
}

int pipeline_parse(struct pipeline **ret, const char *source, const char *text, size_t len,
                   struct error *err)
{
	return parse_pipeline(ret, source, NULL, text, len, err);
}

int pipeline_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                  struct error *err)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	int r = pipeline_parse(&p, source, text, len, err);

	return r < 0 ? r : bind_tell(source, text, len, pipeline_table, p, fn, arg, err);
}

int persona_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                 struct error *err)
{
	CLEANUP(persona_freep) struct persona *p = NULL;
	int r = persona_parse(&p, source, text, len, err);

	return r < 0 ? r : bind_tell(source, text, len, persona_table, p, fn, arg, err);
}

static int is_yaml(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return len > 5 && e->d_name[0] != '.' && strcmp(e->d_name + len - 5, ".yaml") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int pipeline_fail_absent(const char *what, const char *where, const char *name,
                         const char *const *names, size_t n, struct error *err)
{
	const char *meant = nearest(str_of(name), names, n);
	struct buf list = BUF_INIT(320); /* of the 500 bytes that an error has */

	for (size_t i = 0; i < n; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
	(void)error_set(err, -ENOENT, "no %s \"%s\" in %s; %s%s%sthere are: %s%s", what, name,
	                where, meant ? "did you mean \"" : "", meant ? meant : "",
	                meant ? "\"? " : "", n ? buf_text(&list) : "none",
	                list.failed ? " ..." : "");
	buf_done(&list);
	return -ENOENT;
}

static int fail_absent_file(const char *what, const char *dir, const char *name, struct error *err)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_yaml, by_bytes);
	const char *names[LISTED_MAX];
	size_t known = 0;

	if (n < 0)
		return error_set(err, -errno, "%s: %s", dir, strerror(errno));
	for (; known < (size_t)n && known < LISTED_MAX; known++) {
		char *file = entries[known]->d_name;

		file[strlen(file) - 5] = '\0';
		names[known] = file;
	}
	(void)pipeline_fail_absent(what, dir, name, names, known, err);
	while (n > 0)
		free(entries[--n]);
	free(entries);
	return -ENOENT;
}

/* Reads DIR/NAME.yaml, of which path is told. */
static int read_named(char **ret, size_t *ret_len, char path[static PATH_MAX], const char *what,
                      const char *dir, const char *name, struct error *err)
{
	struct error why = {0};
	int r;

	if (bind_check_name(name))
		return error_set(err, -EINVAL, "%s \"%.80s\" %s", what, name,
		                 bind_check_name(name));
	if (snprintf(path, PATH_MAX, "%s/%s.yaml", dir, name) >= PATH_MAX)
		return error_set(err, -ENAMETOOLONG, "%.80s...: path too long", dir);
	r = files_read(ret, ret_len, NULL, path, YAML_TEXT_MAX, &why);
	if (r == -ENOENT)
		return fail_absent_file(what, dir, name, err);
	return r < 0 ? error_set(err, r, "%s", why.text) : 0;
}

int persona_load(struct persona **ret, const char *dir, const char *name, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	char path[PATH_MAX];
	size_t len = 0;
	int r = read_named(&text, &len, path, "persona", dir, name, err);

	return r < 0 ? r : parse_persona(ret, path, name, text, len, err);
}

int pipeline_load(struct pipeline **ret, const char *dir, const char *name, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	char path[PATH_MAX];
	size_t len = 0;
	int r = read_named(&text, &len, path, "pipeline", dir, name, err);

	return r < 0 ? r : parse_pipeline(ret, path, name, text, len, err);
}
