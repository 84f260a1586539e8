/* SPDX-License-Identifier: MIT */
#include "ctl/terminal.h"

#include <sys/ioctl.h>

#include "lib/base/utf8.h"

#define LINE_BYTES_MAX (64 * 1024)

unsigned terminal_width(int fd)
{
	const char *said = getenv("COLUMNS");
	struct winsize ws = {0};
	unsigned long v = said ? strtoul(said, NULL, 10) : 0;

	if (v >= 20 && v <= 1000)
		return (unsigned)v;
	if (ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_col >= 20)
		return ws.ws_col;
	return 80;
}

unsigned terminal_height(int fd)
{
	struct winsize ws = {0};

	return ioctl(fd, TIOCGWINSZ, &ws) == 0 && ws.ws_row >= 2 ? ws.ws_row : 24;
}

bool terminal_live(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

bool terminal_colour(int fd)
{
	const char *none = getenv("NO_COLOR");

	return terminal_live(fd) && !(none && *none);
}

/* In the order of setlocale(3), which itself is not called: numbers stay as C writes them. */
bool terminal_unicode(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *locale = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names) && !(locale && *locale); i++)
		locale = getenv(names[i]);
	return locale && (strcasestr(locale, "UTF-8") || strcasestr(locale, "UTF8"));
}

/* C0, DEL, C1, and the marks that end a line or turn its direction. */
static bool harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The blocks of wide and of combining characters, as a whole: a column too many is no harm. */
static size_t columns_of(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		size_t columns;
	} blocks[] = {{0x300, 0x36f, 0},     {0x200b, 0x200d, 0},   {0x20d0, 0x20ff, 0},
	              {0xfe00, 0xfe0f, 0},   {0x1100, 0x115f, 2},   {0x2e80, 0xa4cf, 2},
	              {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},   {0xfe30, 0xfe6f, 2},
	              {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},   {0x1f300, 0x1f64f, 2},
	              {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2}};

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		if (c >= blocks[i].first && c <= blocks[i].last)
			return blocks[i].columns;
	}
	return 1;
}

void terminal_add(struct buf *b, const char *text, size_t max_columns)
{
	for (size_t left = strlen(text), columns = 0; left;) {
		uint32_t c = 0;
		size_t n = utf8_decode(&c, text, left);

		columns += n == 0 || harmful(c) ? 1 : columns_of(c);
		if (max_columns && columns > max_columns)
			return;
		if (n == 0 || harmful(c))
			buf_putc(b, '?');
		else
			buf_add(b, text, n);
		text += n ? n : 1;
		left -= n ? n : 1;
	}
}

void terminal_print(FILE *to, const char *text)
{
	struct buf b = BUF_INIT(LINE_BYTES_MAX);

	terminal_add(&b, text, 0);
	(void)fputs(buf_text(&b), to);
	buf_done(&b);
}

size_t terminal_columns(const char *text)
{
	size_t columns = 0;

	for (size_t left = strlen(text); left;) {
		uint32_t c = 0;
		size_t n = utf8_decode(&c, text, left);

		columns += n ? columns_of(c) : 1;
		text += n ? n : 1;
		left -= n ? n : 1;
	}
	return columns;
}

size_t terminal_line_length(const char *text, size_t columns)
{
	size_t used = 0, last = 0, at = 0;

	for (size_t left = strlen(text); left;) {
		uint32_t c = 0;
		size_t n = utf8_decode(&c, text + at, left);

		used += n == 0 ? 1 : c < 0x20 ? 0 : columns_of(c);
		if (text[at] == ' ')
			last = at;
		if (used > columns && at > 0 && text[at] != ' ')
			return last ? last : at;
		at += n ? n : 1;
		left -= n ? n : 1;
	}
	return at;
}

void terminal_wrap(FILE *to, const char *text, size_t indent, size_t width)
{
	struct buf b = BUF_INIT(LINE_BYTES_MAX);
	const char *at;

	terminal_add(&b, text, 0);
	at = buf_text(&b);
	while (*at) {
		size_t n = terminal_line_length(at, width > indent + 20 ? width - indent : 20);

		(void)fwrite(at, 1, n, to);
		at += n;
		at += strspn(at, " ");
		if (*at)
			(void)fprintf(to, "\n%*s", (int)indent, "");
	}
	buf_done(&b);
}

static const char *cell_text(const char *const *cells, size_t i)
{
	return cells[i] ? cells[i] : "";
}

/* The widest cell of each column; NULL: no memory. */
static size_t *find_widths(const char *const *cells, size_t rows, size_t n)
{
	size_t *widths = calloc(n + 1, sizeof *widths);

	for (size_t i = 0; widths && i < rows * n; i++) {
		size_t width = terminal_columns(cell_text(cells, i));

		if (width > widths[i % n])
			widths[i % n] = width;
	}
	return widths;
}

const char *terminal_hue(const char *word)
{
	static const struct {
		const char *word, *hue;
	} all[] = {{"worse", "\033[31m"},     {"failed", "\033[31m"},      {"high", "\033[31m"},
	           {"problem", "\033[31m"},   {"better", "\033[32m"},      {"same", "\033[32m"},
	           {"succeeded", "\033[32m"}, {"ok", "\033[32m"},          {"mixed", "\033[33m"},
	           {"medium", "\033[33m"},    {"no_new_data", "\033[33m"}, {"warning", "\033[33m"},
	           {"cancelled", "\033[33m"}, {"running", "\033[36m"},     {"mend", "\033[36m"},
	           {"info", "\033[2m"}};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (strcmp(word, all[i].word) == 0)
			return all[i].hue;
	}
	return "";
}

struct layout {
	FILE *to;
	bool colour;
	size_t width; /* columns of a line, 0: as many as it takes */
};

/* room: columns that are left for it, 0: no matter how many. */
static void put_cell(const struct layout *l, const char *text, const char *hue, size_t room)
{
	struct buf b = BUF_INIT(LINE_BYTES_MAX);

	terminal_add(&b, text, room);
	if (l->colour && *hue)
		(void)fprintf(l->to, "%s%s" TERMINAL_PLAIN, hue, buf_text(&b));
	else
		(void)fputs(buf_text(&b), l->to);
	buf_done(&b);
}

static void put_row(const struct layout *l, const char *const *cells, const size_t *widths,
                    size_t n, bool heading)
{
	size_t used = 0;

	for (size_t c = 0; c < n; c++) {
		const char *text = cell_text(cells, c),
			   *hue = heading ? "\033[1m" : terminal_hue(text);
		size_t have = terminal_columns(text), width = widths ? widths[c] : have;
		bool last = c + 1 == n, cut = last && l->width > used + 1;

		put_cell(l, text, hue, cut ? l->width - used : 0);
		if (!last)
			(void)fprintf(l->to, "%*s", (int)(width - have + 2), "");
		used += width + 2;
	}
	(void)fputc('\n', l->to);
}

void terminal_table(FILE *to, const char *const *cells, size_t rows, size_t n)
{
	CLEANUP(freep) size_t *widths = find_widths(cells, rows, n);
	int fd = fileno(to);
	const struct layout l = {.to = to,
	                         .colour = terminal_colour(fd),
	                         .width = isatty(fd) ? terminal_width(fd) : 0};

	for (size_t row = 0; row < rows; row++)
		put_row(&l, cells + row * n, widths, n, row == 0);
}
