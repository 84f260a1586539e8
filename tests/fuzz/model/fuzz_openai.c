/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/model/fuzz_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_stream(&wire_openai, data, size);
	return 0;
}
