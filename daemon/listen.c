/* SPDX-License-Identifier: MIT */
#include "daemon/listen.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "daemon/notify.h"

static int socket_new(int *ret, struct error *err)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return error_set(err, -errno, "cannot make a socket: %s", strerror(errno));
	*ret = fd;
	return 0;
}

/* -EADDRINUSE: somebody answers there, or it is no socket at all. */
static int remove_stale(const struct sockaddr_un *addr, struct error *err)
{
	CLEANUP(closep) int fd = -1;
	struct stat st;
	int r;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT
		               ? 0
		               : error_set(err, -errno, "%s: %s", addr->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, -EADDRINUSE, "%s: exists and is no socket: remove it",
		                 addr->sun_path);
	r = socket_new(&fd, err);
	if (r < 0)
		return r;
	if (connect(fd, (const struct sockaddr *)addr, sizeof *addr) == 0 || errno == EAGAIN)
		return error_set(err, -EADDRINUSE,
		                 "%s: another process listens there: stop it, or give another "
		                 "--socket",
		                 addr->sun_path);
	if (unlink(addr->sun_path) < 0 && errno != ENOENT)
		return error_set(err, -errno, "%s: cannot replace the stale socket: %s",
		                 addr->sun_path, strerror(errno));
	return 0;
}

/* Nobody but us may connect between bind() and this. */
static int set_owner(const char *path, struct error *err)
{
	const struct group *group = getgrnam("chimerad");

	if (!group || lchown(path, (uid_t)-1, group->gr_gid) < 0)
		return 0; /* not a member: it stays ours alone */
	if (chmod(path, 0660) < 0)
		return error_set(err, -errno, "%s: cannot set its mode: %s", path, strerror(errno));
	return 0;
}

static int bind_private(int fd, const struct sockaddr_un *addr, struct error *err)
{
	mode_t old = umask(0177);
	int r = bind(fd, (const struct sockaddr *)addr, sizeof *addr) < 0 ? -errno : 0;

	(void)umask(old);
	if (r < 0)
		return error_set(err, r, "%s: cannot bind: %s%s", addr->sun_path, strerror(-r),
		                 r == -ENOENT ? " (its directory must exist)" : "");
	return 0;
}

static int bind_path(struct listen_socket *s, const char *path, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct stat st;
	size_t len = strlen(path);
	int r;

	if (len == 0 || len >= sizeof addr.sun_path)
		return error_set(err, -ENAMETOOLONG,
		                 "%s: a socket path has 1 to %zu bytes, this has %zu: give a "
		                 "shorter --socket",
		                 path, sizeof addr.sun_path - 1, len);
	memcpy(addr.sun_path, path, len + 1);
	memcpy(s->path, path, len + 1);
	r = remove_stale(&addr, err);
	if (r == 0)
		r = bind_private(s->fd, &addr, err);
	if (r == 0)
		r = set_owner(path, err);
	if (r == 0 && lstat(path, &st) < 0)
		r = error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (r < 0)
		return r;
	s->dev = st.st_dev;
	s->ino = st.st_ino;
	return 0;
}

int listen_open(struct listen_socket *ret, const char *path, struct error *err)
{
	struct listen_socket s = {.fd = -1};
	int n = notify_listen_fds(), r;

	if (n > 0) {
		s.fd = NOTIFY_LISTEN_FDS_START;
		*ret = s;
		return 0;
	}
	r = socket_new(&s.fd, err);
	if (r < 0)
		return r;
	r = bind_path(&s, path, err);
	if (r < 0) {
		(void)close(s.fd);
		return r;
	}
	*ret = s;
	return 0;
}

void listen_unlink(const struct listen_socket *s)
{
	struct stat st;

	if (s->path[0] && lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
		(void)unlink(s->path);
}
