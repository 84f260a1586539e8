/* SPDX-License-Identifier: MIT */
/*
 * pretty - Markdown as a person reads it at a terminal.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"

struct pretty {
	unsigned width; /* columns: no line but one of code is longer */
	bool colour, unicode;
};

/* Whatever the text holds, only sequences of ours are in *ret. -ENOTSUP, -ENOMEM, -EMSGSIZE. */
int pretty_markdown(struct buf *ret, const struct pretty *p, const char *text, size_t len,
                    struct error *err) MUST_USE;
