/* SPDX-License-Identifier: MIT */
#include "daemon/store_queue.h"

#include <errno.h>

#define GROUP_MOST 32 /* pieces of work; the loop hears of all of them in one turn */

struct item {
	struct item *next;
	store_work_fn *work;     /* NULL: the queue's own last item */
	void (*undo)(void *arg); /* NULL: alone */
	store_after_fn *after;
	void *arg;
};

struct store_queue {
	uv_loop_t *loop;
	struct store *store;
	uv_work_t request;
	struct item *first, **last; /* that wait */
	struct item *at_work;       /* together, in their order; NULL: none */
	bool closing;
	struct item end; /* part of us, so that closing cannot fail */
	void (*closed)(void *arg);
	void *closed_arg;
	void (*took)(void *arg, double seconds);
	void *took_arg;
	uint64_t work_ns; /* of the piece at work */
};

static void queue_start(struct store_queue *q);

static void work_alone(struct store_queue *q)
{
	for (struct item *i = q->at_work; i; i = i->next)
		if (i->work)
			i->work(q->store, i->arg);
}

/* Only when all of it is durable anybody hears of any of it. */
static bool work_together(struct store_queue *q)
{
	struct error ignored = {0}; /* who works alone hears his own */
	struct item *i = q->at_work;

	if (store_group_begin(q->store, &ignored) < 0)
		return false;
	for (; i && store_group_is_open(q->store); i = i->next)
		i->work(q->store, i->arg);
	if (store_group_end(q->store, &ignored) == 0)
		return true;
	for (struct item *done = q->at_work; done != i; done = done->next)
		done->undo(done->arg);
	return false;
}

static void on_work(uv_work_t *request)
{
	struct store_queue *q = request->data;

	uint64_t begun_ns = uv_hrtime();

	if (!q->at_work->next || !work_together(q))
		work_alone(q);
	q->work_ns = uv_hrtime() - begun_ns;
}

/* The first ones that may work together, or the first one. */
static struct item *take_first(struct store_queue *q)
{
	struct item *first = q->first, *last = first;
	size_t n = 1;

	while (last->undo && last->next && last->next->undo && n++ < GROUP_MOST)
		last = last->next;
	q->first = last->next;
	if (!q->first)
		q->last = &q->first;
	last->next = NULL;
	return first;
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

	(void)status; /* nobody cancels it */
	if (q->at_work == &q->end) {
		q->at_work = NULL;
		queue_end(q);
		return;
	}
	if (q->took)
		q->took(q->took_arg, (double)q->work_ns / 1e9);
	while (q->at_work) {
		struct item *i = q->at_work;

		if (i->after)
			i->after(i->arg);
		q->at_work = i->next;
		free(i);
	}
	queue_start(q);
}

static void queue_start(struct store_queue *q)
{
	if (q->at_work || !q->first)
		return;
	q->at_work = take_first(q);
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

int store_queue_join(struct store_queue *q, store_work_fn *work, void (*undo)(void *arg),
                     store_after_fn *after, void *arg)
{
	struct item *i = malloc(sizeof *i);

	if (!i)
		return -ENOMEM;
	*i = (struct item){.work = work, .undo = undo, .after = after, .arg = arg};
	append(q, i);
	return 0;
}

int store_queue_run(struct store_queue *q, store_work_fn *work, store_after_fn *after, void *arg)
{
	return store_queue_join(q, work, NULL, after, arg);
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
