/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "daemon/http_server.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/null_api.h"
#include "tests/unit/daemon/talk.h"

#define CLIENTS      4
#define GET(target)  "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"
#define LAST(target) "GET " target " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

struct bench {
	uv_loop_t loop;
	struct null_api null;
	struct http_server *server;
	char path[64];
	bool closed;
};

static void set_flag(void *arg)
{
	*(bool *)arg = true;
}

static void setup(struct bench *b, struct http_conn_limits limits)
{
	struct http_server_env env = {.loop = &b->loop, .max_clients = CLIENTS, .limits = limits};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct error err = {0};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*b = (struct bench){0};
	cr_assert_eq(uv_loop_init(&b->loop), 0);
	null_api_init(&b->null, &b->loop);
	(void)snprintf(b->path, sizeof b->path, "%s/s", b->null.root);
	memcpy(addr.sun_path, b->path, sizeof b->path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	env.api = b->null.api;
	env.policy.own = geteuid();
	cr_assert_eq(http_server_new(&b->server, &env, fd, &err), 0, "%s", err.text);
}

static void finish(struct bench *b)
{
	http_server_drain(b->server, set_flag, &b->closed);
	talk_run_until(&b->loop, &b->closed);
	null_api_done(&b->null);
	cr_expect_eq(uv_loop_close(&b->loop), 0, "a handle was left open");
}

static const struct http_conn_limits patient = HTTP_CONN_LIMITS;

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

Test(http_server, requests_sent_at_once_are_answered_in_order)
{
	struct talk t = {0};
	struct bench b;
	const char *text;

	setup(&b, patient);
	talk_open(&t, &b.loop, b.path);
	talk_send(&t, GET("/healthz") GET("/v1/jobs/latest") GET("/nope") LAST("/readyz"));
	text = talk_end(&t);
	cr_expect_eq(count(text, "HTTP/1.1 200 OK"), 3, "%s", text);
	cr_expect_eq(count(text, "HTTP/1.1 404 Not Found"), 1);
	cr_expect(strstr(text, "404 Not Found") > strstr(text, NULL_API_JOB));
	cr_expect(strstr(text, "\"ready\"") > strstr(text, "404 Not Found"));
	talk_close(&t);
	finish(&b);
}

Test(http_server, a_request_may_come_byte_by_byte)
{
	static const char request[] = LAST("/healthz");
	struct talk t = {0};
	struct bench b;
	char byte[2] = "";

	setup(&b, patient);
	talk_open(&t, &b.loop, b.path);
	for (size_t i = 0; request[i]; i++) {
		byte[0] = request[i];
		talk_send(&t, byte);
		(void)uv_run(&b.loop, UV_RUN_NOWAIT);
	}
	cr_expect(strstr(talk_end(&t), "HTTP/1.1 200 OK"));
	talk_close(&t);
	finish(&b);
}

Test(http_server, rubbish_is_answered_and_the_connection_closed)
{
	struct talk t = {0};
	struct bench b;

	setup(&b, patient);
	talk_open(&t, &b.loop, b.path);
	talk_send(&t, "\x16\x03\x01 hello\r\n\r\n" GET("/healthz"));
	cr_expect_eq(count(talk_end(&t), "HTTP/1.1"), 1);
	cr_expect(strstr(buf_text(&t.got), "HTTP/1.1 400 Bad Request"));
	talk_close(&t);
	finish(&b);
}

Test(http_server, half_a_request_times_out_and_silence_is_closed)
{
	struct talk half = {0}, bare = {0}, silent = {0};
	struct bench b;

	setup(&b, (struct http_conn_limits){50, 50, 50});
	talk_open(&half, &b.loop, b.path);
	talk_open(&bare, &b.loop, b.path);
	talk_open(&silent, &b.loop, b.path);
	talk_send(&half, "GET /healthz HT");
	talk_send(&bare, "POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{");
	cr_expect(strstr(talk_end(&half), "HTTP/1.1 408 Request Timeout"));
	cr_expect(strstr(talk_end(&bare), "HTTP/1.1 408 Request Timeout"));
	cr_expect_str_eq(talk_end(&silent), "");
	talk_close(&half);
	talk_close(&bare);
	talk_close(&silent);
	finish(&b);
}

Test(http_server, clients_that_are_slow_or_deaf_give_way)
{
	CLEANUP(freep) char *big = calloc(1, 4 << 20);
	struct talk slow[CLIENTS] = {0}, t = {0};
	struct error err = {0};
	struct bench b;

	setup(&b, patient);
	cr_assert_eq(files_write(b.null.root, "report.json", big, 4 << 20, &err), 0);
	for (size_t i = 0; i < CLIENTS; i++) {
		slow[i].deaf = true;
		talk_open(&slow[i], &b.loop, b.path);
		if (i == 0)
			talk_send(&slow[i], "GET /he");
		if (i == 1)
			talk_send(&slow[i], GET("/v1/jobs/latest/report.json"));
	}
	talk_open(&t, &b.loop, b.path);
	talk_send(&t, LAST("/healthz"));
	cr_expect(strstr(talk_end(&t), "HTTP/1.1 200 OK"));
	talk_close(&t);
	for (size_t i = 0; i < CLIENTS; i++)
		talk_close(&slow[i]);
	finish(&b);
}

Test(http_server, a_client_that_stops_reading_is_closed)
{
	CLEANUP(freep) char *big = calloc(1, 4 << 20);
	struct talk deaf = {0};
	struct error err = {0};
	struct bench b;

	setup(&b, (struct http_conn_limits){1000, 1000, 50});
	cr_assert_eq(files_write(b.null.root, "report.json", big, 4 << 20, &err), 0);
	talk_open(&deaf, &b.loop, b.path);
	talk_send(&deaf, GET("/v1/jobs/latest/report.json"));
	cr_assert(talk_until(&deaf, "HTTP/1.1 200 OK"));
	(void)uv_read_stop((uv_stream_t *)&deaf.pipe);
	http_server_drain(b.server, set_flag, &b.closed); /* waits for the reply under way */
	talk_run_until(&b.loop, &b.closed);
	talk_close(&deaf);
	null_api_done(&b.null);
	cr_expect_eq(uv_loop_close(&b.loop), 0);
}

Test(http_server, events_are_followed_to_their_end_by_many)
{
	struct talk t[3] = {0};
	json_t *data = json_pack("{s:i}", "n", 1);
	struct bench b;

	setup(&b, patient);
	events_publish(b.null.events, NULL_API_JOB, "state", data);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		talk_open(&t[i], &b.loop, b.path);
		talk_send(&t[i], GET("/v1/jobs/latest/events"));
		cr_expect(talk_until(&t[i], "event: state"));
	}
	cr_expect_eq(talk_once(&b.loop, b.path, "GET", "/healthz", NULL, NULL, NULL), 200);
	events_publish(b.null.events, NULL_API_JOB, "step", data);
	events_end(b.null.events, NULL_API_JOB);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		cr_expect(strstr(talk_end(&t[i]), "event: step"));
		cr_expect(strstr(buf_text(&t[i].got), "text/event-stream"));
		talk_close(&t[i]);
	}
	json_decref(data);
	finish(&b);
}

