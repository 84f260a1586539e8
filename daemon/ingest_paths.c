/* SPDX-License-Identifier: MIT */
#include "daemon/ingest_paths.h"

#include <errno.h>

#include "agents/collector/encoding.h"
#include "lib/evidence/packed.h"

/* A checksum, then for each artifact this and its path with a NUL behind it. */
struct entry {
	uint32_t root;
	uint8_t format, unused[3];
};

void paths_pack(struct buf *b, const struct inventory *inv)
{
	size_t start = b->len;
	uint64_t sum = 0;

	buf_add(b, &sum, sizeof sum);
	for (size_t i = 0; i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i];
		const struct entry e = {.root = a->root, .format = (uint8_t)a->format};

		buf_add(b, &e, sizeof e);
		buf_add(b, a->path, strlen(a->path) + 1);
	}
	if (b->failed)
		return;
	sum = packed_checksum(b->data + start + sizeof sum, b->len - start - sizeof sum);
	memcpy(b->data + start, &sum, sizeof sum);
}

static bool is_sound(const char *packed, size_t len)
{
	uint64_t sum;

	if (len < sizeof sum)
		return false;
	memcpy(&sum, packed, sizeof sum);
	return sum == packed_checksum(packed + sizeof sum, len - sizeof sum);
}

bool paths_are(const struct inventory *inv, const char *packed, size_t len)
{
	size_t at = sizeof(uint64_t);

	if (!is_sound(packed, len))
		return false;
	for (size_t i = 0; i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i];
		const struct entry e = {.root = a->root, .format = (uint8_t)a->format};
		size_t path_bytes = strlen(a->path) + 1;

		if (len - at < sizeof e + path_bytes || memcmp(packed + at, &e, sizeof e) != 0 ||
		    memcmp(packed + at + sizeof e, a->path, path_bytes) != 0)
			return false;
		at += sizeof e + path_bytes;
	}
	return at == len;
}

/* The entry at *at, which moves behind it. False: there is none, or it is not sound. */
static bool next_entry(struct gone_artifact *ret, const char **at, const char *end, size_t n_roots)
{
	struct entry e;
	size_t left = (size_t)(end - *at), len;

	if (left <= sizeof e)
		return false;
	memcpy(&e, *at, sizeof e);
	*at += sizeof e;
	len = strnlen(*at, left - sizeof e);
	if (len == left - sizeof e || len == 0 || e.root >= n_roots || e.format > FORMAT_OTHER ||
	    encoding_valid_prefix(*at, len) != len)
		return false;
	*ret = (struct gone_artifact){e.root, *at, (enum artifact_format)e.format};
	*at += len + 1;
	return true;
}

static int compare(unsigned root, const char *path, const struct artifact *a)
{
	return root != a->root ? (root < a->root ? -1 : 1) : strcmp(path, a->path);
}

static int keep(struct dossier *d, struct gone_artifact **list, size_t *cap,
                const struct gone_artifact *gone)
{
	struct inventory *inv = &d->inventory;
	struct gone_artifact *to;

	if (inv->n_gone == *cap) {
		*cap = *cap ? 2 * *cap : 16;
		*list = arena_grow(d->arena, *list, inv->n_gone * sizeof **list,
		                   *cap * sizeof **list);
		inv->gone = *list;
	}
	if (!*list)
		return -ENOMEM;
	to = *list + inv->n_gone;
	*to = *gone;
	to->path = arena_strdup(d->arena, gone->path);
	if (!to->path)
		return -ENOMEM;
	inv->n_gone++;
	return 0;
}

static int find_gone(struct dossier *d, const char *at, const char *end)
{
	const struct inventory *inv = &d->inventory;
	struct gone_artifact one = {0}, *list = NULL;
	size_t i = 0, cap = 0;

	while (at < end) {
		int r = 0;

		if (!next_entry(&one, &at, end, inv->n_roots))
			return -EBADMSG;
		while (i < inv->n_artifacts && compare(one.root, one.path, &inv->artifacts[i]) > 0)
			i++;
		if (i == inv->n_artifacts || compare(one.root, one.path, &inv->artifacts[i]) != 0)
			r = keep(d, &list, &cap, &one);
		if (r < 0)
			return r;
	}
	return 0;
}

int paths_gone(struct dossier *d, const char *packed, size_t len)
{
	int r = -EBADMSG;

	if (is_sound(packed, len))
		r = find_gone(d, packed + sizeof(uint64_t), packed + len);
	if (r < 0) {
		d->inventory.gone = NULL;
		d->inventory.n_gone = 0;
	}
	return r;
}
