/* SPDX-License-Identifier: MIT */
/* The same bytes in one piece and byte by byte give the same events. */
#include <assert.h>
#include <stdint.h>

#include "ctl/sse.h"
#include "lib/base/digest.h"

static int on_event(void *arg, const char *event, const char *data)
{
	digest_add(arg, event, strlen(event) + 1);
	digest_add(arg, data, strlen(data) + 1);
	return 0;
}

static int feed(const uint8_t *data, size_t size, size_t step, char *text)
{
	struct digest *d = digest_new();
	struct sse s = SSE_INIT(on_event, d);
	int r = 0;

	for (size_t i = 0; i < size && r == 0; i += step)
		r = sse_feed(&s, (const char *)data + i, size - i < step ? size - i : step);
	sse_done(&s);
	digest_text(d, text);
	digest_free(d);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char whole[DIGEST_TEXT_BYTES], bytes[DIGEST_TEXT_BYTES];
	int r = feed(data, size, size ? size : 1, whole);

	assert(feed(data, size, 1, bytes) == r);
	assert(strcmp(whole, bytes) == 0);
	return 0;
}
