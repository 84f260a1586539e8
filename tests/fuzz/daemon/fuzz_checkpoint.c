/* SPDX-License-Identifier: MIT */
/* Whatever the store hands back: parsed or refused, and what was parsed prints and parses again. */
#include <assert.h>

#include "daemon/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(freep) char *text = strndup((const char *)data, size);
	CLEANUP(freep) char *printed = NULL;
	struct checkpoint c = {0}, back = {0};
	struct error err = {0};

	if (!text || checkpoint_parse(&c, text, &err) < 0)
		return 0;
	assert(checkpoint_print(&printed, &c, &err) == 0);
	assert(checkpoint_parse(&back, printed, &err) == 0);
	assert(back.n_answers == c.n_answers && back.n_records == c.n_records);
	checkpoint_done(&c);
	checkpoint_done(&back);
	return 0;
}
