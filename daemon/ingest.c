/* SPDX-License-Identifier: MIT */
#include "daemon/ingest.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include "daemon/ingest_cache.h"

#define READERS_MAX      8
#define TICK_MS          100  /* between two progress reports */
#define FETCHED_BYTES    1024 /* about what is kept of a small file */
#define CACHE_LINE_BYTES 64
#define PIECES           4096 /* of all artifacts: enough to share out, and neighbours stay together */
/*
 * A file that changed so shortly before it was read may change once more without its time telling:
 * file systems count in ticks, seconds or two of them, and servers by clocks of their own.
 */
#define SETTLED_NS INT64_C(2000000000)

/*
 * SCANNING -> MATCHING -> READING -> FINISHING -> DONE; a failure or a cancel goes on to DONE at
 * the next edge. The cache is opened while the roots are scanned.
 *
 * Readers share the memory evenly, so an artifact may find its reader's share spent where another
 * one's is not. Then all is read once more by one reader with the whole of it, in order: what is
 * left out depends on the artifacts and the limit alone, not on the machine or on chance.
 */
enum ingest_state {
	INGEST_SCANNING,
	INGEST_MATCHING,
	INGEST_READING,
	INGEST_FINISHING,
	INGEST_DONE
};

struct reader {
	uv_work_t work;
	struct ingest *ingest;
	struct arena *arena;  /* what it read; what it reused is charged to it */
	struct arena *reused; /* where that lies, as far as it is not in the cache's own memory */
	struct arena *packed; /* what the cache is to keep */
	struct packer packer;
	struct error err;
};

struct ingest {
	enum ingest_state state;
	uv_loop_t *loop;
	struct ingest_spec spec;
	struct ingest_ops ops;
	void *arg;
	uv_work_t work; /* scan, match and finish */
	uv_work_t cache_work;
	unsigned working;           /* of these two */
	struct ingest_cache *cache; /* NULL: there is none */
	bool *reused;               /* of each artifact whether it came from the cache */
	char **packed;              /* what is to be kept of it; its reader's, NULL: nothing */
	struct error cache_err;
	uv_timer_t tick;
	struct reader readers[READERS_MAX];
	unsigned n_readers, reading;
	size_t piece;       /* how many artifacts a reader takes at once */
	atomic_size_t next; /* the first of them that the next free reader takes */
	atomic_bool cancelled;
	atomic_bool refused; /* an artifact did not fit in its reader's memory */
	bool alone;          /* one reader has all the memory: what it refuses is left out */
	bool *skipped;       /* of each artifact whether the scan skipped it */
	struct error err;
};

static void ingest_step(struct ingest *in);

static void prepare_reading(struct ingest *in)
{
	const struct inventory *inv = &in->spec.dossier->inventory;

	in->skipped = calloc(inv->n_artifacts + 1, sizeof *in->skipped);
	in->reused = calloc(inv->n_artifacts + 1, sizeof *in->reused);
	in->packed = calloc(inv->n_artifacts + 1, sizeof *in->packed);
	if (!in->skipped || !in->reused || !in->packed)
		error_set(&in->err, -ENOMEM, "out of memory");
	for (size_t i = 0; in->skipped && i < inv->n_artifacts; i++)
		in->skipped[i] = inv->artifacts[i].status == STATUS_SKIPPED;
}

/* As the scan left it. */
static void unread(struct artifact *a)
{
	*a = (struct artifact){.id = a->id, .root = a->root, .path = a->path, .format = a->format};
}

static void scan_work(uv_work_t *work)
{
	struct ingest *in = work->data;
	int r = collector_scan(in->spec.dossier, in->spec.roots, in->spec.n_roots, &in->spec.limits,
	                       &in->err);

	if (r < 0 && in->err.code == 0)
		error_set(&in->err, r, "cannot read the roots: %s", strerror(-r));
	if (r == 0)
		prepare_reading(in);
}

static void open_work(uv_work_t *work)
{
	struct ingest *in = work->data;
	const struct ingest_cache_spec spec = {.path = in->spec.cache,
	                                       .roots = in->spec.roots,
	                                       .n_roots = in->spec.n_roots,
	                                       .job = in->spec.job,
	                                       .ended = in->spec.ended,
	                                       .arg = in->spec.ended_arg};

	(void)!ingest_cache_open(&in->cache, &spec, &in->cache_err);
}

