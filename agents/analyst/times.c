/* SPDX-License-Identifier: MIT */
/* When a run was, and what of a path is only its time or number. */
#include "agents/analyst/work.h"

#include <stdio.h>

#include "lib/base/clock.h"

#define EPOCH_FIRST 1000000000 /* 2001: shorter numbers are no times */
#define EPOCH_LAST  4102444800 /* 2100 */
#define MS_PER_S    1000
#define TIME_ROWS   16 /* rows of a table looked at for a time */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t run_of_digits(const char *s)
{
	size_t n = 0;

	while (digit(s[n]))
		n++;
	return n;
}

static int number(const char *s, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	return v;
}

struct stamp {
	int year, month, day, hour, minute, second;
};

static bool valid_date(const struct stamp *t)
{
	return t->year >= 1990 && t->year < 2100 && t->month >= 1 && t->month <= 12 &&
	       t->day >= 1 && t->day <= 31;
}

/* "20251002", "2025-10-02", "2025_10_02", "2025/10/02": its length, 0 for none. */
static size_t read_date(const char *s, struct stamp *t)
{
	size_t n = run_of_digits(s);

	if (n == 8 || n == 14) {
		*t = (struct stamp){
			.year = number(s, 4), .month = number(s + 4, 2), .day = number(s + 6, 2)};
		return valid_date(t) ? 8 : 0;
	}
	if (n != 4 || !s[4] || !strchr("-_/.", s[4]) || run_of_digits(s + 5) != 2 || s[7] != s[4] ||
	    run_of_digits(s + 8) < 2)
		return 0;
	*t = (struct stamp){
		.year = number(s, 4), .month = number(s + 5, 2), .day = number(s + 8, 2)};
	return valid_date(t) && (run_of_digits(s + 8) == 2) ? 10 : 0;
}

/* What may follow a date: "-151824", "T15:18:24Z", "_15-18", "151824". */
static size_t read_clock(const char *s, struct stamp *t)
{
	size_t skip = *s && strchr("-_T.", *s) ? 1 : 0, n = run_of_digits(s + skip), used;
	char gap;

	if (n == 6 || n == 4) {
		t->hour = number(s + skip, 2);
		t->minute = number(s + skip + 2, 2);
		t->second = n == 6 ? number(s + skip + 4, 2) : 0;
		used = skip + n;
	} else if (n == 2 && skip && s[3] && strchr("-_:.", s[3]) && run_of_digits(s + 4) == 2) {
		gap = s[3];
		t->hour = number(s + 1, 2);
		t->minute = number(s + 4, 2);
		used = 6;
		if (s[6] == gap && run_of_digits(s + 7) == 2) {
			t->second = number(s + 7, 2);
			used = 9;
		}
	} else {
		return 0;
	}
	if (t->hour > 23 || t->minute > 59 || t->second > 60) {
		t->hour = t->minute = t->second = 0;
		return 0;
	}
	return s[used] == 'Z' && !letter(s[used + 1]) ? used + 1 : used;
}

static int64_t seconds_of(const struct stamp *t)
{
	char text[64];
	int64_t s = 0;

	(void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", t->year, t->month,
	               t->day, t->hour, t->minute, t->second > 59 ? 59 : t->second);
	return clock_parse(str_of(text), &s) ? s : 0;
}

/* Seconds or milliseconds since 1970, alone among digits. */
static size_t read_epoch(const char *s, int64_t *ret)
{
	size_t n = run_of_digits(s);
	int64_t v = 0;

	if (n != 10 && n != 13)
		return 0;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s[i] - '0');
	if (n == 13)
		v /= MS_PER_S;
	if (v < EPOCH_FIRST || v > EPOCH_LAST)
		return 0;
	*ret = v;
	return n;
}

/* The length of a time at s, and the time; 0: there is none. */
static size_t read_stamp(const char *s, int64_t *ret)
{
	struct stamp t;
	size_t n = read_epoch(s, ret);

	if (n)
		return n;
	n = read_date(s, &t);
	if (!n)
		return 0;
	n += read_clock(s + n, &t);
	*ret = seconds_of(&t);
	return n;
}

/* "run_12", "night-3", "iter4" at s: the length of the word, so that the number can go. */
static size_t read_run_word(const char *s)
{
	static const char *const words[] = {"run",   "iteration", "iter", "rep",
	                                    "trial", "attempt",   "night"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t n = strlen(words[i]), gap;

		if (strncmp(s, words[i], n) != 0)
			continue;
		gap = n + (s[n] && strchr("-_ ", s[n]) ? 1 : 0);
		if (run_of_digits(s + gap) > 0)
			return gap;
	}
	return 0;
}

static bool starts_number(const char *path, size_t i)
{
	return digit(path[i]) && (i == 0 || !digit(path[i - 1]));
}

static bool starts_word(const char *path, size_t i)
{
	return letter(path[i]) && (i == 0 || !letter(path[i - 1]));
}

bool path_time(const char *path, int64_t *ret_s)
{
	int64_t t;
	bool found = false;

	for (size_t i = 0; path[i]; i++) {
		size_t n = starts_number(path, i) ? read_stamp(path + i, &t) : 0;

		if (!n)
			continue;
		*ret_s = t; /* the last one: file names are more exact than folders */
		found = true;
		i += n - 1;
	}
	return found;
}

const char *path_stripped(struct work *w, const char *path)
{
	char *out = work_alloc(w, strlen(path) + 1, 1);
	size_t n = 0, i = 0, len;
	int64_t t;

	while (out && path[i]) {
		if (starts_number(path, i) && (len = read_stamp(path + i, &t)) > 0) {
			out[n++] = '*';
			i += len;
		} else if (starts_word(path, i) && (len = read_run_word(path + i)) > 0) {
			memcpy(out + n, path + i, len);
			n += len;
			i += len + run_of_digits(path + i + len);
			out[n++] = '*';
		} else {
			out[n++] = path[i++];
		}
	}
	return out;
}

static bool cell_time(struct cell c, int64_t *ret)
{
	double v = c.number;

	if (c.kind == CELL_TEXT)
		return clock_parse(str_of(c.text), ret);
	if (c.kind != CELL_NUMBER)
		return false;
	while (v > (double)EPOCH_LAST)
		v /= MS_PER_S; /* milli-, micro- and nanoseconds */
	if (v < EPOCH_FIRST)
		return false;
	*ret = (int64_t)v;
	return true;
}

static bool table_time(const struct table *t, int64_t *ret)
{
	for (size_t i = 0; i < t->n_context; i++)
		if (name_is_time(t->context[i].name) &&
		    clock_parse(str_of(t->context[i].text), ret))
			return true;
	for (size_t r = 0; r < t->n_rows && r < TIME_ROWS; r++)
		for (size_t c = 0; c < t->n_columns; c++)
			if (name_is_time(t->columns[c].name) && cell_time(table_cell(t, r, c), ret))
				return true;
	return false;
}

bool run_time(const struct artifact *a, const char *root, int64_t *ret_s)
{
	if (path_time(a->path, ret_s) || path_time(root, ret_s))
		return true;
	for (size_t i = 0; i < a->n_tables; i++)
		if (table_time(&a->tables[i], ret_s))
			return true;
	*ret_s = a->modified_s;
	return false;
}
