/* SPDX-License-Identifier: MIT */
/* Personas and endpoints that a pipeline names: are they there? */
#include <errno.h>
#include <stdio.h>

#include "lib/evidence/pipeline_impl.h"

#define PLACE_BYTES 192

static int check_persona(const struct bind_source *src, const char *place, const char *name,
                         const struct pipeline_known *known, struct error *err)
{
	CLEANUP(persona_freep) struct persona *p = NULL;
	struct error why = {0};
	int r = known->personas ? persona_load(&p, known->personas, name, &why) : 0;

	return r < 0 ? bind_fail(src, place, err, r, "%s", why.text) : 0;
}

static int check_endpoint(const struct bind_source *src, const char *place, const char *name,
                          const struct pipeline_known *known, struct error *err)
{
	struct error why = {0};

	for (size_t i = 0; i < known->n_endpoints; i++)
		if (strcmp(known->endpoints[i], name) == 0)
			return 0;
	if (!known->endpoints)
		return 0;
	(void)pipeline_fail_absent("endpoint", "the configuration", name, known->endpoints,
	                           known->n_endpoints, &why);
	return bind_fail(src, place, err, -ENOENT, "%s", why.text);
}

static int check_agent(const struct bind_source *src, const struct agent_spec *a, size_t i,
                       const struct pipeline_known *known, struct error *err)
{
	char place[PLACE_BYTES];
	int r = 0;

	for (size_t k = 0; k < a->n_personas && r == 0; k++) {
		(void)snprintf(place, sizeof place, "agents/%zu/personas/%s", i,
		               a->personas[k].step);
		r = check_persona(src, place, a->personas[k].persona, known, err);
	}
	(void)snprintf(place, sizeof place, "agents/%zu/endpoint", i);
	return r < 0 || !a->endpoint ? r : check_endpoint(src, place, a->endpoint, known, err);
}

static int check_names(const struct bind_source *src, void *dst, const void *arg, struct error *err)
{
	const struct pipeline_known *known = arg;
	const struct pipeline *p = dst;
	char place[PLACE_BYTES];
	int r = 0;

	for (size_t i = 0; i < p->n_steps && r == 0; i++) {
		(void)snprintf(place, sizeof place, "steps/%zu/agent", i);
		r = check_persona(src, place, p->steps[i].agent, known, err);
	}
	for (size_t i = 0; i < p->n_endpoints && r == 0; i++) {
		(void)snprintf(place, sizeof place, "model/endpoints/%zu", i);
		r = check_endpoint(src, place, p->endpoints[i], known, err);
	}
	for (size_t i = 0; i < p->n_agents && r == 0; i++)
		r = check_agent(src, &p->agents[i], i, known, err);
	return r;
}

int pipeline_check_known(const char *source, const char *text, size_t len,
                         const struct pipeline_known *known, struct error *err)
{
	CLEANUP(pipeline_freep) struct pipeline *p = calloc(1, sizeof *p);

	if (!p)
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	return bind_text(source, text, len, pipeline_table, p, check_names, known, err);
}
