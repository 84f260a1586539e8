/* SPDX-License-Identifier: MIT */
/* Any bytes as Markdown: nothing that controls a terminal comes out but sequences of ours. */
#include <assert.h>
#include <stdint.h>

#include "ctl/pretty.h"

#define INPUT_MAX 4096

/* Bytes of a sequence of ours at s, 0: it is none. */
static size_t sequence(const char *s)
{
	size_t n = strncmp(s, "\033[", 2) == 0 ? 2 + strspn(s + 2, "0123456789") : 0;

	return n && s[n] == 'm' ? n + 1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b = BUF_INIT(64 << 20);
	struct error err = {0};
	struct pretty p = {.width = 20};

	if (size < 1 || size > INPUT_MAX)
		return 0;
	p.width += data[0] % 64;
	p.colour = data[0] & 64;
	p.unicode = data[0] & 128;
	if (pretty_markdown(&b, &p, (const char *)data + 1, size - 1, &err) == 0) {
		for (const char *s = buf_text(&b); *s; s++) {
			size_t n = p.colour ? sequence(s) : 0;

			assert(n || (unsigned char)*s >= 0x20 || *s == '\n');
			s += n ? n - 1 : 0;
		}
	} else {
		assert(err.code < 0);
	}
	buf_done(&b);
	return 0;
}
