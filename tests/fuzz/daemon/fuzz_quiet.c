/* SPDX-License-Identifier: MIT */
/* What tells how busy the GPUs are: a percentage, or nothing. */
#include <assert.h>
#include <errno.h>

#include "daemon/quiet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pct = quiet_highest_pct((const char *)data, size);

	assert(pct == -EINVAL || (pct >= 0 && pct <= 100));
	return 0;
}