Test(http_server, a_watcher_that_hangs_up_is_noticed)
{
	json_t *data = json_pack("{s:i}", "n", 1);
	struct talk t = {0};
	struct bench b;

	setup(&b, patient);
	events_publish(b.null.events, NULL_API_JOB, "state", data);
	for (int i = 0; i < 3 * CLIENTS; i++) {
		talk_open(&t, &b.loop, b.path);
		talk_send(&t, GET("/v1/jobs/latest/events"));
		cr_expect(talk_until(&t, "event: state"));
		talk_close(&t);
	}
	json_decref(data);
	finish(&b);
}

Test(http_server, head_has_the_headers_alone)
{
	struct talk t = {0};
	struct bench b;
	const char *text;

	setup(&b, patient);
	talk_open(&t, &b.loop, b.path);
	talk_send(&t, "HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	text = talk_end(&t);
	cr_expect(strstr(text, "Content-Length: "));
	cr_expect_str_eq(strstr(text, "\r\n\r\n"), "\r\n\r\n");
	talk_close(&t);
	finish(&b);
}

/* Connects as nobody; exits 0 when the answer is 403. */
static void connect_as_nobody(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char got[512] = "";

	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (setgid(65534) < 0 || setuid(65534) < 0 ||
	    connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0 ||
	    write(fd, GET("/healthz"), strlen(GET("/healthz"))) < 0 ||
	    read(fd, got, sizeof got - 1) < 0)
		_exit(2);
	_exit(strncmp(got, "HTTP/1.1 403 ", 13) == 0 ? 0 : 1);
}

Test(http_server, strangers_are_refused)
{
	struct bench b;
	int status = 0;
	pid_t pid;

	if (geteuid() != 0)
		cr_skip_test("only root can connect as somebody else");
	setup(&b, patient);
	cr_assert_eq(chmod(b.null.root, 0755), 0);
	cr_assert_eq(chmod(b.path, 0666), 0);
	pid = fork();
	if (pid == 0)
		connect_as_nobody(b.path);
	while (waitpid(pid, &status, WNOHANG) == 0)
		(void)uv_run(&b.loop, UV_RUN_NOWAIT);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
	finish(&b);
}
