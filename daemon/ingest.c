/* SPDX-License-Identifier: MIT */
#include "daemon/ingest.h"

#include <errno.h>
#include <stdatomic.h>

#define READERS_MAX 8
#define TICK_MS     100 /* between two progress reports */

/*
 * SCANNING -> READING -> FINISHING -> DONE; a failure or a cancel goes on to DONE at the next edge.
 *
 * Readers share the memory evenly, so an artifact may find its reader's share spent where another
 * one's is not. Then all is read once more by one reader with the whole of it, in order: what is
 * left out depends on the artifacts and the limit alone, not on the machine or on chance.
 */
enum ingest_state { INGEST_SCANNING, INGEST_READING, INGEST_FINISHING, INGEST_DONE };

struct reader {
	uv_work_t work;
	struct ingest *ingest;
	struct arena *arena;
	struct error err;
};

struct ingest {
	enum ingest_state state;
	uv_loop_t *loop;
	struct ingest_spec spec;
	struct ingest_ops ops;
	void *arg;
	uv_work_t work; /* scan and finish */
	uv_timer_t tick;
	struct reader readers[READERS_MAX];
	unsigned n_readers, reading;
	atomic_size_t next; /* the artifact that the next free reader takes */
	atomic_bool cancelled;
	atomic_bool refused;      /* an artifact did not fit in its reader's memory */
	bool alone;               /* one reader has all the memory: what it refuses is left out */
	struct artifact *scanned; /* as they were before they were read */
	struct error err;
};

static void ingest_step(struct ingest *in);

static void keep_scanned(struct ingest *in)
{
	const struct inventory *inv = &in->spec.dossier->inventory;

	in->scanned = calloc(inv->n_artifacts + 1, sizeof *in->scanned);
	if (!in->scanned)
		error_set(&in->err, -ENOMEM, "out of memory");
	else if (inv->n_artifacts)
		memcpy(in->scanned, inv->artifacts, inv->n_artifacts * sizeof *in->scanned);
}

static void scan_work(uv_work_t *work)
{
	struct ingest *in = work->data;
	int r = collector_scan(in->spec.dossier, in->spec.roots, in->spec.n_roots, &in->spec.limits,
	                       &in->err);

	if (r < 0 && in->err.code == 0)
		error_set(&in->err, r, "cannot read the roots: %s", strerror(-r));
	if (r == 0)
		keep_scanned(in);
}

static void finish_work(uv_work_t *work)
{
	struct ingest *in = work->data;

	collector_finish(in->spec.dossier);
}

/* Too big for the memory of a review is that artifact's trouble, not the review's. */
static void read_one(struct reader *rd, struct collector_reader *collector, size_t i)
{
	struct ingest *in = rd->ingest;
	struct artifact *a = &in->spec.dossier->inventory.artifacts[i];
	struct arena_mark mark = arena_mark(rd->arena);
	struct error err = {0};
	int r = collector_reader_read(collector, a, rd->arena, &err);

	if (r == 0 && !arena_refused(rd->arena))
		return;
	arena_rewind(rd->arena, &mark); /* or those that come after it would find no room */
	*a = in->scanned[i];
	a->status = STATUS_SKIPPED;
	a->reason = COLLECTOR_NO_MEMORY;
	atomic_store(&in->refused, true);
}

static bool reading_goes_on(struct ingest *in)
{
	return !atomic_load(&in->cancelled) && (in->alone || !atomic_load(&in->refused));
}

static void read_work(uv_work_t *work)
{
	struct reader *rd = work->data;
	struct ingest *in = rd->ingest;
	CLEANUP(collector_reader_freep) struct collector_reader *collector = NULL;

	if (collector_reader_new(&collector, in->spec.roots, in->spec.n_roots, &in->spec.limits,
	                         &rd->err) < 0)
		return;
	while (reading_goes_on(in)) {
		size_t i = atomic_fetch_add(&in->next, 1);

		if (i >= in->spec.dossier->inventory.n_artifacts)
			return;
		read_one(rd, collector, i);
	}
}

static void ingest_on_work(uv_work_t *work, int status)
{
	struct ingest *in = work->data;

	(void)status; /* never cancelled through libuv */
	ingest_step(in);
}

