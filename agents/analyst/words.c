/* SPDX-License-Identifier: MIT */
#include "agents/analyst/words.h"

#include <string.h>

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes above ASCII belong to words too: "µs". */
static bool is_word(char c)
{
	return is_upper(c) || is_lower(c) || is_digit(c) || (unsigned char)c >= 0x80 || c == '%';
}

static char lower(char c)
{
	return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static void add_letter(struct words *w, size_t *len, char c)
{
	if (w->n && *len + 1 < WORD_BYTES) {
		w->word[w->n - 1][(*len)++] = lower(c);
		w->word[w->n - 1][*len] = '\0';
	}
}

static bool starts_word(const char *name, size_t i)
{
	return i == 0 || !is_word(name[i - 1]) || (is_upper(name[i]) && is_lower(name[i - 1])) ||
	       name[i] == '%' || name[i - 1] == '%';
}

static void cut(struct words *w, const char *name, size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_word(name[i]))
			continue;
		if (starts_word(name, i)) {
			if (w->n == WORDS_MAX)
				return;
			w->n++;
			len = 0;
		}
		add_letter(w, &len, name[i]);
	}
}

/* "Mean (ms)" -> "ms"; returns how much of the name stands before the brackets. */
static size_t cut_unit(struct words *w, const char *name, size_t n)
{
	size_t close = n, open;

	if (!n || (name[n - 1] != ')' && name[n - 1] != ']'))
		return n;
	close = n - 1;
	for (open = close; open > 0 && name[open] != '(' && name[open] != '['; open--)
		;
	if (open == 0 || close - open - 1 >= WORD_UNIT_BYTES)
		return n;
	for (size_t i = open + 1; i < close; i++)
		w->unit[i - open - 1] = lower(name[i]);
	return open;
}

/* The "#2" that tells columns of one name apart is no part of the name. */
static size_t without_number(const char *name)
{
	size_t n = strlen(name), i = n;

	while (i > 0 && is_digit(name[i - 1]))
		i--;
	return i > 0 && i < n && name[i - 1] == '#' ? i - 1 : n;
}

struct words words_of(const char *name)
{
	struct words w = {0};
	size_t n = without_number(name);

	while (n && (name[n - 1] == ' ' || name[n - 1] == '*'))
		n--;
	cut(&w, name, cut_unit(&w, name, n));
	return w;
}

bool words_has(const struct words *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->word[i], word) == 0)
			return true;
	return false;
}

bool words_any(const struct words *w, const char *const *list)
{
	for (; *list; list++)
		if (words_has(w, *list))
			return true;
	return false;
}

const char *words_last(const struct words *w)
{
	return w->n ? w->word[w->n - 1] : "";
}

bool words_are(const struct words *w, const char *text)
{
	for (size_t i = 0; i < w->n; i++) {
		size_t len = strlen(w->word[i]);

		if (strncmp(text, w->word[i], len) != 0)
			return false;
		text += len;
		if (i + 1 < w->n && *text++ != '_')
			return false;
	}
	return w->n && *text == '\0';
}

bool words_are_any(const struct words *w, const char *const *list)
{
	for (; *list; list++)
		if (words_are(w, *list))
			return true;
	return false;
}
