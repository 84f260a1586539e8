/* SPDX-License-Identifier: MIT */
#include "ctl/terminal.h"

#include <sys/ioctl.h>

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

bool terminal_colour(int fd)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(none && *none) && term && strcmp(term, "dumb") != 0;
}

/* Bytes of the well-formed UTF-8 sequence at s, 0 when it is none. */
static size_t sequence(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : 0;

	if (s[0] >= 0xe0 && s[0] < 0xf5)
		n = s[0] < 0xf0 ? 3 : 4;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

/* C0, DEL, C1 (U+0080 to U+009F), and the marks that turn the direction of a line. */
static bool harmful(const unsigned char *s, size_t n)
{
	if (n == 1)
		return s[0] < 0x20 || s[0] == 0x7f;
	if (n == 2)
		return s[0] == 0xc2 && s[1] < 0xa0;
	return n == 3 && s[0] == 0xe2 &&
	       ((s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae) ||
	        (s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

void terminal_add(struct buf *b, const char *text, size_t max_columns)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t columns = 0; *s && (!max_columns || columns < max_columns); columns++) {
		size_t n = sequence(s);

		if (n == 0 || harmful(s, n))
			buf_putc(b, '?');
		else
			buf_add(b, s, n);
		s += n ? n : 1;
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
	size_t n = 0;

	for (const char *c = text; *c; c++)
		n += ((unsigned char)*c & 0xc0) != 0x80;
	return n;
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

void terminal_table(FILE *to, const char *const *cells, size_t rows, size_t n)
{
	CLEANUP(freep) size_t *widths = find_widths(cells, rows, n);

	for (size_t row = 0; row < rows; row++) {
		for (size_t c = 0; c < n; c++) {
			const char *text = cell_text(cells, row * n + c);
			size_t have = terminal_columns(text), width = widths ? widths[c] : have;

			terminal_print(to, text);
			if (c + 1 < n)
				(void)fprintf(to, "%*s", (int)(width - have + 2), "");
		}
		(void)fputc('\n', to);
	}
}
