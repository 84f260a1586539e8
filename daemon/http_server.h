/* SPDX-License-Identifier: MIT */
/*
 * http_server - the listening socket and its clients: who may connect, how many, and how long they
 * may keep the others waiting.
 *
 * When every place is taken, new clients wait in the kernel's queue; while one waits, whoever has
 * kept us waiting for HTTP_SERVER_PATIENCE_MS gives up his place.
 */
#pragma once

#include "daemon/api.h"
#include "daemon/http_conn.h"
#include "daemon/peer.h"

#define HTTP_SERVER_CLIENTS     1280 /* where so many descriptors may be open */
#define HTTP_SERVER_PATIENCE_MS 1000
#define HTTP_SERVER_BACKLOG     512

struct http_server;

struct http_server_env { /* api and log are borrowed */
	uv_loop_t *loop;
	struct api *api;
	const struct log *log;
	size_t max_clients;
	struct http_conn_limits limits;
	bool web; /* fd is of loopback.h, which checks each request; else policy each peer */
	struct peer_policy policy;
};

/* Takes over fd, a bound socket. */
int http_server_new(struct http_server **ret, const struct http_server_env *env, int fd,
                    struct error *err) MUST_USE;
void http_server_set_policy(struct http_server *s, const struct peer_policy *policy);

/*
 * Accepts no more and lets requests in progress be answered; closed() is called when the last
 * client has gone, and s with it. http_server_hurry() closes those who are left.
 */
void http_server_drain(struct http_server *s, void (*closed)(void *arg), void *arg);
void http_server_hurry(struct http_server *s);
