/* SPDX-License-Identifier: MIT */
/*
 * csv_scan - cut delimited text (RFC 4180 and its relatives) into records and cells.
 *
 * Nothing is copied: a cell is a span of the text, still with its doubled quotes.
 */
#pragma once

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "lib/base/str.h"

struct csv_scan {
	const char *at, *end;
	char delimiter;
	unsigned line;        /* of `at`, from 1 */
	unsigned record_line; /* where the record of the last cell began */
	unsigned open_quote;  /* line of a quote that is never closed, 0: none */
};

/* How a cell ended. */
enum csv_end { CSV_DELIMITER, CSV_RECORD, CSV_FILE };

struct csv_span {
	struct str raw; /* trimmed; without the quotes around it */
	bool doubled;   /* "" within it stands for one quote */
};

static inline struct csv_scan csv_scan_of(struct str text, char delimiter)
{
	return (struct csv_scan){text.at, text.at + text.len, delimiter, 1, 1, 0};
}

/* Moves over blank lines to the next record. False at the end of the text. */
bool csv_next_record(struct csv_scan *s);

/* The next cell of the record; call until it does not return CSV_DELIMITER. */
enum csv_end csv_next_cell(struct csv_scan *s, struct csv_span *ret);

/* What ends the cell before s->at, which is moved behind it. */
enum csv_end csv_end_of_cell(struct csv_scan *s);

/* From p over blanks that delimit nothing. */
static inline const char *csv_skip_blanks(const struct csv_scan *s, const char *p)
{
	while (p < s->end && (*p == ' ' || *p == '\t') && *p != s->delimiter)
		p++;
	return p;
}

/* From p to the first delimiter or line end, or the end of the text. */
static inline const char *csv_skip_plain(const struct csv_scan *s, const char *p)
{
#ifdef __SSE2__
	const __m128i delimiter = _mm_set1_epi8(s->delimiter);
	const __m128i lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');

	for (; s->end - p >= 16; p += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i found = _mm_or_si128(
			_mm_cmpeq_epi8(bytes, delimiter),
			_mm_or_si128(_mm_cmpeq_epi8(bytes, lf), _mm_cmpeq_epi8(bytes, cr)));
		int mask = _mm_movemask_epi8(found);

		if (mask)
			return p + __builtin_ctz((unsigned)mask);
	}
#endif
	while (p < s->end && *p != s->delimiter && *p != '\n' && *p != '\r')
		p++;
	return p;
}

/* Of 64 bytes, a bit for each delimiter and line end. */
static inline uint64_t csv_ends_at(const char *p, char delimiter)
{
	uint64_t ends = 0;

#ifdef __SSE2__
	const __m128i d = _mm_set1_epi8(delimiter), lf = _mm_set1_epi8('\n'),
		      cr = _mm_set1_epi8('\r');

	for (unsigned i = 0; i < 64; i += 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i found = _mm_or_si128(
			_mm_cmpeq_epi8(bytes, d),
			_mm_or_si128(_mm_cmpeq_epi8(bytes, lf), _mm_cmpeq_epi8(bytes, cr)));

		ends |= (uint64_t)(unsigned)_mm_movemask_epi8(found) << i;
	}
#else
	for (unsigned i = 0; i < 64; i++)
		ends |= (uint64_t)(p[i] == delimiter || p[i] == '\n' || p[i] == '\r') << i;
#endif
	return ends;
}

/* Writes the cell's text with a NUL behind it; `to` has raw.len + 1 bytes. Returns its length. */
size_t csv_unquote(char *to, const struct csv_span *span);
