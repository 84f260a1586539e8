/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "lib/evidence/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The steps can be done: each time round, one is found whose needs are all done. */
static void check_order(const struct pipeline *p)
{
	bool done[64] = {0};

	for (size_t round = 0; round < p->n_steps; round++) {
		size_t i = 0;

		for (; i < p->n_steps; i++) {
			bool ready = !done[i];

			for (size_t n = 0; n < p->steps[i].n_needs; n++) {
				size_t k = 0;

				while (k < p->n_steps &&
				       strcmp(p->steps[k].id, p->steps[i].needs[n]) != 0)
					k++;
				assert(k < p->n_steps);
				ready = ready && done[k];
			}
			if (ready)
				break;
		}
		assert(i < p->n_steps);
		done[i] = true;
	}
}

static void check_expectations(const struct pipeline *p)
{
	assert(p->n_expectations <= 64);
	for (size_t i = 0; i < p->n_expectations; i++) {
		const struct expectation *e = &p->expectations[i];

		assert(e->metric && e->metric[0] && isfinite(e->value) && e->tolerance_pct >= 0);
		for (size_t k = 0; k < e->n_subject; k++)
			assert(e->subject[k].name[0] && e->subject[k].text[0]);
	}
}

static void check_parties(const struct pipeline *p)
{
	for (size_t i = 0; i < pipeline_parties(p); i++) {
		struct party party = pipeline_party(p, i);

		assert(!party.agent == !p->n_agents);
		for (size_t o = 0; o < OPTIONS_COUNT; o++) {
			double value = option_value(&party.options, o);

			assert(isnan(value) || (value >= 0 && value <= INT32_MAX));
		}
	}
}

/* Whatever was parsed can be told, each value at a place within the text. */
static void on_told(void *arg, const struct bind_told *told)
{
	const size_t *size = arg;

	assert(told->path[0] && told->value);
	assert(told->line <= *size + 1 && (told->line == 0) == (told->column == 0));
}

/* One endpoint is known: what names another one is refused at its place. */
static void check_known(const struct pipeline *p, const char *text, size_t len)
{
	static const char *const endpoints[] = {"local"};
	const struct pipeline_known known = {.endpoints = endpoints, .n_endpoints = 1};
	struct error err = {0};
	bool good = true;
	int r = pipeline_check_known("fuzz", text, len, &known, &err);

	for (size_t i = 0; i < p->n_endpoints; i++)
		good &= strcmp(p->endpoints[i], endpoints[0]) == 0;
	for (size_t i = 0; i < p->n_agents; i++)
		good &= !p->agents[i].endpoint || strcmp(p->agents[i].endpoint, endpoints[0]) == 0;
	assert((r == 0) == good && (r == 0) == (err.code == 0));
	assert(r == 0 || (strncmp(err.text, "fuzz:", 5) == 0 && !strchr(err.text, '\n')));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	struct error err = {0};
	int r = pipeline_parse(&p, "fuzz", (const char *)data, size, &err);

	assert((r == 0) == (p != NULL) && (r == 0) == (err.code == 0));
	if (r < 0) {
		assert(err.text[0] && !strchr(err.text, '\n'));
		return 0;
	}
	assert(p->name && p->title && p->compare_against && p->text);
	assert(p->n_steps >= 1 && p->n_steps <= 64);
	assert(pipeline_tell("fuzz", (const char *)data, size, on_told, &size, &err) == 0);
	check_known(p, (const char *)data, size);
	check_order(p);
	check_expectations(p);
	check_parties(p);
	return 0;
}
