/* SPDX-License-Identifier: MIT */
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "daemon/cleaner.h"
#include "daemon/endpoints.h"
#include "daemon/indexer.h"
#include "daemon/listeners.h"
#include "daemon/lock.h"
#include "daemon/notices.h"
#include "daemon/notify.h"
#include "daemon/preflight.h"
#include "daemon/publish.h"
#include "daemon/pulse.h"
#include "lib/base/files.h"

#define DRAIN_MS 5000 /* for replies under way when the daemon stops */

enum daemon_state { DAEMON_STARTING, DAEMON_RUNNING, DAEMON_STOPPING, DAEMON_CLOSED };

struct retired { /* a configuration that something may still use */
	struct retired *next;
	struct config *config;
};

struct daemon {
	struct daemon_options options;
	const struct log *log;
	uv_loop_t *loop;
	enum daemon_state state;
	struct error failure;

	struct config *began, *config; /* began: the first one, in which others were given paths */
	struct retired *retired;
	int lock;
	struct listeners listeners;
	struct store *store;
	struct store_queue *queue;
	struct model *model;
	struct metrics metrics;
	struct review_env env;
	struct events *events;
	struct jobs *jobs;
	struct cleaner *cleaner;
	struct notices *notices;
	struct indexer *indexer;
	struct api *api;
	bool jobs_stopped, listeners_closed, notices_stopped;

	uv_signal_t signals[3];
	uv_timer_t drain;
	struct pulse pulse;
	uv_poll_t input;
	bool has_input;
};

/* --- reviews ------------------------------------------------------------ */

static int runner_start(void *arg, void **ret, const struct job *job, const struct review_ops *ops,
                        void *ops_arg, struct error *err)
{
	struct daemon *d = arg;
	struct review *r = NULL;
	int code;

	if (!job->step) /* one that is resumed has waited in another life */
		metrics_observe(&d->metrics, METRICS_QUEUE_WAIT,
		                (double)(job->started_at - job->submitted_at));
	code = d->options.reviews.start(&r, &d->env, job, ops, ops_arg, err);
	if (code == 0)
		*ret = r;
	return code;
}

static void runner_cancel(void *arg, void *review)
{
	struct daemon *d = arg;

	d->options.reviews.cancel(review);
}

static void runner_suspend(void *arg, void *review)
{
	struct daemon *d = arg;

	d->options.reviews.suspend(review);
}

/* --- what api.h asks ---------------------------------------------------- */

static int on_ask(void *arg, const struct jobs_query *q, jobs_done_fn *done, void *done_arg)
{
	struct daemon *d = arg;

	return jobs_ask(d->jobs, q, done, done_arg);
}

static struct jobs_counts on_counts(void *arg)
{
	struct daemon *d = arg;

	return jobs_counts(d->jobs);
}

static json_t *on_endpoints(void *arg)
{
	struct daemon *d = arg;

	return model_status(d->model);
}

static int on_check_endpoints(void *arg, bool generate, preflight_done_fn *done, void *done_arg,
                              struct error *err)
{
	struct daemon *d = arg;
	const struct preflight_env env = {d->loop, d->model, d->config};

	return preflight_start(&env, generate, done, done_arg, err);
}

/* --- the end ------------------------------------------------------------ */

static void close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void on_queue_closed(void *arg)
{
	struct daemon *d = arg;

	d->queue = NULL;
}

static void daemon_close(struct daemon *d)
{
	d->state = DAEMON_CLOSED;
	for (size_t i = 0; i < ARRAY_LEN(d->signals); i++)
		close_handle((uv_handle_t *)&d->signals[i]);
	pulse_close(&d->pulse);
	close_handle((uv_handle_t *)&d->drain);
	if (d->has_input)
		close_handle((uv_handle_t *)&d->input);
	if (d->model)
		model_close(TAKE(d->model));
	if (d->notices && !d->jobs_stopped) /* it never ran */
		notices_stop(d->notices, NULL, NULL);
	indexer_stop(d->indexer);
	cleaner_stop(d->cleaner);
	if (d->queue)
		store_queue_close(d->queue, on_queue_closed, d);
}

static void daemon_check_stopped(struct daemon *d)
{
	if (d->state == DAEMON_STOPPING && d->jobs_stopped && d->listeners_closed &&
	    d->notices_stopped)
		daemon_close(d);
}

static void on_notices_stopped(void *arg)
{
	struct daemon *d = arg;

	d->notices_stopped = true;
	daemon_check_stopped(d);
}

