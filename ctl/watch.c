/* SPDX-License-Identifier: MIT */
#include "ctl/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "ctl/interrupt.h"

#define RETRY_MS  500
#define RETRY_MAX 120 /* a minute: a daemon that restarts takes up its jobs again */

static void mask_of(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGWINCH);
}

int watch_signals(struct error *err)
{
	sigset_t set;
	int fd;

	mask_of(&set);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_set(err, -errno, "signalfd: %s", strerror(errno));
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return fd;
}

void watch_signals_end(int fd)
{
	sigset_t set;

	if (fd < 0)
		return;
	(void)close(fd);
	mask_of(&set);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* A person wants to go, and perhaps the review shall end. The screen is below what was asked. */
static int on_interrupt(const struct watch *w, bool ask)
{
	bool is_private = w->alive != NULL;
	enum interrupt what = interrupt_default(is_private);

	if (ask) {
		progress_end(w->progress);
		what = interrupt_ask(w->progress->to, is_private, w->signal_fd);
	}
	return what == INTERRUPT_GO_ON ? 0 : what == INTERRUPT_CANCEL ? -ECANCELED : -EINTR;
}

static int take_signal(const struct watch *w)
{
	struct signalfd_siginfo info;
	int r = 0;

	while (r == 0 && read(w->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGWINCH)
			progress_resize(w->progress);
		else
			r = on_interrupt(w, info.ssi_signo == SIGINT);
	}
	return r;
}

static int on_wake(void *arg)
{
	return take_signal(arg);
}

static int on_tick(void *arg)
{
	const struct watch *w = arg;

	progress_tick(w->progress);
	return w->alive && !w->alive(w->arg) ? -ECONNRESET : 0;
}

static int on_event(void *arg, const char *event, const char *data)
{
	struct watch *w = arg;
	json_t *json = json_loads(data, JSON_REJECT_DUPLICATES, NULL);

	if (w->tries > 0) { /* it is there again */
		progress_note(w->progress, "");
		progress_restart(w->progress);
		w->tries = 0;
	}
	if (json)
		progress_event(w->progress, event, json);
	json_decref(json);
	return 0;
}

static bool has_ended(const json_t *job)
{
	const char *state = json_string_value(json_object_get(job, "state"));

	return state && strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
}

/* 1: it has ended. 0: not yet. */
static int ask(const struct watch *w, const char *id, json_t **ret_job, struct error *err)
{
	CLEANUP(reply_done) struct reply reply = {0};
	char path[128];
	int r = client_job_path(path, sizeof path, id, "", err);

	if (r == 0)
		r = client_call(w->client, "GET", path, NULL, NULL, &reply, err);
	if (r < 0)
		return r;
	if (reply.status != 200 || !json_is_object(reply.json))
		return error_set(err, -EPROTO, "job %s: the daemon answers HTTP %ld", id,
		                 reply.status);
	if (!has_ended(reply.json))
		return 0;
	*ret_job = TAKE(reply.json);
	return 1;
}

static int pause_before_retry(const struct watch *w)
{
	struct pollfd p = {.fd = w->signal_fd, .events = POLLIN};

	progress_note(w->progress, "lost the daemon: waiting for it to come back");
	progress_tick(w->progress);
	if (poll(&p, 1, RETRY_MS) > 0)
		return take_signal(w);
	return w->alive && !w->alive(w->arg) ? -ECONNRESET : 0;
}

/* Whether a while later it may work: the daemon restarts, or dropped a slow reader. */
static bool passes(const struct watch *w, int r)
{
	return r == 0 || r == -EIO || (r == -ECONNREFUSED && !w->alive);
}

static bool is_interrupt(int r)
{
	return r == -EINTR || r == -ECANCELED || r == -ECONNRESET;
}

static int interrupted(int r, struct error *err)
{
	return error_set(err, r, r == -ECONNRESET ? "the daemon stopped" : "interrupted");
}

/* One stream of events, and what has become of the job when it ends: 1, it has ended. */
static int follow_once(struct watch *w, const char *id, const char *path, json_t **ret_job,
                       struct error *err)
{
	struct client_stream stream = {on_event, on_tick, on_wake, w->signal_fd, w};
	long status = 0;
	int r = client_events(w->client, path, &stream, &status, err);

	return passes(w, r) || r == -EPROTO ? ask(w, id, ret_job, err) : r;
}

int watch_job(const struct watch *given, const char *id, json_t **ret_job, struct error *err)
{
	struct watch w = *given;
	char path[128];
	int r = client_job_path(path, sizeof path, id, "/events", err);

	if (r < 0)
		return r;
	for (w.tries = 0; w.tries <= RETRY_MAX; w.tries++) {
		r = follow_once(&w, id, path, ret_job, err);
		if (r > 0)
			return 0;
		if (passes(&w, r))
			r = pause_before_retry(&w);
		if (is_interrupt(r))
			return interrupted(r, err);
		if (r < 0)
			return r;
	}
	return error_set(err, -ETIMEDOUT,
	                 "job %s: lost sight of it: when the daemon runs again, chimeractl watch "
	                 "%s",
	                 id, id);
}
