/* SPDX-License-Identifier: MIT */
#include "lib/claims/sentence.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/utf8.h"

#define LONGEST_RUN    20 /* words of a run that is looked for three times over */
#define NEGATION_REACH 3  /* "is not at {F1}": so many words before a figure may turn it round */
#define HEADING_WORDS  5  /* a colon behind so few words makes them a heading */
#define ID_MAX_DIGITS  9

bool sentence_refuse(struct sentence *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(s->reason, sizeof s->reason, fmt, ap);
	va_end(ap);
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

static bool balanced(struct str t)
{
	int depth = 0;
	size_t i;

	for (i = 0; i < t.len && depth >= 0 && depth <= 1; i++) {
		if (t.at[i] == '(')
			depth++;
		else if (t.at[i] == ')')
			depth--;
		if (t.at[i] == '(' && i + 1 < t.len && strchr(") ,.;:", t.at[i + 1]))
			return false;
	}
	return depth == 0;
}

static bool judge_shape(struct sentence *s)
{
	const struct token *first = &s->tokens[0];

	if (!s->text.len || s->text.at[s->text.len - 1] != '.')
		return sentence_refuse(s, "not a sentence: no full stop");
	if (s->n < SENTENCE_MIN_WORDS)
		return sentence_refuse(s, "not a sentence: fewer than four words");
	if (!balanced(s->text))
		return sentence_refuse(s, "unbalanced parentheses");
	if (first->text.at != s->text.at)
		return sentence_refuse(s, "not a sentence: begins with a sign");
	if (first->fact && first->as != AS_NAME && first->as != AS_SUBJECT)
		return sentence_refuse(s, "not a sentence: begins with a figure");
	if (!first->fact && (s->text.at[0] < 'A' || s->text.at[0] > 'Z'))
		return sentence_refuse(s, "not a sentence: begins in lower case");
	return true;
}

static const char *folded_at(const struct sentence *s, size_t i)
{
	return i < s->n ? s->tokens[i].folded : "";
}

/* In no list, as "time to first token" and "tokens per second" are names: only those pass. */
static bool is_ordinal(const struct sentence *s, size_t i)
{
	const char *w = s->tokens[i].folded, *before = i ? folded_at(s, i - 1) : "";

	if (strcmp(w, "first") == 0)
		return strncmp(folded_at(s, i + 1), "token", 5) != 0;
	return strcmp(w, "second") == 0 && strcmp(before, "per") != 0 &&
	       strcmp(before, "each") != 0;
}

/* "Phase II": capitals out of I, V and X are a number; other Roman letters are abbreviations. */
static bool is_roman(struct str w)
{
	size_t i;

	for (i = 0; i < w.len; i++)
		if (!strchr("IVX", w.at[i]))
			return false;
	return w.len >= 2;
}

/* "warm up" and "start up" tell of no direction. */
static bool is_particle(const struct sentence *s, size_t i)
{
	static const char *const verbs[] = {"warm",     "warming", "warmed", "start",
	                                    "starting", "started", "set",    "setting",
	                                    "follow",   "back",    "shut"};
	const char *w = s->tokens[i].folded;
	size_t k;

	if (!i || (strcmp(w, "up") != 0 && strcmp(w, "down") != 0))
		return false;
	for (k = 0; k < ARRAY_LEN(verbs); k++)
		if (strcmp(folded_at(s, i - 1), verbs[k]) == 0)
			return true;
	return false;
}

static bool judge_word(struct sentence *s, size_t i)
{
	const struct token *t = &s->tokens[i];
	unsigned kind = WORD_REGRESSION | WORD_IMPROVEMENT; /* judged with the findings */
	int len = (int)t->text.len;

	if ((t->classes & WORD_NUMBER) || is_ordinal(s, i) || is_roman(t->text))
		return sentence_refuse(s, "number word: %.*s", len, t->text.at);
	if ((t->classes & WORD_DIRECTION) && !(t->classes & kind) && !is_particle(s, i))
		return sentence_refuse(s, "direction word: %.*s", len, t->text.at);
	if (t->classes & WORD_ECHO)
		return sentence_refuse(s, "speaks of its instructions or of itself: %.*s", len,
		                       t->text.at);
	if (!t->folded[1] && !strchr("aAp", t->text.at[0])) /* "p" as in "p value" */
		return sentence_refuse(s, "not a sentence: a letter by itself: %.*s", len,
		                       t->text.at);
	return true;
}

static bool judge_words(struct sentence *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!s->tokens[i].fact && !judge_word(s, i))
			return false;
	return true;
}

