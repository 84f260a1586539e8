/* SPDX-License-Identifier: MIT */
/* The personas and pipelines that are installed: they load, and name one another rightly. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "lib/evidence/pipeline.h"

static const char *dir_of(char ret[static 512], const char *name)
{
	const char *source = getenv("CHIMERAD_SOURCE");

	(void)snprintf(ret, 512, "%s/%s", source ? source : ".", name);
	return ret;
}

static void expect_pipeline(const char *name)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	char dir[512];
	size_t i;

	cr_assert_eq(pipeline_load(&p, dir_of(dir, "pipelines"), name, &err), 0, "%s", err.text);
	cr_expect_str_eq(p->name, name);
	for (i = 0; i < p->n_steps; i++) {
		CLEANUP(persona_freep) struct persona *who = NULL;

		cr_assert_eq(persona_load(&who, dir_of(dir, "personas"), p->steps[i].agent, &err),
		             0, "%s", err.text);
		cr_expect_eq(who->task, p->steps[i].stage,
		             "the stages are in the order of the tasks");
		cr_expect_gt(who->max_words, 0);
	}
}

Test(yaml, every_pipeline_loads_with_its_personas)
{
	expect_pipeline("nightly-review");
	expect_pipeline("chimera-agent");
	expect_pipeline("chimera-optimized");
}
