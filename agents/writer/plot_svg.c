/* SPDX-License-Identifier: MIT */
#include "agents/writer/plot_svg.h"

#include <errno.h>
#include <stdio.h>

#include "agents/writer/html_frame.h"
#include "lib/base/str.h"

#define MAX_BODY_BYTES ((size_t)4 << 20)
#define MAX_DEPTH      16
#define MAX_ATTRIBUTES 16
#define MAX_SIZE       4000 /* pixels */

/* Of gnuplot's points we use two: an open circle, and a filled one. */
#define OPEN_POINT   "#gpPt5"
#define FILLED_POINT "#gpPt6"

struct attribute {
	struct str name, value;
};

struct tag {
	struct str name;
	struct attribute attributes[MAX_ATTRIBUTES];
	size_t n;
	bool opens, closes; /* both: it is empty */
};

/* An element that was begun: if nothing follows its tag, it is taken back. */
struct open {
	struct str name;
	size_t at, behind;
};

struct reader {
	const char *at, *end;
	const char *const *labels;
	size_t n_labels;
	struct plot_svg *to;
	struct open stack[MAX_DEPTH];
	size_t depth, skipping; /* elements that are left out, one within the other */
	struct error *err;
};

static int wrong(const struct reader *r, const char *what, struct str text)
{
	return error_set(r->err, -EPROTO, "not a picture of gnuplot's: %s: %.*s", what,
	                 (int)(text.len < 40 ? text.len : 40), text.at);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == ':';
}

static bool is_among(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, list[i]))
			return true;
	return false;
}

/* --- what a tag says -------------------------------------------------------------------- */

static void pass_blanks(struct reader *r)
{
	while (r->at < r->end && is_blank(*r->at))
		r->at++;
}

static struct str take_name(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && is_name(*r->at))
		r->at++;
	return (struct str){from, (size_t)(r->at - from)};
}

/* name="value"; gnuplot writes blanks about some of the signs. */
static int take_attribute(struct reader *r, struct tag *t)
{
	struct attribute *a = &t->attributes[t->n];
	const char *end;
	char quote;

	if (t->n == MAX_ATTRIBUTES)
		return wrong(r, "too many attributes", t->name);
	a->name = take_name(r);
	pass_blanks(r);
	if (!a->name.len || r->at == r->end || *r->at++ != '=')
		return wrong(r, "attribute", t->name);
	pass_blanks(r);
	quote = r->at < r->end ? *r->at++ : '\0';
	end = quote == '"' || quote == '\'' ? memchr(r->at, quote, (size_t)(r->end - r->at)) : NULL;
	if (!end)
		return wrong(r, "attribute", a->name);
	a->value = (struct str){r->at, (size_t)(end - r->at)};
	r->at = end + 1;
	t->n++;
	return 0;
}

/* Behind its "<". */
static int take_tag(struct reader *r, struct tag *t)
{
	*t = (struct tag){.opens = true};
	if (r->at < r->end && *r->at == '/')
		r->at++, t->opens = false, t->closes = true;
	t->name = take_name(r);
	if (!t->name.len)
		return wrong(r, "element", (struct str){r->at, (size_t)(r->end - r->at)});
	for (;;) {
		int code;

		pass_blanks(r);
		if (r->at < r->end && *r->at == '>') {
			r->at++;
			return 0;
		}
		if (r->end - r->at > 1 && r->at[0] == '/' && r->at[1] == '>') {
			r->at += 2;
			t->closes = true;
			return 0;
		}
		code = take_attribute(r, t);
		if (code < 0)
			return code;
	}
}

static const struct attribute *find(const struct tag *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_is(t->attributes[i].name, name))
			return &t->attributes[i];
	return NULL;
}

/* --- colours ---------------------------------------------------------------------------- */

enum { PAINT_FOREIGN = -3, PAINT_NONE = -2, PAINT_CURRENT = -1 }; /* else an ink */

/* "rgb(  0,   0, 161)" */
static int ink_of_rgb(struct str s)
{
	unsigned red, green, blue;
	char text[32], end;

	if (s.len >= sizeof text)
		return PAINT_FOREIGN;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	if (sscanf(text, "rgb(%3u,%3u,%3u%c", &red, &green, &blue, &end) != 4 || end != ')')
		return PAINT_FOREIGN;
	if (red || green || blue < PLOT_INK_COLOUR || blue - PLOT_INK_COLOUR >= PLOT_INKS)
		return PAINT_FOREIGN;
	return (int)(blue - PLOT_INK_COLOUR);
}

static int paint_of(struct str s)
{
	if (str_is(s, "none"))
		return PAINT_NONE;
	if (str_is(s, "currentColor"))
		return PAINT_CURRENT;
	if (str_is(s, "black"))
		return PLOT_INK;
	if (str_is(s, "gray"))
		return PLOT_RULE;
	if (str_is(s, "white") || str_is(s, "#FFFFFF"))
		return PLOT_PAPER;
	return ink_of_rgb(s);
}

