/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "lib/evidence/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(persona_freep) struct persona *p = NULL;
	struct error err = {0};
	int r = persona_parse(&p, "fuzz", (const char *)data, size, &err);

	assert((r == 0) == (p != NULL) && (r == 0) == (err.code == 0));
	if (r < 0) {
		assert(err.text[0] && !strchr(err.text, '\n'));
		return 0;
	}
	assert(p->name && p->title && p->system);
	assert(p->max_words >= 10 && task_name((enum task)p->task));
	return 0;
}
