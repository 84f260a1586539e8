/* SPDX-License-Identifier: MIT */
#include "agents/collector/listing.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agents/collector/own_report.h"

#define TEXT_BYTES  4096 /* at first, and more than a name takes */
#define NAMES_FIRST 128

void listing_done(struct listing *l)
{
	free(l->text);
	free(l->names);
	*l = (struct listing){0};
}

static int reserve(struct listing *l, size_t bytes)
{
	size_t cap = l->cap ? l->cap * 2 : TEXT_BYTES;
	size_t cap_names = l->cap_names ? l->cap_names * 2 : NAMES_FIRST;

	if (bytes > l->cap - l->len) {
		char *more = realloc(l->text, cap); /* one name always fits in what is added */

		if (!more)
			return -ENOMEM;
		l->text = more;
		l->cap = cap;
	}
	if (l->n == l->cap_names) {
		struct listed *more = reallocarray(l->names, cap_names, sizeof *more);

		if (!more)
			return -ENOMEM;
		l->names = more;
		l->cap_names = cap_names;
	}
	return 0;
}

static unsigned char type_of(int fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	return fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)
	               ? DT_DIR
	               : DT_UNKNOWN;
}

/* A directory sorts as what its paths go on with: "a/" comes behind "a.csv". */
static uint64_t head_of(const char *name, size_t len, bool directory)
{
	char bytes[sizeof(uint64_t)] = {0};
	uint64_t head;

	memcpy(bytes, name, len < sizeof bytes ? len : sizeof bytes);
	if (directory && len < sizeof bytes)
		bytes[len] = '/';
	memcpy(&head, bytes, sizeof head);
	return be64toh(head);
}

static int by_name(const void *x, const void *y, void *arg)
{
	const struct listed *p = x, *q = y;
	const char *text = arg, *a = text + p->at, *b = text + q->at;
	bool a_dir = *a++ == DT_DIR, b_dir = *b++ == DT_DIR;

	if (p->head != q->head)
		return p->head < q->head ? -1 : 1;
	while (*a && *a == *b)
		a++, b++;
	return (*a      ? (unsigned char)*a
	        : a_dir ? '/'
	                : 0) -
	       (*b      ? (unsigned char)*b
	        : b_dir ? '/'
	                : 0);
}

static int keep(struct listing *l, int fd, const struct dirent *entry, size_t max)
{
	size_t len = strlen(entry->d_name);
	unsigned char type = type_of(fd, entry);
	bool directory = type == DT_DIR;

	if (directory && entry->d_name[0] == '.')
		return 0;
	if (reserve(l, len + 2) < 0)
		return -ENOMEM;
	l->names[l->n++] = (struct listed){head_of(entry->d_name, len, directory), l->len};
	l->n_directories += directory;
	l->text[l->len] = (char)type;
	memcpy(l->text + l->len + 1, entry->d_name, len + 1);
	l->len += len + 2;
	return l->n_directories > max || l->n - l->n_directories > max ? -E2BIG : 0;
}

int listing_read(struct listing *l, DIR *dir, bool ours, size_t max)
{
	struct dirent *entry;

	l->listed = true;
	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;
		int r;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (ours && own_report_part(name))
			continue;
		r = keep(l, dirfd(dir), entry, max);
		if (r < 0)
			return r;
	}
	if (l->n > 1)
		qsort_r(l->names, l->n, sizeof *l->names, by_name, l->text);
	return 0;
}
