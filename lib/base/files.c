/* SPDX-License-Identifier: MIT */
#include "lib/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>

ssize_t files_read_at(int fd, char *to, size_t len, uint64_t at)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = pread(fd, to + have, len - have, (off_t)(at + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

int files_read(char **ret, size_t *ret_len, struct stat *ret_stat, const char *path,
               uint64_t max_bytes, struct error *err)
{
	/* O_NONBLOCK: opening a FIFO that nobody writes to must not hang */
	CLEANUP(closep)
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	CLEANUP(freep) char *data = NULL;
	struct stat st;
	ssize_t len;

	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path,
		                 errno == ELOOP ? "a symbolic link, which is not followed"
		                                : strerror(errno));
	if (fstat(fd, &st) < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "%s: not a regular file: name one", path);
	if ((uint64_t)st.st_size > max_bytes)
		return error_set(err, -EFBIG, "%s: %lld bytes, over the limit of %llu", path,
		                 (long long)st.st_size, (unsigned long long)max_bytes);
	data = malloc((size_t)st.st_size + 1);
	if (!data)
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	len = files_read_at(fd, data, (size_t)st.st_size, 0);
	if (len < 0)
		return error_set(err, (int)len, "%s: %s", path, strerror((int)-len));
	data[len] = '\0'; /* it may be shorter than it was */
	if (ret_stat)
		*ret_stat = st;
	*ret = TAKE(data);
	*ret_len = (size_t)len;
	return 0;
}

int files_write(const char *dir, const char *name, const void *data, size_t len, struct error *err)
{
	CLEANUP(closep) int fd = -1;
	char path[PATH_MAX];
	size_t done = 0;

	if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
		return error_set(err, -ENAMETOOLONG, "%s/%s: path too long", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	while (done < len) {
		ssize_t n = write(fd, (const char *)data + done, len - done);

		if (n < 0 && errno != EINTR)
			return error_set(err, -errno, "%s: %s", path, strerror(errno));
		done += n > 0 ? (size_t)n : 0;
	}
	if (fsync(fd) < 0)
		return error_set(err, -errno, "%s: fsync: %s", path, strerror(errno));
	return 0;
}

int files_make_dirs(const char *path, struct error *err)
{
	return files_make_dirs_mode(path, 0750, err);
}

int files_make_dirs_mode(const char *path, mode_t mode, struct error *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;

	if (len == 0 || len >= sizeof part)
		return error_set(err, -ENAMETOOLONG, "%.80s: path empty or too long", path);
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return error_set(err, -errno, "%s: cannot create: %s", part,
			                 strerror(errno));
		part[i] = path[i];
	}
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return error_set(err, -ENOTDIR, "%s: not a directory: name another, or remove it",
		                 path);
	return 0;
}

int files_sync_dir(const char *path, struct error *err)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return error_set(err, -errno, "%s: cannot sync: %s", path, strerror(errno));
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

int files_remove_tree(const char *path, struct error *err)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		return error_set(err, -errno, "%s: cannot remove: %s", path, strerror(errno));
	return 0;
}
