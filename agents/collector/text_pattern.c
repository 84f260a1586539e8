/* SPDX-License-Identifier: MIT */
#include "agents/collector/text_pattern.h"

struct matcher {
	const char *p;        /* what is left of the pattern */
	const char *at, *end; /* what is left of the line */
	const char *again;    /* behind {+}; NULL: not there yet */
	struct text_piece *pieces;
	size_t n;
	size_t kept; /* pieces that stay when the rest does not match */
	bool enough; /* {?} was passed, or {+} once */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* Where the line goes on behind the literal part of a pattern, NULL: it is not there. */
static const char *literal_at(const char *p, const char *at, const char *end)
{
	const char *from;
	size_t blanks;

	while (*p && *p != '{') {
		if (*p == '~') {
			at = skip_blanks(at, end);
			p++;
		} else if (*p == ' ') {
			blanks = strspn(p, " ");
			from = at;
			at = skip_blanks(at, end);
			if ((size_t)(at - from) < blanks)
				return NULL;
			p += blanks;
		} else {
			if (at == end || *at != *p)
				return NULL;
			at++;
			p++;
		}
	}
	return at;
}

static size_t literal_length(const char *p)
{
	return strcspn(p, "{");
}

/* --- what a capture takes -------------------------------------------------------------- */

static size_t exponent_length(struct str s, size_t i)
{
	size_t at = i + 1;

	if (i >= s.len || (s.at[i] != 'e' && s.at[i] != 'E'))
		return 0;
	at += at < s.len && (s.at[at] == '+' || s.at[at] == '-');
	if (at >= s.len || !is_digit(s.at[at]))
		return 0;
	while (at < s.len && is_digit(s.at[at]))
		at++;
	return at - i;
}

size_t text_number_length(struct str s)
{
	size_t i = s.len && (s.at[0] == '+' || s.at[0] == '-'), last = 0;

	for (; i < s.len && (is_digit(s.at[i]) || s.at[i] == '.' || s.at[i] == ','); i++)
		if (is_digit(s.at[i]))
			last = i + 1;
	return last ? last + exponent_length(s, last) : 0;
}

/* "nan", "-nan", "inf": what C prints where there is no number. */
static size_t nonfinite_length(struct str s)
{
	size_t sign = s.len && (s.at[0] == '+' || s.at[0] == '-');

	if (s.len - sign < 3)
		return 0;
	return memcmp(s.at + sign, "nan", 3) == 0 || memcmp(s.at + sign, "inf", 3) == 0 ? sign + 3
	                                                                                : 0;
}

static bool is_unit_byte(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '%' || c == '/' || c == '#' ||
	       (unsigned char)c >= 0x80;
}

/* "ms", " ms", but not "ms,": with the one blank that may stand before it. */
static size_t unit_length(struct str s)
{
	size_t blank = s.len && s.at[0] == ' ', i = blank;

	while (i < s.len && is_unit_byte(s.at[i]))
		i++;
	return i > blank ? i : 0;
}

static size_t word_length(struct str s, char stop)
{
	size_t n = 0;

	while (n < s.len && !is_blank(s.at[n]) && !(stop && s.at[n] == stop))
		n++;
	return n;
}

static size_t key_length(struct str s)
{
	size_t n = 0;

	if (!s.len || s.at[0] < 'a' || s.at[0] > 'z')
		return 0;
	while (n < s.len && !is_blank(s.at[n]) && s.at[n] != ':' &&
	       !(s.at[n] >= 'A' && s.at[n] <= 'Z'))
		n++;
	return n;
}

/*
 * Up to the first place where the literal that follows stands. One that begins with blanks is
 * looked for only where blanks begin, or a line of blanks would take quadratic time.
 */
static size_t text_length(const struct matcher *m, const char *follows, bool empty)
{
	size_t len = (size_t)(m->end - m->at);
	bool blanks = *follows == ' ';

	if (literal_length(follows) == 0)
		return len;
	for (size_t n = empty ? 0 : 1; n <= len; n++) {
		if (blanks && n > 0 && is_blank(m->at[n - 1]) && n > 1)
			continue;
		if (literal_at(follows, m->at + n, m->end))
			return n;
	}
	return SIZE_MAX;
}

static size_t taken_length(struct matcher *m, char *kind, const char *follows)
{
	struct str s = {m->at, (size_t)(m->end - m->at)};
	size_t n;

	switch (*kind) {
	case 'n':
	case 'q':
		n = text_number_length(s);
		if (n == 0) {
			*kind = 't';
			n = nonfinite_length(s);
		} else if (*kind == 'q') {
			n += unit_length((struct str){s.at + n, s.len - n});
		}
		return n;
	case 'w':
	case 'u':
		return word_length(s, strchr(" ~{", *follows) ? '\0' : *follows);
	case 'c':
		return key_length(s);
	}
	n = text_length(m, follows, false);
	return n == SIZE_MAX ? 0 : n;
}

/* --- pieces --------------------------------------------------------------------------- */

/* The two captures that know only half of it find each other: the name and the value. */
static bool join_pieces(struct matcher *m, char kind, struct str text)
{
	struct text_piece *before = m->n ? &m->pieces[m->n - 1] : NULL;
	bool names = kind == 'k' || kind == 'u' || kind == 'c';

	if (!before || (before->name.at != NULL) == (before->text.at != NULL))
		return false;
	if (names == (before->name.at != NULL))
		return false;
	if (names)
		before->name = text;
	else
		before->text = text, before->kind = kind;
	return true;
}

static bool add_piece(struct matcher *m, char kind, struct str name, struct str text)
{
	bool names = kind == 'k' || kind == 'u' || kind == 'c';
	struct text_piece *piece;

	if (!name.at && join_pieces(m, kind, text))
		return true;
	if (m->n == TEXT_PIECES_MAX)
		return false;
	piece = &m->pieces[m->n++];
	*piece = (struct text_piece){.kind = kind};
	if (!name.at && names)
		piece->name = text;
	else
		piece->text = text, piece->name = name;
	return true;
}

/* m->p is at the "{" of a capture. */
static bool take(struct matcher *m)
{
	const char *close = strchr(m->p, '}'), *colon = m->p + 2;
	char kind = m->p[1];
	struct str name = {NULL, 0}, text;
	size_t n;

	if (*colon == ':')
		name = (struct str){colon + 1, (size_t)(close - colon) - 1};
	m->p = close + 1;
	if (kind == '*') {
		n = text_length(m, m->p, true);
		m->at += n == SIZE_MAX ? 0 : n;
		return n != SIZE_MAX;
	}
	n = taken_length(m, &kind, m->p);
	text = str_trim((struct str){m->at, n});
	if (text.len == 0)
		return false;
	m->at += n;
	return (name.at && name.len == 0) || add_piece(m, kind, name, text);
}

/* One step along the pattern. */
static bool step(struct matcher *m)
{
	if (*m->p != '{') {
		const char *at = literal_at(m->p, m->at, m->end);

		m->p += literal_length(m->p);
		m->at = at ? at : m->at;
		return at != NULL;
	}
	if (m->p[1] == '?' || m->p[1] == '+') {
		m->enough |= m->p[1] == '?';
		m->kept = m->n;
		m->p += 3;
		if (m->p[-2] == '+')
			m->again = m->p;
		return true;
	}
	return take(m);
}

static bool walk(struct matcher *m)
{
	for (;;) {
		while (*m->p)
			if (!step(m))
				return m->enough;
		m->kept = m->n;
		m->enough |= m->again != NULL;
		if (m->at == m->end || !m->again)
			return m->at == m->end || m->enough;
		m->p = m->again;
	}
}

static uint32_t characters(const char *from, const char *to)
{
	uint32_t n = 0;

	for (; from < to; from++)
		n += ((unsigned char)*from & 0xC0) != 0x80;
	return n;
}

/* Pieces come from left to right, so that one pass counts the columns of all. */
static void place_pieces(struct text_match *m, const char *line)
{
	uint32_t column = 1;
	const char *at = line;

	for (size_t i = 0; i < m->n; i++) {
		struct text_piece *p = &m->pieces[i];

		column += characters(at, p->text.at);
		p->column = column;
		p->length = characters(p->text.at, p->text.at + p->text.len);
		at = p->text.at;
	}
}

bool text_match(struct text_match *ret, const char *pattern, struct str line)
{
	struct str trimmed = str_trim(line);
	struct matcher m = {.p = pattern,
	                    .at = trimmed.at,
	                    .end = trimmed.at + trimmed.len,
	                    .pieces = ret->pieces};

	if (!walk(&m))
		return false;
	ret->n = 0;
	for (size_t i = 0; i < m.kept; i++)
		if (ret->pieces[i].text.at && ret->pieces[i].name.at)
			ret->pieces[ret->n++] = ret->pieces[i];
	place_pieces(ret, line.at);
	return true;
}