/* One ink an element: that of its stroke, else of its fill, else the one that it hands down. */
static int write_paint(struct reader *r, const struct tag *t)
{
	static const char *const names[] = {"color", "fill", "stroke"};
	struct buf *b = &r->to->body;
	int ink = PAINT_NONE;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct attribute *a = find(t, names[i]);
		int paint = a ? paint_of(a->value) : PAINT_NONE;

		if (!a)
			continue;
		if (paint == PAINT_FOREIGN)
			return wrong(r, "colour", a->value);
		if (paint >= 0)
			ink = paint;
		if (i > 0)
			buf_printf(b, " %s=\"%s\"", names[i],
			           paint == PAINT_NONE ? "none" : "currentColor");
	}
	if (ink >= 0)
		buf_printf(b, " class=\"k%d\"", ink);
	return 0;
}

/* --- what goes on ------------------------------------------------------------------------ */

static bool is_plain_value(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (!is_blank(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && !strchr(".,()+-", c))
			return false;
		if (!c)
			return false;
	}
	return true;
}

static void write_value(struct buf *b, const struct attribute *a)
{
	bool blank = false, any = false; /* runs of blanks are one, and none at the ends */

	buf_printf(b, " %.*s=\"", (int)a->name.len, a->name.at);
	for (size_t i = 0; i < a->value.len; i++) {
		char c = a->value.at[i];

		if (is_blank(c)) {
			blank = any;
			continue;
		}
		if (blank)
			buf_putc(b, ' ');
		blank = false;
		any = true;
		buf_putc(b, c);
	}
	buf_putc(b, '"');
}

static int write_attributes(struct reader *r, const struct tag *t)
{
	static const char *const kept[] = {"d",
	                                   "points",
	                                   "x",
	                                   "y",
	                                   "width",
	                                   "height",
	                                   "transform",
	                                   "stroke-width",
	                                   "stroke-dasharray",
	                                   "stroke-linecap",
	                                   "stroke-linejoin",
	                                   "shape-rendering",
	                                   "fill-opacity",
	                                   "text-anchor",
	                                   "font-size"};
	static const char *const dropped[] = {"class", "id",     "font-family", "font-weight",
	                                      "color", "stroke", "fill",        "xlink:href"};

	for (size_t i = 0; i < t->n; i++) {
		const struct attribute *a = &t->attributes[i];

		if (is_among(a->name, dropped, ARRAY_LEN(dropped)))
			continue;
		if (!is_among(a->name, kept, ARRAY_LEN(kept)))
			return wrong(r, "attribute", a->name);
		if (!is_plain_value(a->value))
			return wrong(r, "value", a->value);
		write_value(&r->to->body, a);
	}
	return write_paint(r, t);
}

/* A point of gnuplot's becomes the circle that it is. */
static int write_point(struct reader *r, const struct tag *t)
{
	const struct attribute *of = find(t, "xlink:href");
	struct buf *b = &r->to->body;
	int code;

	if (!of || !t->closes ||
	    (!str_is(of->value, OPEN_POINT) && !str_is(of->value, FILLED_POINT)))
		return wrong(r, "point", of ? of->value : t->name);
	buf_puts(b, str_is(of->value, FILLED_POINT)
	                    ? "<circle r=\"1\" fill=\"currentColor\" stroke=\"none\""
	                    : "<circle r=\"1\" fill=\"none\" stroke-width=\"0.222\"");
	code = write_attributes(r, t);
	buf_puts(b, "/>\n");
	return code;
}

static bool has_size(const struct tag *t, const char *name, unsigned *ret)
{
	const struct attribute *a = find(t, name);
	unsigned n = 0;

	for (size_t i = 0; a && i < a->value.len && n <= MAX_SIZE; i++) {
		if (a->value.at[i] < '0' || a->value.at[i] > '9')
			return false;
		n = 10 * n + (unsigned)(a->value.at[i] - '0');
	}
	*ret = n;
	return n > 0 && n <= MAX_SIZE;
}

static int push(struct reader *r, const struct tag *t, size_t at)
{
	if (r->depth == MAX_DEPTH)
		return wrong(r, "too deep", t->name);
	r->stack[r->depth++] = (struct open){t->name, at, r->to->body.len};
	return 0;
}

