/* SPDX-License-Identifier: MIT */
#include "ctl/verify_meaning.h"

#include <math.h>
#include <stdio.h>

#define FIGURE_BYTES_MAX 64
#define NAME_CUT_BYTES   900 /* the writer keeps this much, and more, of a very long name */

struct meanings {
	json_t *names; /* text -> true */
};

/* --- names ------------------------------------------------------------------------- */

static void gather(json_t *names, const json_t *node)
{
	const char *key;
	json_t *child;
	size_t i;

	if (json_is_string(node))
		(void)json_object_set_new(names, json_string_value(node), json_true());
	json_array_foreach (node, i, child)
		gather(names, child); /* jansson has limited the depth */
	json_object_foreach ((json_t *)(uintptr_t)node, key, child) {
		(void)json_object_set_new(names, key, json_true()); /* a column's name is one */
		gather(names, child);
	}
}

static bool is_one_of(const char *key, const char *const *keys)
{
	while (*keys && strcmp(*keys, key) != 0)
		keys++;
	return *keys;
}

/* The members of each object of a list, but one that is prose. */
static void gather_but(json_t *names, const json_t *list, const char *prose)
{
	const json_t *one;
	json_t *child;
	const char *key;
	size_t i;

	json_array_foreach (list, i, one) {
		json_object_foreach ((json_t *)(uintptr_t)one, key, child) {
			if (strcmp(key, prose) != 0)
				gather(names, child);
		}
	}
}

/* Sentences, and what is printed from elsewhere, would let an invented figure vouch for itself. */
static void gather_names(json_t *names, const json_t *report)
{
	static const char *const prose[] = {"numerals", "sections",   "verification",
	                                    "files",    "commentary", "recommendations",
	                                    "risks",    NULL};
	const char *key;
	json_t *child;

	json_object_foreach ((json_t *)(uintptr_t)report, key, child) {
		if (strcmp(key, "findings") == 0)
			gather_but(names, child, "text");
		else if (strcmp(key, "steps") == 0)
			gather_but(names, child, "prompt");
		else if (!is_one_of(key, prose))
			gather(names, child);
	}
}

void meanings_free(struct meanings *m)
{
	if (m)
		json_decref(m->names);
	free(m);
}

/* Within `whole`, and not out of the middle of one of its numbers. */
static bool is_part(struct str part, const char *whole, bool cut)
{
	size_t len = strlen(whole);
	const char *end = whole + len;

	for (const char *at = whole; (at = memmem(at, (size_t)(end - at), part.at, part.len));
	     at++) {
		const char *behind = at + part.len;
		bool before = at > whole && at[-1] >= '0' && at[-1] <= '9' &&
		              page_is_digit(part.at, part.len);
		bool after = *behind >= '0' && *behind <= '9' && behind[-1] >= '0' &&
		             behind[-1] <= '9' && !cut;

		if (!before && !after)
			return true;
	}
	return false;
}

/* A report may hold many names and many numerals: their product is bounded, too. */
static bool may_search(struct verify *v, const struct meanings *m)
{
	size_t n = json_object_size(m->names);

	v->work_left -= n < v->work_left ? n : v->work_left;
	return v->work_left > 0;
}

static bool is_known_name(struct verify *v, const struct meanings *m, const char *name)
{
	size_t len = strlen(name);
	const char *key;
	json_t *value;

	if (json_object_get(m->names, name))
		return true;
	if (len < NAME_CUT_BYTES || !may_search(v, m))
		return false;
	json_object_foreach (m->names, key, value) {
		if (strncmp(key, name, len) == 0)
			return true;
	}
	return false;
}

static bool name_holds(struct verify *v, const struct meanings *m, struct str text, const char *ref,
                       bool cut)
{
	const char *key;
	json_t *value;

	if (*ref)
		return is_known_name(v, m, ref) && is_part(text, ref, cut);
	if (!may_search(v, m))
		return false;
	json_object_foreach (m->names, key, value) {
		if (is_part(text, key, cut))
			return true;
	}
	return false;
}

