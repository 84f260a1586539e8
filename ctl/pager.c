/* SPDX-License-Identifier: MIT */
#include "ctl/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

struct pager {
	pid_t pid;
	FILE *to;
	void (*on_int)(int); /* as they were before Ctrl-C was the pager's */
	void (*on_quit)(int);
};

/* What sh is told, or NULL. */
static const char *command(void)
{
	const char *said = getenv("PAGER");

	if (!said)
		return "if command -v less >/dev/null; then exec less -FRX; else exec cat; fi";
	return *said && strcmp(said, "cat") != 0 ? said : NULL;
}

/* Of our process group: it reads the terminal. */
static int start(pid_t *ret, const char *what, int in)
{
	char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, NULL, NULL};
	CLEANUP(freep) char *copy = strdup(what);
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t all;
	int r;

	argv[2] = copy;
	if (!copy)
		return -ENOMEM;
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	r = posix_spawn(ret, "/bin/sh", &files, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return -r;
}

struct pager *pager_begin(void)
{
	const char *what = command();
	CLEANUP(freep) struct pager *p = what ? calloc(1, sizeof *p) : NULL;
	CLEANUP(closep) int in = -1;
	int ends[2];

	if (!p || pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	in = ends[0];
	(void)setenv("LESS", "FRX", 0); /* one without options of its own shows colours, too */
	p->to = fdopen(ends[1], "w");
	if (!p->to || start(&p->pid, what, in) < 0) {
		if (p->to)
			(void)fclose(p->to);
		else
			(void)close(ends[1]);
		return NULL;
	}
	p->on_int = signal(SIGINT, SIG_IGN);
	p->on_quit = signal(SIGQUIT, SIG_IGN);
	return TAKE(p);
}

FILE *pager_stream(const struct pager *p)
{
	return p ? p->to : stdout;
}

void pager_end(struct pager *p)
{
	if (!p)
		return;
	(void)fclose(p->to); /* what it did not want to read is lost, as it should be */
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	(void)signal(SIGINT, p->on_int);
	(void)signal(SIGQUIT, p->on_quit);
	free(p);
}
