/* SPDX-License-Identifier: MIT */
#include <assert.h>
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
	check_order(p);
	return 0;
}
