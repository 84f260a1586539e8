/* SPDX-License-Identifier: MIT */
#include "daemon/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>

#define WAIT_MS 200

/* The pid that the holder wrote, for the message only. */
static int holder_of(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	if (n <= 0)
		return -ENODATA;
	text[n] = '\0';
	text[strspn(text, "0123456789")] = '\0';
	return text[0] ? 0 : -ENODATA;
}

static int lock_busy(int fd, const char *dir, struct error *err)
{
	char pid[24];

	if (holder_of(fd, pid, sizeof pid) < 0)
		return error_set(err, -EBUSY,
		                 "%s: in use by another chimerad: stop it, or give "
		                 "another --state",
		                 dir);
	return error_set(err, -EBUSY,
	                 "%s: in use by chimerad, pid %s: stop it, or give another "
	                 "--state",
	                 dir, pid);
}

int lock_take(int *ret_fd, const char *dir, struct error *err)
{
	char path[4096], pid[24];
	CLEANUP(closep) int fd = -1;
	int n = snprintf(path, sizeof path, "%s/lock", dir);

	if (n < 0 || (size_t)n >= sizeof path)
		return error_set(err, -ENAMETOOLONG, "%s: too long a path", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return error_set(err, -errno, "%s: cannot open: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? lock_busy(fd, dir, err)
		                            : error_set(err, -errno, "%s: cannot lock: %s", path,
		                                        strerror(errno));
	n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) != n)
		return error_set(err, errno ? -errno : -EIO, "%s: cannot write: %s", path,
		                 strerror(errno));
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* Whether our parent still holds the other end. */
static bool input_ended(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
	char ignored[512];

	return poll(&p, 1, WAIT_MS) > 0 && read(STDIN_FILENO, ignored, sizeof ignored) <= 0;
}

int lock_wait(int *ret_fd, const char *dir, struct error *err)
{
	int r;

	do {
		if (input_ended())
			return error_set(err, -ECANCELED, "no longer wanted while waiting for %s",
			                 dir);
		r = lock_take(ret_fd, dir, err);
	} while (r == -EBUSY);
	return r;
}
