/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "ctl/sse.h"

static const char stream[] = ": hello\n"
			     "id: 1\nevent: step\ndata: {\"id\": \"inventory\"}\n\n"
			     "data: one\ndata: two\n\n"
			     "event: nothing\n\n"
			     "event:state\r\ndata:\r\n\r\n"
			     "event: lost\ndata: cut sho";

struct heard {
	char text[256];
	int stop;
};

static int on_event(void *arg, const char *event, const char *data)
{
	struct heard *h = arg;
	size_t used = strlen(h->text);

	(void)snprintf(h->text + used, sizeof h->text - used, "[%s|%s]", event, data);
	return h->stop;
}

Test(sse, reads_the_same_events_wherever_the_stream_is_cut)
{
	static const char wanted[] = "[step|{\"id\": \"inventory\"}][message|one\ntwo][state|]";

	for (size_t cut = 0; cut < sizeof stream; cut++) {
		struct heard h = {.stop = 0};
		struct sse s = SSE_INIT(on_event, &h);

		cr_expect_eq(sse_feed(&s, stream, cut), 0);
		cr_expect_eq(sse_feed(&s, stream + cut,
		                      sizeof stream - 1 -
		                              (cut < sizeof stream - 1 ? cut : sizeof stream - 1)),
		             0);
		cr_expect_str_eq(h.text, wanted, "cut at %zu: %s", cut, h.text);
		sse_done(&s);
	}
}

Test(sse, reads_byte_by_byte)
{
	struct heard h = {.stop = 0};
	struct sse s = SSE_INIT(on_event, &h);

	for (size_t i = 0; i + 1 < sizeof stream; i++)
		cr_expect_eq(sse_feed(&s, stream + i, 1), 0);
	cr_expect_str_eq(h.text, "[step|{\"id\": \"inventory\"}][message|one\ntwo][state|]");
	sse_done(&s);
}

Test(sse, stops_when_the_callback_says_so)
{
	struct heard h = {.stop = -ECANCELED};
	struct sse s = SSE_INIT(on_event, &h);

	cr_expect_eq(sse_feed(&s, stream, sizeof stream - 1), -ECANCELED);
	cr_expect_str_eq(h.text, "[step|{\"id\": \"inventory\"}]");
	sse_done(&s);
}

Test(sse, refuses_an_endless_line)
{
	struct heard h = {.stop = 0};
	struct sse s = SSE_INIT(on_event, &h);
	char block[4096];
	int r = 0;

	memset(block, 'x', sizeof block);
	for (size_t i = 0; i < 2 * SSE_LINE_MAX / sizeof block && r == 0; i++)
		r = sse_feed(&s, block, sizeof block);
	cr_expect_eq(r, -EMSGSIZE);
	sse_done(&s);
}

Test(sse, refuses_an_endless_event)
{
	struct heard h = {.stop = 0};
	struct sse s = SSE_INIT(on_event, &h);
	char line[1024];
	int r = 0;

	memset(line, 'x', sizeof line);
	memcpy(line, "data: ", 6);
	line[sizeof line - 1] = '\n';
	for (size_t i = 0; i < 2 * SSE_LINE_MAX / sizeof line && r == 0; i++)
		r = sse_feed(&s, line, sizeof line);
	if (r == 0)
		r = sse_feed(&s, "\n", 1);
	cr_expect_eq(r, -EMSGSIZE);
	sse_done(&s);
}
