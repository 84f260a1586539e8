/* SPDX-License-Identifier: MIT */
/*
 * watchdog - tells from an answer under way that the model has lost its way.
 *
 * It looks for floods of whitespace outside strings, the same chunk over and over, tokens that no
 * text has, and an end of the answer that goes round in circles.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct watchdog {
	bool json; /* the answer is to be JSON: whitespace within its strings is no flood */
	bool in_string, escaped;
	size_t blanks;              /* whitespace bytes in a row */
	size_t same_at, same_len;   /* where in the answer the chunk before this one stands */
	unsigned same;              /* how often that one came in a row */
	unsigned specials;          /* <unused..> and <pad> so far */
	size_t short_due, long_due; /* answer lengths at which to look for circles again */
};

/*
 * answer[0..len) is the whole answer so far, of which the bytes from `from` on came as one chunk.
 * Returns NULL, or in a few words what is wrong.
 */
const char *watchdog_feed(struct watchdog *w, const char *answer, size_t from, size_t len);