static bool has_class(const struct sentence *s, unsigned classes)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->tokens[i].classes & classes)
			return true;
	return false;
}

/* The printed direction is a verb in the past: behind these words it would be bent or denied. */
static bool bends_a_verb(const char *word)
{
	static const char *const words[] = {
		"to",      "did",    "does",   "do",     "will",  "would", "can", "could",
		"may",     "might",  "must",   "shall",  "is",    "are",   "was", "were",
		"be",      "been",   "being",  "has",    "have",  "had",   "if",  "should",
		"whether", "unless", "before", "nearly", "almost"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool judge_figure(struct sentence *s, size_t i)
{
	const struct token *t = &s->tokens[i];
	const struct token *before = i ? t - 1 : NULL, *after = i + 1 < s->n ? t + 1 : NULL;
	int len = (int)t->text.len;
	size_t k;

	if (before && token_is_figure(before))
		return sentence_refuse(s, "no word before the figure %.*s", len, t->text.at);
	if (before && (before->classes & WORD_BOUND))
		return sentence_refuse(s, "%s bends the figure %.*s", before->folded, len,
		                       t->text.at);
	if (after && (after->classes & WORD_UNIT))
		return sentence_refuse(s, "a unit behind the figure %.*s", len, t->text.at);
	if (after && after->fact && after->as == AS_UNIT)
		return sentence_refuse(s, "a unit behind the figure %.*s", len, t->text.at);
	for (k = 1; k <= NEGATION_REACH && k <= i; k++)
		if (s->tokens[i - k].classes & WORD_NEGATION)
			return sentence_refuse(s, "denies the figure %.*s", len, t->text.at);
	return true;
}

static bool judge_facts(struct sentence *s)
{
	bool negated = has_class(s, WORD_NEGATION);
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];

		if (t->fact && t->as == AS_DIRECTION && negated)
			return sentence_refuse(s, "denies the direction of F%u", t->fact);
		if (t->fact && t->as == AS_DIRECTION && i && bends_a_verb(folded_at(s, i - 1)))
			return sentence_refuse(s, "%s bends the direction of F%u",
			                       folded_at(s, i - 1), t->fact);
		if (token_is_figure(t) && !judge_figure(s, i))
			return false;
	}
	if (negated && has_class(s, WORD_EVENT))
		return sentence_refuse(s, "denies what code decides");
	return true;
}

static bool tokens_equal(const struct token *a, const struct token *b)
{
	if (a->fact || b->fact)
		return a->fact == b->fact && a->as == b->as;
	return strcmp(a->folded, b->folded) == 0;
}

static bool runs_equal(const struct sentence *s, size_t a, size_t b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!tokens_equal(&s->tokens[a + i], &s->tokens[b + i]))
			return false;
	return true;
}

static bool judge_repetition(struct sentence *s)
{
	size_t len, i;

	for (i = 0; i + 1 < s->n; i++)
		if (runs_equal(s, i, i + 1, 1))
			return sentence_refuse(s, "repeats itself");
	for (len = 2; len <= LONGEST_RUN; len++)
		for (i = 0; i + 3 * len <= s->n; i++)
			if (runs_equal(s, i, i + len, len) && runs_equal(s, i, i + 2 * len, len))
				return sentence_refuse(s, "repeats itself");
	return true;
}

bool sentence_read(struct sentence *s, struct str text)
{
	s->text = text;
	s->n = 0;
	s->reason[0] = '\0';
	if (text.len > SENTENCE_MAX_BYTES)
		return sentence_refuse(s, "not a sentence: %zu bytes", text.len);
	if (!read_tokens(s) || !judge_shape(s) || !judge_words(s) || !judge_facts(s) ||
	    !judge_repetition(s))
		return false;
	s->hypothesis = has_class(s, WORD_CAUSE);
	return true;
}
