/* SPDX-License-Identifier: MIT */
/*
 * text_tools - how the text of each tool that we know is written, as tables of line patterns.
 *
 * A line is taken by the first rule that it matches. Rules of a tool may move through states: a
 * rule with `in` counts only there, one with `to` leads there; a reading begins in state 0, which
 * for `in` means any.
 */
#pragma once

#include "agents/collector/text_table.h"

#define TEXT_TOOL_TABLES 2

enum text_effect {
	TEXT_ADD,     /* the captures are cells of the current row; without one, of a new one */
	TEXT_ROW,     /* a row begins with these cells */
	TEXT_AGAIN,   /* as ADD, but a row begins when the first of these cells is there already */
	TEXT_CARRY,   /* the captures are cells of every row that begins from here on */
	TEXT_PASS,    /* nothing */
	TEXT_PARTIAL, /* nothing, and the artifact is partial: the line is quoted as the reason */
};

struct text_rule {
	enum text_effect effect;
	const char *begins; /* how the line does, after blanks: to pass over others soon */
	const char *pattern;
	uint8_t table;  /* of the tool, from 0 */
	uint8_t in, to; /* states; 0: any, none */
	bool sign;      /* the text is this tool's only if every rule that is a sign matched */
	bool partial;   /* beside its effect: as PARTIAL */
};

#define RULE(effect_, begins_, pattern_, ...)                                                   \
	{                                                                                       \
		.effect = TEXT_##effect_, .begins = begins_, .pattern = pattern_, ##__VA_ARGS__ \
	}

struct text_tool {
	const char *name;                                    /* becomes table.schema */
	const struct text_rule *rules;                       /* up to one without a pattern */
	const struct text_column *columns[TEXT_TOOL_TABLES]; /* NULL: no such table */
};

extern const struct text_tool *const text_tools[]; /* up to NULL */
