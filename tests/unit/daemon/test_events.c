/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include "daemon/events.h"
#include "lib/base/buf.h"

static void publish(struct events *e, const char *job, const char *event, int n)
{
	json_t *data = json_pack("{s:i}", "n", n);

	events_publish(e, job, event, data);
	json_decref(data);
}

/* All that is there now, in pieces of `piece` bytes. */
static enum source_state drain(struct source *s, struct buf *ret, size_t piece)
{
	enum source_state state = SOURCE_MORE;
	char room[4096];

	while (state == SOURCE_MORE) {
		size_t n = 0;

		state = s->read(s, room, piece, &n);
		buf_add(ret, room, n);
	}
	return state;
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void wake(void *arg)
{
	++*(int *)arg;
}

Test(events, a_late_listener_hears_all_and_then_the_end)
{
	CLEANUP(events_freep) struct events *e = NULL;
	struct buf got = BUF_INIT(1 << 20);
	struct source *s;
	int woken = 0;

	cr_assert_eq(events_new(&e, NULL), 0);
	cr_expect(!events_known(e, "j"));
	cr_expect_null(events_listen(e, "j", 0));
	publish(e, "j", "state", 1);
	publish(e, "j", "step", 2);
	s = events_listen(e, "j", 0);
	cr_assert(s);
	s->wake = wake;
	s->wake_arg = &woken;
	cr_expect_eq(drain(s, &got, 7), SOURCE_WAIT);
	cr_expect_eq(count(buf_text(&got), "\ndata: "), 2);
	publish(e, "other", "step", 3);
	cr_expect_eq(woken, 0);
	publish(e, "j", "state", 4);
	events_end(e, "j");
	cr_expect_eq(woken, 2);
	cr_expect_eq(drain(s, &got, 7), SOURCE_END);
	cr_expect_eq(count(buf_text(&got), "\ndata: "), 3);
	cr_expect(strstr(buf_text(&got), "event: state\ndata: {\"n\":4}\n\n"));
	source_close(s);
	buf_done(&got);
}

Test(events, a_listener_that_comes_back_misses_nothing)
{
	CLEANUP(events_freep) struct events *e = NULL;
	struct buf got = BUF_INIT(1 << 20);
	struct source *s;
	uint64_t first = 0;

	cr_assert_eq(events_new(&e, NULL), 0);
	for (int i = 0; i < 5; i++)
		publish(e, "j", "step", i);
	s = events_listen(e, "j", 0);
	(void)drain(s, &got, 4096);
	source_close(s);
	cr_assert_eq(sscanf(buf_text(&got), "id: %" SCNu64, &first), 1);
	buf_done(&got);
	s = events_listen(e, "j", first + 2);
	cr_expect_eq(drain(s, &got, 4096), SOURCE_WAIT);
	cr_expect_eq(count(buf_text(&got), "\ndata: "), 2);
	cr_expect(strstr(buf_text(&got), "{\"n\":3}"));
	events_stop(e);
	cr_expect_eq(drain(s, &got, 4096), SOURCE_END);
	source_close(s);
	buf_done(&got);
}

Test(events, a_full_history_drops_progress_before_steps)
{
	CLEANUP(events_freep) struct events *e = NULL;
	struct buf got = BUF_INIT(1 << 20);
	struct source *s;

	cr_assert_eq(events_new(&e, NULL), 0);
	publish(e, "j", "state", 0);
	publish(e, "j", "step", 0);
	for (int i = 0; i < 3 * EVENTS_KEPT_MAX; i++)
		publish(e, "j", i % 2 ? "progress" : "call", i);
	publish(e, "j", "step", 1);
	s = events_listen(e, "j", 0);
	(void)drain(s, &got, 4096);
	cr_expect_eq(count(buf_text(&got), "\ndata: "), EVENTS_KEPT_MAX);
	cr_expect_eq(count(buf_text(&got), "event: step\n"), 2);
	cr_expect_eq(count(buf_text(&got), "event: state\n"), 1);
	cr_expect(strstr(buf_text(&got), "{\"n\":3071}"), "the newest progress is there");
	source_close(s);
	buf_done(&got);
}

Test(events, half_an_event_that_was_dropped_breaks_the_stream)
{
	CLEANUP(events_freep) struct events *e = NULL;
	struct source *s;
	char room[8];
	size_t n;

	cr_assert_eq(events_new(&e, NULL), 0);
	publish(e, "j", "progress", 0);
	s = events_listen(e, "j", 0);
	cr_expect_eq(s->read(s, room, sizeof room, &n), SOURCE_MORE);
	for (int i = 0; i < 2 * EVENTS_KEPT_MAX; i++)
		publish(e, "j", "progress", i);
	cr_expect_eq(s->read(s, room, sizeof room, &n), SOURCE_BROKEN);
	source_close(s);
}

Test(events, ended_jobs_are_forgotten_and_listeners_are_limited)
{
	CLEANUP(events_freep) struct events *e = NULL;
	struct source *all[EVENTS_LISTENERS];
	char job[16];

	cr_assert_eq(events_new(&e, NULL), 0);
	for (int i = 0; i < EVENTS_ENDED_MAX + 10; i++) {
		(void)snprintf(job, sizeof job, "j%d", i);
		publish(e, job, "state", i);
		events_end(e, job);
	}
	cr_expect(!events_known(e, "j9"));
	cr_expect(events_known(e, "j10"));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		cr_assert((all[i] = events_listen(e, "j10", 0)));
	cr_expect_null(events_listen(e, "j10", 0));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		source_close(all[i]);
}
