/* SPDX-License-Identifier: MIT */
#include "daemon/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define PIECE ((size_t)64 << 10)

struct file_source {
	struct source source;
	uv_loop_t *loop;
	uv_work_t work;
	int fd;
	uint64_t left; /* not yet read from the file */
	size_t len, at;
	bool busy, closed, broken;
	char piece[PIECE];
};

static void file_source_free(struct file_source *f)
{
	(void)close(f->fd);
	free(f);
}

static void read_work(uv_work_t *work)
{
	struct file_source *f = CONTAINER_OF(work, struct file_source, work);
	size_t want = f->left < PIECE ? (size_t)f->left : PIECE;
	ssize_t n;

	do
		n = read(f->fd, f->piece, want);
	while (n < 0 && errno == EINTR);
	f->at = 0;
	f->len = n > 0 ? (size_t)n : 0;
	f->left -= f->len;
	f->broken = n <= 0;
}

static void read_after(uv_work_t *work, int status)
{
	struct file_source *f = CONTAINER_OF(work, struct file_source, work);

	f->busy = false;
	if (status < 0)
		f->broken = true;
	if (f->closed)
		file_source_free(f);
	else
		source_wake(&f->source);
}

static enum source_state file_read(struct source *s, char *buf, size_t size, size_t *ret_n)
{
	struct file_source *f = CONTAINER_OF(s, struct file_source, source);
	size_t n;

	*ret_n = 0;
	if (f->busy)
		return SOURCE_WAIT;
	if (f->broken)
		return SOURCE_BROKEN;
	if (f->at == f->len) {
		if (f->left == 0)
			return SOURCE_END;
		if (uv_queue_work(f->loop, &f->work, read_work, read_after) < 0)
			return SOURCE_BROKEN;
		f->busy = true;
		return SOURCE_WAIT;
	}
	n = f->len - f->at < size ? f->len - f->at : size;
	memcpy(buf, f->piece + f->at, n);
	f->at += n;
	*ret_n = n;
	return f->at == f->len && f->left == 0 ? SOURCE_END : SOURCE_MORE;
}

static void file_close(struct source *s)
{
	struct file_source *f = CONTAINER_OF(s, struct file_source, source);

	f->closed = true;
	if (!f->busy)
		file_source_free(f);
}

int file_source_open(struct source **ret, struct file_about *ret_about, uv_loop_t *loop,
                     const char *path, struct error *err)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct file_source *f;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "%s: is no regular file", path);
	f = calloc(1, sizeof *f);
	if (!f)
		return error_set(err, -ENOMEM, "%s: out of memory", path);
	f->source = (struct source){.read = file_read, .close = file_close};
	f->loop = loop;
	f->fd = fd;
	fd = -1;
	f->left = (uint64_t)st.st_size;
	*ret_about = (struct file_about){st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	                                 st.st_ino};
	*ret = &f->source;
	return 0;
}
