/* SPDX-License-Identifier: MIT */
#include "lib/claims/sentence.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/utf8.h"

#define HEADING_WORDS 5 /* a colon behind so few words makes them a heading */
#define ID_MAX_DIGITS 9

bool sentence_refuse(struct sentence *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(s->reason, sizeof s->reason, fmt, ap);
	va_end(ap);
	return false;
}

bool sentence_has(const struct sentence *s, unsigned classes)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->tokens[i].classes & classes)
			return true;
	return false;
}

bool sentence_next(struct str *ret, struct str *rest)
{
	struct str s = str_trim(*rest);
	size_t i;

	if (!s.len)
		return false;
	for (i = 0; i < s.len; i++)
		if (s.at[i] == '.' && (i + 1 == s.len || strchr(" \t\r\n", s.at[i + 1])))
			break;
	ret->at = s.at;
	ret->len = i < s.len ? i + 1 : s.len;
	rest->at = s.at + ret->len;
	rest->len = s.len - ret->len;
	return true;
}

size_t code_point_at(uint32_t *ret, struct str s, size_t i)
{
	size_t n;

	*ret = 0xFFFD; /* never met: what a model said was parsed as JSON, so it is valid */
	n = utf8_decode(ret, s.at + i, s.len - i);
	return n ? n : 1;
}

char letter_of(uint32_t cp)
{
	/* U+00C0 to U+017F in order; '?' are the signs of multiplication and division. */
	static const char base[] = "aaaaaaaceeeeiiiidnooooo?ouuuuyts"
				   "aaaaaaaceeeeiiiidnooooo?ouuuuyty"
				   "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii"
				   "iijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssss"
				   "ttttttuuuuuuuuuuuuwwyyyzzzzzzs";
	char c;

	_Static_assert(sizeof base == 0x180 - 0xC0 + 1, "one letter per code point");
	if (cp < 0x80) {
		c = (char)(cp | 0x20);
		return c >= 'a' && c <= 'z' ? c : 0;
	}
	c = cp >= 0xC0 && cp < 0x180 ? base[cp - 0xC0] : 0;
	return c == '?' ? 0 : c;
}

bool letters_next(struct str *ret, struct str *rest)
{
	size_t i = 0, start, n = 0;
	uint32_t cp = 0;

	while (i < rest->len && (n = code_point_at(&cp, *rest, i)) && !letter_of(cp))
		i += n;
	start = i;
	while (i < rest->len && (n = code_point_at(&cp, *rest, i)) && letter_of(cp))
		i += n;
	*ret = (struct str){rest->at + start, i - start};
	*rest = (struct str){rest->at + i, rest->len - i};
	return ret->len > 0;
}

static bool is_apostrophe(uint32_t cp)
{
	return cp == '\'' || cp == 0x2018 || cp == 0x2019;
}

static bool is_dash(uint32_t cp)
{
	return cp == '-' || cp == 0x2013 || cp == 0x2014;
}

void word_fold(char ret[static WORD_MAX_BYTES], struct str word)
{
	size_t i = 0, n = 0;

	while (i < word.len && n + 1 < WORD_MAX_BYTES) {
		uint32_t cp;
		char c;

		i += code_point_at(&cp, word, i);
		c = letter_of(cp);
		if (c)
			ret[n++] = c;
	}
	ret[n] = '\0';
}

/* The word without a possessive s, so that "eleven's" is found; contractions keep their letters. */
static struct str without_possessive(struct str w)
{
	size_t cut;

	if (w.len < 3 || (w.at[w.len - 1] | 0x20) != 's')
		return w;
	for (cut = 2; cut <= 4 && cut < w.len; cut += 2) { /* 's of one byte, or of three */
		uint32_t cp;
		size_t n = code_point_at(&cp, w, w.len - cut);

		if (n == cut - 1 && is_apostrophe(cp))
			return (struct str){w.at, w.len - cut};
	}
	return w;
}

static struct token *token_add(struct sentence *s, struct str text)
{
	struct token *t;

	if (s->n == ARRAY_LEN(s->tokens)) {
		(void)sentence_refuse(s, "not a sentence: too many words");
		return NULL;
	}
	t = &s->tokens[s->n++];
	*t = (struct token){.text = text};
	return t;
}

/* "MMMM", or accents side by side as broken encodings leave them: no word of any prose. */
static bool is_word(const struct token *t)
{
	size_t i;

	for (i = 0; i + 1 < t->text.len; i++)
		if ((t->text.at[i] & 0x80) && (unsigned char)t->text.at[i + 1] >= 0xC3 &&
		    (unsigned char)t->text.at[i + 1] <= 0xC5)
			return false;
	for (i = 0; t->folded[i] && t->folded[i + 1]; i++)
		if (t->folded[i] == t->folded[i + 1] && t->folded[i] == t->folded[i + 2])
			return false;
	return true;
}

static bool read_word(struct sentence *s, size_t *at)
{
	size_t start = *at, i = start, end = start;
	struct token *t;

	while (i < s->text.len) {
		uint32_t cp;
		size_t n = code_point_at(&cp, s->text, i);

		if (letter_of(cp))
			end = i + n;
		else if (!is_apostrophe(cp))
			break;
		i += n;
	}
	t = token_add(s, (struct str){s->text.at + start, end - start});
	if (!t)
		return false;
	if (t->text.len >= WORD_MAX_BYTES)
		return sentence_refuse(s, "not a sentence: a word of %zu letters", t->text.len);
	word_fold(t->folded, without_possessive(t->text));
	if (!is_word(t))
		return sentence_refuse(s, "not a sentence: no word: %.*s", (int)t->text.len,
		                       t->text.at);
	t->classes = word_classes(t->folded);
	*at = end;
	return true;
}