/* --- foreign words in sentences ------------------------------------------------------ */

/* Foreign words are told on one line: whatever is no character there is a blank. */
static bool holds_words(const char *cell, const char *text)
{
	for (size_t i; *cell; cell++) {
		for (i = 0; text[i]; i++) {
			char c = (unsigned char)cell[i] < ' ' || cell[i] == 0x7f ? ' ' : cell[i];

			if (!cell[i] || c != text[i])
				break;
		}
		if (!text[i])
			return true;
	}
	return false;
}

static bool in_cells(struct verify *v, const struct artifact *a, const char *text)
{
	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];
		size_t n = t->n_rows * t->n_columns;

		if (n >= v->work_left)
			return false;
		v->work_left -= n;
		for (size_t c = 0; c < n; c++) {
			const struct cell cell = table_cell(t, c % t->n_rows, c / t->n_rows);

			if (cell.kind == CELL_TEXT && holds_words(cell.text, text))
				return true;
		}
		for (size_t c = 0; c < t->n_context; c++) {
			if (holds_words(t->context[c].text, text))
				return true;
		}
	}
	return false;
}

static bool in_artifacts(struct verify *v, const json_t *finding, const char *text)
{
	const json_t *ids = json_object_get(finding, "artifacts"), *id;
	size_t i;

	json_array_foreach (ids, i, id) {
		const char *name = json_is_string(id) ? json_string_value(id) : "";
		struct verify_artifact *a = verify_artifact_of(v, name);

		if (a ? in_cells(v, a->read, text) : v->options->partial && verify_gone(v, name))
			return true;
	}
	return false;
}

/* An error message that a finding quotes is a name when its artifact holds it. */
static void gather_quotes(struct verify *v, struct meanings *m)
{
	const json_t *finding, *segment;
	size_t i, k;

	json_array_foreach (json_object_get(v->report, "findings"), i, finding) {
		json_array_foreach (json_object_get(finding, "text"), k, segment) {
			const char *text = verify_text(segment, "t");

			if (strpbrk(text, "0123456789") && !json_object_get(m->names, text) &&
			    (name_holds(v, m, str_of(text), "", true) ||
			     in_artifacts(v, finding, text)))
				(void)json_object_set_new(m->names, text, json_true());
		}
	}
}

struct meanings *meanings_new(struct verify *v)
{
	struct meanings *m = calloc(1, sizeof *m);

	if (m)
		m->names = json_object();
	if (m && m->names) {
		gather_names(m->names, v->report);
		gather_quotes(v, m);
	}
	return m;
}

/* --- dates ------------------------------------------------------------------------- */

static bool is_time(const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00";
	size_t n = 0;

	while (shape[n] &&
	       (shape[n] == '0' ? text[n] >= '0' && text[n] <= '9' : text[n] == shape[n]))
		n++;
	return n == sizeof shape - 1 || (n == 10 && !text[10]); /* a day is a date too */
}

static bool date_holds(struct verify *v, const struct meanings *m, struct str text, const char *ref)
{
	char t[40];
	const char *key;
	json_t *value;

	if (text.len >= sizeof t)
		return false;
	memcpy(t, text.at, text.len);
	t[text.len] = '\0';
	if (text.len > 10 && t[10] == ' ')
		t[10] = 'T';
	text.at = t;
	if (*ref) {
		const char *whole = json_string_value(verify_pointer(v->report, ref));

		return whole && is_time(whole) && is_part(text, whole, false);
	}
	if (!may_search(v, m))
		return false;
	json_object_foreach (m->names, key, value) {
		if (is_time(key) && is_part(text, key, false))
			return true;
	}
	return false;
}

/* --- figures ------------------------------------------------------------------------ */

