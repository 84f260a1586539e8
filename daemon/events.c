/* SPDX-License-Identifier: MIT */
#include "daemon/events.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/clock.h"

struct event {
	struct event *next;
	uint64_t id;
	bool lasting; /* a step or a state, not the progress within one */
	size_t len;
	char text[]; /* the event as it goes over the wire */
};

struct channel {
	struct channel *next;
	char *job;
	uint64_t last_id;
	struct event *first, **tail;
	size_t n, bytes;
	bool ended;
	struct listener *listeners;
};

struct listener {
	struct source source;
	struct events *events;
	struct channel *channel;
	struct listener *next;
	uint64_t after; /* the number of the event last read */
	size_t at;      /* bytes already read of the one behind it */
	uint64_t at_id; /* which one that is */
};

struct events {
	struct channel *channels; /* newest first */
	size_t n_listeners;
	bool stopped;
};

int events_new(struct events **ret, struct error *err)
{
	*ret = calloc(1, sizeof **ret);
	return *ret ? 0 : error_set(err, -ENOMEM, "no memory for events");
}

static void channel_drop_event(struct channel *c, struct event **at)
{
	struct event *gone = *at;

	*at = gone->next;
	if (c->tail == &gone->next)
		c->tail = at;
	c->n--;
	c->bytes -= gone->len;
	free(gone);
}

static void channel_free(struct channel *c)
{
	while (c->first)
		channel_drop_event(c, &c->first);
	free(c->job);
	free(c);
}

void events_free(struct events *e)
{
	while (e && e->channels) {
		struct channel *c = e->channels;

		assert(!c->listeners);
		e->channels = c->next;
		channel_free(c);
	}
	free(e);
}

static struct channel *channel_find(const struct events *e, const char *job)
{
	for (struct channel *c = e->channels; c; c = c->next) {
		if (strcmp(c->job, job) == 0)
			return c;
	}
	return NULL;
}

bool events_known(const struct events *e, const char *job)
{
	return channel_find(e, job) != NULL;
}

static struct channel *channel_new(struct events *e, const char *job)
{
	struct channel *c = calloc(1, sizeof *c);

	if (c)
		c->job = strdup(job);
	if (!c || !c->job) {
		free(c);
		return NULL;
	}
	/* Above every number of an earlier process: no job has 1000 events a second for long. */
	c->last_id = (uint64_t)clock_now_ms();
	c->tail = &c->first;
	c->next = e->channels;
	e->channels = c;
	return c;
}

/* Of the ended jobs, the newest stay. */
static void events_forget(struct events *e)
{
	struct channel **at = &e->channels;
	size_t ended = 0;

	while (*at) {
		struct channel *c = *at;

		if (c->ended && !c->listeners && ++ended > EVENTS_ENDED_MAX) {
			*at = c->next;
			channel_free(c);
		} else {
			at = &c->next;
		}
	}
}

static void channel_make_room(struct channel *c)
{
	while (c->first && (c->n >= EVENTS_KEPT_MAX || c->bytes >= EVENTS_BYTES_MAX)) {
		struct event **at = &c->first;

		while (*at && (*at)->lasting)
			at = &(*at)->next;
		channel_drop_event(c, *at ? at : &c->first);
	}
}

static struct event *event_new(uint64_t id, const char *event, const char *data)
{
	size_t room = strlen(event) + strlen(data) + 64;
	struct event *ev = malloc(sizeof *ev + room);
	int n;

	if (!ev)
		return NULL;
	n = snprintf(ev->text, room, "id: %" PRIu64 "\nevent: %s\ndata: %s\n\n", id, event, data);
	assert(n > 0 && (size_t)n < room);
	ev->next = NULL;
	ev->id = id;
	ev->lasting = strcmp(event, "step") == 0 || strcmp(event, "state") == 0;
	ev->len = (size_t)n;
	return ev;
}

/* A listener may close itself, and only itself, when it is woken. */
static void channel_wake(struct channel *c)
{
	for (struct listener *l = c->listeners, *next; l; l = next) {
		next = l->next;
		source_wake(&l->source);
	}
}

void events_publish(struct events *e, const char *job, const char *event, const json_t *data)
{
	CLEANUP(freep) char *text = json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(15));
	struct channel *c = channel_find(e, job);
	struct event *ev;

	if (!c)
		c = channel_new(e, job);
	if (!c || !text || c->ended)
		return;
	ev = event_new(c->last_id + 1, event, text);
	if (!ev)
		return;
	c->last_id++;
	channel_make_room(c);
	*c->tail = ev;
	c->tail = &ev->next;
	c->n++;
	c->bytes += ev->len;
	channel_wake(c);
}

void events_end(struct events *e, const char *job)
{
	struct channel *c = channel_find(e, job);

	if (!c)
		return;
	c->ended = true;
	channel_wake(c);
	events_forget(e);
}

void events_stop(struct events *e)
{
	e->stopped = true;
	for (struct channel *c = e->channels; c; c = c->next)
		channel_wake(c);
}

static const struct event *listener_next(const struct listener *l)
{
	const struct event *ev = l->channel->first;

	while (ev && ev->id <= l->after)
		ev = ev->next;
	return ev;
}

/* An event that was dropped while half of it was out cannot be finished: the stream breaks. */
static enum source_state listener_read(struct source *s, char *buf, size_t size, size_t *ret_n)
{
	struct listener *l = CONTAINER_OF(s, struct listener, source);
	const struct event *ev = listener_next(l);
	size_t n;

	*ret_n = 0;
	if (l->at > 0 && (!ev || ev->id != l->at_id))
		return SOURCE_BROKEN;
	if (!ev)
		return l->channel->ended || l->events->stopped ? SOURCE_END : SOURCE_WAIT;
	n = ev->len - l->at < size ? ev->len - l->at : size;
	memcpy(buf, ev->text + l->at, n);
	*ret_n = n;
	l->at += n;
	l->at_id = ev->id;
	if (l->at == ev->len) {
		l->after = ev->id;
		l->at = 0;
	}
	return SOURCE_MORE;
}

static void listener_close(struct source *s)
{
	struct listener *l = CONTAINER_OF(s, struct listener, source);
	struct listener **at = &l->channel->listeners;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	l->events->n_listeners--;
	free(l);
}

struct source *events_listen(struct events *e, const char *job, uint64_t after)
{
	struct channel *c = channel_find(e, job);
	struct listener *l;

	if (!c || e->n_listeners == EVENTS_LISTENERS)
		return NULL;
	l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	e->n_listeners++;
	l->source = (struct source){.read = listener_read, .close = listener_close};
	l->events = e;
	l->channel = c;
	l->after = after;
	l->next = c->listeners;
	c->listeners = l;
	return &l->source;
}
