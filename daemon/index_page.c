/* SPDX-License-Identifier: MIT */
#include "daemon/index_page.h"

#include <string.h>

#include "agents/writer/html_frame.h"
#include "lib/base/clock.h"
#include "lib/base/utf8.h"

#define SPARK_WIDTH   160.0
#define SPARK_HEIGHT  28.0
#define KEY_END_BYTES 56
#define DASH          "–"

int index_page_begin(struct buf *b, struct error *err)
{
	int r = html_begin(b, "Benchmark reviews", err);

	buf_puts(b, "<h1>Benchmark Reviews</h1>\n");
	return r;
}

static void put_table(struct buf *b, const char *name, const char *columns)
{
	buf_printf(
		b,
		"<div class=\"t long\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n<table>\n"
		"<thead>\n<tr>%s</tr>\n</thead>\n<tbody>\n",
		name, columns);
}

/* "2026-11-29 07:57" */
static void put_time(struct buf *b, int64_t time_s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, time_s);
	buf_printf(b, "%.10s %.5s", text, text + 11);
}

/* --- trends ------------------------------------------------------------------------- */

void index_page_subject(struct buf *b, const char *subject)
{
	buf_puts(b, "<h2>Trends of <code>");
	html_escape(b, subject);
	buf_puts(b, "</code></h2>\n");
	put_table(b, "Trends",
	          "<th>Trend</th><th>Series</th><th class=\"r\">Latest</th>"
	          "<th class=\"r\">Lowest</th><th class=\"r\">Highest</th>"
	          "<th class=\"r\">Runs</th>");
}

struct range {
	double low, high;
};

static struct range range_of(const struct index_trend *t)
{
	struct range r = {t->values[0], t->values[0]};

	for (size_t i = 1; i < t->n; i++) {
		r.low = t->values[i] < r.low ? t->values[i] : r.low;
		r.high = t->values[i] > r.high ? t->values[i] : r.high;
	}
	return r;
}

/* The width is there for the reader's eye, not for time: runs stand at equal distances. */
static void put_spark(struct buf *b, const struct index_trend *t, struct range range)
{
	double step = t->n > 1 ? SPARK_WIDTH / (double)(t->n - 1) : 0, y = SPARK_HEIGHT / 2;

	buf_printf(b,
	           "<svg class=\"spark\" width=\"%g\" height=\"%g\" viewBox=\"-3 -3 %g %g\" "
	           "role=\"img\" aria-label=\"runs from ",
	           SPARK_WIDTH + 6, SPARK_HEIGHT + 6, SPARK_WIDTH + 6, SPARK_HEIGHT + 6);
	put_time(b, t->first_s);
	buf_puts(b, " to ");
	put_time(b, t->last_s);
	buf_puts(b, "\"><polyline points=\"");
	for (size_t i = 0; i < t->n; i++) {
		if (range.high > range.low)
			y = SPARK_HEIGHT * (range.high / 2 - t->values[i] / 2) /
			    (range.high / 2 - range.low / 2);
		buf_printf(b, "%s%.1f,%.1f", i ? " " : "", step * (double)i, y);
	}
	buf_printf(b, "\"/><circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/></svg>",
	           step * (double)(t->n - 1), y);
}

static void put_value(struct buf *b, double value)
{
	buf_printf(b, "<td class=\"r\" data-v=\"%.10g\">%.4g</td>", value, value);
}

/* What tells series apart stands at the ends of their keys: the file, and what varied last. */
static void put_key(struct buf *b, const char *key)
{
	size_t len = strlen(key), head = utf8_cut(key, len, KEY_END_BYTES), tail = head;
	char first[KEY_END_BYTES + 1];

	if (len <= 2 * KEY_END_BYTES) {
		html_escape(b, key);
		return;
	}
	memcpy(first, key, head);
	first[head] = '\0';
	html_escape(b, first);
	buf_puts(b, " … ");
	for (tail = len - KEY_END_BYTES; (key[tail] & 0xc0) == 0x80;)
		tail++;
	html_escape(b, key + tail);
}

void index_page_trend(struct buf *b, const struct index_trend *t)
{
	struct range range;

	if (!t->n)
		return;
	range = range_of(t);
	buf_puts(b, "<tr><td>");
	put_spark(b, t, range);
	buf_puts(b, "</td><td><code>");
	put_key(b, t->series);
	buf_puts(b, "</code></td>");
	put_value(b, t->values[t->n - 1]);
	put_value(b, range.low);
	put_value(b, range.high);
	buf_printf(b, "<td class=\"r\">%zu</td></tr>\n", t->n);
}

void index_page_subject_end(struct buf *b)
{
	buf_puts(b, "</tbody>\n</table>\n</div>\n");
}

/* --- reviews ------------------------------------------------------------------------ */

void index_page_reviews(struct buf *b)
{
	buf_puts(b, "<h2>Reviews</h2>\n");
	put_table(b, "Reviews",
	          "<th>Ended (UTC)</th><th>Verdict</th><th class=\"r\">Worse</th>"
	          "<th class=\"r\">Better</th><th class=\"r\">Gaps</th>"
	          "<th class=\"r\">Series</th><th>Subject</th><th>Pipeline</th><th>Review</th>");
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
	return word && (strcmp(word, a) == 0 || strcmp(word, b) == 0);
}

/* The verdict in words, or why there is none: "no new data", "failed". */
static void put_verdict(struct buf *b, const struct index_review *r)
{
	const char *word = r->verdict ? r->verdict : r->state;

	buf_printf(b, "<td%s>",
	           is_one_of(word, "worse", "failed")    ? " class=\"bad\""
	           : is_one_of(word, "better", "better") ? " class=\"good\""
	                                                 : "");
	for (; *word; word++) {
		const char one[] = {*word == '_' ? ' ' : *word, '\0'};

		html_escape(b, one);
	}
	buf_puts(b, "</td>");
}

static void put_count(struct buf *b, int64_t n)
{
	if (n < 0)
		buf_puts(b, "<td class=\"r\">" DASH "</td>");
	else
		buf_printf(b, "<td class=\"r\">%lld</td>", (long long)n);
}

static void put_text(struct buf *b, const char *text)
{
	buf_puts(b, "<td>");
	html_escape(b, text && *text ? text : DASH);
	buf_puts(b, "</td>");
}

static void put_link(struct buf *b, const struct index_review *r)
{
	buf_puts(b, "<td class=\"when\">");
	if (r->file) {
		buf_puts(b, "<a href=\"");
		html_escape(b, r->id);
		buf_printf(b, "/%s\">", r->file);
	}
	put_time(b, r->finished_s);
	buf_puts(b, r->file ? "</a></td>" : "</td>");
}

void index_page_review(struct buf *b, const struct index_review *r)
{
	buf_puts(b, "<tr>");
	put_link(b, r);
	put_verdict(b, r);
	for (size_t i = 1; i <= INDEX_COUNTS; i++) /* the series last */
		put_count(b, r->counts[i % INDEX_COUNTS]);
	put_text(b, r->subject);
	put_text(b, r->pipeline);
	put_text(b, r->id);
	buf_puts(b, "</tr>\n");
}

void index_page_reviews_end(struct buf *b, size_t n, uint64_t older)
{
	if (n)
		buf_puts(b, "</tbody>\n</table>\n</div>\n");
	else
		buf_puts(b, "<p>There is no report yet: <code>chimeractl review PATH</code> makes "
		            "one.</p>\n");
	if (older)
		buf_printf(b,
		           "<p>Older reviews that are not listed here: %llu; "
		           "<code>chimeractl list</code> has them.</p>\n",
		           (unsigned long long)older);
}