/* Digits with commas between thousands, one point, maybe an exponent; the sign is cut off. */
static bool read_figure(struct str text, double *ret, int *ret_decimals)
{
	char plain[FIGURE_BYTES_MAX], *end;
	size_t n = 0, point = 0, since = 0;
	bool comma = false;

	*ret_decimals = 0;
	if (text.len >= sizeof plain || !text.len || text.at[0] < '0' || text.at[0] > '9')
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c == ',') {
			if (point || (comma ? since != 3 : since > 3))
				return false;
			comma = true;
			since = 0;
			continue;
		}
		if ((c == '.' || c == 'e' || c == 'E') && comma && since != 3)
			return false;
		if (c == '.' && point++)
			return false;
		since++;
		plain[n++] = c;
	}
	plain[n] = '\0';
	if (comma && !point && since != 3)
		return false;
	*ret = strtod(plain, &end);
	if (*end || plain[strspn(plain, "0123456789.eE+-")] || !isfinite(*ret))
		return false;
	if (point)
		*ret_decimals = (int)strspn(strchr(plain, '.') + 1, "0123456789");
	end = strpbrk(plain, "eE");
	if (end)
		*ret_decimals -= (int)strtol(end + 1, NULL, 10);
	return true;
}

bool meaning_rounds(struct str text, bool negative, double value, char bound)
{
	double printed, half, size = fabs(value);
	int decimals;

	if (!read_figure(text, &printed, &decimals) || decimals > 300 || decimals < -300)
		return false;
	if (negative && value > 0)
		return false;
	if (negative)
		printed = -printed;
	if (bound)
		return bound == '<' ? value < printed : value > printed;
	half = 0.5 * pow(10, -decimals);
	return fabs(fabs(printed) - size) <= half * (1 + 1e-9) + size * 1e-14;
}

/* A factor between units, and nothing that could bend a value into another one. */
static bool is_unit_factor(double scale)
{
	static const double steps[] = {60, 3600, 86400, 1024, 1048576, 1073741824, 1099511627776.0};
	double tens = log10(scale);

	if (!(scale > 0))
		return false;
	if (fabs(tens) <= 15.5 && verify_close(scale, pow(10, round(tens)), 1e-12))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		double both[] = {scale / steps[i], scale * steps[i]};

		for (size_t k = 0; k < ARRAY_LEN(both); k++) {
			tens = log10(both[k]);
			if (fabs(tens) <= 15.5 &&
			    verify_close(both[k], pow(10, round(tens)), 1e-12))
				return true;
		}
	}
	return false;
}

/* The bytes of a minus sign that ends before `at`: '-' or U+2212, not one that joins words. */
static size_t minus_before(const struct page_line *line, size_t at)
{
	size_t n = 0;

	if (at >= 1 && line->at[at - 1] == '-')
		n = 1;
	else if (at >= 3 && memcmp(line->at + at - 3, "\xe2\x88\x92", 3) == 0)
		n = 3;
	if (!n || at == n)
		return n && at == n ? n : 0;
	return strchr(" |(*\t[", line->at[at - n - 1]) ? n : 0;
}

/* The printed figure goes on beyond the numeral: 110 of 110.6. */
static bool is_cut(const struct page_line *line, size_t from, size_t to)
{
	const char *s = line->at;
	bool before = from > 0 && (page_is_digit(s + from - 1, 1) ||
	                           (from > 1 && (s[from - 1] == '.' || s[from - 1] == ',') &&
	                            page_is_digit(s + from - 2, 1)));
	bool behind = to < line->len && (page_is_digit(s + to, line->len - to) ||
	                                 (to + 1 < line->len && (s[to] == '.' || s[to] == ',') &&
	                                  page_is_digit(s + to + 1, line->len - to - 1)));

	return before || behind;
}

static bool figure_value(struct verify *v, bool fact, const char *ref, double *ret)
{
	const json_t *node = fact ? json_object_get(verify_by_id(v, 'F', ref), "value")
	                          : verify_pointer(v->report, ref);

	if (!fact && json_is_array(node))
		*ret = (double)json_array_size(node);
	else if (json_is_number(node))
		*ret = json_number_value(node);
	else
		return false;
	return fact || ref[0] == '/';
}

