/* SPDX-License-Identifier: MIT */
/*
 * scripted_server [--port N] [--journal FILE] SCRIPT
 *
 * SCRIPT is a file of JSON or JSON itself (script.c says what is in it). Prints its port, ends on
 * SIGTERM or with its parent, and lets go of what is held on SIGUSR1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/server/server.h"

#define BACKLOG 1024

static void server_on_connection(uv_stream_t *listener, int status)
{
	if (status == 0 && conn_accept(listener->data) < 0)
		(void)fprintf(stderr, "scripted_server: a connection was lost\n");
}

static void server_on_term(uv_signal_t *handle, int number)
{
	struct server *s = handle->data;

	(void)number;
	while (!TAILQ_EMPTY(&s->conns))
		conn_close(TAILQ_FIRST(&s->conns), "stopped");
	uv_close((uv_handle_t *)&s->listener, NULL);
	uv_close((uv_handle_t *)&s->term, NULL);
	uv_close((uv_handle_t *)&s->release, NULL);
}

static void server_on_release(uv_signal_t *handle, int number)
{
	struct server *s = handle->data;
	struct conn *c, *next;

	(void)number;
	s->released = true;
	for (c = TAILQ_FIRST(&s->conns); c; c = next) {
		next = TAILQ_NEXT(c, link);
		conn_release(c);
	}
}

static int server_listen(struct server *s, unsigned port, struct error *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int len = sizeof at, r;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)uv_tcp_init(&s->loop, &s->listener);
	s->listener.data = s;
	r = uv_tcp_bind(&s->listener, (const struct sockaddr *)&at, 0);
	r = r ? r : uv_listen((uv_stream_t *)&s->listener, BACKLOG, server_on_connection);
	r = r ? r : uv_tcp_getsockname(&s->listener, (struct sockaddr *)&at, &len);
	if (r < 0)
		return error_set(err, r, "port %u: %s", port, uv_strerror(r));
	printf("%u\n", ntohs(at.sin_port));
	(void)fflush(stdout);
	return 0;
}

static void server_watch_signals(struct server *s)
{
	(void)uv_signal_init(&s->loop, &s->term);
	(void)uv_signal_init(&s->loop, &s->release);
	s->term.data = s->release.data = s;
	(void)uv_signal_start(&s->term, server_on_term, SIGTERM);
	(void)uv_signal_start(&s->release, server_on_release, SIGUSR1);
}

static void allow_many_files(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
}

static int server_run(struct server *s, const char *script, unsigned port, struct error *err)
{
	int r = server_script(s, script, err);

	if (r < 0)
		return r;
	(void)uv_loop_init(&s->loop);
	r = server_listen(s, port, err);
	if (r < 0)
		return r;
	server_watch_signals(s);
	(void)uv_run(&s->loop, UV_RUN_DEFAULT);
	return uv_loop_close(&s->loop);
}

static void server_done(struct server *s)
{
	json_decref(s->script);
	json_decref(s->loaded);
	free(s->used);
	if (s->journal)
		(void)fclose(s->journal);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"port", required_argument, NULL, 'p'},
	                                        {"journal", required_argument, NULL, 'j'},
	                                        {0}};
	CLEANUP(server_done) struct server s = {0};
	struct error err = {0};
	unsigned port = 0;
	int c;

	TAILQ_INIT(&s.conns);
	TAILQ_INIT(&s.queue);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p')
			port = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'j')
			s.journal = fopen(optarg, "we");
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	allow_many_files();
	if (server_run(&s, argv[optind], port, &err) == 0)
		return 0;
	(void)fprintf(stderr, "scripted_server: %s\n", err.text);
	return 1;
}
