/* SPDX-License-Identifier: MIT */
#include "agents/collector/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)
#define PATH_FLAGS (O_PATH | O_NOFOLLOW | O_CLOEXEC)

static int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* glibc 2.36 has no wrapper. */
static int open_resolved(int dir, const char *path, int flags, uint64_t resolve)
{
	const struct open_how how = {.flags = (unsigned)flags, .resolve = resolve};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

/* Older than Linux 5.6, or a seccomp filter that does not know it. EPERM may also be meant: then
 * the walk meets it, too. */
static bool is_missing(int r)
{
	return r == -ENOSYS || r == -EPERM;
}

static bool is_link(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
}

/* One part of a path; the flags of the last one are the caller's. */
static int open_part(int dir, const char *path, size_t len, int flags)
{
	char name[NAME_MAX + 1];
	int fd;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, path, len);
	name[len] = '\0';
	fd = openat(dir, name, flags);
	if (fd < 0)
		return -errno;
	if ((flags & O_PATH) && is_link(fd)) {
		(void)close(fd);
		return -ELOOP;
	}
	return fd;
}

/* From a directory that it takes over. */
static int walk_from(int from, const char *path, int flags)
{
	CLEANUP(closep) int dir = from;

	for (;;) {
		size_t len = strcspn(path, "/");
		int next = open_part(dir, path, len, path[len] ? PATH_FLAGS : flags);

		if (!path[len] || next < 0)
			return next;
		(void)close(dir);
		dir = next;
		path += len;
		path += strspn(path, "/");
		if (!*path)
			return take_fd(&dir);
	}
}

static bool is_plain(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && memcmp(path, "..", 2) == 0))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

int beneath_walk(int root, const char *path)
{
	int dir;

	if (!is_plain(path))
		return -EINVAL;
	dir = fcntl(root, F_DUPFD_CLOEXEC, 0);
	return dir < 0 ? -errno : walk_from(dir, path, READ_FLAGS);
}

int beneath_open(int root, const char *path)
{
	int fd;

	if (!is_plain(path))
		return -EINVAL;
	fd = open_resolved(root, path, READ_FLAGS,
	                   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	return is_missing(fd) ? beneath_walk(root, path) : fd;
}

int beneath_open_here(int dir, const char *name)
{
	int fd;

	if (!is_plain(name) || strchr(name, '/'))
		return -EINVAL;
	fd = openat(dir, name, READ_FLAGS);
	return fd < 0 ? -errno : fd;
}

/* O_PATH, of whatever kind. Roots may hold "..", which their caller has resolved or means. */
static int open_absolute(const char *path)
{
	int fd = open_resolved(AT_FDCWD, path, PATH_FLAGS,
	                       RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	bool absolute = path[0] == '/';

	if (fd >= 0 && is_link(fd)) { /* O_PATH with O_NOFOLLOW opens the link itself */
		(void)close(fd);
		return -ELOOP;
	}
	if (!is_missing(fd))
		return fd;
	fd = open(absolute ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	path += strspn(path, "/");
	if (fd < 0)
		return -errno;
	return *path ? walk_from(fd, path, PATH_FLAGS) : fd;
}

static int open_parent(const char *path, const char **ret_file)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len >= sizeof parent)
		return -ENAMETOOLONG;
	*ret_file = slash ? slash + 1 : path;
	memcpy(parent, path, len);
	parent[len] = '\0';
	return open_absolute(len ? parent : slash ? "/" : ".");
}

int beneath_open_root(const char *path, const char **ret_file)
{
	CLEANUP(closep) int fd = open_absolute(path);
	struct stat st;

	*ret_file = NULL;
	if (fd < 0)
		return take_fd(&fd);
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? take_fd(&fd) : open_parent(path, ret_file);
}

enum beneath_target beneath_follow(int root, const char *path, int *ret_dir)
{
	CLEANUP(closep)
	int fd = open_resolved(root, path, O_PATH | O_CLOEXEC,
	                       RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	struct stat st;

	*ret_dir = -1;
	switch (fd) {
	case -EXDEV:
		return BENEATH_OUTSIDE;
	case -ENOENT:
	case -ENOTDIR:
		return BENEATH_NOWHERE;
	case -ELOOP:
		return BENEATH_ITSELF;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return BENEATH_UNKNOWN;
	if (!S_ISDIR(st.st_mode))
		return BENEATH_FILE;
	*ret_dir = take_fd(&fd);
	return BENEATH_DIRECTORY;
}

/* Hostile file systems have times beyond these. */
static int64_t nanoseconds(const struct timespec *t)
{
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)t->tv_sec, INT64_C(1000000000), &ns) ||
	    __builtin_add_overflow(ns, (int64_t)t->tv_nsec, &ns))
		return t->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

struct file_stamp beneath_stamp(const struct stat *st)
{
	return (struct file_stamp){st->st_ino, nanoseconds(&st->st_mtim),
	                           nanoseconds(&st->st_ctim)};
}
