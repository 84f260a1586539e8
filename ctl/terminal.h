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
bool terminal_colour(int fd); /* a terminal, NO_COLOR unset, TERM not dumb */

/*
 * Appends foreign text, at most max_columns code points (0: all), on one line: control characters
 * (a forged escape sequence, a line end) and bytes that are no UTF-8 become '?'.
 */
void terminal_add(struct buf *b, const char *text, size_t max_columns);

/* Prints terminal_add() of the text. */
void terminal_print(FILE *to, const char *text);

size_t terminal_columns(const char *text); /* code points */

/*
 * Prints rows of n cells, left-aligned under one another, two blanks between. The last column is
 * not padded. cells[row * n + column]; NULL prints as nothing.
 */
void terminal_table(FILE *to, const char *const *cells, size_t rows, size_t n);
