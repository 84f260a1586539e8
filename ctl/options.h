/* SPDX-License-Identifier: MIT */
/*
 * options - a command line into a struct, following a table.
 *
 * "--name value", "--name=value", "-nvalue", "-n value"; options and operands may be mixed, and
 * "--" ends the options. Nothing is abbreviated: a script that says --re must not change its
 * meaning when --reports appears.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/error.h"

#define OPTION_TEXTS_MAX 64

struct option_texts {
	const char *at[OPTION_TEXTS_MAX];
	size_t n;
};

/* FLAG: bool. TEXT: const char *. UINT: unsigned, from 1. TEXTS: struct option_texts, repeated. */
enum option_type { OPTION_FLAG, OPTION_TEXT, OPTION_UINT, OPTION_TEXTS };

struct option_spec {
	const char *name; /* NULL ends the table */
	char letter;      /* 0: none */
	enum option_type type;
	size_t offset;
};

/*
 * Fills *dst, moves the operands to the front of argv and returns how many there are. Texts are
 * borrowed from argv. -EINVAL: the error says which word is wrong.
 */
int options_parse(const struct option_spec *table, void *dst, int argc, char **argv,
                  struct error *err) MUST_USE;