static void ingest_on_read(uv_work_t *work, int status)
{
	struct reader *rd = work->data;
	struct ingest *in = rd->ingest;

	(void)status;
	if (in->err.code == 0)
		in->err = rd->err;
	if (--in->reading == 0)
		ingest_step(in);
}

static void ingest_on_tick(uv_timer_t *timer)
{
	struct ingest *in = timer->data;
	size_t total, next = atomic_load(&in->next);

	if (in->state != INGEST_READING)
		return; /* the inventory is a worker's */
	total = in->spec.dossier->inventory.n_artifacts;
	in->ops.on_progress(in->arg, next < total ? next : total, total);
}

static void start_readers(struct ingest *in, unsigned n)
{
	in->state = INGEST_READING;
	in->alone = n == 1;
	in->n_readers = n;
	for (unsigned i = 0; i < n; i++) {
		struct reader *rd = &in->readers[i];

		rd->ingest = in;
		rd->work.data = rd;
		rd->arena = arena_new(in->spec.memory_bytes / n);
		if (!rd->arena || uv_queue_work(in->loop, &rd->work, read_work, ingest_on_read) < 0)
			error_set(&in->err, -ENOMEM, "out of memory");
		else
			in->reading++;
	}
	if (in->reading == 0)
		ingest_step(in);
}

static void start_reading(struct ingest *in)
{
	size_t n = in->spec.dossier->inventory.n_artifacts;
	unsigned cpus = uv_available_parallelism();

	cpus = cpus < READERS_MAX ? cpus : READERS_MAX;
	start_readers(in, cpus < n ? cpus : n ? (unsigned)n : 1);
}

static void free_arenas(struct ingest *in)
{
	for (unsigned i = 0; i < in->n_readers; i++)
		arena_free(TAKE(in->readers[i].arena));
}

static void read_again_alone(struct ingest *in)
{
	const struct inventory *inv = &in->spec.dossier->inventory;

	free_arenas(in);
	memcpy(inv->artifacts, in->scanned, inv->n_artifacts * sizeof *in->scanned);
	atomic_store(&in->next, 0);
	start_readers(in, 1);
}

static void ingest_on_closed(uv_handle_t *handle)
{
	struct ingest *in = handle->data;

	in->ops.on_done(in->arg, in->err.code, &in->err);
}

static void ingest_step(struct ingest *in)
{
	if (atomic_load(&in->cancelled) && in->err.code == 0)
		error_set(&in->err, -ECANCELED, "cancelled");
	if (in->err.code < 0)
		in->state = INGEST_FINISHING; /* nothing more to do: fall through to the end */

	switch (in->state) {
	case INGEST_SCANNING:
		start_reading(in);
		return;
	case INGEST_READING:
		if (!in->alone && atomic_load(&in->refused)) {
			read_again_alone(in);
			return;
		}
		in->state = INGEST_FINISHING;
		if (uv_queue_work(in->loop, &in->work, finish_work, ingest_on_work) == 0)
			return;
		error_set(&in->err, -ENOMEM, "out of memory");
		break;
	case INGEST_FINISHING:
		break;
	case INGEST_DONE:
		return;
	}
	in->state = INGEST_DONE;
	uv_close((uv_handle_t *)&in->tick, ingest_on_closed);
}

int ingest_start(struct ingest **ret, uv_loop_t *loop, const struct ingest_spec *spec,
                 const struct ingest_ops *ops, void *arg, struct error *err)
{
	struct ingest *in = calloc(1, sizeof *in);

	if (!in)
		return error_set(err, -ENOMEM, "out of memory");
	in->loop = loop;
	in->spec = *spec;
	in->spec.limits.threads = uv_available_parallelism();
	in->ops = *ops;
	in->arg = arg;
	in->work.data = in;
	if (uv_queue_work(loop, &in->work, scan_work, ingest_on_work) < 0) {
		free(in);
		return error_set(err, -ENOMEM, "out of memory");
	}
	(void)uv_timer_init(loop, &in->tick);
	in->tick.data = in;
	(void)uv_timer_start(&in->tick, ingest_on_tick, TICK_MS, TICK_MS);
	*ret = in;
	return 0;
}

void ingest_cancel(struct ingest *in)
{
	atomic_store(&in->cancelled, true);
}

void ingest_release(struct ingest *in)
{
	if (!in)
		return;
	free_arenas(in);
	free(in->scanned);
	free(in);
}
