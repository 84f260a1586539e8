/* SPDX-License-Identifier: MIT */
/*
 * Every run of digits of report.md lies within one numeral, and every numeral says what the page
 * says.
 */
#include <errno.h>

#include "ctl/verify_meaning.h"
#include "ctl/verify_page.h"

/* A numeral and where it stands on the page. */
struct placed {
	const json_t *stated;
	size_t line, from, to; /* line from 0; bytes of it */
};

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

static bool place(struct verify *v, const struct page *p, const json_t *stated, struct placed *ret)
{
	json_int_t line = verify_int(stated, "line"), column = verify_int(stated, "column");
	const json_t *text = json_object_get(stated, "text");
	size_t len = json_string_length(text), at;
	const struct page_line *l;

	if (line < 1 || line > (json_int_t)p->n || !len) {
		verify_wrong(v, "report.md:%lld:%lld: a numeral where there is none",
		             (long long)line, (long long)column);
		return false;
	}
	l = &p->lines[line - 1];
	at = page_offset(l, column);
	if (at > l->len || len > l->len - at ||
	    memcmp(l->at + at, json_string_value(text), len) != 0) {
		verify_wrong(v, "report.md:%lld:%lld: \"%.60s\" expected, \"%.*s\" found",
		             (long long)line, (long long)column, json_string_value(text),
		             at > l->len ? 0 : (int)(l->len - at < 40 ? l->len - at : 40),
		             at > l->len ? "" : l->at + at);
		return false;
	}
	*ret = (struct placed){stated, (size_t)line - 1, at, at + len};
	return true;
}

static void check_covered(struct verify *v, const struct page *p, const struct placed *list,
                          size_t n)
{
	size_t e = 0, from, to = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct page_line *line = &p->lines[i];

		for (from = 0; !line->exempt && page_digits(line, &from, &to); from = to) {
			while (e < n &&
			       (list[e].line < i || (list[e].line == i && list[e].to <= from)))
				e++;
			if (e == n || list[e].line != i || list[e].from > from || list[e].to < to)
				verify_wrong(v,
				             "report.md:%zu:%zu: \"%.*s\" is no numeral of the "
				             "report",
				             i + 1, page_column(line, from),
				             (int)(to - from < 40 ? to - from : 40),
				             line->at + from);
		}
	}
}

static void check_meanings(struct verify *v, const struct page *p, const struct placed *list,
                           size_t n)
{
	struct meanings *m = meanings_new(v);

	for (size_t i = 0; i < n; i++) {
		const struct page_line *line = &p->lines[list[i].line];
		char why[512] = "out of memory";

		if (i && list[i].line == list[i - 1].line && list[i].from < list[i - 1].to)
			verify_wrong(v, "report.md:%zu:%zu: two numerals lie in one another",
			             list[i].line + 1, page_column(line, list[i].from));
		if (!m || !meaning_holds(v, m, list[i].stated, line, list[i].from, list[i].to, why,
		                         sizeof why))
			verify_wrong(v, "report.md:%zu:%zu: %s", list[i].line + 1,
			             page_column(line, list[i].from), why);
	}
	meanings_free(m);
}

static void check_counts(struct verify *v)
{
	const json_t *stated = json_object_get(v->report, "verification");
	json_int_t n = (json_int_t)json_array_size(json_object_get(v->report, "numerals"));

	if (verify_int(stated, "numerals") != n)
		verify_wrong(v, "verification: %lld numerals expected, %lld found",
		             (long long)verify_int(stated, "numerals"), (long long)n);
	if (verify_int(stated, "traced") != n)
		verify_wrong(v, "verification: %lld traced expected, %lld found",
		             (long long)verify_int(stated, "traced"), (long long)n);
}

int verify_numerals(struct verify *v, struct error *err)
{
	const json_t *numerals = json_object_get(v->report, "numerals"), *one;
	CLEANUP(freep) struct placed *list = NULL;
	CLEANUP(page_done) struct page p = {0};
	size_t i, n = 0;
	int r;

	v->result->numerals = json_array_size(numerals);
	if (!v->texts->md) {
		verify_wrong(v, "report.md: missing");
		return 0;
	}
	r = page_read(&p, v, err);
	if (r < 0)
		return r;
	list = calloc(json_array_size(numerals) + 1, sizeof *list);
	if (!list)
		return error_set(err, -ENOMEM, "out of memory");
	json_array_foreach (numerals, i, one)
		n += place(v, &p, one, &list[n]);
	qsort(list, n, sizeof *list, by_place);
	check_covered(v, &p, list, n);
	check_meanings(v, &p, list, n);
	check_counts(v);
	return 0;
}
