/* SPDX-License-Identifier: MIT */
#include "tests/unit/writer/checker.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

#define MAX_LINES 400
#define STRINGS   "strings of the report" /* where they are kept, once they are collected */

struct line {
	const char *at;
	size_t len;
	bool fenced;
};

static int complain(size_t line, const char *what, const char *text)
{
	(void)fprintf(stderr, "report.md:%zu: %s: %s\n", line, what, text);
	return -1;
}

/* Fences of any length, by the rule of CommonMark 4.5 as far as it is needed here. */
static size_t cut_lines(const struct buf *md, struct line *lines)
{
	size_t n = 0, fence = 0;
	const char *at = md->data, *end = md->data + md->len;

	while (at < end && n < MAX_LINES) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		size_t ticks = strspn(at, "`");

		lines[n] = (struct line){at, (size_t)((nl ? nl : end) - at), fence > 0};
		if (!fence && ticks >= 3 && memchr(at + ticks, '`', lines[n].len - ticks) == NULL)
			fence = ticks;
		else if (fence && ticks >= fence && ticks == lines[n].len) {
			fence = 0;
			lines[n].fenced = false;
		}
		at += lines[n++].len + 1;
	}
	return n;
}

/* Byte offset of a column that counts code points from 1. */
static size_t offset_of(const struct line *l, json_int_t column)
{
	size_t i = 0;

	while (column > 1 && i < l->len) {
		i++;
		while (i < l->len && ((unsigned char)l->at[i] & 0xc0) == 0x80)
			i++;
		column--;
	}
	return i;
}

/* Every string and every member's name below a node, as the names of one object. */
static void collect(json_t *node, json_t *all)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_string(node))
		(void)json_object_set_new(all, json_string_value(node), json_true());
	json_array_foreach (node, i, value)
		collect(value, all);
	json_object_foreach (node, key, value) {
		(void)json_object_set_new(all, key, json_true());
		collect(value, all);
	}
}

/* The report without what speaks of the page itself, or every name would prove itself. */
static json_t *strings_of(json_t *report)
{
	json_t *all = json_object(), *value;
	const char *key;

	json_object_foreach (report, key, value)
		if (strcmp(key, "numerals") != 0 && strcmp(key, "sections") != 0)
			collect(value, all);
	return all;
}

static bool is_in_report(json_t *report, const char *text)
{
	json_t *all = json_object_get(report, STRINGS), *value;
	const char *key;

	if (!all) {
		all = strings_of(report);
		(void)json_object_set_new(report, STRINGS, all);
	}
	if (json_object_get(all, text))
		return true;
	json_object_foreach (all, key, value)
		if (strstr(key, text))
			return true;
	return false;
}

static json_t *at_pointer(json_t *node, const char *pointer)
{
	char token[128];

	while (node && *pointer == '/') {
		size_t n = strcspn(pointer + 1, "/");

		(void)snprintf(token, sizeof token, "%.*s", (int)n, pointer + 1);
		node = json_is_array(node) ? json_array_get(node, (size_t)atol(token))
		                           : json_object_get(node, token);
		pointer += n + 1;
	}
	return node;
}

/* Whether text is value * scale rounded to its digits; a missing minus is left to the words. */
static bool is_rounded(const char *text, double value, double scale, const char *bound)
{
	char plain[64];
	size_t n = 0, decimals = 0, point = 0;
	double x = value * scale, printed;

	for (; *text && n + 1 < sizeof plain; text++)
		if (*text != ',')
			plain[n++] = *text;
	plain[n] = '\0';
	for (size_t i = 0; i < n; i++) {
		decimals += point;
		point |= plain[i] == '.';
	}
	printed = strtod(plain, NULL);
	if (bound)
		return bound[0] == '<' ? x < printed : x > printed;
	if (x < 0 && plain[0] != '-')
		x = -x;
	return fabs(printed - x) <= 0.5 * pow(10, -(double)decimals) * (1 + 1e-9);
}

