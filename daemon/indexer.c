/* SPDX-License-Identifier: MIT */
#include "daemon/indexer.h"

#include <errno.h>

#include "daemon/publish.h"
#include "daemon/store_index.h"

#define PAGE_BYTES ((size_t)4 << 20)

struct indexer {
	struct store_queue *store;
	const struct log *log;
	const char *reports;
	bool waiting; /* in the queue */
	uint64_t ended;
	/* of the work in the queue */
	struct error err;
};

static void indexer_work(struct store *s, void *arg)
{
	CLEANUP(buf_done) struct buf page = BUF_INIT(PAGE_BYTES);
	struct indexer *i = arg;

	i->err = (struct error){0};
	if (store_index_write(s, &page, i->reports, &i->err) == 0)
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
static void indexer_kick(struct indexer *i)
{
	if (!i->waiting)
		i->waiting = store_queue_run(i->store, indexer_work, indexer_after, i) == 0;
}

int indexer_new(struct indexer **ret, struct store_queue *store, const struct log *log,
                const char *reports, struct error *err)
{
	struct indexer *i = calloc(1, sizeof *i);

	if (!i)
		return error_set(err, -ENOMEM, "out of memory");
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
	if (other)
		indexer_kick(i);
}

void indexer_free(struct indexer *i)
{
	free(i);
}
