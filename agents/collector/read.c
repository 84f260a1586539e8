/* SPDX-License-Identifier: MIT */
/*
 * read - one artifact: its bytes, without following links out of the root, its digest, and the
 * way of reading that its content asks for.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "agents/collector/collector.h"
#include "agents/collector/encoding.h"
#include "agents/collector/reader.h"

typedef int read_fn(struct artifact *a, struct str text, struct arena *arena, struct error *err);

static int unusable(struct artifact *a, struct arena *arena, enum artifact_status status,
                    const char *reason)
{
	const char *copy = arena_strdup(arena, reason);

	a->status = status;
	a->reason = copy ? copy : "needs more memory than a review may use";
	a->tables = NULL;
	a->n_tables = 0;
	return 0;
}

/* One step down; the last one opens the file. No step may be a link. */
static int open_step(int dir, const char *name, bool last)
{
	int flags = O_CLOEXEC | O_NOFOLLOW;

	/* O_NONBLOCK: a FIFO that took the file's place must not hold us */
	flags |= last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
	return openat(dir, name, flags);
}

static int open_below(int root, const char *path)
{
	CLEANUP(closep) int dir = fcntl(root, F_DUPFD_CLOEXEC, 0);

	while (dir >= 0) {
		size_t len = strcspn(path, "/");
		char name[NAME_MAX + 1];
		int next;

		if (len == 0 || len > NAME_MAX || (len == 2 && memcmp(path, "..", 2) == 0)) {
			errno = EINVAL;
			return -1;
		}
		memcpy(name, path, len);
		name[len] = '\0';
		next = open_step(dir, name, path[len] == '\0');
		if (path[len] == '\0' || next < 0)
			return next;
		(void)close(dir);
		dir = next;
		path += len + 1;
	}
	return -1;
}

static int open_artifact(const struct artifact *a, const char *root)
{
	CLEANUP(closep) int dir = open(root, O_PATH | O_CLOEXEC);
	struct stat st;

	if (dir < 0 || fstat(dir, &st) < 0)
		return -1;
	return S_ISDIR(st.st_mode) ? open_below(dir, a->path) : open_step(AT_FDCWD, root, true);
}

static ssize_t read_up_to(int fd, char *to, size_t max)
{
	size_t have = 0;

	while (have < max) {
		ssize_t n = read(fd, to + have, max - have);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0)
			break;
		have += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)have;
}

static bool changed(const struct stat *before, const struct stat *after)
{
	return before->st_size != after->st_size ||
	       before->st_mtim.tv_sec != after->st_mtim.tv_sec ||
	       before->st_mtim.tv_nsec != after->st_mtim.tv_nsec;
}

static int fail(struct artifact *a, enum artifact_status status, struct error *why,
                const char *words)
{
	a->status = status;
	return error_set(why, -EIO, "%s", words);
}

/* All bytes of the file, malloc'd; on failure the status is set and *why says the reason. */
static int load(struct artifact *a, const char *root, uint64_t max, char **ret, size_t *ret_len,
                struct error *why)
{
	CLEANUP(closep) int fd = open_artifact(a, root);
	CLEANUP(freep) char *data = NULL;
	struct stat st, after;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(a, STATUS_UNREADABLE, why, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(a, STATUS_SKIPPED, why, "no regular file any more");
	a->bytes = (uint64_t)st.st_size;
	a->modified_s = st.st_mtim.tv_sec;
	if (a->bytes > max) {
		a->status = STATUS_SKIPPED;
		return error_set(why, -EFBIG, "%llu bytes, over the limit of %llu",
		                 (unsigned long long)a->bytes, (unsigned long long)max);
	}
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		return fail(a, STATUS_SKIPPED, why, "needs more memory than there is");
	n = read_up_to(fd, data, (size_t)st.st_size);
	if (n < 0)
		return fail(a, STATUS_UNREADABLE, why, strerror(errno));
	if (n != st.st_size || fstat(fd, &after) < 0 || changed(&st, &after))
		return fail(a, STATUS_SKIPPED, why, "still being written: it changed meanwhile");
	*ret = TAKE(data);
	*ret_len = (size_t)n;
	return 0;
}

static int take_digest(struct artifact *a, const char *data, size_t len)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();

	if (!d)
		return -ENOMEM;
	digest_add(d, data, len);
	digest_text(d, a->digest);
	return 0;
}

static bool looks_like_json(struct str text)
{
	struct str s = str_trim(text);

	return s.len && (s.at[0] == '{' || s.at[0] == '[');
}

