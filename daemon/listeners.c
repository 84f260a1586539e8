/* SPDX-License-Identifier: MIT */
#include "daemon/listeners.h"

#include "daemon/config.h"
#include "daemon/loopback.h"

int listeners_bind(struct listeners *l, const struct config *config, struct error *err)
{
	int r = listen_open(&l->unix_socket, config->listen, err);

	if (r == 0 && config->web)
		r = loopback_bind(&l->web_fd, config->web, err);
	return r;
}

int listeners_start(struct listeners *l, struct http_server_env *env, const struct config *config,
                    struct error *err)
{
	int fd = l->unix_socket.fd, r;

	l->unix_socket.fd = -1;
	env->web = false;
	peer_policy_init(&env->policy, config);
	r = http_server_new(&l->server, env, fd, err);
	if (r < 0 || l->web_fd < 0)
		return r;
	fd = l->web_fd;
	l->web_fd = -1;
	env->web = true;
	return http_server_new(&l->web, env, fd, err);
}

void listeners_reload(struct listeners *l, const struct config *config)
{
	struct peer_policy policy;

	peer_policy_init(&policy, config);
	http_server_set_policy(l->server, &policy);
}

static void check_closed(struct listeners *l)
{
	if (!l->server && !l->web)
		l->closed(l->closed_arg);
}

static void on_server_closed(void *arg)
{
	struct listeners *l = arg;

	l->server = NULL;
	check_closed(l);
}

static void on_web_closed(void *arg)
{
	struct listeners *l = arg;

	l->web = NULL;
	check_closed(l);
}

void listeners_drain(struct listeners *l, void (*closed)(void *arg), void *arg)
{
	l->closed = closed;
	l->closed_arg = arg;
	if (!l->server && !l->web) {
		closed(arg);
		return;
	}
	if (l->server)
		http_server_drain(l->server, on_server_closed, l);
	if (l->web)
		http_server_drain(l->web, on_web_closed, l);
}

void listeners_hurry(struct listeners *l)
{
	if (l->server)
		http_server_hurry(l->server);
	if (l->web)
		http_server_hurry(l->web);
}

void listeners_close(struct listeners *l)
{
	if (l->unix_socket.fd >= 0)
		(void)close(l->unix_socket.fd);
	if (l->web_fd >= 0)
		(void)close(l->web_fd);
	listen_unlink(&l->unix_socket);
}
