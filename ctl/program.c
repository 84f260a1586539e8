/* SPDX-License-Identifier: MIT */
#include "ctl/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "lib/base/clock.h"

extern char **environ;

/* No pager, no question, no translation, no colours: what it prints is read by a program. */
static const char *const added[] = {"LC_ALL=C", "SYSTEMD_PAGER=", "SYSTEMD_COLORS=0"};

int program_start(pid_t *ret, char *const argv[], char *const envp[], int in, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(&attr);
	/* a group of its own: Ctrl-C is for us, and we tell it what to do */
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
	                                              POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, in, 0);
	(void)posix_spawn_file_actions_adddup2(&files, out, 1);
	(void)posix_spawn_file_actions_adddup2(&files, out, 2);
	r = posix_spawnp(ret, argv[0], &files, &attr, argv, envp ? envp : environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return -r;
}

static bool is_added(const char *variable)
{
	for (size_t i = 0; i < ARRAY_LEN(added); i++) {
		if (strncmp(variable, added[i], strcspn(added[i], "=") + 1) == 0)
			return true;
	}
	return false;
}

/* Ours with `added` in it. The caller frees the list; its texts are borrowed. */
static char **environment(void)
{
	size_t n = 0, used = 0;
	char **list;

	while (environ[n])
		n++;
	list = calloc(n + ARRAY_LEN(added) + 1, sizeof *list);
	if (!list)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!is_added(environ[i]))
			list[used++] = environ[i];
	}
	for (size_t i = 0; i < ARRAY_LEN(added); i++)
		memcpy(&list[used++], &added[i], sizeof *list); /* exec takes char *, and keeps */
	return list;
}

static int left_ms(uint64_t end_ns)
{
	uint64_t now = clock_mono_ns();

	return now >= end_ns ? 0 : (int)((end_ns - now) / 1000000 + 1);
}

/* Until it closes its output: 0. What does not fit is read, and dropped. */
static int read_output(int fd, uint64_t end_ns, char ret[static PROGRAM_OUTPUT_BYTES])
{
	char rest[4096];
	size_t used = 0;

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		size_t room = PROGRAM_OUTPUT_BYTES - 1 - used;
		ssize_t n;
		int left = left_ms(end_ns);

		ret[used] = '\0';
		if (left == 0 || poll(&p, 1, left) == 0)
			return -ETIMEDOUT;
		n = read(fd, room ? ret + used : rest, room ? room : sizeof rest);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		used += room && n > 0 ? (size_t)n : 0;
	}
}

/* It has closed its output, or must go: then it is killed with all that it started. */
static int reap(pid_t pid, uint64_t end_ns, bool now)
{
	int status = 0;

	while (!now && waitpid(pid, &status, WNOHANG) == 0) {
		(void)poll(NULL, 0, 5);
		now = left_ms(end_ns) == 0;
	}
	if (now) {
		(void)kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		return -ETIMEDOUT;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECHILD;
}

static int run(const char *const argv[], uint64_t end_ns, char ret[static PROGRAM_OUTPUT_BYTES])
{
	CLEANUP(freep) char **envp = environment();
	CLEANUP(closep) int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CLEANUP(closep) int from = -1;
	CLEANUP(closep) int to = -1;
	char *const *words;
	int ends[2], r;
	pid_t pid;

	memcpy(&words, &argv, sizeof words); /* posix_spawn() takes char *, and keeps */
	if (!envp)
		return -ENOMEM;
	if (nothing < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	from = ends[0], to = ends[1];
	r = program_start(&pid, words, envp, nothing, to);
	if (r < 0)
		return r;
	closep(&to);
	to = -1;
	r = read_output(from, end_ns, ret);
	return reap(pid, end_ns, r < 0);
}

int program_run(const char *const argv[], int limit_ms, char ret[static PROGRAM_OUTPUT_BYTES],
                struct error *err)
{
	int r;

	ret[0] = '\0';
	r = run(argv, clock_mono_ns() + (uint64_t)limit_ms * 1000000, ret);
	if (r == -ETIMEDOUT)
		return error_set(err, r, "%s: no end after %d s, so it was killed: run it by hand",
		                 argv[0], limit_ms / 1000);
	if (r == -ECHILD)
		return error_set(err, r, "%s: ended by a signal: run it by hand", argv[0]);
	return r < 0 ? error_set(err, r, "%s: %s", argv[0], strerror(-r)) : r;
}
