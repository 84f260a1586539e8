/* SPDX-License-Identifier: MIT */
#include "lib/model/sse.h"

#include <errno.h>

static int dispatch(struct sse *s, sse_fn *fn, void *arg)
{
	int r;

	if (!s->has_data)
		return 0;
	r = fn(arg, false, buf_text(&s->data), s->data.len);
	s->data.len = 0;
	s->has_data = false;
	return r;
}

/* The value of the field `name` in line, or NULL. One blank after the colon is not part of it. */
static const char *field(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	return line + n + (line[n + 1] == ' ' ? 2 : 1);
}

static int take_line(struct sse *s, const char *line, size_t len, sse_fn *fn, void *arg)
{
	const char *value;

	if (len == 0)
		return dispatch(s, fn, arg);
	value = field(line, "error");
	if (value)
		return fn(arg, true, value, len - (size_t)(value - line));
	value = line[0] == '{' ? line : field(line, "data");
	if (!value)
		return 0;
	if (s->has_data)
		buf_putc(&s->data, '\n');
	buf_add(&s->data, value, len - (size_t)(value - line));
	s->has_data = true;
	return s->data.failed ? -EMSGSIZE : 0;
}

static int end_line(struct sse *s, sse_fn *fn, void *arg)
{
	size_t len = s->line.len;

	s->line.len = 0;
	return take_line(s, len ? s->line.data : "", len, fn, arg);
}

static size_t line_part(const char *bytes, size_t n)
{
	const char *lf = memchr(bytes, '\n', n);
	size_t part = lf ? (size_t)(lf - bytes) : n;
	const char *cr = memchr(bytes, '\r', part);

	return cr ? (size_t)(cr - bytes) : part;
}

int sse_feed(struct sse *s, const char *bytes, size_t n, sse_fn *fn, void *arg)
{
	while (n > 0) {
		size_t part = line_part(bytes, n);
		int r;

		if (s->after_cr && bytes[0] == '\n') { /* the second half of CRLF */
			s->after_cr = false;
			bytes++, n--;
			continue;
		}
		s->after_cr = false;
		buf_add(&s->line, bytes, part);
		if (s->line.failed)
			return -EMSGSIZE;
		if (part == n)
			return 0;
		s->after_cr = bytes[part] == '\r';
		bytes += part + 1;
		n -= part + 1;
		r = end_line(s, fn, arg);
		if (r != 0)
			return r;
	}
	return 0;
}

int sse_end(struct sse *s, sse_fn *fn, void *arg)
{
	int r = s->line.len ? end_line(s, fn, arg) : 0;

	return r ? r : dispatch(s, fn, arg);
}

void sse_done(struct sse *s)
{
	buf_done(&s->line);
	buf_done(&s->data);
	s->has_data = s->after_cr = false;
}
