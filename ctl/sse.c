/* SPDX-License-Identifier: MIT */
#include "ctl/sse.h"

#include <errno.h>
#include <stdio.h>

static int dispatch(struct sse *s)
{
	int r = 0;

	if (s->data.failed)
		return -EMSGSIZE;
	if (s->has_data)
		r = s->fn(s->arg, s->event[0] ? s->event : "message", buf_text(&s->data));
	s->event[0] = '\0';
	s->has_data = false;
	buf_done(&s->data);
	return r;
}

static int on_line(void *arg, char *line, size_t len)
{
	struct sse *s = arg;
	char *value = memchr(line, ':', len);

	if (len == 0)
		return dispatch(s);
	if (value) {
		*value++ = '\0';
		value += *value == ' ';
	}
	if (strcmp(line, "event") == 0) {
		(void)snprintf(s->event, sizeof s->event, "%s", value ? value : "");
	} else if (strcmp(line, "data") == 0) {
		if (s->has_data)
			buf_putc(&s->data, '\n');
		buf_puts(&s->data, value ? value : "");
		s->has_data = true;
	}
	return 0; /* id, retry and comments say nothing that we need */
}

int sse_feed(struct sse *s, const char *bytes, size_t n)
{
	return lines_feed(&s->lines, bytes, n, on_line, s);
}

void sse_done(struct sse *s)
{
	lines_free(&s->lines);
	buf_done(&s->data);
}