static void match_work(uv_work_t *work)
{
	struct ingest *in = work->data;

	(void)!ingest_cache_match(in->cache, in->spec.dossier, in->spec.limits.threads, &in->err);
}

/* One after the other: both go through all artifacts, and side by side each waits for the other's
 * memory. */
static void finish_work(uv_work_t *work)
{
	struct ingest *in = work->data;
	struct inventory *inv = &in->spec.dossier->inventory;

	collector_finish(in->spec.dossier);
	inv->n_reused = 0;
	for (size_t i = 0; i < inv->n_artifacts; i++)
		inv->n_reused += in->reused[i];
	if (in->cache)
		(void)!ingest_cache_save(in->cache, inv, in->reused, in->packed, &in->cache_err);
}

/* --- one artifact ----------------------------------------------------------------- */

/* Too big for the memory of a review is that artifact's trouble, not the review's. */
static void leave_out(struct reader *rd, size_t i, const struct arena_mark *mark)
{
	struct ingest *in = rd->ingest;
	struct artifact *a = &in->spec.dossier->inventory.artifacts[i], seen = *a;

	arena_rewind(rd->arena, mark); /* or those that come after it would find no room */
	unread(a);
	a->bytes = seen.bytes;
	a->modified_s = seen.modified_s;
	a->status = STATUS_SKIPPED;
	a->reason = COLLECTOR_NO_MEMORY;
	atomic_store(&in->refused, true);
}

/* It is far from any cache of the CPU, and comes while the kernel looks for the file. */
static void fetch(const struct packed *p)
{
	for (size_t i = 0; i < FETCHED_BYTES; i += CACHE_LINE_BYTES)
		__builtin_prefetch((const char *)p + i);
}

/* What is kept of it, if it is still what was read then; NULL: it is not. */
static const struct packed *kept_of(const struct ingest *in, struct collector_reader *collector,
                                    size_t i)
{
	struct artifact *a = &in->spec.dossier->inventory.artifacts[i];
	const struct packed *p = in->cache && !in->spec.fresh ? ingest_cache_kept(in->cache, i)
	                                                      : NULL;

	if (!p || a->status == STATUS_SKIPPED)
		return NULL;
	fetch(p);
	if (collector_reader_look(collector, a) < 0)
		return NULL;
	return p->bytes == a->bytes && a->bytes <= in->spec.limits.file_bytes &&
	                       memcmp(&p->stamp, &a->stamp, sizeof a->stamp) == 0
	               ? p
	               : NULL;
}

/* False: it has to be read. What is reused counts for as much memory as reading it took, so that
 * what is left out for want of memory is the same either way. */
static bool reuse(struct reader *rd, struct collector_reader *collector, size_t i,
                  const struct arena_mark *mark)
{
	struct ingest *in = rd->ingest;
	const struct packed *p = kept_of(in, collector, i);

	if (!p)
		return false;
	if (!arena_charge(rd->arena, p->memory)) {
		leave_out(rd, i, mark);
		return true;
	}
	in->reused[i] = packed_unpack(p, &in->spec.dossier->inventory.artifacts[i], rd->reused) ==
	                0;
	if (!in->reused[i])
		arena_rewind(rd->arena, mark);
	return in->reused[i];
}