unsigned id_read(struct str text, char letter)
{
	unsigned id = 0;
	size_t i;

	if (text.len < 2 || text.len > 1 + ID_MAX_DIGITS || text.at[0] != letter ||
	    text.at[1] == '0')
		return 0;
	for (i = 1; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return 0;
		id = id * 10 + (unsigned)(text.at[i] - '0');
	}
	return id;
}

static bool read_as(enum segment_as *ret, struct str name)
{
	static const enum segment_as all[] = {AS_VALUE,   AS_UNIT,      AS_NAME,
	                                      AS_SUBJECT, AS_DIRECTION, AS_SIZE};
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (str_is(name, segment_as_name(all[i]))) {
			*ret = all[i];
			return true;
		}
	return false;
}

static bool parse_placeholder(struct token *t)
{
	struct str in = {t->text.at + 1, t->text.len - 2}; /* without the braces */
	const char *colon = memchr(in.at, ':', in.len);
	size_t id_len = colon ? (size_t)(colon - in.at) : in.len;

	t->fact = id_read((struct str){in.at, id_len}, 'F');
	t->as = AS_VALUE;
	if (!t->fact)
		return false;
	return !colon || read_as(&t->as, (struct str){colon + 1, in.len - id_len - 1});
}

/* A figure must stand alone: "-{F1}", "{F1}{F2}" or "x{F1}" would print another one. */
static bool stands_alone(struct str s, size_t start, size_t end)
{
	if (start && s.at[start - 1] != ' ' && s.at[start - 1] != '(')
		return false;
	return end >= s.len || strchr(" ,.;:)'", s.at[end]) ||
	       (s.len - end >= 3 && memcmp(s.at + end, "\u2019", 3) == 0);
}

static bool read_placeholder(struct sentence *s, size_t *at)
{
	const char *from = s->text.at + *at;
	const char *close = memchr(from, '}', s->text.len - *at);
	struct token *t;
	size_t len;

	if (!close || close - from > 32)
		return sentence_refuse(s, "broken placeholder");
	len = (size_t)(close - from) + 1;
	t = token_add(s, (struct str){from, len});
	if (!t)
		return false;
	if (!parse_placeholder(t))
		return sentence_refuse(s, "broken placeholder: %.*s", (int)len, from);
	if (!stands_alone(s->text, *at, *at + len))
		return sentence_refuse(s, "placeholder without blanks around it: %.*s", (int)len,
		                       from);
	*at += len;
	return true;
}

static bool is_letter_at(struct str s, size_t i)
{
	uint32_t cp;

	if (i >= s.len)
		return false;
	(void)code_point_at(&cp, s, i);
	return letter_of(cp);
}

/* A letter, a closing parenthesis, a closing quote or a placeholder may stand before a comma. */
static bool ends_a_word(struct str s, size_t i)
{
	unsigned char c = i ? (unsigned char)s.at[i - 1] : ' ';

	return c >= 0x80 || strchr(")}'", c) || letter_of(c);
}

static bool read_sign(struct sentence *s, uint32_t cp, size_t at, size_t len)
{
	struct str t = s->text;
	size_t next = at + len;
	bool blank_next = next < t.len && t.at[next] == ' ';

	if (cp == ' ' || is_apostrophe(cp))
		return true;
	if (cp == '(' || cp == ')')
		return true; /* balance is judged for the sentence as a whole */
	if (cp == '.' && next != t.len)
		return sentence_refuse(s, "a full stop inside the sentence");
	if (cp == ':' && s->n < HEADING_WORDS)
		return sentence_refuse(s, "a heading, not a sentence");
	if (cp == ',' || cp == ';' || cp == ':' || cp == '.')
		return ends_a_word(t, at) && (blank_next || next == t.len)
		               ? true
		               : sentence_refuse(s, "not a sentence: stray '%c'", (int)cp);
	if (is_dash(cp)) {
		bool blank_before = at && t.at[at - 1] == ' ';
		bool inside = is_letter_at(t, next) && at && ends_a_word(t, at) &&
		              t.at[at - 1] != '}';

		return (blank_before && blank_next) || inside
		               ? true
		               : sentence_refuse(s, "not a sentence: stray dash");
	}
	if (cp >= '0' && cp <= '9')
		return sentence_refuse(s, "digit in prose");
	if (cp < ' ' || cp == 0x7F)
		return sentence_refuse(s, "control character");
	if (cp < 0x7F)
		return sentence_refuse(s, "markup in prose: %c", (int)cp);
	return sentence_refuse(s, "digit or sign outside plain prose: U+%04X", cp);
}

static bool read_tokens(struct sentence *s)
{
	size_t i = 0;

	while (i < s->text.len) {
		uint32_t cp;
		size_t n = code_point_at(&cp, s->text, i);
		bool ok = true;

		if (letter_of(cp)) {
			ok = read_word(s, &i);
		} else if (cp == '{') {
			ok = read_placeholder(s, &i);
		} else {
			ok = read_sign(s, cp, i, n);
			i += n;
		}
		if (!ok)
			return false;
	}
	return true;
}

bool sentence_read(struct sentence *s, struct str text)
{
	s->text = text;
	s->n = 0;
	s->reason[0] = '\0';
	s->hypothesis = false;
	if (text.len > SENTENCE_MAX_BYTES)
		return sentence_refuse(s, "not a sentence: %zu bytes", text.len);
	return read_tokens(s) && sentence_judge(s);
}
