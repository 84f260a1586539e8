/* SPDX-License-Identifier: MIT */
#include "daemon/indexer.h"

#include <errno.h>

#include "daemon/publish.h"
#include "daemon/store_index.h"

#define PAGE_BYTES ((size_t)4 << 20)
#define PAUSE_MS   1000 /* it lists many reviews: writing it costs as much as one of them */

struct indexer {
	struct store_queue *store;
	const struct log *log;
	const char *reports;
	uv_timer_t pause; /* since the last one was begun */
	bool waiting;     /* in the queue */
	bool due;         /* when the pause ends */
	uint64_t ended;   /* jobs; of them reviews: */
	uint64_t reviews;
	/* of the work in the queue */
	uint64_t listed;
	struct error err;
};

static void indexer_kick(struct indexer *i);

static void indexer_work(struct store *s, void *arg)
{
	CLEANUP(buf_done) struct buf page = BUF_INIT(PAGE_BYTES);
	struct indexer *i = arg;

	i->err = (struct error){0};
	if (store_index_write(s, &page, i->listed, i->reports, &i->err) == 0)
		(void)!publish_index(i->reports, page.data, page.len, &i->err);
}

static void indexer_after(void *arg)
{
	struct indexer *i = arg;

	i->waiting = false;
	if (i->err.code < 0)
		log_warning(i->log, "the index of the reports stays as it was: %s", i->err.text);
}

/* Who tells of a change does so when his own work in the queue has ended: ours has not begun. */
static void indexer_write(struct indexer *i)
{
	i->due = i->waiting;
	if (i->waiting)
		return;
	i->listed = i->reviews;
	i->waiting = store_queue_run(i->store, indexer_work, indexer_after, i) == 0;
}

static void indexer_on_pause(uv_timer_t *timer)
{
	struct indexer *i = CONTAINER_OF(timer, struct indexer, pause);

	if (i->due)
		indexer_kick(i);
}

static void indexer_kick(struct indexer *i)
{
	if (uv_is_active((const uv_handle_t *)&i->pause)) {
		i->due = true;
		return;
	}
	(void)uv_timer_start(&i->pause, indexer_on_pause, PAUSE_MS, 0);
	indexer_write(i);
}

int indexer_new(struct indexer **ret, uv_loop_t *loop, struct store_queue *store,
                const struct log *log, const char *reports, struct error *err)
{
	struct indexer *i = calloc(1, sizeof *i);

	if (!i)
		return error_set(err, -ENOMEM, "out of memory");
	(void)uv_timer_init(loop, &i->pause); /* cannot fail in libuv 1.44 */
	i->store = store;
	i->log = log;
	i->reports = reports;
	i->ended = UINT64_MAX; /* not known: the first count begins */
	*ret = i;
	return 0;
}

void indexer_follow(struct indexer *i, const struct jobs_counts *counts)
{
	uint64_t ended = jobs_counts_ended(counts);
	bool other = ended != i->ended;

	i->ended = ended;
	i->reviews = counts->by_state[JOB_SUCCEEDED] + counts->by_state[JOB_FAILED];
	if (other)
		indexer_kick(i);
}

void indexer_stop(struct indexer *i)
{
	if (!i)
		return;
	if (i->due)
		indexer_write(i);
	uv_close((uv_handle_t *)&i->pause, NULL);
}

void indexer_free(struct indexer *i)
{
	free(i);
}
