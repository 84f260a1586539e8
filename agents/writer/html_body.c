/* SPDX-License-Identifier: MIT */
#include "agents/writer/html_body.h"

#include <math.h>

/* U+FDD0 and U+FDD1, in UTF-8 */
#define MARK_OPENS  "\xef\xb7\x90"
#define MARK_CLOSES "\xef\xb7\x91"
#define MARK_BYTES  3

#define FOLD_ROWS 12 /* a longer table is folded */

static bool is_mark(const char *at)
{
	return memcmp(at, MARK_OPENS, MARK_BYTES) == 0 || memcmp(at, MARK_CLOSES, MARK_BYTES) == 0;
}

/* Foreign text may hold such characters: they mean no text, and are shown as what cannot be. */
static void copy_unmarked(struct buf *ret, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *at = memchr(text, MARK_OPENS[0], (size_t)(end - text));

		at = at ? at : end;
		buf_add(ret, text, (size_t)(at - text));
		if (at == end)
			return;
		if (end - at >= MARK_BYTES && is_mark(at)) {
			buf_puts(ret, "\xef\xbf\xbd");
			text = at + MARK_BYTES;
		} else {
			buf_add(ret, at, 1);
			text = at + 1;
		}
	}
}

void html_mark(struct buf *ret, const struct html_evidence *e, const struct ink *ink)
{
	const char *text = buf_text(&ink->out);
	char row[HTML_ROW_BYTES];
	size_t done = 0;
	double value;

	for (size_t i = 0; i < ink->n_entries; i++) {
		const struct ink_entry *entry = &ink->entries[i];

		if (!html_evidence_row(e, entry, row, &value))
			continue;
		copy_unmarked(ret, text + done, entry->at - done);
		buf_puts(ret, MARK_OPENS);
		copy_unmarked(ret, text + entry->at, entry->len);
		buf_puts(ret, MARK_CLOSES);
		done = entry->at + entry->len;
	}
	copy_unmarked(ret, text + done, ink->out.len - done);
}

/* --- on its way out ----------------------------------------------------------------- */

struct walk {
	struct buf *out;
	const struct html_evidence *evidence;
	const struct ink *ink;
	size_t entry;      /* the next numeral that may be the one of the next mark */
	bool linked, open; /* within a link of ours; of cmark's */
	bool folded;
	unsigned sections;
};

static void open_link(struct walk *w)
{
	char row[HTML_ROW_BYTES];
	double value = (double)NAN;

	while (w->entry < w->ink->n_entries) {
		if (!html_evidence_row(w->evidence, &w->ink->entries[w->entry++], row, &value))
			continue;
		if (w->open)
			return;
		buf_printf(w->out, "<a class=\"n\" href=\"#%s\"", row);
		if (isfinite(value))
			buf_printf(w->out, " data-v=\"%.10g\"", value);
		buf_puts(w->out, ">");
		w->linked = true;
		return;
	}
}

static void close_link(struct walk *w)
{
	if (w->linked)
		buf_puts(w->out, "</a>");
	w->linked = false;
}

/* Rows of the table that begins there; *links: whether something in it takes the focus. */
static size_t count_rows(const char *at, bool *links)
{
	const char *end = strstr(at, "</table>"), *mark = strstr(at, MARK_OPENS);
	size_t n = 0;

	*links = mark && end && mark < end;
	for (; end && (at = strstr(at, "<tr>")) && at < end; at++)
		n++;
	return n ? n - 1 : 0;
}

static void open_table(struct walk *w, const char *at)
{
	bool links;
	size_t rows = count_rows(at, &links);

	w->folded = rows > FOLD_ROWS;
	if (w->folded)
		buf_printf(w->out, "<details>\n<summary>Table, rows: %zu</summary>\n", rows);
	buf_puts(w->out, links ? "<div class=\"t\">\n"
	                       : "<div class=\"t\" tabindex=\"0\" role=\"group\" "
	                         "aria-label=\"Table\">\n");
	buf_puts(w->out, "<table>");
}

static void close_table(struct walk *w)
{
	buf_puts(w->out, "</table>\n</div>");
	if (w->folded)
		buf_puts(w->out, "\n</details>");
	w->folded = false;
}