static int64_t now_ns(void)
{
	struct timespec now = {0};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Only what its bytes alone decide, and only if a later change would show. */
static bool is_to_be_kept(const struct artifact *a, int64_t read_ns)
{
	int64_t changed = a->stamp.changed_ns > a->stamp.modified_ns ? a->stamp.changed_ns
	                                                             : a->stamp.modified_ns;

	return a->digest[0] && changed <= read_ns - SETTLED_NS &&
	       (!a->reason || strcmp(a->reason, COLLECTOR_NO_MEMORY) != 0);
}

static void keep(struct reader *rd, size_t i, uint64_t memory)
{
	struct ingest *in = rd->ingest;
	struct packer *p = &rd->packer;

	if (packer_pack(p, &in->spec.dossier->inventory.artifacts[i], memory) == 0)
		in->packed[i] = arena_grow(rd->packed, p->body.at, p->body.len, p->body.len);
}

static void read_one(struct reader *rd, struct collector_reader *collector, size_t i)
{
	struct ingest *in = rd->ingest;
	struct artifact *a = &in->spec.dossier->inventory.artifacts[i];
	struct arena_mark mark = arena_mark(rd->arena);
	struct error err = {0};
	int64_t begun_ns;
	int r;

	if (reuse(rd, collector, i, &mark))
		return;
	begun_ns = now_ns();
	r = collector_reader_read(collector, a, rd->arena, &err);
	if (r < 0 || arena_refused(rd->arena))
		leave_out(rd, i, &mark);
	else if (in->cache && is_to_be_kept(a, begun_ns))
		keep(rd, i, arena_used(rd->arena) - mark.used);
}

static bool reading_goes_on(struct ingest *in)
{
	return !atomic_load(&in->cancelled) && (in->alone || !atomic_load(&in->refused));
}

static bool read_piece(struct reader *rd, struct collector_reader *collector)
{
	struct ingest *in = rd->ingest;
	size_t n = in->spec.dossier->inventory.n_artifacts;
	size_t i = atomic_fetch_add(&in->next, in->piece), end = i + in->piece;

	for (; i < n && i < end && reading_goes_on(in); i++)
		read_one(rd, collector, i);
	return i == end;
}

static void read_work(uv_work_t *work)
{
	struct reader *rd = work->data;
	struct ingest *in = rd->ingest;
	CLEANUP(collector_reader_freep) struct collector_reader *collector = NULL;

	if (collector_reader_new(&collector, in->spec.roots, in->spec.n_roots, &in->spec.limits,
	                         &rd->err) < 0)
		return;
	while (reading_goes_on(in) && read_piece(rd, collector))
		;
}

/* --- on the loop ------------------------------------------------------------------ */

static void ingest_on_work(uv_work_t *work, int status)
{
	struct ingest *in = work->data;

	(void)status; /* never cancelled through libuv */
	if (--in->working == 0)
		ingest_step(in);
}

/* False: no memory, and err says so. */
static bool start_work(struct ingest *in, uv_work_t *work, uv_work_cb fn)
{
	if (uv_queue_work(in->loop, work, fn, ingest_on_work) < 0) {
		error_set(&in->err, -ENOMEM, "out of memory");
		return false;
	}
	in->working++;
	return true;
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
	in->piece = in->spec.dossier->inventory.n_artifacts / PIECES + 1;
	for (unsigned i = 0; i < n; i++) {
		struct reader *rd = &in->readers[i];

		rd->ingest = in;
		rd->work.data = rd;
		rd->arena = arena_new(in->spec.memory_bytes / n);
		rd->reused = arena_new(UINT64_MAX);
		rd->packed = arena_new(in->spec.memory_bytes / 4 / n);
		if (!rd->arena || !rd->reused || !rd->packed ||
		    uv_queue_work(in->loop, &rd->work, read_work, ingest_on_read) < 0)
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

static void free_readers(struct ingest *in)
{
	for (unsigned i = 0; i < in->n_readers; i++) {
		arena_free(TAKE(in->readers[i].arena));
		arena_free(TAKE(in->readers[i].reused));
		arena_free(TAKE(in->readers[i].packed));
		packer_done(&in->readers[i].packer);
	}
}

static void read_again_alone(struct ingest *in)
{
	const struct inventory *inv = &in->spec.dossier->inventory;

	free_readers(in);
	for (size_t i = 0; i < inv->n_artifacts; i++)
		if (!in->skipped[i])
			unread(&inv->artifacts[i]);
	memset(in->reused, 0, inv->n_artifacts * sizeof *in->reused);
	memset(in->packed, 0, inv->n_artifacts * sizeof *in->packed);
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
		in->state = INGEST_MATCHING;
		if (in->cache && start_work(in, &in->work, match_work))
			return;
		if (!in->cache)
			start_reading(in);
		else
			break;
		return;
	case INGEST_MATCHING:
		start_reading(in);
		return;
	case INGEST_READING:
		if (!in->alone && atomic_load(&in->refused)) {
			read_again_alone(in);
			return;
		}
		in->state = INGEST_FINISHING;
		if (start_work(in, &in->work, finish_work))
			return;
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
	in->work.data = in->cache_work.data = in;
	if (!start_work(in, &in->work, scan_work)) {
		free(in);
		return error_set(err, -ENOMEM, "out of memory");
	}
	if (spec->cache)
		(void)start_work(in, &in->cache_work, open_work);
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

const char *ingest_cache_trouble(const struct ingest *in)
{
	return in->cache_err.code < 0 ? in->cache_err.text : NULL;
}

void ingest_release(struct ingest *in)
{
	if (!in)
		return;
	free_readers(in);
	ingest_cache_close(in->cache);
	free(in->packed);
	free(in->reused);
	free(in->skipped);
	free(in);
}
