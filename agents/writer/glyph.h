/* SPDX-License-Identifier: MIT */
/*
 * glyph - foreign text, one character at a time, whatever its bytes are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"

#define GLYPH_REPLACEMENT 0xfffdu

/*
 * The character at *at, which moves behind it; 0 at the NUL, where it stays. A byte that begins
 * no well-formed sequence (RFC 3629) counts as one replacement character.
 */
uint32_t glyph_next(const char **at);

/* A digit of any script, superscripts and circled digits too: what a reader takes for a number. */
bool glyph_is_digit(uint32_t c);

/* Controls, line and paragraph separators, marks that turn the direction of writing: never
 * printed, since they break lines or show something else than what is there. */
bool glyph_is_hazard(uint32_t c);

/* A copy with every malformed byte replaced, as jansson insists. NULL: no memory. */
char *glyph_clean(struct arena *a, const char *text) MUST_USE;