static bool is_tag(const char *at, size_t len, const char *tag)
{
	return len == strlen(tag) && memcmp(at, tag, len) == 0;
}

/* As cmark wrote it; numbers in an attribute cannot be links. */
static void copy_tag(struct walk *w, const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (len - i >= MARK_BYTES && is_mark(at + i)) {
			w->entry += at[i + 2] == MARK_OPENS[2];
			i += MARK_BYTES - 1;
		} else {
			buf_add(w->out, at + i, 1);
		}
	}
}

static void put_tag(struct walk *w, const char *at, size_t len)
{
	if (is_tag(at, len, "<table>"))
		open_table(w, at);
	else if (is_tag(at, len, "</table>"))
		close_table(w);
	else if (is_tag(at, len, "<th align=\"right\">"))
		buf_puts(w->out, "<th class=\"r\">");
	else if (is_tag(at, len, "<td align=\"right\">"))
		buf_puts(w->out, "<td class=\"r\">");
	else if (is_tag(at, len, "<h2>"))
		buf_printf(w->out, "<h2 id=\"s%u\">", ++w->sections);
	else if (strncmp(at, "<pre>", 5) == 0)
		buf_puts(w->out, "<details>\n<summary>In full</summary>\n<pre>");
	else if (is_tag(at, len, "</pre>"))
		buf_puts(w->out, "</pre>\n</details>");
	else
		copy_tag(w, at, len);
	if (strncmp(at, "<a ", 3) == 0 || is_tag(at, len, "</a>"))
		w->open = at[1] == 'a';
}

/* " (tok/s ↑)" stays with the name before it. */
static bool is_unit(const char *at, size_t len)
{
	static const char *const ends[] = {" ↑)", " ↓)"};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && strncmp(at, " (", 2) == 0 && memcmp(at + len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

static void put_text(struct walk *w, const char *at, size_t len)
{
	if (!is_unit(at, len)) {
		buf_add(w->out, at, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (at[i] == ' ')
			buf_puts(w->out, "&nbsp;");
		else
			buf_add(w->out, at + i, 1);
	}
}

static const char *put_next(struct walk *w, const char *at)
{
	const char *end = at + strcspn(at, "<\xef");

	put_text(w, at, (size_t)(end - at));
	if (*end == '<') {
		const char *close = strchr(end, '>');
		size_t len = close ? (size_t)(close - end) + 1 : strlen(end);

		put_tag(w, end, len);
		return end + len;
	}
	if (strncmp(end, MARK_OPENS, MARK_BYTES) == 0) {
		open_link(w);
		return end + MARK_BYTES;
	}
	if (strncmp(end, MARK_CLOSES, MARK_BYTES) == 0) {
		close_link(w);
		return end + MARK_BYTES;
	}
	buf_add(w->out, end, *end != '\0');
	return end + (*end != '\0');
}

/* --- the list of sections ----------------------------------------------------------- */

/* The text of a heading without its tags and marks. */
static void put_heading(struct buf *out, const char *at, const char *end)
{
	while (at < end) {
		if (*at == '<') {
			const char *close = memchr(at, '>', (size_t)(end - at));

			at = close ? close + 1 : end;
		} else if (end - at >= MARK_BYTES && is_mark(at)) {
			at += MARK_BYTES;
		} else {
			buf_add(out, at++, 1);
		}
	}
}

static void put_sections(struct buf *out, const char *html)
{
	unsigned n = 0;

	buf_puts(out, "<nav aria-label=\"Sections\">\n<ul>\n");
	for (const char *at = html; (at = strstr(at, "<h2>")); at++) {
		const char *end = strstr(at, "</h2>");

		buf_printf(out, "<li><a href=\"#s%u\">", ++n);
		put_heading(out, at, end ? end : at);
		buf_puts(out, "</a></li>\n");
	}
	buf_puts(out, "<li><a href=\"#evidence\">Evidence</a></li>\n</ul>\n</nav>\n");
}

void html_body_write(struct buf *ret, const struct html_evidence *e, const struct ink *ink,
                     const char *html)
{
	struct walk w = {.out = ret, .evidence = e, .ink = ink};

	put_sections(ret, html);
	while (*html)
		html = put_next(&w, html);
}
