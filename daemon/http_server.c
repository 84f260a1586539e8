/* SPDX-License-Identifier: MIT */
#include "daemon/http_server.h"

#include <assert.h>
#include <errno.h>

#include "daemon/loopback.h"

#define PRESSURE_MS 20 /* how often to look for a place while somebody waits for one */

struct client {
	struct client *next;
	struct http_server *server;
	struct http_conn *conn;
	struct api_call *call; /* NULL: none in progress */
	struct error refusal;  /* code 0: may speak */
};

struct http_server {
	struct http_server_env env;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_pipe_t pipe;
		uv_tcp_t tcp;
	} io;
	uv_timer_t pressure;
	unsigned open;
	struct client *clients;
	size_t n_clients;
	bool waiting;         /* a connection that we have not taken yet */
	bool short_of_memory; /* is why, and it has been told */
	bool draining;
	void (*closed)(void *arg);
	void *closed_arg;
};

static void server_take(struct http_server *s);

static void server_check_closed(struct http_server *s)
{
	if (!s->draining || s->open > 0 || s->clients)
		return;
	if (s->closed)
		s->closed(s->closed_arg);
	free(s);
}

/* --- a client ----------------------------------------------------------- */

static void client_on_reply(void *arg, struct http_reply *reply)
{
	struct client *client = arg;

	client->call = NULL;
	http_conn_reply(client->conn, reply);
}

static void client_on_request(void *arg, const struct http_request *request)
{
	struct client *client = arg;
	struct http_reply reply;

	if (client->server->env.web && loopback_check(request, &client->refusal) < 0)
		log_warning(client->server->env.log, "refused a request: %s", client->refusal.text);
	if (client->refusal.code == 0) {
		client->call = api_handle(client->server->env.api, request, client_on_reply,
		                          client);
		return;
	}
	api_problem(&reply, 403, client->refusal.text);
	http_conn_reply(client->conn, &reply);
	http_conn_drain(client->conn);
}

static void client_on_closed(void *arg)
{
	struct client *client = arg;
	struct http_server *s = client->server;
	struct client **at = &s->clients;

	if (client->call)
		api_forget(client->call);
	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	s->n_clients--;
	free(client);
	if (s->waiting && !s->draining)
		server_take(s);
	server_check_closed(s);
}

static const struct http_conn_ops client_ops = {client_on_request, client_on_closed};

static int client_accept(struct http_server *s, struct error *err)
{
	struct client *client = calloc(1, sizeof *client);
	int r;

	if (!client)
		return error_set(err, -ENOMEM, "no memory for a client");
	client->server = s;
	r = http_conn_accept(&client->conn, &s->io.stream, &s->env.limits, &client_ops, client,
	                     err);
	if (r < 0) {
		free(client);
		return r;
	}
	if (!s->env.web &&
	    peer_check(http_conn_fd(client->conn), &s->env.policy, &client->refusal) < 0)
		log_warning(s->env.log, "refused a client: %s", client->refusal.text);
	client->next = s->clients;
	s->clients = client;
	s->n_clients++;
	return 0;
}

/* --- places ------------------------------------------------------------- */

static void server_evict(struct http_server *s)
{
	struct client *slowest = NULL;
	uint64_t longest = HTTP_SERVER_PATIENCE_MS;

	for (struct client *client = s->clients; client; client = client->next) {
		uint64_t ms = http_conn_waiting_ms(client->conn);

		if (ms >= longest) {
			longest = ms;
			slowest = client;
		}
	}
	if (!slowest)
		return;
	log_debug(s->env.log, "closed a client that was silent for %d ms: another one waits",
	          (int)longest);
	http_conn_close(slowest->conn);
}

static void server_on_pressure(uv_timer_t *timer)
{
	struct http_server *s = CONTAINER_OF(timer, struct http_server, pressure);

	if (!s->waiting)
		(void)uv_timer_stop(timer);
	else if (s->n_clients < s->env.max_clients)
		server_take(s);
	else
		server_evict(s);
}

/* False: it is still to be taken. */
static bool server_accept(struct http_server *s)
{
	struct error err = {0};
	int r = client_accept(s, &err);

	if (r == -ENOMEM && !s->short_of_memory)
		log_warning(s->env.log, "a client has to wait: %s", err.text);
	else if (r < 0 && r != -ENOMEM && r != UV_EAGAIN)
		log_warning(s->env.log, "a client was lost: %s", err.text);
	s->short_of_memory = r == -ENOMEM;
	return !s->short_of_memory;
}

/* libuv keeps one connection back, and asks the kernel for no more, until it is accepted. */
static void server_take(struct http_server *s)
{
	s->waiting = s->n_clients >= s->env.max_clients || !server_accept(s);
	if (s->waiting && !uv_is_active((const uv_handle_t *)&s->pressure))
		(void)uv_timer_start(&s->pressure, server_on_pressure, PRESSURE_MS, PRESSURE_MS);
}

static void server_on_connection(uv_stream_t *stream, int status)
{
	struct http_server *s = stream->data;

	if (status < 0)
		log_warning(s->env.log, "cannot accept a client: %s", uv_strerror(status));
	else if (!s->draining)
		server_take(s);
}

/* --- life --------------------------------------------------------------- */

static void server_on_handle_closed(uv_handle_t *handle)
{
	struct http_server *s = handle->data;

	s->open--;
	server_check_closed(s);
}

int http_server_new(struct http_server **ret, const struct http_server_env *env, int fd,
                    struct error *err)
{
	struct http_server *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return error_set(err, -ENOMEM, "no memory for the server");
	s->env = *env;
	(void)uv_timer_init(env->loop, &s->pressure); /* neither init can fail in libuv 1.44 */
	if (env->web)
		(void)uv_tcp_init(env->loop, &s->io.tcp);
	else
		(void)uv_pipe_init(env->loop, &s->io.pipe, 0);
	s->pressure.data = s->io.handle.data = s;
	s->open = 2;
	r = env->web ? uv_tcp_open(&s->io.tcp, fd) : uv_pipe_open(&s->io.pipe, fd);
	if (r == 0)
		r = uv_listen(&s->io.stream, HTTP_SERVER_BACKLOG, server_on_connection);
	if (r < 0) {
		http_server_drain(s, NULL, NULL);
		return error_set(err, r, "cannot listen: %s", uv_strerror(r));
	}
	*ret = s;
	return 0;
}

void http_server_set_policy(struct http_server *s, const struct peer_policy *policy)
{
	s->env.policy = *policy;
}

void http_server_drain(struct http_server *s, void (*closed)(void *arg), void *arg)
{
	assert(!s->draining);
	s->draining = true;
	s->closed = closed;
	s->closed_arg = arg;
	uv_close(&s->io.handle, server_on_handle_closed);
	uv_close((uv_handle_t *)&s->pressure, server_on_handle_closed);
	for (struct client *client = s->clients; client; client = client->next)
		http_conn_drain(client->conn);
}

void http_server_hurry(struct http_server *s)
{
	for (struct client *client = s->clients; client; client = client->next)
		http_conn_close(client->conn);
}
