/* SPDX-License-Identifier: MIT */
#include "daemon/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>

#include "daemon/child.h"
#include "lib/base/files.h"

#define LOOK_MS      1000
#define GPU_LOOKS    3 /* in a row: between two kernels a busy GPU is idle, too */
#define GPU_FILES    "/sys/class/drm/card[0-9]*/device/gpu_busy_percent"
#define SMI_BYTES    4096
#define SMI_MAX_MS   10000
#define SMI_GRACE_MS 1000

struct quiet {
	uv_timer_t timer;
	struct child *child;               /* nvidia-smi at work */
	char *path;                        /* of the lock; NULL: none */
	uint64_t gpu_pct, wait_ms, end_ms; /* end_ms: loop time */
	unsigned idle;                     /* looks in a row at which the GPU was */
	bool ended;
	int fd, status;
	char why[256];
	quiet_done_fn *done;
	void *arg;
};

bool quiet_is_wanted(const struct config *config)
{
	return config->quiet.lock || config->quiet.gpu_pct <= 100;
}

/* --- the end ------------------------------------------------------------ */

static void quiet_on_closed(uv_handle_t *handle)
{
	struct quiet *q = CONTAINER_OF((uv_timer_t *)handle, struct quiet, timer);

	if (q->status < 0)
		closep(&q->fd);
	q->done(q->arg, q->status, q->status < 0 ? -1 : q->fd, q->why);
	free(q->path);
	free(q);
}

static void quiet_end(struct quiet *q, int status)
{
	if (q->ended)
		return;
	q->ended = true;
	q->status = status;
	if (q->child)
		child_cancel(q->child); /* closes when it has gone */
	else
		uv_close((uv_handle_t *)&q->timer, quiet_on_closed);
}

void quiet_cancel(struct quiet *q)
{
	quiet_end(q, -ECANCELED);
}

/* --- looking ------------------------------------------------------------ */

static void quiet_look(struct quiet *q);

static void quiet_on_timer(uv_timer_t *timer)
{
	quiet_look(CONTAINER_OF(timer, struct quiet, timer));
}

/* q->why says what is not quiet. */
static void quiet_later(struct quiet *q)
{
	char what[sizeof q->why];

	if (uv_now(q->timer.loop) < q->end_ms) {
		(void)uv_timer_start(&q->timer, quiet_on_timer, LOOK_MS, 0);
		return;
	}
	(void)snprintf(what, sizeof what, "%s", q->why);
	(void)snprintf(q->why, sizeof q->why, "%.180s, still after %" PRIu64 " s (quiet: wait)",
	               what, q->wait_ms / 1000);
	quiet_end(q, -ETIMEDOUT);
}

