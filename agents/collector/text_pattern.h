/* SPDX-License-Identifier: MIT */
/*
 * text_pattern - one line of a tool's text against a pattern of literal words and captures.
 *
 * In a pattern, everything stands for itself but
 *
 *   " "        blanks, at least as many as there are in the pattern: "  " parts columns of a table
 *   "~"        blanks, or none
 *   {n:name}   a number: "1,431,759", "-1.5e-3", "nan"
 *   {n:name|us} the same, in a unit that the pattern tells
 *   {s}        a number, the spread of what was named last: its name with " +-" behind
 *   {q:name}   a number with its unit behind it: "12.34ms", "4.20k", "20.3 Gbits/sec"
 *   {a:name}   the same, where the unit stands close to the number: "16 std" is 16; so may the
 *              spread, "8.41±0.2μs"
 *   {w:name}   a word: no blanks, and not the character that follows in the pattern
 *   {c:name}   a lower-case word without colons and points, as keys of Go's benchmark format are
 *   {e:name}   an event of perf: no commas but within braces or slashes
 *   {x:}       one of the events that perf counts for everybody
 *   {f:name}   a field: text up to two blanks
 *   {t:name}   text up to what follows in the pattern, at least one character
 *   {*}        anything, up to what follows in the pattern
 *   {?}        what follows may be missing, or be something else
 *   {+}        what follows may come again and again
 *
 * A capture without ":name" gives its text to the one beside it: {k}, {u}, {c} and {e} name the
 * {n}, {q} or {v} before or behind them, where {k} and {v} are texts and {u} is a word. An empty
 * name ("{n:}") drops what was taken. Blanks on both sides of the line are passed over. Nothing is
 * tried twice: the time is linear in the length of the line.
 */
#pragma once

#include <stdint.h>

#include "lib/base/str.h"
#include "lib/base/util.h"

#define TEXT_PIECES_MAX 64 /* of one line; beyond, {+} ends */

struct text_piece {
	char kind;       /* n s q a w c e f t v, of a number that is none: t */
	struct str name; /* of the column: from the pattern or the line; of s: what it is of */
	struct str unit; /* from the pattern; empty: none */
	struct str text; /* in the line */
	uint32_t column; /* of its first character, from 1, in code points */
	uint32_t length; /* in code points */
};

struct text_match {
	struct text_piece pieces[TEXT_PIECES_MAX]; /* those that have a name, in order */
	size_t n;
};

/* False: the line is another one, and *ret is void. */
bool text_match(struct text_match *ret, const char *pattern, struct str line) MUST_USE;

/* Without blanks on both sides. */
struct str text_trim(struct str line);

/* How many bytes of s are a number, 0: none of it is. */
size_t text_number_length(struct str s);
