/* SPDX-License-Identifier: MIT */
/*
 * bind_tell - what a struct that was bound holds, value by value, and where each came from.
 */
#pragma once

#include "lib/base/bind.h"

struct bind_told {
	const char *path;    /* "endpoints/0/timeouts/idle"; a list of none is told as a whole */
	const char *value;   /* as YAML takes it, strings without quotes; "" where there is none */
	size_t line, column; /* from 1; line 0: the file does not say it, it is the default */
};

typedef void bind_told_fn(void *arg, const struct bind_told *told);

/* text is what src was bound from. What may be a secret is told as "hidden". */
int bind_tell(const char *source, const char *text, size_t len, const struct bind_field *table,
              const void *src, bind_told_fn *fn, void *arg, struct error *err) MUST_USE;
