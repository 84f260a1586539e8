/* SPDX-License-Identifier: MIT */
/*
 * tidy - takes off what models put around a sentence: marks of lists, emphasis, headings, tokens of
 * the chat template, the id that it is about. Nothing here decides what may be said.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/str.h"

/* A copy without pairs of emphasis and tokens such as <unused12>; -ENOMEM. */
int tidy_text(struct str *ret, struct arena *a, struct str text) MUST_USE;

/* Behind "- ", "2. ", "K1: ", "> " and their like. */
struct str tidy_front(struct str text);

/* Behind "Memory Usage: ". */
struct str tidy_heading(struct str text);
