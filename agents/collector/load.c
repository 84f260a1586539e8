/* SPDX-License-Identifier: MIT */
#include "agents/collector/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "agents/collector/beneath.h"
#include "lib/base/files.h"

#define TRIES       4          /* of a file that changes while it is read */
#define PAUSE_MS    5          /* after the first try, four times as long after each other one */
#define PATIENCE_MS 1000       /* for all files of one reader: a tree may be full of such files */
#define KEEP_BYTES  (1u << 20) /* a larger buffer is given back after its file */
#define HUGE_BYTES  (2u << 20) /* a huge page */

int load_init(struct load *l, const char *const *roots, size_t n_roots,
              const struct collector_limits *limits, struct error *err)
{
	*l = (struct load){.limits = *limits, .patience_ms = PATIENCE_MS};
	l->roots = calloc(n_roots + 1, sizeof *l->roots);
	if (!l->roots)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n_roots; i++) {
		const char *file;
		int fd = beneath_open_root(roots[i], &file);

		if (fd < 0)
			return error_set(err, fd, "%s: %s", roots[i],
			                 fd == -ELOOP ? "a symbolic link took its place"
			                              : strerror(-fd));
		l->roots[l->n_roots++] = fd;
	}
	return 0;
}

static void close_dir(struct load *l)
{
	if (l->dir_path[0])
		(void)close(l->dir);
	l->dir_path[0] = '\0';
}

void load_done(struct load *l)
{
	close_dir(l);
	for (size_t i = 0; i < l->n_roots; i++)
		(void)close(l->roots[i]);
	free(l->roots);
	free(l->buffer);
	*l = (struct load){0};
}

static int fail(struct artifact *a, enum artifact_status status, struct error *why, int code,
                const char *words)
{
	a->status = status;
	return error_set(why, code, "%s", words);
}

static int not_opened(struct artifact *a, int code, struct error *why)
{
	switch (-code) {
	case ELOOP:
	case ENOTDIR:
	case EXDEV:
		return fail(a, STATUS_SKIPPED, why, code,
		            "a symbolic link or another file took the place of a directory or file "
		            "in its path: not followed");
	case ENOENT:
		return fail(a, STATUS_UNREADABLE, why, code, "gone since it was listed");
	case ENXIO:
	case ENODEV:
		return fail(a, STATUS_SKIPPED, why, code, "no regular file any more");
	case EMFILE:
	case ENFILE:
		return fail(a, STATUS_UNREADABLE, why, code,
		            "too many open files: raise LimitNOFILE= of the daemon, or "
		            "limits.jobs_running less");
	}
	return fail(a, STATUS_UNREADABLE, why, code, strerror(-code));
}

/*
 * The directory that the artifact is in, and its name there. Artifacts come in the order of their
 * paths: mostly it is the directory of the last one.
 */
static int open_dir(struct load *l, const struct artifact *a, const char **ret_name)
{
	const char *slash = strrchr(a->path, '/');
	size_t len = slash ? (size_t)(slash - a->path) : 0;

	*ret_name = slash ? slash + 1 : a->path;
	if (!slash)
		return l->roots[a->root];
	if (len >= sizeof l->dir_path)
		return -ENAMETOOLONG;
	if (l->dir_path[0] && l->dir_root == a->root && strncmp(l->dir_path, a->path, len) == 0 &&
	    l->dir_path[len] == '\0')
		return l->dir;
	close_dir(l);
	memcpy(l->dir_path, a->path, len);
	l->dir_path[len] = '\0';
	l->dir_root = a->root;
	l->dir = beneath_open(l->roots[a->root], l->dir_path);
	if (l->dir < 0)
		l->dir_path[0] = '\0';
	return l->dir;
}

static void take_stat(struct artifact *a, const struct stat *st)
{
	a->bytes = (uint64_t)st->st_size;
	a->modified_s = st->st_mtim.tv_sec;
	a->stamp = beneath_stamp(st);
}

int load_look(struct load *l, struct artifact *a)
{
	const char *name;
	int dir = open_dir(l, a, &name);
	struct stat st;

	if (dir < 0)
		return dir;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	take_stat(a, &st);
	return 0;
}

