/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "daemon/listen.h"
#include "daemon/lock.h"
#include "lib/base/files.h"
#include "tests/unit/daemon/fake_review.h"
#include "tests/unit/daemon/talk.h"

struct bench {
	uv_loop_t loop;
	char dir[32], state[64], config[64], socket[64], data[64];
	struct daemon_options options;
	struct daemon *daemon;
	int notified;
};

static void write_text(const char *dir, const char *name, const char *text)
{
	struct error err = {0};

	cr_assert_eq(files_write(dir, name, text, strlen(text), &err), 0, "%s", err.text);
}

/* The service manager's end of sd_notify. */
static int open_notify(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(addr.sun_path, path, strlen(path) + 1);
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

/* Runs the loop until the daemon has said so. */
static void await(struct bench *b, const char *what)
{
	char got[512] = "";

	for (int i = 0; i < 10000; i++) {
		ssize_t n = recv(b->notified, got, sizeof got - 1, 0);

		if (n > 0) {
			got[n] = '\0';
			if (strncmp(got, what, strlen(what)) == 0)
				return;
		} else {
			(void)uv_run(&b->loop, UV_RUN_ONCE);
		}
	}
	cr_assert_fail("%s was never said, last: %s", what, got);
}

static void start(struct bench *b)
{
	struct error err = {0};

	cr_assert_eq(daemon_start(&b->daemon, &b->loop, &b->options, &err), 0, "%s", err.text);
	await(b, "READY=1");
}

static void stop(struct bench *b)
{
	struct error err = {0};

	daemon_stop(b->daemon);
	(void)uv_run(&b->loop, UV_RUN_DEFAULT);
	cr_expect_eq(daemon_free(b->daemon, &err), 0, "%s", err.text);
	await(b, "STOPPING=1");
}

static void prepare(struct bench *b)
{
	char text[256], notify[64];

	*b = (struct bench){.dir = "/tmp/chimerad-daemon-XXXXXX"};
	(void)signal(SIGPIPE, SIG_IGN);
	cr_assert(mkdtemp(b->dir));
	(void)snprintf(b->state, sizeof b->state, "%s/state", b->dir);
	(void)snprintf(b->config, sizeof b->config, "%s/chimerad.yaml", b->dir);
	(void)snprintf(b->socket, sizeof b->socket, "%s/socket", b->dir);
	(void)snprintf(b->data, sizeof b->data, "%s/data", b->dir);
	(void)snprintf(notify, sizeof notify, "%s/notify", b->dir);
	(void)snprintf(text, sizeof text, "roots: [%s]\nlimits: {jobs_running: 1}\n", b->data);
	write_text(b->dir, "chimerad.yaml", text);
	cr_assert_eq(mkdir(b->data, 0700), 0);
	setenv("CHIMERAD_DATA", getenv("CHIMERAD_SOURCE"), 1);
	cr_assert_eq(uv_loop_init(&b->loop), 0);
	b->notified = open_notify(notify);
	b->options = (struct daemon_options){
		.settings = {.config = b->config, .state = b->state, .socket = b->socket},
		.reviews = FAKE_REVIEWS};
}

static void clean(struct bench *b)
{
	struct error err = {0};

	(void)close(b->notified);
	cr_expect_eq(uv_loop_close(&b->loop), 0, "a handle was left open");
	cr_expect_eq(files_remove_tree(b->dir, &err), 0, "%s", err.text);
}

static unsigned submit(struct bench *b, const char *more, char **ret)
{
	char body[256];

	(void)snprintf(body, sizeof body, "{\"paths\":[\"%s\"]%s}", b->data, more);
	return talk_once(&b->loop, b->socket, "POST", "/v1/jobs", NULL, body, ret);
}

Test(daemon, takes_a_job_from_the_socket_to_its_report)
{
	CLEANUP(freep) char *job = NULL, *events = NULL, *report = NULL, *metrics = NULL;
	struct bench b;

	prepare(&b);
	start(&b);
	cr_expect_eq(submit(&b, "", &job), 202, "%s", job);
	cr_expect_eq(
		talk_once(&b.loop, b.socket, "GET", "/v1/jobs/latest/events", NULL, NULL, &events),
		200);
	cr_expect(strstr(events, "\"state\":\"queued\""));
	cr_expect(strstr(events, "event: step"));
	cr_expect(strstr(events, "\"state\":\"succeeded\""), "%s", events);
	cr_expect(strstr(events, "\"verdict\":\"same\""));
	cr_expect_eq(talk_once(&b.loop, b.socket, "GET", "/v1/jobs/latest/report.html", NULL, NULL,
	                       &report),
	             200);
	cr_expect_eq(strlen(report), 300000);
	cr_expect_eq(talk_once(&b.loop, b.socket, "GET", "/metrics", NULL, NULL, &metrics), 200);
	cr_expect(strstr(metrics, "chimerad_jobs{state=\"succeeded\"} 1\n"), "%s", metrics);
	stop(&b);
	cr_expect(access(b.socket, F_OK) < 0, "the socket is removed");
	clean(&b);
}

Test(daemon, a_chatty_review_is_followed_to_its_end)
{
	CLEANUP(freep) char *events = NULL;
	struct bench b;

	prepare(&b);
	start(&b);
	cr_expect_eq(submit(&b, ",\"machine\":\"chatty\"", NULL), 202);
	(void)talk_once(&b.loop, b.socket, "GET", "/v1/jobs/latest/events", NULL, NULL, &events);
	cr_expect(strstr(events, "\"state\":\"succeeded\""));
	stop(&b);
	clean(&b);
}

Test(daemon, jobs_outlive_it)
{
	CLEANUP(freep) char *job = NULL;
	struct bench b;
	struct talk watcher = {0};

	prepare(&b);
	start(&b);
	cr_expect_eq(submit(&b, ",\"machine\":\"stays\"", NULL), 202);
	cr_expect_eq(submit(&b, "", NULL), 202);
	talk_open(&watcher, &b.loop, b.socket);
	talk_send(&watcher, "GET /v1/jobs/latest/events HTTP/1.1\r\nHost: x\r\n\r\n");
	cr_expect(talk_until(&watcher, "event: state"));
	daemon_stop(b.daemon);
	(void)talk_end(&watcher); /* a watcher does not hold it up */
	talk_close(&watcher);
	stop(&b);
	start(&b);
	(void)talk_once(&b.loop, b.socket, "GET", "/v1/jobs/latest", NULL, NULL, &job);
	cr_expect(strstr(job, "\"state\":\"queued\""), "%s", job);
	stop(&b);
	clean(&b);
}

Test(daemon, one_state_has_one_daemon_and_a_stale_socket_is_replaced)
{
	struct daemon_options second;
	struct daemon *other = NULL;
	struct error err = {0};
	struct bench b;
	uv_loop_t loop;

	prepare(&b);
	start(&b);
	second = b.options;
	cr_assert_eq(uv_loop_init(&loop), 0);
	cr_expect_eq(daemon_start(&other, &loop, &second, &err), -EBUSY);
	cr_expect(strstr(err.text, "in use by chimerad, pid"), "%s", err.text);
	second.settings.state = b.data;
	cr_expect_eq(daemon_start(&other, &loop, &second, &err), -EADDRINUSE);
	cr_expect_eq(uv_loop_close(&loop), 0, "a handle was left open");
	cr_expect(strstr(err.text, "another process listens there"), "%s", err.text);
	stop(&b);

	{ /* what a killed daemon leaves behind */
		struct listen_socket dead;

		unsetenv("LISTEN_FDS");
		cr_assert_eq(listen_open(&dead, b.socket, &err), 0, "%s", err.text);
		(void)close(dead.fd);
	}
	start(&b);
	cr_expect_eq(talk_once(&b.loop, b.socket, "GET", "/readyz", NULL, NULL, NULL), 200);
	stop(&b);
	clean(&b);
}

Test(daemon, a_broken_configuration_is_refused_and_a_good_one_holds)
{
	CLEANUP(freep) char *answer = NULL;
	struct bench b;

	prepare(&b);
	start(&b);
	write_text(b.dir, "chimerad.yaml", "roots: [/nowhere\n");
	cr_assert_eq(raise(SIGHUP), 0);
	await(&b, "RELOADING=1");
	await(&b, "READY=1\nSTATUS=The new configuration is refused");
	cr_expect_eq(submit(&b, "", NULL), 202);
	write_text(b.dir, "chimerad.yaml", "roots: [/nowhere]\n");
	cr_assert_eq(raise(SIGHUP), 0);
	await(&b, "READY=1\nSTATUS=Configuration read");
	cr_expect_eq(submit(&b, "", &answer), 403, "%s", answer);
	stop(&b);
	clean(&b);
}

Test(daemon, a_signal_stops_it)
{
	struct error err = {0};
	struct bench b;

	prepare(&b);
	start(&b);
	cr_assert_eq(raise(SIGTERM), 0);
	(void)uv_run(&b.loop, UV_RUN_DEFAULT);
	cr_expect_eq(daemon_free(b.daemon, &err), 0);
	clean(&b);
}

Test(daemon, a_private_one_ends_with_its_stdin)
{
	struct error err = {0};
	struct bench b;
	int ends[2];

	prepare(&b);
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	b.options.exit_with_stdin = true;
	start(&b);
	cr_expect_eq(talk_once(&b.loop, b.socket, "GET", "/healthz", NULL, NULL, NULL), 200);
	(void)close(ends[1]);
	(void)close(ends[0]);
	(void)uv_run(&b.loop, UV_RUN_DEFAULT);
	cr_expect_eq(daemon_free(b.daemon, &err), 0);
	clean(&b);
}

Test(daemon, says_at_once_what_it_cannot_use)
{
	struct daemon *d = NULL;
	struct error err = {0};
	struct bench b;
	char path[200];

	prepare(&b);
	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[120] = '\0';
	b.options.settings.socket = path;
	cr_expect_eq(daemon_start(&d, &b.loop, &b.options, &err), -ENAMETOOLONG);
	cr_expect(strstr(err.text, "1 to 107 bytes"), "%s", err.text);
	b.options.settings.socket = b.config;
	cr_expect_eq(daemon_start(&d, &b.loop, &b.options, &err), -EADDRINUSE);
	cr_expect(strstr(err.text, "is no socket"), "%s", err.text);
	b.options.settings.socket = "/nowhere/at/all";
	cr_expect_eq(daemon_start(&d, &b.loop, &b.options, &err), -ENOENT);
	b.options.settings.config = "/nowhere/at/all.yaml";
	cr_expect_eq(daemon_start(&d, &b.loop, &b.options, &err), -ENOENT);
	clean(&b);
}

Test(daemon, what_is_published_says_where_it_lies_from_a_relative_state)
{
	CLEANUP(config_freep) struct config *config = NULL;
	const struct settings_source from = {.state = "some/where", .socket = "s"};
	struct error err = {0};
	char here[4096];

	unsetenv("CHIMERAD_CONFIG");
	cr_assert(getcwd(here, sizeof here));
	cr_assert_eq(settings_load(&config, &from, &err), 0, "%s", err.text);
	cr_expect_eq(strncmp(config->reports, here, strlen(here)), 0, "%s", config->reports);
	cr_expect_str_eq(config->listen, "s");
}

Test(daemon, the_repository_holds_together)
{
	CLEANUP(config_freep) struct config *config = NULL;
	const struct settings_source from = {0};
	struct error err = {0};

	setenv("CHIMERAD_DATA", getenv("CHIMERAD_SOURCE"), 1);
	cr_assert_eq(settings_load(&config, &from, &err), 0, "%s", err.text);
	cr_expect_eq(settings_check(config, &err), 0, "%s", err.text);
}
