/* SPDX-License-Identifier: MIT */
/*
 * verify_page - report.md as lines of code points, with the runs of digits in it.
 */
#pragma once

#include "ctl/verify_impl.h"

struct page_line {
	const char *at; /* without its LF */
	size_t len;
	bool exempt; /* within a fenced persona prompt */
};

struct page {
	struct page_line *lines; /* line 1 is lines[0] */
	size_t n;
};

int page_read(struct page *ret, const struct verify *v, struct error *err) MUST_USE;
void page_done(struct page *p);

/* Bytes before the code point `column`, from 1; line->len + 1: there is none. */
size_t page_offset(const struct page_line *line, json_int_t column);
size_t page_column(const struct page_line *line, size_t offset);

/* The next run of digits of any script at or behind *from; false: none. */
bool page_digits(const struct page_line *line, size_t *from, size_t *ret_end);
bool page_is_digit(const char *at, size_t len); /* the code point that begins at `at` */