static int look_at(const struct load *l, struct artifact *a, int fd, struct error *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(a, STATUS_UNREADABLE, why, -errno, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return fail(a, STATUS_SKIPPED, why, -EINVAL, "no regular file any more");
	take_stat(a, &st);
	if (a->bytes <= l->limits.file_bytes)
		return 0;
	a->status = STATUS_SKIPPED;
	return error_set(why, -EFBIG, "%llu bytes, over the limit of %llu: raise limits.file_bytes",
	                 (unsigned long long)a->bytes, (unsigned long long)l->limits.file_bytes);
}

int load_open(struct load *l, struct artifact *a, int *ret, struct error *why)
{
	const char *name;
	int dir = open_dir(l, a, &name);
	CLEANUP(closep) int fd = dir < 0 ? dir : beneath_open_here(dir, name);
	int r;

	if (fd < 0) {
		(void)!load_look(l, a); /* its size is known even if its bytes are not */
		return not_opened(a, fd, why);
	}
	r = look_at(l, a, fd, why);
	if (r < 0)
		return r;
	*ret = fd;
	fd = -1;
	return 0;
}

bool load_is_unchanged(const struct artifact *a, int fd)
{
	struct file_stamp now;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	now = beneath_stamp(&st);
	return (uint64_t)st.st_size == a->bytes && now.modified_ns == a->stamp.modified_ns &&
	       now.changed_ns == a->stamp.changed_ns;
}

/* Huge pages save most of the page faults: they cost more than reading does. */
static char *buffer_new(size_t size)
{
	void *buffer;

	if (size < HUGE_BYTES)
		return malloc(size);
	if (posix_memalign(&buffer, HUGE_BYTES, size) != 0)
		return NULL;
	(void)madvise(buffer, size, MADV_HUGEPAGE);
	return buffer;
}

static int reserve(struct load *l, size_t need)
{
	size_t cap = need < 65536 ? 65536 : need;

	if (l->cap > KEEP_BYTES) {
		free(TAKE(l->buffer));
		l->cap = 0;
	}
	if (l->cap >= need)
		return 0;
	free(TAKE(l->buffer));
	l->cap = 0;
	l->buffer = buffer_new(cap);
	if (!l->buffer)
		return -ENOMEM;
	l->cap = cap;
	return 0;
}

/* -EAGAIN: it changed meanwhile. */
static int load_once(struct load *l, struct artifact *a, int fd, struct str *ret, struct error *why)
{
	ssize_t n;

	if (reserve(l, a->bytes + 1) < 0)
		return fail(a, STATUS_SKIPPED, why, -ENOMEM,
		            "needs more memory than this machine has");
	n = files_read_at(fd, l->buffer, a->bytes, 0);
	if (n < 0)
		return fail(a, STATUS_UNREADABLE, why, (int)n, strerror((int)-n));
	if ((uint64_t)n != a->bytes || !load_is_unchanged(a, fd))
		return -EAGAIN;
	*ret = (struct str){l->buffer, (size_t)n};
	return 0;
}

static void pause_a_while(struct load *l, unsigned tries)
{
	unsigned ms = (unsigned)PAUSE_MS << 2 * tries;

	ms = ms < l->patience_ms ? ms : l->patience_ms;
	l->patience_ms -= ms;
	if (ms)
		(void)nanosleep(&(struct timespec){.tv_nsec = (long)ms * 1000000}, NULL);
}

int load_file(struct load *l, struct artifact *a, int fd, struct str *ret, struct error *why)
{
	int r = load_once(l, a, fd, ret, why);

	for (unsigned tries = 1; r == -EAGAIN && tries < TRIES; tries++) {
		pause_a_while(l, tries - 1);
		r = look_at(l, a, fd, why);
		if (r == 0)
			r = load_once(l, a, fd, ret, why);
	}
	if (r == -EAGAIN)
		return fail(a, STATUS_SKIPPED, why, r,
		            "still being written: it changed while it was read");
	return r;
}
