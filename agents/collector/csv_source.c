/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_source.h"

#include <errno.h>

#include "agents/collector/csv_part.h"
#include "lib/base/files.h"

void csv_window_done(struct csv_window *w)
{
	free(w->data);
	*w = (struct csv_window){0};
}

static int make_room(struct csv_window *w, size_t len)
{
	char *more;

	if (w->data && w->cap >= len)
		return 0;
	more = realloc(w->data, len + CSV_TEXT_PAD);
	if (!more)
		return -ENOMEM;
	w->data = more;
	w->cap = len;
	return 0;
}

static int read_file(const struct csv_source *s, uint64_t at, struct csv_window *w,
                     struct error *err)
{
	ssize_t n = files_read_at(s->fd, w->data, w->len, at);

	if (n < 0)
		return error_set(err, -EIO, "%s", strerror((int)-n));
	if ((size_t)n < w->len)
		return error_set(err, -EIO, "still being written: it became shorter");
	return 0;
}

int csv_source_read(const struct csv_source *s, uint64_t at, size_t len, struct csv_window *ret,
                    struct error *err)
{
	uint64_t left = s->size - at;

	if (left < len)
		len = (size_t)left;
	if (make_room(ret, len) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	ret->len = len;
	memset(ret->data + len, 0, CSV_TEXT_PAD);
	if (!s->text.at)
		return read_file(s, at, ret, err);
	memcpy(ret->data, s->text.at + at, len);
	return 0;
}
