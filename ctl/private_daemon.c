/* SPDX-License-Identifier: MIT */
#include "ctl/private_daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

#include "ctl/client.h"
#include "ctl/private_config.h"
#include "ctl/program.h"
#include "ctl/terminal.h"
#include "lib/base/files.h"

#define START_MS_MAX   30000 /* it may have a big state to check */
#define STOP_MS_MAX    10000
#define POLL_MS        20
#define LOG_BYTES_MAX  (64 * 1024 * 1024)
#define LOG_TAIL_LINES 8

struct private_daemon {
	char *state, *temp, *socket;
	int lock_fd, stdin_fd; /* stdin_fd: our end of its standard input */
	pid_t pid;             /* 0: not running */
	int status;            /* of wait(), once pid is 0 again */
};

static int no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}

static int find_state(char **ret, const char *given, struct error *err)
{
	CLEANUP(freep) char *path = private_state(given);
	char *whole;
	int r;

	if (!path)
		return error_set(err, -ENOENT, "no HOME to keep the state in: say --state DIR");
	r = files_make_dirs(path, err);
	if (r < 0)
		return r;
	whole = realpath(path, NULL);
	if (!whole)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	*ret = whole;
	return 0;
}

static int take_lock(struct private_daemon *d, struct error *err)
{
	CLEANUP(freep) char *path = private_text("%s/local.lock", d->state);

	if (!path)
		return no_memory(err);
	d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (d->lock_fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (flock(d->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	(void)fprintf(stderr, "waiting for another review on %s ...\n", d->state);
	while (flock(d->lock_fd, LOCK_EX) < 0) {
		if (errno != EINTR)
			return error_set(err, -errno, "%s: %s", path, strerror(errno));
	}
	return 0;
}

/* A directory of our own for the socket, short enough for one. */
static int make_temp(struct private_daemon *d, struct error *err)
{
	const char *dirs[] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp"};

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		CLEANUP(freep) char *path = NULL;

		if (!dirs[i] || dirs[i][0] != '/' || strlen(dirs[i]) > 70)
			continue;
		path = private_text("%s/chimeractl-XXXXXX", dirs[i]);
		if (!path)
			return no_memory(err);
		if (!mkdtemp(path)) /* 0700 */
			continue;
		d->socket = private_text("%s/chimerad.sock", path);
		d->temp = TAKE(path);
		return d->socket ? 0 : no_memory(err);
	}
	return error_set(err, -errno, "cannot make a directory in $TMPDIR or /tmp: %s",
	                 strerror(errno));
}

static int write_config(const struct private_daemon *d, const struct private_spec *spec,
                        struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	int r = private_config_make(&text, spec, d->state, d->socket, err);

	return r < 0 ? r : files_write(d->temp, "chimerad.yaml", text, strlen(text), err);
}

/* Beside us when installed, in the next folder of a build tree, else wherever PATH says. */
static char *find_program(void)
{
	static const char *const beside[] = {"chimerad", "../daemon/chimerad"};
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	for (size_t i = 0; slash && i < ARRAY_LEN(beside); i++) {
		char *path = private_text("%.*s/%s", (int)(slash - self), self, beside[i]);

		if (path && access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return strdup("chimerad");
}

static int spawn(struct private_daemon *d, char **argv, int in, int log, struct error *err)
{
	int r = program_start(&d->pid, argv, NULL, in, log);

	if (r == 0)
		return 0;
	d->pid = 0;
	return error_set(err, r, "%s: %s: install chimerad, or put it beside chimeractl", argv[0],
	                 strerror(-r));
}

static int launch(struct private_daemon *d, struct error *err)
{
	CLEANUP(freep) char *program = find_program();
	CLEANUP(freep) char *made = private_text("%s/chimerad.yaml", d->temp);
	CLEANUP(freep) char *log_path = private_text("%s/local.log", d->state);
	CLEANUP(closep) int log = -1;
	CLEANUP(closep) int in = -1;
	int ends[2];

	if (!program || !made || !log_path)
		return no_memory(err);
	char *argv[] = {program,  (char[]){"--config"}, made,      (char[]){"--state"},
	                d->state, (char[]){"--socket"}, d->socket, (char[]){"--exit-with-stdin"},
	                NULL};

	log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log < 0)
		return error_set(err, -errno, "%s: %s", log_path, strerror(errno));
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_set(err, -errno, "pipe: %s", strerror(errno));
	in = ends[0];
	d->stdin_fd = ends[1];
	return spawn(d, argv, in, log, err);
}

static void sleep_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&ts, NULL);
}

bool private_daemon_alive(void *arg)
{
	struct private_daemon *d = arg;

	if (d->pid && waitpid(d->pid, &d->status, WNOHANG) == d->pid)
		d->pid = 0;
	return d->pid != 0;
}

static int wait_ready(struct private_daemon *d, struct error *err)
{
	CLEANUP(client_freep) struct client *c = NULL;
	int r = client_new(&c, d->socket, err);

	for (int ms = 0; r == 0 && ms < START_MS_MAX; ms += POLL_MS) {
		CLEANUP(reply_done) struct reply reply = {0};

		if (!private_daemon_alive(d))
			return error_set(err, -ECHILD,
			                 "the private chimerad ended at once, with "
			                 "status %d: its log says why",
			                 WIFEXITED(d->status) ? WEXITSTATUS(d->status)
			                                      : 128 + WTERMSIG(d->status));
		if (client_call(c, "GET", "/healthz", NULL, NULL, &reply, err) == 0 &&
		    reply.status < 500)
			return 0;
		sleep_ms(POLL_MS);
	}
	return r < 0 ? r
	             : error_set(err, -ETIMEDOUT,
	                         "the private chimerad does not answer within 30 s: its log says "
	                         "why");
}

static int start(struct private_daemon *d, const struct private_spec *spec, struct error *err)
{
	int r = find_state(&d->state, spec->state, err);

	if (r == 0)
		r = take_lock(d, err);
	if (r == 0)
		r = make_temp(d, err);
	if (r == 0)
		r = write_config(d, spec, err);
	if (r == 0)
		r = launch(d, err);
	if (r < 0)
		return r;
	r = wait_ready(d, err);
	if (r < 0)
		private_daemon_show_log(d);
	return r;
}

int private_daemon_start(struct private_daemon **ret, const struct private_spec *spec,
                         struct error *err)
{
	CLEANUP(private_daemon_stopp) struct private_daemon *d = calloc(1, sizeof *d);
	int r;

	if (!d)
		return no_memory(err);
	d->lock_fd = d->stdin_fd = -1;
	r = start(d, spec, err);
	if (r == 0)
		*ret = TAKE(d);
	return r;
}

const char *private_daemon_socket(const struct private_daemon *d)
{
	return d->socket;
}

void private_daemon_show_log(const struct private_daemon *d)
{
	CLEANUP(freep) char *path = private_text("%s/local.log", d->state);
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};
	size_t len = 0, at, lines = 0;

	if (!path || files_read(&text, &len, NULL, path, LOG_BYTES_MAX, &err) < 0)
		return;
	for (at = len; at > 0 && lines <= LOG_TAIL_LINES; at--)
		lines += text[at - 1] == '\n';
	for (char *line = text + (lines > LOG_TAIL_LINES ? at + 1 : 0), *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		end += *end ? (*end = '\0', 1) : 0;
		(void)fputs("  | ", stderr);
		terminal_print(stderr, line);
		(void)fputc('\n', stderr);
	}
	(void)fprintf(stderr, "  (all of it: %s)\n", path);
}

static void wait_end(struct private_daemon *d)
{
	static const int signals[] = {0, SIGTERM, SIGKILL};

	for (size_t i = 0; i < ARRAY_LEN(signals) && private_daemon_alive(d); i++) {
		if (signals[i])
			(void)kill(d->pid, signals[i]);
		for (int ms = 0; ms < STOP_MS_MAX && private_daemon_alive(d); ms += POLL_MS)
			sleep_ms(POLL_MS);
	}
}

void private_daemon_stop(struct private_daemon *d)
{
	struct error err = {0};

	if (!d)
		return;
	closep(&d->stdin_fd);
	wait_end(d);
	if (d->temp && files_remove_tree(d->temp, &err) < 0)
		(void)fprintf(stderr, "chimeractl: %s\n", err.text);
	closep(&d->lock_fd);
	free(d->state);
	free(d->temp);
	free(d->socket);
	free(d);
}