/* 1: nobody else has it, we do, shared; 0: somebody has. */
static int take_lock(struct quiet *q)
{
	if (!q->path || q->fd >= 0)
		return 1;
	q->fd = open(q->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (q->fd < 0 && errno == ENOENT)
		return 1; /* who wants us to wait makes it */
	if (q->fd < 0)
		return -errno;
	if (flock(q->fd, LOCK_SH | LOCK_NB) == 0)
		return 1;
	closep(&q->fd);
	q->fd = -1;
	return errno == EWOULDBLOCK ? 0 : -errno;
}

/* A benchmark must not find it locked while we wait for the GPU. */
static void give_lock_back(struct quiet *q)
{
	closep(&q->fd);
	q->fd = -1;
}

int quiet_highest_pct(const char *text, size_t len)
{
	int highest = -EINVAL, n = -1;

	for (size_t i = 0; i <= len; i++) {
		char c = i < len ? text[i] : '\n';

		if (c >= '0' && c <= '9') {
			n = (n < 0 ? 0 : n) * 10 + (c - '0');
			if (n > 100)
				return -EINVAL;
		} else if (c == '\n') {
			highest = n >= 0 && n > highest ? n : highest;
			n = -1;
		} else if (c != ' ' && c != '\r') {
			return -EINVAL; /* "[N/A]" */
		}
	}
	return highest;
}

static void quiet_on_gpu(struct quiet *q, int pct)
{
	if (pct < 0) {
		(void)snprintf(q->why, sizeof q->why,
		               "no GPU tells how busy it is, neither " GPU_FILES
		               " nor nvidia-smi (quiet: gpu_pct)");
		quiet_end(q, -ENODEV);
		return;
	}
	q->idle = (uint64_t)pct <= q->gpu_pct ? q->idle + 1 : 0;
	if (q->idle >= GPU_LOOKS) {
		quiet_end(q, 0);
		return;
	}
	if (!q->idle)
		give_lock_back(q);
	(void)snprintf(q->why, sizeof q->why, "a GPU was busy (%d %%)", pct);
	quiet_later(q);
}

static void quiet_on_smi(void *arg, int status, struct buf *output)
{
	struct quiet *q = arg;

	q->child = NULL;
	if (q->ended)
		uv_close((uv_handle_t *)&q->timer, quiet_on_closed);
	else
		quiet_on_gpu(q, status == 0 ? quiet_highest_pct(buf_text(output), output->len)
		                            : -ENODEV);
}

static void ask_smi(struct quiet *q)
{
	char program[] = "nvidia-smi", query[] = "--query-gpu=utilization.gpu",
	     format[] = "--format=csv,noheader,nounits";
	char *const argv[] = {program, query, format, NULL};
	const struct child_spec spec = {.argv = argv,
	                                .env = environ,
	                                .output_max = SMI_BYTES,
	                                .flood_ends = true,
	                                .stdout_only = true,
	                                .deadline_ms = SMI_MAX_MS,
	                                .grace_ms = SMI_GRACE_MS};
	struct error ignored = {0};

	if (child_start(&q->child, q->timer.loop, &spec, quiet_on_smi, q, &ignored) < 0)
		quiet_on_gpu(q, -ENODEV);
}

/* Of amdgpu and others that have such a file; -ENOENT: none has. */
static int read_busy_files(void)
{
	glob_t found = {0};
	int highest = -ENOENT;

	if (glob(GPU_FILES, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			CLEANUP(freep) char *text = NULL;
			struct error ignored = {0};
			size_t len = 0;
			int pct;

			if (files_read(&text, &len, NULL, found.gl_pathv[i], SMI_BYTES, &ignored) <
			    0)
				continue;
			pct = quiet_highest_pct(text, len);
			highest = pct > highest ? pct : highest;
		}
	}
	globfree(&found);
	return highest;
}

static void quiet_look(struct quiet *q)
{
	int r = take_lock(q);

	if (r < 0) {
		(void)snprintf(q->why, sizeof q->why, "%.160s: %s (quiet: lock)", q->path,
		               strerror(-r));
		quiet_end(q, r);
	} else if (r == 0) {
		q->idle = 0;
		(void)snprintf(q->why, sizeof q->why, "%.160s was locked", q->path);
		quiet_later(q);
	} else if (q->gpu_pct > 100) {
		quiet_end(q, 0);
	} else {
		r = read_busy_files();
		if (r >= 0)
			quiet_on_gpu(q, r);
		else
			ask_smi(q);
	}
}

int quiet_start(struct quiet **ret, uv_loop_t *loop, const struct config *config,
                quiet_done_fn *done, void *arg, struct error *err)
{
	struct quiet *q = calloc(1, sizeof *q);

	if (q && config->quiet.lock)
		q->path = strdup(config->quiet.lock);
	if (!q || (config->quiet.lock && !q->path)) {
		free(q);
		return error_set(err, -ENOMEM, "out of memory");
	}
	q->gpu_pct = config->quiet.gpu_pct;
	q->wait_ms = config->quiet.wait_ms;
	q->end_ms = uv_now(loop) + q->wait_ms;
	q->fd = -1;
	q->done = done;
	q->arg = arg;
	(void)uv_timer_init(loop, &q->timer); /* cannot fail */
	(void)uv_timer_start(&q->timer, quiet_on_timer, 0, 0);
	*ret = q;
	return 0;
}
