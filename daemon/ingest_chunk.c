/* SPDX-License-Identifier: MIT */
#include "daemon/ingest_chunk.h"

#include <errno.h>

struct chunk_head {
	uint64_t checksum; /* of all that follows */
	uint64_t n;
};

int chunk_add(struct chunk *c, const void *packed, size_t len)
{
	size_t old = c->len ? c->len : sizeof(struct chunk_head), cap = c->cap ? c->cap : 4096;

	while (cap < old + len)
		cap *= 2;
	if (cap > c->cap) {
		char *more = realloc(c->bytes, cap);

		if (!more)
			return -ENOMEM;
		if (!c->bytes)
			memset(more, 0, sizeof(struct chunk_head));
		c->bytes = more;
		c->cap = cap;
	}
	memcpy(c->bytes + old, packed, len);
	c->len = old + len;
	((struct chunk_head *)(void *)c->bytes)->n++;
	return 0;
}

static uint64_t checksum(const char *bytes, size_t len)
{
	size_t skip = offsetof(struct chunk_head, n);

	return packed_checksum(bytes + skip, len - skip);
}

void chunk_close(struct chunk *c)
{
	((struct chunk_head *)(void *)c->bytes)->checksum = checksum(c->bytes, c->len);
}

void chunk_done(struct chunk *c)
{
	free(c->bytes);
	*c = (struct chunk){0};
}

bool chunk_check(const char *bytes, size_t len, size_t *ret_n)
{
	const struct chunk_head *head = (const void *)bytes;
	size_t at = sizeof *head, n = 0;

	if (len < sizeof *head || head->checksum != checksum(bytes, len))
		return false;
	while (at < len) {
		const struct packed *p = packed_at(bytes + at, len - at);

		if (!p)
			return false;
		at += p->size;
		n++;
	}
	*ret_n = n;
	return n == head->n && n > 0;
}

const struct packed *chunk_next(const char *bytes, size_t len, const struct packed *after)
{
	const char *at = after ? (const char *)after + after->size
	                       : bytes + sizeof(struct chunk_head);

	return at < bytes + len ? (const void *)at : NULL;
}