static bool figure_holds(struct verify *v, const json_t *numeral, const struct page_line *line,
                         size_t from, size_t to, char *why, size_t size)
{
	const char *ref = verify_text(numeral, "ref"), *bound = verify_text(numeral, "bound");
	bool fact = strcmp(verify_text(numeral, "means"), "fact") == 0;
	struct str text = {line->at + from, to - from};
	double value, scale = 1;
	size_t minus = text.at[0] == '-' ? 1 : 0;

	if (strncmp(text.at, "\xe2\x88\x92", 3) == 0)
		minus = 3;
	text.at += minus;
	text.len -= minus;
	(void)snprintf(why, size, "%.80s is no %s of the report", *ref ? ref : "nothing",
	               fact ? "fact" : "number");
	if (!figure_value(v, fact, ref, &value))
		return false;
	(void)snprintf(why, size, "scale is no factor between units");
	if (json_object_get(numeral, "scale") &&
	    (!verify_number(numeral, "scale", &scale) || !is_unit_factor(scale)))
		return false;
	(void)snprintf(why, size, "bound \"%.8s\" is neither < nor >", bound);
	if (*bound && strcmp(bound, "<") != 0 && strcmp(bound, ">") != 0)
		return false;
	(void)snprintf(why, size, "the numeral \"%.*s\" is a part of a longer one",
	               (int)(text.len < 40 ? text.len : 40), text.at);
	if (is_cut(line, from, to))
		return false;
	(void)snprintf(why, size, "%.80s is %s, which does not print as %s%s%.*s", ref,
	               verify_real(value * scale).text, bound,
	               minus || minus_before(line, from) ? "-" : "",
	               (int)(text.len < 40 ? text.len : 40), text.at);
	return meaning_rounds(text, minus || minus_before(line, from), value * scale, *bound);
}

/* --- ids and headings ------------------------------------------------------------------ */

static bool id_holds(const struct verify *v, const struct meanings *m, struct str text,
                     const char *ref)
{
	char id[128];

	if (text.len >= sizeof id || (*ref && !str_is(text, ref)))
		return false;
	memcpy(id, text.at, text.len);
	id[text.len] = '\0';
	return json_object_get(v->ids, id) || json_object_get(m->names, id);
}

/* "## 1 Summary", "### 3.2 ...", "12. item", "3) item" */
static bool heading_holds(const struct page_line *line, size_t from, size_t to)
{
	size_t at = 0;

	while (at < line->len && line->at[at] == '#')
		at++;
	if (at == 0)
		return strspn(line->at, " ") >= from && to < line->len &&
		       (line->at[to] == '.' || line->at[to] == ')') && to + 1 < line->len &&
		       line->at[to + 1] == ' ';
	while (at < line->len && line->at[at] == ' ')
		at++;
	return at == from && (to == line->len || line->at[to] == ' ' || line->at[to] == '.');
}

bool meaning_holds(struct verify *v, const struct meanings *m, const json_t *numeral,
                   const struct page_line *line, size_t from, size_t to, char *why, size_t size)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	const char *means = verify_text(numeral, "means"), *ref = verify_text(numeral, "ref");
	struct str text = {line->at + from, to - from};
	bool cut = line->len - to >= 3 && memcmp(line->at + to, ellipsis, 3) == 0;

	(void)snprintf(why, size, "\"%.*s\" is no %.20s of the report (ref \"%.80s\")",
	               (int)(text.len < 80 ? text.len : 80), text.at, means, ref);
	if (strcmp(means, "fact") == 0 || strcmp(means, "figure") == 0)
		return figure_holds(v, numeral, line, from, to, why, size);
	if (strcmp(means, "date") == 0)
		return !is_cut(line, from, to) && date_holds(v, m, text, ref);
	if (strcmp(means, "name") == 0)
		return name_holds(v, m, text, ref, cut);
	if (strcmp(means, "id") == 0)
		return !is_cut(line, from, to) && id_holds(v, m, text, ref);
	return strcmp(means, "heading") == 0 && heading_holds(line, from, to);
}
