/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/notify.h"
#include "daemon/pulse.h"

static int listen_at(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(addr.sun_path, path, len);
	if (path[0] == '@')
		addr.sun_path[0] = '\0';
	cr_assert(fd >= 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&addr,
	                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
	             0);
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

static void expect(int fd, const char *want)
{
	char got[256] = "";

	cr_assert(recv(fd, got, sizeof got - 1, MSG_DONTWAIT) > 0);
	cr_expect(strncmp(got, want, strlen(want)) == 0, "got \"%s\"", got);
}

Test(notify, speaks_to_both_kinds_of_socket)
{
	char path[64];

	for (int abstract = 0; abstract < 2; abstract++) {
		CLEANUP(closep) int fd = -1;

		(void)snprintf(path, sizeof path, "%s/chimera-notify-%d", abstract ? "@" : "/tmp",
		               (int)getpid());
		fd = listen_at(path);
		cr_expect_eq(notify_ready("Idle"), 1);
		expect(fd, "READY=1\nSTATUS=Idle");
		cr_expect_eq(notify_reloading(), 1);
		expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
		(void)unlink(path);
	}
}

Test(notify, is_silent_without_a_manager)
{
	unsetenv("NOTIFY_SOCKET");
	cr_expect_eq(notify_ready("Idle"), 0);
	setenv("NOTIFY_SOCKET", "relative", 1);
	cr_expect_eq(notify_ready("Idle"), -EINVAL);
}

Test(notify, watchdog_and_sockets_belong_to_one_pid)
{
	char pid[16];

	(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", pid, 1);
	cr_expect_eq(notify_watchdog_ms(), 15000);
	setenv("WATCHDOG_PID", "1", 1);
	cr_expect_eq(notify_watchdog_ms(), 0);

	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_PID", "1", 1);
	cr_expect_eq(notify_listen_fds(), 0);
	cr_expect(!getenv("LISTEN_FDS"));
}

/* A manager that does not read, and has no room for a word more. */
static int listen_full(void)
{
	char path[64];
	int fd, r = 1;

	(void)snprintf(path, sizeof path, "@chimera-notify-full-%d", (int)getpid());
	fd = listen_at(path);
	for (int i = 0; i < 100000 && r == 1; i++)
		r = notify_soon("STATUS=busy");
	cr_assert_eq(r, -EAGAIN);
	return fd;
}

Test(notify, a_manager_that_does_not_read_holds_nobody_up)
{
	CLEANUP(closep) int fd = listen_full();

	expect(fd, "STATUS=busy");
	cr_expect_eq(notify_soon("STATUS=at rest"), 1);
}

/* --- pulse ---------------------------------------------------------------- */

struct bench {
	uv_loop_t loop;
	uv_timer_t look;
	struct pulse pulse;
	struct metrics metrics;
	unsigned looks;
	bool waited; /* for the rest after work */
};

static bool at_rest(void *arg, char ret[static PULSE_STATUS_BYTES])
{
	(void)arg;
	(void)snprintf(ret, PULSE_STATUS_BYTES, "0 running, 0 queued");
	return true;
}

static void on_look(uv_timer_t *timer)
{
	struct bench *b = CONTAINER_OF(timer, struct bench, look);
	bool waits = uv_is_active((const uv_handle_t *)&b->pulse.rest);

	if (b->waited && !waits)
		uv_stop(timer->loop);
	b->waited |= waits;
	cr_assert(b->looks++ < 2000, "it never came to rest");
}

static void pulse_setup(struct bench *b)
{
	const struct pulse_env env = {&b->loop, NULL, &b->metrics, at_rest, b};

	*b = (struct bench){0};
	cr_assert_eq(uv_loop_init(&b->loop), 0);
	pulse_start(&b->pulse, &env);
	(void)uv_timer_init(&b->loop, &b->look);
}

static void pulse_finish(struct bench *b)
{
	pulse_close(&b->pulse);
	uv_close((uv_handle_t *)&b->look, NULL);
	(void)uv_run(&b->loop, UV_RUN_DEFAULT);
	cr_expect_eq(uv_loop_close(&b->loop), 0);
}

Test(notify, a_manager_that_does_not_read_lets_the_daemon_come_to_rest)
{
	CLEANUP(closep) int fd = listen_full();
	struct bench b;

	(void)fd;
	pulse_setup(&b);
	(void)uv_timer_start(&b.look, on_look, 10, 10);
	pulse_status_changed(&b.pulse);
	(void)uv_run(&b.loop, UV_RUN_DEFAULT);
	cr_expect(b.waited);
	pulse_finish(&b);
}

struct caller {
	pthread_t loop;
	uv_thread_t thread;
};

static void call_later(void *arg)
{
	struct caller *c = arg;

	(void)usleep(100000);
	(void)pthread_kill(c->loop, SIGHUP);
}

static void on_turn(uv_prepare_t *turn)
{
	unsigned *n = turn->data;

	(*n)++;
}

static void on_end(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

Test(notify, a_signal_that_ends_a_wait_is_not_taken_for_a_loop_that_was_blocked)
{
	struct caller c = {.loop = pthread_self()};
	struct bench b;
	uv_prepare_t turn;
	unsigned turns = 0;
	uint64_t counted = 0;

	unsetenv("NOTIFY_SOCKET");
	pulse_setup(&b);
	(void)uv_prepare_init(&b.loop, &turn);
	turn.data = &turns;
	(void)uv_prepare_start(&turn, on_turn);
	(void)uv_timer_start(&b.look, on_end, 500, 0);
	cr_assert_eq(uv_thread_create(&c.thread, call_later, &c), 0);
	(void)uv_run(&b.loop, UV_RUN_DEFAULT);
	(void)uv_thread_join(&c.thread);
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		counted += b.metrics.times[METRICS_LOOP_LAG].in[i];
	cr_expect_eq(counted + 1, turns);
	uv_close((uv_handle_t *)&turn, NULL);
	pulse_finish(&b);
}
