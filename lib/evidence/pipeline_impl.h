/* SPDX-License-Identifier: MIT */
/*
 * pipeline_impl - what pipeline.c shares with pipeline_agents.c and pipeline_known.c. Nobody else
 * includes it.
 */
#pragma once

#include "lib/base/bind.h"
#include "lib/evidence/pipeline.h"

#define NAME_BYTES  64
#define TITLE_BYTES 200
#define STEPS_MAX   64 /* the steps still to come fit the bits of a uint64_t */

extern const struct bind_field pipeline_table[];
extern const struct bind_field option_table[]; /* of a struct option_set */
extern const struct bind_field agent_table[];  /* of a struct agent_spec */
extern const struct bind_field matrix_table[]; /* of a struct matrix */
extern const struct agent_spec agent_defaults;
extern const struct option_set no_options;

/* The index of the step with this id, n_steps when there is none. */
size_t pipeline_step_index(const struct pipeline *p, const char *id);
/* "no step "a"; did you mean "b"?" at that path */
int pipeline_fail_step(const struct bind_source *src, const struct pipeline *p, const char *path,
                       const char *id, struct error *err);

/* Of agents:, matrix:, measure: and runs:, once the steps are known to be good. */
int pipeline_check_agents(const struct bind_source *src, const struct pipeline *p,
                          struct error *err) MUST_USE;

/* "no pipeline "nigthly" in DIR; did you mean "nightly-review"? there are: a, b"; -ENOENT */
int pipeline_fail_absent(const char *what, const char *where, const char *name,
                         const char *const *names, size_t n, struct error *err);
