/* SPDX-License-Identifier: MIT */
/*
 * terminal - printing for people: width, colour, tables, and foreign text made harmless.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/buf.h"

/* Columns of the terminal behind fd: COLUMNS, else the kernel's word, else 80. */
unsigned terminal_width(int fd);
unsigned terminal_height(int fd); /* lines: the kernel's word, else 24 */
bool terminal_live(int fd);       /* a terminal that can move its cursor: TERM is not dumb */
bool terminal_colour(int fd);     /* the same, and NO_COLOR is unset */

/* Whether the locale, by its environment variables, is one of UTF-8: else ASCII is drawn. */
bool terminal_unicode(void);

/*
 * Appends foreign text, at most max_columns of it (0: all), on one line: control characters
 * (a forged escape sequence, a line end) and bytes that are no UTF-8 become '?'.
 */
void terminal_add(struct buf *b, const char *text, size_t max_columns);

/* Prints terminal_add() of the text. */
void terminal_print(FILE *to, const char *text);

/*
 * Bytes of the longest beginning that has so many columns, up to a blank if there is one in it.
 * Control characters, which terminal_add() has left none of, take no column.
 */
size_t terminal_line_length(const char *text, size_t columns);

/*
 * Prints foreign text broken at blanks into lines of at most `width` columns, from column `indent`
 * on: the first line begins where the cursor is, which is there.
 */
void terminal_wrap(FILE *to, const char *text, size_t indent, size_t width);

size_t terminal_columns(const char *text); /* a wide character takes two, a combining one none */

/*
 * The colour of a verdict, state, severity or level, as a sequence; "" for any other word. What is
 * so coloured ends with TERMINAL_PLAIN.
 */
const char *terminal_hue(const char *word);
#define TERMINAL_PLAIN "\033[0m"

/*
 * Prints rows of n cells, left-aligned under one another, two blanks between. The last column is
 * not padded. cells[row * n + column]; NULL prints as nothing. On a terminal the first row is a
 * heading, words that have a hue are coloured, and the last column is cut where the line ends.
 */
void terminal_table(FILE *to, const char *const *cells, size_t rows, size_t n);
