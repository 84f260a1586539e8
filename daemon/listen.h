/* SPDX-License-Identifier: MIT */
/*
 * listen - the daemon's Unix socket: bound here, or handed over by the service manager.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/error.h"

struct listen_socket {
	int fd;
	char path[108]; /* "" when the service manager owns it */
	dev_t dev;
	ino_t ino;
};

/*
 * The first socket of the service manager if it gave one, else path: 0660 for the group chimerad,
 * 0600 where there is none. A socket nobody answers on is replaced, which is safe because the
 * caller holds the lock on the state. Changes the umask for a moment: call it before threads.
 */
int listen_open(struct listen_socket *ret, const char *path, struct error *err) MUST_USE;

/* Removes the path if it is still ours. The fd belongs to whoever took it over. */
void listen_unlink(const struct listen_socket *s);
