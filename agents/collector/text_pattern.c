/* SPDX-License-Identifier: MIT */
#include "agents/collector/text_pattern.h"

#include "lib/base/utf8.h"

struct matcher {
	const char *p;        /* what is left of the pattern */
	const char *at, *end; /* what is left of the line */
	const char *again;    /* behind {+}; NULL: not there yet */
	struct text_piece *pieces;
	size_t n;
	size_t kept;      /* pieces that stay when the rest does not match */
	struct str named; /* what the line named last */
	bool enough;      /* {?} was passed, or {+} once */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

struct str text_trim(struct str s)
{
	while (s.len && is_blank(s.at[0]))
		s.at++, s.len--;
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
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

/* A comma that follows in the pattern ends a number: it is no mark between thousands then. */
static size_t number_length(struct str s, const char *follows)
{
	const char *comma = *follows == ',' && s.len ? memchr(s.at, ',', s.len) : NULL;

	if (comma)
		s.len = (size_t)(comma - s.at);
	return text_number_length(s);
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

/* "±0.2" of "8.41±0.2μs" */
static size_t spread_length(struct str s)
{
	static const char sign[] = "±";
	size_t n = sizeof sign - 1, digits;

	if (s.len < n || memcmp(s.at, sign, n) != 0)
		return 0;
	digits = text_number_length((struct str){s.at + n, s.len - n});
	return digits ? n + digits : 0;
}

/* Up to two blanks, or the end. */
static size_t field_length(struct str s)
{
	size_t n = 0;

	while (n < s.len && !(is_blank(s.at[n]) && (n + 1 == s.len || is_blank(s.at[n + 1]))))
		n++;
	return n;
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
	while (n < s.len && !is_blank(s.at[n]) && s.at[n] != ':' && s.at[n] != '.' &&
	       !(s.at[n] >= 'A' && s.at[n] <= 'Z'))
		n++;
	return n;
}

/* "{cycles,instructions}", "cpu/event=0x3c,umask=0x0/u" */
static size_t event_length(struct str s, char stop)
{
	bool slash = false;
	size_t n = 0, braces = 0;

	for (; n < s.len && !is_blank(s.at[n]); n++) {
		if (s.at[n] == stop && !slash && !braces)
			break;
		slash ^= s.at[n] == '/';
		braces += s.at[n] == '{';
		braces -= s.at[n] == '}' && braces;
	}
	return n;
}

/* Where blanks begin, or the end. */
static const char *find_blank(const char *at, const char *end)
{
	while (at < end && !is_blank(*at))
		at++;
	return at;
}

/*
 * The next place, from `from` on, where the literal that follows may begin: where its first solid
 * character stands, and the blanks before it. NULL: there is none.
 */
static const char *find_candidate(const char *follows, const char *from, const char *end,
                                  const char **ret_next)
{
	char solid = follows[strspn(follows, " ~")];
	const char *at;

	if (solid == '\0' || solid == '{') { /* blanks alone */
		at = find_blank(from, end);
		*ret_next = skip_blanks(at, end);
		return at < end ? at : NULL;
	}
	at = from < end ? memchr(from, solid, (size_t)(end - from)) : NULL;
	if (!at)
		return NULL;
	*ret_next = at + 1;
	while (solid != *follows && at > from && is_blank(at[-1]))
		at--;
	return at;
}

/* Up to the first place where the literal that follows in the pattern stands; SIZE_MAX: nowhere. */
static size_t text_length(const struct matcher *m, const char *follows, bool empty)
{
	const char *from = m->at, *next = NULL, *at;

	if (literal_length(follows) == 0)
		return (size_t)(m->end - m->at);
	while ((at = find_candidate(follows, from, m->end, &next))) {
		if ((empty || at > m->at) && literal_at(follows, at, m->end))
			return (size_t)(at - m->at);
		from = next;
	}
	return SIZE_MAX;
}

/* Events that everybody counts: by them a list of perf is told from other lists. */
static size_t known_event_length(struct str s)
{
	static const char *const known[] = {"task-clock",   "cpu-clock",        "cycles",
	                                    "instructions", "context-switches", "page-faults",
	                                    "branches",     "branch-misses",    "cache-misses"};
	size_t n = 0;

	while (n < s.len && s.at[n] != ',' && s.at[n] != ';' && s.at[n] != ':')
		n++;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_is((struct str){s.at, n}, known[i]))
			return n;
	return 0;
}

static size_t taken_length(struct matcher *m, char *kind, const char *follows)
{
	struct str s = {m->at, (size_t)(m->end - m->at)};
	size_t n;

	switch (*kind) {
	case 'n':
	case 's':
	case 'q':
	case 'a':
		n = number_length(s, follows);
		if (n == 0) {
			*kind = 't';
			return nonfinite_length(s);
		}
		if (*kind == 'a')
			n += spread_length((struct str){s.at + n, s.len - n});
		if (*kind == 'q' || (*kind == 'a' && n < s.len && s.at[n] != ' '))
			n += unit_length((struct str){s.at + n, s.len - n});
		return n;
	case 'f':
		return field_length(s);
	case 'w':
	case 'u':
		return word_length(s, strchr(" ~{", *follows) ? '\0' : *follows);
	case 'c':
		return key_length(s);
	case 'e':
		return event_length(s, *follows);
	case 'x':
		return known_event_length(s);
	}
	n = text_length(m, follows, false);
	return n == SIZE_MAX ? 0 : n;
}

static const char naming[] = "kuce"; /* kinds that name a value, where they have no name */

/* --- pieces --------------------------------------------------------------------------- */

/* The two captures that know only half of it find each other: the name and the value. */
static bool join_pieces(struct matcher *m, char kind, struct str text)
{
	struct text_piece *before = m->n ? &m->pieces[m->n - 1] : NULL;
	bool names = strchr(naming, kind) != NULL;

	if (!before || (before->name.at != NULL) == (before->text.at != NULL))
		return false;
	if (names == (before->name.at != NULL))
		return false;
	if (names)
		before->name = m->named = text;
	else
		before->text = text, before->kind = kind;
	return true;
}

static bool add_piece(struct matcher *m, char kind, struct str name, struct str text)
{
	bool names = strchr(naming, kind) != NULL;
	struct text_piece *piece;

	if (kind == 's')
		name = m->named;
	if (!name.at && join_pieces(m, kind, text))
		return true;
	if (m->n == TEXT_PIECES_MAX)
		return false;
	piece = &m->pieces[m->n++];
	*piece = (struct text_piece){.kind = kind};
	if (!name.at && names)
		piece->name = m->named = text;
	else
		piece->text = text, piece->name = name;
	return true;
}

/* "lat avg|us": the column's name and the unit of its cells. */
static void part_unit(struct text_piece *piece)
{
	const char *bar = piece->name.len ? memchr(piece->name.at, '|', piece->name.len) : NULL;

	if (!bar)
		return;
	piece->unit = (struct str){bar + 1, piece->name.len - (size_t)(bar + 1 - piece->name.at)};
	piece->name.len = (size_t)(bar - piece->name.at);
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
	text = text_trim((struct str){m->at, n});
	if (text.len == 0)
		return false;
	m->at += n;
	if (name.at && name.len == 0)
		return true;
	if (!add_piece(m, kind, name, text))
		return false;
	if (name.at)
		part_unit(&m->pieces[m->n - 1]);
	return true;
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

/* Pieces come from left to right, so that one pass counts the columns of all. */
static void place_pieces(struct text_match *m, const char *line)
{
	uint32_t column = 1;
	const char *at = line;

	for (size_t i = 0; i < m->n; i++) {
		struct text_piece *p = &m->pieces[i];

		column += (uint32_t)utf8_characters(at, p->text.at);
		p->column = column;
		p->length = (uint32_t)utf8_characters(p->text.at, p->text.at + p->text.len);
		at = p->text.at;
	}
}

bool text_match(struct text_match *ret, const char *pattern, struct str line)
{
	struct str trimmed = text_trim(line);
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
