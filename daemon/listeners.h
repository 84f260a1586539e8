/* SPDX-License-Identifier: MIT */
/*
 * listeners - the daemon's sockets as one: the Unix socket, and the web's where one is configured.
 *
 * Bound before there is anything to serve, so that a second daemon fails early; opened when the
 * queue is known.
 */
#pragma once

#include "daemon/http_server.h"
#include "daemon/listen.h"

struct listeners {
	struct listen_socket unix_socket;
	int web_fd;                       /* -1: none, or taken over */
	struct http_server *server, *web; /* NULL until they are started and after they closed */
	void (*closed)(void *arg);
	void *closed_arg;
};
#define LISTENERS_NONE                             \
	{                                          \
		.unix_socket.fd = -1, .web_fd = -1 \
	}

int listeners_bind(struct listeners *l, const struct config *config, struct error *err) MUST_USE;
/* env->web and policy are set here. */
int listeners_start(struct listeners *l, struct http_server_env *env, const struct config *config,
                    struct error *err) MUST_USE;
/* Who may use the Unix socket from now on. */
void listeners_reload(struct listeners *l, const struct config *config);

/* As http_server_drain() for all of them; closed() is called when none is left, perhaps at once. */
void listeners_drain(struct listeners *l, void (*closed)(void *arg), void *arg);
void listeners_hurry(struct listeners *l);
/* What was never started, and the path of the socket. */
void listeners_close(struct listeners *l);