/* Content decides: the first way of these that takes it. The error is that of `first`. */
static int read_as(struct artifact *a, struct str text, struct arena *arena, read_fn *first,
                   read_fn *second, struct error *err)
{
	struct error other;
	int r = first(a, text, arena, err);

	if (r != -EINVAL || !second)
		return r;
	return second(a, text, arena, &other) == 0 ? 0 : r;
}

static int read_content(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	bool json = looks_like_json(text);

	switch (a->format) {
	case FORMAT_MARKDOWN:
		return markdown_read(a, text, arena, err);
	case FORMAT_JSON:
		return read_as(a, text, arena, json_read, json ? NULL : csv_read_clear, err);
	case FORMAT_CSV:
		return json && json_read(a, text, arena, err) == 0 ? 0
		                                                   : csv_read(a, text, arena, err);
	case FORMAT_TEXT:
	case FORMAT_OTHER:
		break;
	}
	return read_as(a, text, arena, csv_read_clear, json_read, err);
}

static int read_text(struct artifact *a, const struct decoded *text, struct arena *arena,
                     struct error *err)
{
	int r;

	if (str_trim(text->utf8).len == 0)
		return unusable(a, arena, STATUS_UNREADABLE, "blanks only");
	if (text->latin1_line && a->format == FORMAT_JSON) {
		(void)error_set(err, -EINVAL, "line %u: byte 0x%02X is not UTF-8",
		                text->latin1_line, text->latin1_byte);
		return unusable(a, arena, STATUS_UNREADABLE, err->text);
	}
	r = read_content(a, text->utf8, arena, err);
	if (r == -EINVAL && a->format == FORMAT_TEXT)
		return unusable(a, arena, STATUS_SKIPPED, "text of no recognised tool");
	if (r < 0)
		return r;
	if (text->latin1_line)
		reader_partial(a, arena, "line %u: byte 0x%02X is not UTF-8, read as Latin-1",
		               text->latin1_line, text->latin1_byte);
	return 0;
}

int collector_read(struct artifact *a, const char *root, const struct collector_limits *limits,
                   struct arena *arena, struct error *err)
{
	CLEANUP(freep) char *data = NULL;
	CLEANUP(encoding_done) struct decoded text = {0};
	struct error why = {0};
	size_t len = 0;
	int r;

	if (a->status == STATUS_SKIPPED)
		return 0; /* the scan has said why */
	if (load(a, root, limits->file_bytes, &data, &len, &why) < 0)
		return unusable(a, arena, a->status, why.text);
	if (take_digest(a, data, len) < 0)
		return error_set(err, -ENOMEM, "%s: out of memory", a->path);
	if (len == 0)
		return unusable(a, arena, STATUS_UNREADABLE, "empty, 0 bytes");
	r = encoding_decode(&text, data, len, &why);
	if (r == 0)
		r = read_text(a, &text, arena, &why);
	if (r == -ENOMEM)
		return unusable(a, arena, STATUS_SKIPPED,
		                "needs more memory than a review may use");
	return r < 0 ? unusable(a, arena, STATUS_UNREADABLE, why.text) : 0;
}

static int by_digest(const void *x, const void *y)
{
	const struct artifact *const *a = x, *const *b = y;
	int r = strcmp((*a)->digest, (*b)->digest);

	return r ? r : (*a)->id < (*b)->id ? -1 : 1;
}

static void mark_copies(struct artifact **sorted, size_t n)
{
	const struct artifact *first = NULL;

	for (size_t i = 0; i < n; i++) {
		struct artifact *a = sorted[i];

		if (!first || a->bytes == 0 || strcmp(first->digest, a->digest) != 0) {
			first = a;
			continue;
		}
		a->duplicate_of = first->id;
		a->tables = NULL;
		a->n_tables = 0;
	}
}

void collector_finish(struct dossier *d)
{
	struct inventory *inv = &d->inventory;
	CLEANUP(freep) struct artifact **sorted = calloc(inv->n_artifacts + 1, sizeof *sorted);
	size_t n = 0;

	inv->bytes = 0;
	for (size_t i = 0; i < inv->n_artifacts; i++) {
		inv->bytes += inv->artifacts[i].bytes;
		if (sorted && inv->artifacts[i].digest[0])
			sorted[n++] = &inv->artifacts[i];
	}
	if (!sorted)
		return; /* copies count twice then, which is true if less clear */
	qsort(sorted, n, sizeof *sorted, by_digest);
	mark_copies(sorted, n);
}
