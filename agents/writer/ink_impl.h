/* SPDX-License-Identifier: MIT */
/*
 * ink_impl - what ink.c and ink_text.c share; nobody else includes it.
 */
#pragma once

#include "agents/writer/ink.h"

void ink_fail(struct ink *i, int code, const char *what, const char *text);
void ink_raw(struct ink *i, const char *text, size_t len);
/* The entry begins here; its len is the caller's. NULL: failed. */
struct ink_entry *ink_entry_open(struct ink *i, enum ink_means means, const char *ref);

/* The longest run of `c` in text. */
size_t ink_longest_run(const char *text, char c);