static bool number_holds(json_t *report, json_t *e, const char *means, const char *text,
                         const char *ref)
{
	json_t *scale = json_object_get(e, "scale"), *node;
	double value;

	if (strcmp(means, "fact") == 0)
		node = json_object_get(
			json_array_get(json_object_get(report, "facts"), (size_t)atol(ref + 1) - 1),
			"value");
	else
		node = at_pointer(report, ref);
	if (!json_is_number(node) && !json_is_array(node))
		return false;
	value = json_is_array(node) ? (double)json_array_size(node) : json_number_value(node);
	return is_rounded(text, value, scale ? json_number_value(scale) : 1,
	                  json_string_value(json_object_get(e, "bound")));
}

static bool date_holds(json_t *report, const char *text, const char *ref)
{
	const char *date = json_string_value(at_pointer(report, ref));

	if (!date || strlen(text) > strlen(date) || strlen(text) < 4)
		return false;
	for (size_t i = 0; text[i]; i++)
		if (text[i] != date[i] && !(text[i] == ' ' && date[i] == 'T'))
			return false;
	return true;
}

static bool entry_holds(json_t *report, json_t *e)
{
	const char *means = json_string_value(json_object_get(e, "means"));
	const char *text = json_string_value(json_object_get(e, "text"));
	const char *ref = json_string_value(json_object_get(e, "ref"));

	if (!means || !text)
		return false;
	if (strcmp(means, "heading") == 0)
		return ref == NULL;
	if (!ref)
		return false;
	if (strcmp(means, "fact") == 0 || strcmp(means, "figure") == 0)
		return number_holds(report, e, means, text, ref);
	if (strcmp(means, "date") == 0)
		return date_holds(report, text, ref);
	if (strcmp(means, "id") == 0)
		return strcmp(text, ref) == 0 && is_in_report(report, text);
	return strcmp(means, "name") == 0 && strstr(ref, text) && is_in_report(report, ref);
}

static bool is_ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Marks the bytes of every entry, and holds each against the page. */
static int mark_entries(json_t *report, struct line *lines, size_t n_lines, const char *base,
                        bool *covered)
{
	json_t *numerals = json_object_get(report, "numerals"), *e;
	size_t i;

	json_array_foreach (numerals, i, e) {
		size_t line = (size_t)json_integer_value(json_object_get(e, "line"));
		const char *text = json_string_value(json_object_get(e, "text"));
		size_t at;

		if (line < 1 || line > n_lines || !text)
			return complain(line, "no such line", "");
		at = offset_of(&lines[line - 1], json_integer_value(json_object_get(e, "column")));
		if (strncmp(lines[line - 1].at + at, text, strlen(text)) != 0)
			return complain(line, "the entry's text stands elsewhere", text);
		if (!entry_holds(report, e))
			return complain(line, "the entry does not hold", text);
		for (size_t k = 0; k < strlen(text); k++)
			covered[lines[line - 1].at + at + k - base] = true;
	}
	return (int)json_array_size(numerals);
}

static int check(const struct buf *md, json_t *report, bool *covered)
{
	static struct line lines[MAX_LINES];
	size_t n = cut_lines(md, lines);
	int r = mark_entries(report, lines, n, md->data, covered);

	for (size_t l = 0; r >= 0 && l < n; l++)
		for (size_t k = 0; !lines[l].fenced && k < lines[l].len; k++)
			if (is_ascii_digit(lines[l].at[k]) && !covered[lines[l].at + k - md->data])
				return complain(l + 1, "a digit without a source", lines[l].at + k);
	return r;
}

int checker_numerals(const struct buf *md, const struct buf *json)
{
	json_error_t why;
	json_auto_t *report = json_loadb(json->data, json->len, JSON_REJECT_DUPLICATES, &why);
	CLEANUP(freep) bool *covered = calloc(md->len + 1, sizeof *covered);

	if (!report || !covered)
		return complain((size_t)why.line, "report.json", why.text);
	return check(md, report, covered);
}