static int open_element(struct reader *r, const struct tag *t)
{
	static const char *const drawn[] = {"g", "path", "polygon", "polyline", "rect", "text"};
	struct buf *b = &r->to->body;
	size_t at = b->len;
	int code;

	if (r->depth == 0) {
		if (!str_is(t->name, "svg") || t->closes || !has_size(t, "width", &r->to->width) ||
		    !has_size(t, "height", &r->to->height))
			return wrong(r, "it begins with", t->name);
		return push(r, t, at);
	}
	if (str_is(t->name, "use"))
		return write_point(r, t);
	if (!is_among(t->name, drawn, ARRAY_LEN(drawn)))
		return wrong(r, "element", t->name);
	buf_printf(b, "<%.*s", (int)t->name.len, t->name.at);
	code = write_attributes(r, t);
	buf_puts(b, t->closes ? "/>\n" : ">");
	return code < 0 || t->closes ? code : push(r, t, at);
}

static int close_element(struct reader *r, const struct tag *t)
{
	struct buf *b = &r->to->body;
	const struct open *o;

	if (!r->depth || !str_eq(r->stack[r->depth - 1].name, t->name))
		return wrong(r, "end of", t->name);
	o = &r->stack[--r->depth];
	if (r->depth == 0)
		return 0;
	if (b->len == o->behind) /* gnuplot writes many groups with nothing in them */
		b->len = o->at;
	else
		buf_printf(b, "</%.*s>\n", (int)t->name.len, t->name.at);
	if (b->data)
		b->data[b->len] = '\0';
	return 0;
}

static bool is_skipped(struct str name)
{
	static const char *const skipped[] = {"title", "desc", "defs"};

	return is_among(name, skipped, ARRAY_LEN(skipped));
}

static int take_element(struct reader *r)
{
	struct tag t;
	int code;

	r->at++;
	code = take_tag(r, &t);
	if (code < 0)
		return code;
	if (r->skipping || (t.opens && r->depth && is_skipped(t.name))) {
		if (t.opens && !t.closes)
			r->skipping++;
		else if (!t.opens)
			r->skipping--;
		return 0;
	}
	return t.opens ? open_element(r, &t) : close_element(r, &t);
}

/* --- text -------------------------------------------------------------------------------- */

/* "@12___@": which label; false: it is none. */
static bool is_token(struct str s, size_t *ret)
{
	size_t n = 0, i = 1;

	if (s.len < 3 || s.at[0] != '@' || s.at[s.len - 1] != '@')
		return false;
	for (; i + 1 < s.len && s.at[i] >= '0' && s.at[i] <= '9' && n < 1000; i++)
		n = 10 * n + (size_t)(s.at[i] - '0');
	for (; i + 1 < s.len; i++)
		if (s.at[i] != '_')
			return false;
	*ret = n;
	return n > 0;
}

static int write_text(struct reader *r, struct str s)
{
	size_t label;

	if (!r->depth || !str_is(r->stack[r->depth - 1].name, "text"))
		return wrong(r, "text", s);
	if (is_token(s, &label) && label <= r->n_labels) {
		html_escape(&r->to->body, r->labels[label - 1]);
		return 0;
	}
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < ' ' || s.at[i] > '~' || strchr("<>&@\"'", s.at[i]))
			return wrong(r, "text", s);
	buf_add(&r->to->body, s.at, s.len);
	return 0;
}

static int take_text(struct reader *r)
{
	const char *end = memchr(r->at, '<', (size_t)(r->end - r->at));
	struct str s;

	end = end ? end : r->end;
	s = str_trim((struct str){r->at, (size_t)(end - r->at)});
	r->at = end;
	return s.len && !r->skipping ? write_text(r, s) : 0;
}

/* "<?xml ...?>", as the very first */
static void pass_declaration(struct reader *r)
{
	size_t len = (size_t)(r->end - r->at);
	const char *end = len > 2 && memcmp(r->at, "<?", 2) == 0 ? memchr(r->at, '>', len) : NULL;

	r->at = end ? end + 1 : r->at;
	pass_blanks(r);
}

static int read_all(struct reader *r)
{
	int code = 0;

	pass_declaration(r);
	do
		code = r->at < r->end && *r->at == '<' ? take_element(r) : take_text(r);
	while (code == 0 && r->depth && r->at < r->end);
	pass_blanks(r);
	if (code == 0 && (!r->to->width || r->depth || r->skipping || r->at < r->end))
		code = wrong(r, "its end", (struct str){r->at, (size_t)(r->end - r->at)});
	if (code == 0 && r->to->body.failed)
		code = error_set(r->err, -EPROTO, "a picture of more than %zu bytes",
		                 MAX_BODY_BYTES);
	return code;
}

int plot_svg_read(struct plot_svg *ret, const char *svg, size_t len, const char *const *labels,
                  size_t n_labels, struct error *err)
{
	struct plot_svg to = {.body = BUF_INIT(MAX_BODY_BYTES)};
	struct reader r = {.at = svg,
	                   .end = svg + len,
	                   .labels = labels,
	                   .n_labels = n_labels,
	                   .to = &to,
	                   .err = err};
	int code = read_all(&r);

	if (code < 0) {
		buf_done(&to.body);
		return code;
	}
	*ret = to;
	return 0;
}