static void on_jobs_stopped(void *arg)
{
	struct daemon *d = arg;

	d->jobs_stopped = true;
	notices_stop(d->notices, on_notices_stopped, d); /* of the last review, too */
}

static void on_listeners_closed(void *arg)
{
	struct daemon *d = arg;

	d->listeners_closed = true;
	daemon_check_stopped(d);
}

static void on_drain(uv_timer_t *timer)
{
	struct daemon *d = CONTAINER_OF(timer, struct daemon, drain);

	listeners_hurry(&d->listeners);
	if (d->notices && !d->notices_stopped)
		notices_hurry(d->notices);
}

void daemon_stop(struct daemon *d)
{
	if (d->state == DAEMON_STOPPING || d->state == DAEMON_CLOSED)
		return;
	d->state = DAEMON_STOPPING;
	(void)notify_stopping("Suspending reviews");
	log_notice(d->log, "stopping: running reviews resume at the next start");
	if (d->api)
		api_set_ready(d->api, false);
	cleaner_stop(d->cleaner);
	jobs_stop(d->jobs, on_jobs_stopped, d);
	if (d->events)
		events_stop(d->events);
	listeners_drain(&d->listeners, on_listeners_closed, d);
	(void)uv_timer_start(&d->drain, on_drain, DRAIN_MS, 0);
	daemon_check_stopped(d);
}

/* For what goes wrong while the loop runs. */
static void daemon_fail(struct daemon *d, const struct error *err)
{
	d->failure = *err;
	daemon_stop(d);
}

static void free_retired(struct daemon *d)
{
	while (d->retired) {
		struct retired *old = d->retired;

		d->retired = old->next;
		if (old->config != d->began)
			config_free(old->config);
		free(old);
	}
}

int daemon_free(struct daemon *d, struct error *err)
{
	int code = d->failure.code;

	if (code < 0)
		*err = d->failure;
	listeners_close(&d->listeners);
	api_free(d->api);
	jobs_free_queue(d->jobs);
	cleaner_free(d->cleaner);
	notices_free(d->notices);
	indexer_free(d->indexer);
	events_free(d->events);
	store_close(d->store);
	free_retired(d);
	if (d->began != d->config)
		config_free(d->began);
	config_free(d->config);
	if (d->lock >= 0)
		(void)close(d->lock);
	free(d);
	return code;
}

/* --- reload ------------------------------------------------------------- */

static int reload(struct daemon *d, struct error *err)
{
	CLEANUP(config_freep) struct config *fresh = NULL;
	struct retired *old = calloc(1, sizeof *old);
	int r = old ? settings_load(&fresh, &d->options.settings, err)
	            : error_set(err, -ENOMEM, "out of memory");

	if (r == 0)
		r = config_pin(fresh, d->began, err);
	if (r < 0) {
		free(old);
		return r;
	}
	if (api_in_flight(d->api) == 0 && jobs_counts(d->jobs).by_state[JOB_RUNNING] == 0)
		free_retired(d);
	*old = (struct retired){d->retired, d->config};
	d->retired = old;
	d->config = TAKE(fresh);
	d->env.config = d->config;
	listeners_reload(&d->listeners, d->config);
	api_set_config(d->api, d->config);
	cleaner_set_config(d->cleaner, d->config);
	jobs_set_limits(d->jobs, (struct jobs_limits){d->config->limits.jobs_queued,
	                                              d->config->limits.jobs_running});
	return 0;
}

static void daemon_reload(struct daemon *d)
{
	struct error err = {0};

	if (d->state != DAEMON_RUNNING)
		return;
	(void)notify_reloading();
	if (reload(d, &err) < 0) {
		log_err(d->log, "the new configuration is refused, the old one stays: %s",
		        err.text);
		(void)notify_ready("The new configuration is refused, the old one stays");
		return;
	}
	log_notice(d->log,
	           "configuration read: it holds from now on, but endpoints, listen, web, state, "
	           "reports, notify and a larger jobs_running from the next start");
	(void)notify_ready("Configuration read");
}

/* --- loop callbacks ----------------------------------------------------- */

static void on_signal(uv_signal_t *handle, int signum)
{
	struct daemon *d = handle->data;

	if (signum == SIGHUP) {
		daemon_reload(d);
		return;
	}
	if (d->state == DAEMON_STOPPING) {
		log_warning(d->log, "second signal: exiting at once");
		listen_unlink(&d->listeners.unix_socket);
		_exit(EXIT_FAILURE);
	}
	daemon_stop(d);
}

