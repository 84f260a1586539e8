/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_source.h"

#include <errno.h>

#include "agents/collector/csv_part.h"
#include "lib/base/files.h"

#define BLANK_BYTES 64 /* looked at behind a line feed to see whether the line is blank */

/* What one stretch of a survey holds; masks are of sixteen bytes, one bit each. */
struct tally {
	char delimiter;
	size_t line_feeds, returns, blank_lines;
	size_t first_feed; /* index of the first line feed, SIZE_MAX: none */
	bool quoted;       /* or anything else that makes a text less than plain */
};

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

#ifdef __SSE2__
#include <emmintrin.h>

static inline unsigned equal16(const char *at, char c)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);

	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}
#else
static inline unsigned equal16(const char *at, char c)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < 16; i++)
		mask |= (unsigned)(at[i] == c) << i;
	return mask;
}
#endif

/* Whether nothing but blanks stands between `at` and the end of its line, or of the text. */
static bool is_blank_line(struct tally *t, const char *at, const char *end)
{
	const char *stop = end - at > BLANK_BYTES ? at + BLANK_BYTES : end;

	while (at < stop && (*at == ' ' || *at == '\t') && *at != t->delimiter)
		at++;
	if (at == stop && stop < end)
		t->quoted = true; /* blanks without end: somebody else may count those */
	return at == stop || *at == '\n' || *at == '\r';
}

/* The line feeds of sixteen bytes at `at`, of which `mask` tells. */
static inline void count_feeds(struct tally *t, const char *text, const char *at, unsigned mask,
                               const char *end)
{
	if (t->first_feed == SIZE_MAX)
		t->first_feed = (size_t)(at - text) + (unsigned)__builtin_ctz(mask);
	for (; mask; mask &= mask - 1) {
		const char *next = at + __builtin_ctz(mask) + 1;

		t->line_feeds++;
		if ((unsigned char)*next <= ' ' || next >= end)
			t->blank_lines += is_blank_line(t, next, end);
	}
}

static inline void count_returns(struct tally *t, const char *at, unsigned mask)
{
	for (; mask; mask &= mask - 1) {
		t->returns++;
		t->quoted |= at[__builtin_ctz(mask) + 1] != '\n';
	}
}

/* `len` bytes of text, behind which up to `end` may be looked at. */
static void tally_text(struct tally *t, const char *text, size_t len, const char *end)
{
	for (size_t i = 0; i < len; i += 16) {
		unsigned in = len - i >= 16 ? 0xFFFF : (1u << (len - i)) - 1;
		unsigned feeds = equal16(text + i, '\n') & in;
		unsigned returns = equal16(text + i, '\r') & in;

		t->quoted |= (equal16(text + i, '"') & in) != 0;
		if (feeds)
			count_feeds(t, text, text + i, feeds, end);
		if (returns)
			count_returns(t, text + i, returns);
	}
}

static struct tally tally_of(const struct csv_window *w, size_t bytes, char delimiter, bool first)
{
	struct tally t = {.delimiter = delimiter, .first_feed = SIZE_MAX};
	size_t len = w->len < bytes ? w->len : bytes;
	const char *end = w->data + w->len;

	tally_text(&t, w->data, len, end);
	if (first) /* its first line has no line feed before it */
		t.blank_lines += is_blank_line(&t, w->data, end);
	return t;
}

static void add_stretch(struct csv_survey *ret, const struct tally *t, uint64_t from, bool first)
{
	ret->stretches[ret->n++] = (struct csv_stretch){
		.from = first ? from : from + t->first_feed + 1,
		.records = t->line_feeds + first - t->blank_lines,
		.lines = t->line_feeds + first};
}

static int survey(struct csv_survey *ret, const struct csv_source *s, uint64_t at, size_t bytes,
                  char delimiter, struct csv_window *w, struct error *err)
{
	size_t most = (size_t)((s->size - at) / bytes) + 1;

	ret->stretches = calloc(most, sizeof *ret->stretches);
	if (!ret->stretches)
		return error_set(err, -ENOMEM, "out of memory");
	ret->plain = true;
	for (uint64_t from = at; from < s->size; from += bytes) {
		bool first = from == at, last = s->size - from <= bytes;
		int r = csv_source_read(s, from, bytes + 2 * BLANK_BYTES, w, err);
		struct tally t;

		if (r < 0)
			return r;
		if (s->digest)
			digest_add(s->digest, w->data, w->len < bytes ? w->len : bytes);
		t = tally_of(w, bytes, delimiter, first);
		ret->line_ends += t.line_feeds + t.returns;
		ret->plain &= !t.quoted && (first || last || t.first_feed != SIZE_MAX);
		if (first || t.first_feed != SIZE_MAX)
			add_stretch(ret, &t, from, first);
	}
	return 0;
}

int csv_survey_take(struct csv_survey *ret, const struct csv_source *s, uint64_t at, size_t bytes,
                    char delimiter, struct error *err)
{
	struct csv_window w = {0};
	int r;

	*ret = (struct csv_survey){0};
	r = survey(ret, s, at, bytes, delimiter, &w, err);
	csv_window_done(&w);
	return r;
}

void csv_survey_done(struct csv_survey *s)
{
	free(s->stretches);
	*s = (struct csv_survey){0};
}
