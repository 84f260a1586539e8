/* SPDX-License-Identifier: MIT */
#include "lib/base/lines.h"

#include <errno.h>

static int reserve(struct lines *l, size_t more)
{
	size_t want = l->len + more + 1;
	size_t cap = l->cap ? l->cap : 256;
	char *buf;

	if (want <= l->cap)
		return 0;
	while (cap < want)
		cap *= 2;
	buf = realloc(l->buf, cap);
	if (!buf)
		return -ENOMEM;
	l->buf = buf;
	l->cap = cap;
	return 0;
}

int lines_feed(struct lines *l, const char *bytes, size_t n, lines_fn *fn, void *arg)
{
	while (n > 0) {
		const char *nl = memchr(bytes, '\n', n); /* looks at each byte once, ever */
		size_t part = nl ? (size_t)(nl - bytes) : n;
		size_t used = part + (nl ? 1 : 0);
		size_t len;
		int r;

		if (part > l->max - l->len)
			return -EMSGSIZE;
		r = reserve(l, part);
		if (r < 0)
			return r;
		memcpy(l->buf + l->len, bytes, part);
		l->len += part;
		bytes += used;
		n -= used;
		if (!nl)
			return 0;

		len = l->len;
		l->len = 0;
		if (len > 0 && l->buf[len - 1] == '\r')
			len--;
		l->buf[len] = '\0';
		r = fn(arg, l->buf, len);
		if (r != 0)
			return r;
	}
	return 0;
}

void lines_free(struct lines *l)
{
	free(l->buf);
	*l = (struct lines){.max = l->max};
}
