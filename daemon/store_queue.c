/* SPDX-License-Identifier: MIT */
#include "daemon/store_queue.h"

#include <errno.h>

struct item {
	struct item *next;
	store_work_fn *work; /* NULL: the queue's own last item */
	store_after_fn *after;
	void *arg;
};

struct store_queue {
	uv_loop_t *loop;
	struct store *store;
	uv_work_t request;
	struct item *first, **last; /* first is the one at work while `busy` */
	bool busy, closing;
	struct item end; /* part of us, so that closing cannot fail */
	void (*closed)(void *arg);
	void *closed_arg;
	void (*took)(void *arg, double seconds);
	void *took_arg;
	uint64_t work_ns; /* of the piece at work */
};

static void queue_start(struct store_queue *q);

static void on_work(uv_work_t *request)
{
	struct store_queue *q = request->data;

	uint64_t begun_ns = uv_hrtime();

	if (q->first->work)
		q->first->work(q->store, q->first->arg);
	q->work_ns = uv_hrtime() - begun_ns;
}

static struct item *take_first(struct store_queue *q)
{
	struct item *i = q->first;

	q->first = i->next;
	if (!q->first)
		q->last = &q->first;
	i->next = NULL;
	return i;
}

static void append(struct store_queue *q, struct item *i)
{
	*q->last = i;
	q->last = &i->next;
	queue_start(q);
}

static void queue_end(struct store_queue *q)
{
	if (q->first) { /* somebody's after() went on while we were closing */
		append(q, &q->end);
		return;
	}
	if (q->closed)
		q->closed(q->closed_arg);
	free(q);
}

static void on_after(uv_work_t *request, int status)
{
	struct store_queue *q = request->data;
	struct item *i = take_first(q);

	(void)status; /* nobody cancels it */
	q->busy = false;
	if (i == &q->end) {
		queue_end(q);
		return;
	}
	if (q->took)
		q->took(q->took_arg, (double)q->work_ns / 1e9);
	if (i->after)
		i->after(i->arg);
	free(i);
	queue_start(q);
}

static void queue_start(struct store_queue *q)
{
	if (q->busy || !q->first)
		return;
	q->busy = true;
	/* fails only without a callback */
	(void)uv_queue_work(q->loop, &q->request, on_work, on_after);
}

int store_queue_new(struct store_queue **ret, uv_loop_t *loop, struct store *s, struct error *err)
{
	struct store_queue *q = calloc(1, sizeof *q);

	if (!q)
		return error_set(err, -ENOMEM, "store: out of memory");
	q->loop = loop;
	q->store = s;
	q->last = &q->first;
	q->request.data = q;
	*ret = q;
	return 0;
}

int store_queue_run(struct store_queue *q, store_work_fn *work, store_after_fn *after, void *arg)
{
	struct item *i = malloc(sizeof *i);

	if (!i)
		return -ENOMEM;
	*i = (struct item){.work = work, .after = after, .arg = arg};
	append(q, i);
	return 0;
}

void store_queue_watch(struct store_queue *q, void (*took)(void *arg, double seconds), void *arg)
{
	q->took = took;
	q->took_arg = arg;
}

void store_queue_close(struct store_queue *q, void (*closed)(void *arg), void *arg)
{
	if (!q || q->closing)
		return;
	q->closing = true;
	q->closed = closed;
	q->closed_arg = arg;
	append(q, &q->end);
}
