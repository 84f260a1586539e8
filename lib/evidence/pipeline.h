/* SPDX-License-Identifier: MIT */
/*
 * pipeline, persona - who does what in a review, as YAML says it (docs: chimerad-pipeline(5)).
 *
 * Parsed by lib/evidence/pipeline.c with the tables of lib/base/bind.h. Owned by the caller.
 */
#pragma once

#include <math.h>
#include <stdint.h>

#include "lib/base/bind_tell.h"

enum task { TASK_INVENTORY, TASK_ANALYSE, TASK_COMPOSE };
enum stage { STAGE_INGEST, STAGE_ANALYSIS, STAGE_REPORT };
enum for_each { FOR_EACH_NONE, FOR_EACH_GROUP, FOR_EACH_SECTION };
/* Only what lib/claims has the words of can be checked. */
enum language { LANGUAGE_EN };
const char *task_name(enum task t);
const char *language_in_words(enum language l); /* "English" */
const char *stage_name(enum stage s);           /* ingest analysis report */

/* Sampling and load options as written; NAN / -1 where not given. */
struct option_set {
	double temperature, top_p, min_p, repeat_penalty;
	int64_t top_k, num_ctx, num_gpu, num_predict, seed;
};

#define OPTION_SET_NONE                                                                \
	{                                                                              \
		(double)NAN, (double)NAN, (double)NAN, (double)NAN, -1, -1, -1, -1, -1 \
	}

/* Each of them by its name in YAML: temperature, top_p ... */
#define OPTIONS_COUNT 9
const char *option_name(size_t option);
bool option_find(const char *name, size_t *ret);
double option_value(const struct option_set *s, size_t option); /* NAN: not given */

struct persona {
	char *name, *title, *system;
	int task;     /* enum task */
	int language; /* enum language, of its answers */
	uint64_t max_words;
	uint64_t max_risks; /* that it is asked to weigh; 0: none, and it writes no summary */
	struct option_set options;
};

struct step {
	char *id, *agent;
	int stage;    /* enum stage */
	int for_each; /* enum for_each */
	char **needs;
	size_t n_needs;
};

/* What somebody expects of a measurement, and who says so. */
struct expected_key {
	char *name, *text;
};

struct expectation {
	char *metric;
	struct expected_key *subject; /* the configurations meant: all that hold these texts */
	size_t n_subject;
	double value; /* in `unit` */
	char *unit;   /* NULL: that of the metric */
	double tolerance_pct;
	char *source; /* the citation; NULL: none */
};

/* A series of which a recent run must be there. */
struct requirement {
	char *series;        /* fnmatch(3) on its key, or the path of its file */
	uint64_t max_age_ms; /* of the newest run; 0: however old it is */
};

#define AGENTS_MAX 8
#define RUNS_MAX   100

/* Who another persona is told to be in one step. */
struct agent_persona {
	char *step, *persona;
};

/* One of several that do the steps at the same time, each on its own. */
struct agent_spec {
	char *name;
	char *endpoint; /* NULL: the pipeline's */
	struct agent_persona *personas;
	size_t n_personas;
	struct option_set options; /* before the pipeline's and the persona's */
};

enum measure_mode { MEASURE_NONE, MEASURE_BOTH }; /* both: one after the other, and together */

/* The values that an option of load or sampling takes in turn. */
#define MATRIX_AXES     7
#define AXIS_VALUES_MAX 32
#define VARIANTS_MAX    256
struct axis {
	char **values;
	size_t n;
};
struct matrix {
	struct axis axes[MATRIX_AXES]; /* of temperature, top_p ...: axis_name() */
};

/* Who runs on what: the pipeline itself, or each of its agents. */
struct party {
	const char *agent; /* NULL: there are no several */
	struct option_set options;
};

struct pipeline {
	char *name, *title;
	char *model;
	char **endpoints;
	size_t n_endpoints;
	struct option_set options;
	struct step *steps;
	size_t n_steps;
	double compare_q, compare_min_effect_pct;
	char *compare_against; /* history previous accepted or a job id */
	struct expectation *expectations;
	size_t n_expectations;
	struct requirement *requirements;
	size_t n_requirements;
	struct agent_spec *agents; /* none, or two or more */
	size_t n_agents;
	struct matrix matrix;
	int measure;    /* enum measure_mode, of agents */
	uint64_t runs;  /* repetitions of what is measured */
	char **formats; /* publish.formats */
	size_t n_formats;
	char *text; /* the YAML as read, for `configuration` of the report */
};

/*
 * Errors read "FILE:LINE:COLUMN: key: what". `source` names the text in them. A pipeline must
 * have at least one step, ids unique, needs known and free of cycles; no two of its expectations
 * are of one metric and one subject, no two requirements of one pattern. There are agents, two at
 * least, or a matrix of two variants at least, or neither.
 */
int persona_parse(struct persona **ret, const char *source, const char *text, size_t len,
                  struct error *err) MUST_USE;
void persona_free(struct persona *p);
DEFINE_CLEANUP(struct persona *, persona_free)

int pipeline_parse(struct pipeline **ret, const char *source, const char *text, size_t len,
                   struct error *err) MUST_USE;
/* What a file says in effect: parsed, then told value by value. */
int pipeline_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                  struct error *err) MUST_USE;
int persona_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                 struct error *err) MUST_USE;
void pipeline_free(struct pipeline *p);
DEFINE_CLEANUP(struct pipeline *, pipeline_free)

/* What pipelines may name where they are used. */
struct pipeline_known {
	const char *personas;         /* a directory; NULL: not known */
	const char *const *endpoints; /* those of a configuration; NULL: not known */
	size_t n_endpoints;
};

/* That what a good pipeline names is there: "FILE:LINE:COLUMN: agent: no persona ..." */
int pipeline_check_known(const char *source, const char *text, size_t len,
                         const struct pipeline_known *known, struct error *err) MUST_USE;

const char *axis_name(size_t axis);
size_t pipeline_variants(const struct pipeline *p); /* of its matrix; 0: it has none */
/* What the variant (from 0) sets, and which value of an axis that is. */
struct option_set pipeline_variant(const struct pipeline *p, size_t variant);
size_t pipeline_variant_value(const struct pipeline *p, size_t variant, size_t axis);
/* Those of a pipeline, and what it says that all of it runs on: an agent's options go first, and
 * what a matrix sets in turn is none. */
size_t pipeline_parties(const struct pipeline *p);
struct party pipeline_party(const struct pipeline *p, size_t i);
/* The persona of an agent (NULL: of the pipeline) in a step. */
const char *agent_persona(const struct pipeline *p, const struct agent_spec *a, size_t step);

/* Reads DIR/NAME.yaml. NAME must match [a-z0-9][a-z0-9-]{0,63}; -ENOENT names what there is. */
int persona_load(struct persona **ret, const char *dir, const char *name,
                 struct error *err) MUST_USE;
int pipeline_load(struct pipeline **ret, const char *dir, const char *name,
                  struct error *err) MUST_USE;