static void on_input(uv_poll_t *handle, int status, int events)
{
	struct daemon *d = CONTAINER_OF(handle, struct daemon, input);
	char ignored[512];

	(void)events;
	if (status == 0 && read(STDIN_FILENO, ignored, sizeof ignored) > 0)
		return;
	(void)uv_poll_stop(handle);
	daemon_stop(d);
}

static void on_removed(void *arg, const struct jobs_counts *removed)
{
	struct daemon *d = arg;
	struct jobs_counts counts;

	jobs_forget(d->jobs, removed);
	counts = jobs_counts(d->jobs);
	indexer_follow(d->indexer, &counts);
}

static void on_jobs_change(void *arg)
{
	struct daemon *d = arg;
	struct jobs_counts counts = jobs_counts(d->jobs);

	cleaner_follow(d->cleaner, &counts);
	notices_kick(d->notices);
	indexer_follow(d->indexer, &counts);
	if (d->state == DAEMON_RUNNING)
		pulse_status_changed(&d->pulse);
}

static bool on_status(void *arg, char ret[static PULSE_STATUS_BYTES])
{
	struct daemon *d = arg;
	struct jobs_counts counts = jobs_counts(d->jobs);

	(void)snprintf(ret, PULSE_STATUS_BYTES, "%" PRIu64 " running, %" PRIu64 " queued",
	               counts.by_state[JOB_RUNNING], counts.by_state[JOB_QUEUED]);
	return counts.by_state[JOB_RUNNING] + counts.by_state[JOB_QUEUED] == 0;
}

/* --- the beginning ------------------------------------------------------ */

static int start_server(struct daemon *d, struct error *err)
{
	size_t files = settings_allow_files();
	struct http_server_env env = {
		.loop = d->loop,
		.api = d->api,
		.log = d->log,
		.max_clients = files / 2 < HTTP_SERVER_CLIENTS ? files / 2 : HTTP_SERVER_CLIENTS,
		.limits = HTTP_CONN_LIMITS};

	return listeners_start(&d->listeners, &env, d->config, err);
}

/* The queue is known: now, and not before, clients are let in. */
static void on_jobs_started(void *arg, const struct error *why)
{
	struct daemon *d = arg;
	struct error err = *why;
	struct jobs_counts counts;

	if (err.code == 0 && d->state == DAEMON_STARTING)
		(void)!start_server(d, &err);
	if (err.code < 0) {
		daemon_fail(d, &err);
		return;
	}
	if (d->state != DAEMON_STARTING)
		return;
	d->state = DAEMON_RUNNING;
	counts = jobs_counts(d->jobs);
	api_set_ready(d->api, true);
	log_notice(d->log, "chimerad " CHIMERAD_VERSION " listens on %s, state %s, reports %s",
	           d->listeners.unix_socket.path[0] ? d->listeners.unix_socket.path
	                                            : "the socket it was given",
	           d->config->state, d->config->reports);
	cleaner_begin(d->cleaner, &counts);
	indexer_follow(d->indexer, &counts);
	notices_kick(d->notices);
	(void)notify_ready("Ready");
}

static int start_jobs(struct daemon *d, struct error *err)
{
	const struct jobs_env jobs_env = {
		.loop = d->loop,
		.store = d->queue,
		.events = d->events,
		.log = d->log,
		.runner = {runner_start, runner_cancel, runner_suspend, d},
		.limits = {d->config->limits.jobs_queued, d->config->limits.jobs_running},
		.on_change = on_jobs_change,
		.on_change_arg = d,
	};
	const struct api_env api_env = {.loop = d->loop,
	                                .events = d->events,
	                                .log = d->log,
	                                .config = d->config,
	                                .ask = on_ask,
	                                .counts = on_counts,
	                                .endpoints = on_endpoints,
	                                .metrics = &d->metrics,
	                                .check_endpoints = on_check_endpoints,
	                                .arg = d};
	const struct cleaner_env cleaner_env = {.loop = d->loop,
	                                        .store = d->queue,
	                                        .log = d->log,
	                                        .reports = d->config->reports,
	                                        .on_removed = on_removed,
	                                        .arg = d};
	int r = api_new(&d->api, &api_env, err);

	d->env = (struct review_env){d->loop, d->queue, d->model, d->config, d->log, &d->metrics};
	if (r == 0)
		r = cleaner_new(&d->cleaner, &cleaner_env, err);
	if (r == 0)
		r = indexer_new(&d->indexer, d->loop, d->queue, d->log, d->config->reports, err);
	if (r < 0)
		return r;
	cleaner_set_config(d->cleaner, d->config);
	return jobs_new(&d->jobs, &jobs_env, on_jobs_started, d, err);
}

