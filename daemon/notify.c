/* SPDX-License-Identifier: MIT */
#include "daemon/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static int send_state(const char *state, int flags)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	CLEANUP(closep) int fd = -1;
	size_t len;

	if (!path || !path[0])
		return 0;
	len = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || len >= sizeof addr.sun_path)
		return -EINVAL;
	memcpy(addr.sun_path, path, len);
	if (path[0] == '@')
		addr.sun_path[0] = '\0'; /* abstract: the length counts, not a NUL */

	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL | flags, (struct sockaddr *)&addr,
	           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		return -errno;
	return 1;
}

int notify(const char *state)
{
	return send_state(state, 0);
}

int notify_soon(const char *state)
{
	return send_state(state, MSG_DONTWAIT);
}

int notify_ready(const char *status)
{
	char state[256];

	(void)snprintf(state, sizeof state, "READY=1\nSTATUS=%.200s", status);
	return notify(state);
}

int notify_reloading(void)
{
	char state[64];
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return -errno;
	(void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	               (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	return notify(state);
}

int notify_stopping(const char *status)
{
	char state[256];

	(void)snprintf(state, sizeof state, "STOPPING=1\nSTATUS=%.200s", status);
	return notify_soon(state);
}

/* A decimal environment variable, or 0 when it is absent or odd. */
static uint64_t env_number(const char *name)
{
	const char *s = getenv(name);
	uint64_t v;
	char *end;

	if (!s || *s < '0' || *s > '9')
		return 0;
	errno = 0;
	v = strtoull(s, &end, 10);
	return *end || errno ? 0 : v;
}

static bool env_is_for_us(const char *name)
{
	return env_number(name) == (uint64_t)getpid();
}

uint64_t notify_watchdog_ms(void)
{
	if (getenv("WATCHDOG_PID") && !env_is_for_us("WATCHDOG_PID"))
		return 0;
	return env_number("WATCHDOG_USEC") / 2 / 1000;
}

int notify_listen_fds(void)
{
	uint64_t n = env_is_for_us("LISTEN_PID") ? env_number("LISTEN_FDS") : 0;

	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	if (n > INT_MAX - NOTIFY_LISTEN_FDS_START)
		return -EINVAL;
	for (int fd = NOTIFY_LISTEN_FDS_START; fd < NOTIFY_LISTEN_FDS_START + (int)n; fd++) {
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
	}
	return (int)n;
}
