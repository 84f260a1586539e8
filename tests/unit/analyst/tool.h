/* SPDX-License-Identifier: MIT */
/* tool - what a tool wrote, read by the collector and judged by the analyst, for tests of it. */
#pragma once

#include "tests/unit/analyst/builder.h"

/*
 * Reads a file or a tree into an empty *b and analyses it. "fixture:" is tests/fixtures/tools,
 * "sample:" the shared samples; false: they are not there. Anything else is a path.
 */
bool tool_read(struct builder *b, const char *where);
/* The same of one file of this name with this text. */
void tool_read_text(struct builder *b, const char *name, const char *text);

/* What the report says of a column: all of it must hold. */
struct tool_column {
	const char *name, *role;
	const char *quantity, *unit; /* of a metric; NULL: none */
	enum better better;
	bool restates;
};

#define A_KEY(n)                           \
	{                                  \
		.name = (n), .role = "key" \
	}
#define A_COVARIATE(n)                           \
	{                                        \
		.name = (n), .role = "covariate" \
	}
#define IS_IGNORED(n)                          \
	{                                      \
		.name = (n), .role = "ignored" \
	}
#define A_METRIC(n, q, u, b)                        \
	{                                           \
		(n), "metric", (q), (u), (b), false \
	}
#define RESTATES(n, q, u, b)                       \
	{                                          \
		(n), "metric", (q), (u), (b), true \
	}
#define LOWER  BETTER_LOWER
#define HIGHER BETTER_HIGHER
#define NONE   BETTER_NONE

/* Reads it into *b, and skips the test where it is not there. */
#define TOOL_EXPECT(b, where, ...)                                                     \
	do {                                                                           \
		static const struct tool_column columns_[] = {__VA_ARGS__};            \
                                                                                       \
		if (!tool_read(b, where))                                              \
			cr_skip_test("%s is not there", where);                        \
		tool_expect(b, where, columns_, sizeof columns_ / sizeof columns_[0]); \
	} while (0)
#define TOOL_EXPECT_OF(b, name, text, ...)                                            \
	do {                                                                          \
		static const struct tool_column columns_[] = {__VA_ARGS__};           \
                                                                                      \
		tool_read_text(b, name, text);                                        \
		tool_expect(b, name, columns_, sizeof columns_ / sizeof columns_[0]); \
	} while (0)

/* Fails with the file's and the column's name. */
void tool_expect(const struct builder *b, const char *where, const struct tool_column *columns,
                 size_t n);
/* How many rows the reader leaves out with this reason. */
size_t tool_left_out(const struct builder *b, const char *why);
/* "a=1,b=2" of the configuration. */
const char *tool_subject(struct builder *b, size_t group, size_t configuration);
