/* SPDX-License-Identifier: MIT */
/*
 * Requests to a daemon's socket, as JSON on one line:
 *
 *   bench_daemon_load SOCKET CLIENTS N METHOD TARGET [BODY]
 *
 * N requests by so many clients at once, each of which keeps its connection and asks again as soon
 * as it has its answer. {n}, which stands in a BODY once, becomes the number of the request.
 */
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/util.h"

#define CLIENTS_MAX  1024
#define REQUESTS_MAX 1000000
#define STATUS_MAX   600
#define ANSWER_BYTES ((size_t)1 << 20)

struct load {
	const char *socket, *method, *target, *body;
	size_t n;
	atomic_size_t next;
	atomic_size_t by_status[STATUS_MAX]; /* 0: no answer */
	uint32_t *took_us;                   /* of each request */
};

static int connect_to(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof to.sun_path)
		return -1;
	(void)snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) < 0) {
		perror("bench_daemon_load: connect");
		return -1;
	}
	return fd;
}

static bool send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

static bool ask(int fd, const struct load *l, size_t number)
{
	const char *hole = strstr(l->body, "{n}");
	size_t head = hole ? (size_t)(hole - l->body) : strlen(l->body);
	char text[1 << 14], body[1 << 13];
	int len = hole ? snprintf(body, sizeof body, "%.*s%zu%s", (int)head, l->body, number,
	                          hole + 3)
	               : snprintf(body, sizeof body, "%s", l->body);
	int n = snprintf(text, sizeof text,
	                 "%s %s HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%s", l->method,
	                 l->target, len, body);

	return len < (int)sizeof body && n < (int)sizeof text && send_all(fd, text, (size_t)n);
}

/* How long the whole answer is, once its head has come; 0: not yet. */
static size_t answer_length(const char *answer)
{
	const char *end = strstr(answer, "\r\n\r\n"),
		   *length = strcasestr(answer, "\r\nContent-Length:");

	if (!end || !length || length > end)
		return 0;
	return (size_t)(end - answer) + 4 +
	       strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
}

/* Its status, or 0. */
static unsigned hear(int fd, char *answer)
{
	size_t len = 0, whole = 0;

	while (!whole || len < whole) {
		ssize_t n = recv(fd, answer + len, ANSWER_BYTES - 1 - len, 0);

		if (n <= 0)
			return 0;
		len += (size_t)n;
		answer[len] = '\0';
		whole = whole ? whole : answer_length(answer);
	}
	return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (unsigned)strtoul(answer + 9, NULL, 10) : 0;
}

static void *client(void *arg)
{
	struct load *l = arg;
	CLEANUP(freep) char *answer = malloc(ANSWER_BYTES);
	CLEANUP(closep) int fd = connect_to(l->socket);
	size_t i;

	while (answer && fd >= 0 && (i = atomic_fetch_add(&l->next, 1)) < l->n) {
		uint64_t begun_ns = clock_mono_ns();
		unsigned status = ask(fd, l, i) ? hear(fd, answer) : 0;

		l->took_us[i] = (uint32_t)((clock_mono_ns() - begun_ns) / 1000);
		atomic_fetch_add(&l->by_status[status < STATUS_MAX ? status : 0], 1);
		if (!status)
			break;
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double took_ms(const struct load *l, double share)
{
	return l->took_us[(size_t)((double)(l->n - 1) * share)] / 1e3;
}

static void print(struct load *l, double seconds)
{
	const char *comma = "";

	qsort(l->took_us, l->n, sizeof *l->took_us, by_size);
	printf("{\"seconds\": %.6f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f, "
	       "\"by_status\": {",
	       seconds, took_ms(l, 0.5), took_ms(l, 0.99), took_ms(l, 1));
	for (size_t i = 0; i < STATUS_MAX; i++) {
		if (l->by_status[i]) {
			printf("%s\"%zu\": %zu", comma, i, l->by_status[i]);
			comma = ", ";
		}
	}
	printf("}}\n");
}

static int run(struct load *l, size_t clients)
{
	pthread_t threads[CLIENTS_MAX];
	uint64_t begun_ns = clock_mono_ns();
	size_t n = 0;

	while (n < clients && pthread_create(&threads[n], NULL, client, l) == 0)
		n++;
	for (size_t i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	print(l, (double)(clock_mono_ns() - begun_ns) / 1e9);
	return n == clients ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct load l = {0};
	size_t clients = argc > 5 ? strtoul(argv[2], NULL, 10) : 0;
	int r;

	if (argc < 6 || argc > 7 || clients < 1 || clients > CLIENTS_MAX)
		return 2;
	l.socket = argv[1];
	l.n = strtoul(argv[3], NULL, 10);
	l.method = argv[4];
	l.target = argv[5];
	l.body = argc > 6 ? argv[6] : "";
	if (l.n < 1 || l.n > REQUESTS_MAX)
		return 2;
	l.took_us = calloc(l.n, sizeof *l.took_us);
	if (!l.took_us)
		return 1;
	r = run(&l, clients);
	free(l.took_us);
	return r;
}
