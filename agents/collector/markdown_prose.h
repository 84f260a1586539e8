/* SPDX-License-Identifier: MIT */
/*
 * markdown_prose - what the sentences of a Markdown text state: numbers with a unit that is known,
 * each with its sentence, and options of a model with their value ("num_gpu=80"), which have no
 * unit. Tables, code and headings are no sentences.
 */
#pragma once

#include "agents/collector/markdown_lines.h"
#include "lib/base/arena.h"
#include "lib/evidence/table.h"

#define MARKDOWN_PROSE_MAX 2000 /* statements of one artifact; the first ones */

/*
 * A row a statement: the number as it stands there, with its place, and the sentence as far as it
 * is on that line, or the option's name; what is too long for a sentence states nothing. *ret is NULL where there is none.
 * -ENOMEM.
 */
int markdown_prose(const struct table **ret, const struct markdown_lines *l,
                   struct arena *arena) MUST_USE;
