/* SPDX-License-Identifier: MIT */
/*
 * config - chimerad.yaml, bound by tables. Messages read "FILE:LINE:COLUMN: key: what".
 *
 * Every key has a default, so that an empty file is a configuration (docs: chimerad.yaml(5)):
 *
 *   listen        /run/chimerad.sock
 *   web           none: a TCP socket of this machine, see loopback.h
 *   allow         {}: without it root, the daemon's own uid and the socket's group
 *   roots         []: a job may read nothing
 *   state         /var/lib/chimerad
 *   reports       STATE/reports
 *   personas      the installed ones (PREFIX/share/chimerad/personas); pipelines likewise
 *   endpoints     []; of each: provider detect, slots 0 (what the server tells), timeouts
 *                 {connect: 5s, first_token: 10m, idle: 1m, total: 15m}
 *   limits        {jobs_queued: 100, jobs_running: 2, file_bytes: 64MiB, files: 200000,
 *                 memory_bytes: 1GiB}
 *   failed_calls  15s
 *   machine       none
 *   columns       {}
 *   metrics       {}
 *   retention     {}: everything is kept
 *   notify        {}: nobody is told; timeout 10s, suspected false
 *
 *   quiet         {}: nothing is waited for; wait 1h
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/bind_tell.h"

struct config_endpoint {
	char *name, *url, *model, *keep_alive, *api_key_file, *api_key_credential;
	int provider;   /* enum model_provider */
	uint64_t slots; /* 0: ask the server */
	uint64_t connect_ms, first_token_ms, idle_ms,
		total_ms; /* YAML: seconds or "600s", "5m", "250ms" */
};

/* Of columns: role key, metric, covariate or ignored. Of metrics: role primary, guard or ignore,
 * direction higher, lower or none. NULL where not given. */
struct config_rule {
	char *pattern, *role, *unit, *direction;
};

struct config {
	char *listen; /* socket path */
	char *web;    /* "127.0.0.1:8017"; NULL: none */
	uint64_t *allow_uids, *allow_gids;
	size_t n_allow_uids, n_allow_gids;
	char **roots;
	size_t n_roots;
	char *state, *reports;
	char *personas, *pipelines; /* directories */
	struct config_endpoint *endpoints;
	size_t n_endpoints;
	struct {
		uint64_t jobs_queued, jobs_running, file_bytes, files, memory_bytes;
	} limits;
	uint64_t failed_calls_ms; /* all failed calls of one review may cost this much: 15 s */
	char *machine;
	struct config_rule *columns, *metrics;
	size_t n_columns, n_metrics;
	struct {
		uint64_t days, reviews; /* 0: no limit */
	} retention;
	struct {
		char *webhook; /* URL; NULL: none */
		char *secret_file, *secret_credential;
		char **command; /* program and arguments; NULL: none */
		size_t n_command;
		uint64_t timeout_ms;
		bool suspected;
	} notify;
	struct {
		char *lock;       /* a file that a benchmark locks; NULL: none */
		uint64_t gpu_pct; /* how busy a GPU may be; above 100: nobody looks */
		uint64_t wait_ms;
	} quiet;
};

/* Defaults for everything that has one, without a file. */
int config_default(struct config **ret, struct error *err) MUST_USE;
int config_parse(struct config **ret, const char *source, const char *text, size_t len,
                 struct error *err) MUST_USE;
/* What a file says in effect: parsed, then told value by value. */
int config_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                struct error *err) MUST_USE;
int config_load(struct config **ret, const char *path, struct error *err) MUST_USE;
/*
 * The usual one: `named` (--config; NULL: not given), else $CHIMERAD_CONFIG, else
 * /etc/chimerad/chimerad.yaml, which alone may be absent.
 */
int config_load_usual(struct config **ret, const char *named, struct error *err) MUST_USE;
const char *config_usual(const char *named);   /* which that is */
const char *config_variable(const char *name); /* of the environment; NULL: empty, or not there */
/* $CHIMERAD_DATA, a directory with personas/ and pipelines/, comes before what is configured. */
int config_use_data(struct config *c, struct error *err) MUST_USE;
/* The names of its endpoints; the caller frees the list, not the names. NULL: out of memory. */
const char **config_endpoint_names(const struct config *c) MUST_USE;
/*
 * What a running daemon keeps of the configuration that it began with: listen, web, state, reports,
 * endpoints, and the most of jobs_running, for which it has made threads.
 */
int config_pin(struct config *to, const struct config *from, struct error *err) MUST_USE;
/* Another state directory; reports move along when they lie in the present one by default. */
int config_set_state(struct config *c, const char *dir, struct error *err) MUST_USE;
void config_free(struct config *c);
DEFINE_CLEANUP(struct config *, config_free)