static void on_store_took(void *arg, double seconds)
{
	struct daemon *d = arg;

	metrics_observe(&d->metrics, METRICS_STORE, seconds);
}

static int open_store(struct daemon *d, struct error *err)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/" STORE_FILE, d->config->state);
	int r = n < 0 || (size_t)n >= sizeof path
	                ? error_set(err, -ENAMETOOLONG, "%s: too long a path", d->config->state)
	                : store_open(&d->store, path, err);

	if (r == 0)
		r = store_queue_new(&d->queue, d->loop, d->store, err);
	if (r == 0)
		store_queue_watch(d->queue, on_store_took, d);
	return r;
}

static int take_lock(struct daemon *d, struct error *err)
{
	int r = lock_take(&d->lock, d->config->state, err);

	if (r != -EBUSY || !d->options.exit_with_stdin)
		return r;
	log_notice(d->log, "waiting: %s", err->text);
	return lock_wait(&d->lock, d->config->state, err);
}

static int open_places(struct daemon *d, struct error *err)
{
	int r = files_make_dirs(d->config->state, err);

	if (r < 0)
		return error_wrap(err, "the state directory (--state gives another)");
	r = files_make_dirs(d->config->reports, err);
	if (r < 0)
		return error_wrap(err, "the reports directory");
	r = take_lock(d, err);
	if (r == 0)
		r = publish_clear(d->config->reports, err);
	return r < 0 ? r : listeners_bind(&d->listeners, d->config, err);
}

static int watch_input(struct daemon *d, struct error *err)
{
	int r;

	if (!d->options.exit_with_stdin)
		return 0;
	r = uv_poll_init(d->loop, &d->input, STDIN_FILENO);
	if (r < 0)
		return error_set(err, r, "--exit-with-stdin: stdin must be a pipe or a terminal");
	d->has_input = true;
	r = uv_poll_start(&d->input, UV_READABLE, on_input);
	return r < 0 ? error_set(err, r, "--exit-with-stdin: %s", uv_strerror(r)) : 0;
}

static int watch(struct daemon *d, struct error *err)
{
	static const int signums[] = {SIGTERM, SIGINT, SIGHUP};
	const struct pulse_env pulse = {d->loop, d->log, &d->metrics, on_status, d};

	for (size_t i = 0; i < ARRAY_LEN(signums); i++) {
		int r = uv_signal_start(&d->signals[i], on_signal, signums[i]);

		if (r < 0)
			return error_set(err, r, "cannot watch signals: %s", uv_strerror(r));
	}
	pulse_start(&d->pulse, &pulse);
	return watch_input(d, err);
}

static void init_handles(struct daemon *d)
{
	/* None of these can fail in libuv 1.44 on a loop that was made. */
	for (size_t i = 0; i < ARRAY_LEN(d->signals); i++) {
		(void)uv_signal_init(d->loop, &d->signals[i]);
		d->signals[i].data = d;
	}
	(void)uv_timer_init(d->loop, &d->drain);
}

static int start(struct daemon *d, struct error *err)
{
	int r = settings_load(&d->config, &d->options.settings, err);

	if (r == 0) {
		d->began = d->config;
		settings_size_pool(d->config);
		r = open_places(d, err);
	}
	if (r == 0)
		r = open_store(d, err);
	if (r == 0)
		r = endpoints_model(&d->model, d->loop, d->config, err);
	if (r == 0)
		r = events_new(&d->events, err);
	if (r == 0)
		r = notices_new(&d->notices, d->loop, d->config, d->store, d->queue, d->log, err);
	if (r == 0)
		r = watch(d, err);
	return r < 0 ? r : start_jobs(d, err);
}

int daemon_start(struct daemon **ret, uv_loop_t *loop, const struct daemon_options *options,
                 struct error *err)
{
	struct daemon *d = calloc(1, sizeof *d);
	int r;

	if (!d)
		return error_set(err, -ENOMEM, "out of memory");
	d->options = *options;
	d->log = options->log;
	d->loop = loop;
	d->lock = -1;
	d->listeners = (struct listeners)LISTENERS_NONE;
	init_handles(d);
	r = start(d, err);
	if (r == 0) {
		*ret = d;
		return 0;
	}
	daemon_close(d);
	(void)uv_run(loop, UV_RUN_DEFAULT);
	d->failure = *err;
	return daemon_free(d, err);
}
