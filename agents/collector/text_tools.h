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
	TEXT_ADD,    /* the captures are cells of the current row; without one, of a new one */
	TEXT_ROW,    /* a row begins with these cells */
	TEXT_AGAIN,  /* as ADD, but a row begins when the last of these cells is there already */
	TEXT_CARRY,  /* the captures are cells of every row that begins from here on */
	TEXT_ACROSS, /* the capture names what the columns of a grid tell of */
	TEXT_HEAD,   /* the captures stand above the columns of a grid; none: it has no head yet */
	TEXT_GRID,   /* the captures are a line of the grid: a row begins with each but the first */
	TEXT_PASS,   /* nothing */
	TEXT_PARTIAL, /* nothing, and the artifact is partial: the line is quoted as the reason */
};

struct text_rule {
	enum text_effect effect;
	const char *begins; /* how the line does, after blanks: to pass over others soon */
	const char *pattern;
	uint8_t table;  /* of the tool, from 0 */
	uint8_t in, to; /* states; 0: any, none */
	bool forget;    /* what was carried until here: before a CARRY, behind a ROW */
	bool sign;      /* the text is this tool's only if every rule that is a sign matched */
	bool partial;   /* beside its effect: as PARTIAL */
};

#define RULE(effect_, begins_, pattern_, ...)                                                   \
	{                                                                                       \
		.effect = TEXT_##effect_, .begins = begins_, .pattern = pattern_, ##__VA_ARGS__ \
	}

/*
 * Where parameters of benchmarks are crossed: the first column is one of them, the head tells the
 * other's values, and each cell is a row of the table: of a column of one name, or an error.
 */
struct text_grid {
	const char *cell, *error;  /* columns */
	const char *const *errors; /* such cells are errors; up to NULL */
	const char *none;          /* such are no rows */
};

/* Rows whose first cell ends so are left out: they sum up others. */
struct text_aside {
	const char *suffix, *why;
	bool last_resort; /* but stay, when no others are there */
};

struct text_tool {
	const char *name;                                    /* becomes table.schema */
	const struct text_rule *rules;                       /* up to one without a pattern */
	const struct text_column *columns[TEXT_TOOL_TABLES]; /* NULL: no such table */
	const struct text_aside *asides;                     /* NULL: none */
	const struct text_grid *grid;                        /* NULL: none */
	const char *ordinal;                                 /* column of table 0; NULL: none. A row
	                                                        without it is called by its number */
	bool one_sign;                                       /* is enough */
	bool locale;                                         /* it writes numbers as people do */
	bool in_json; /* each line is JSON with a piece of the text in it, and all begin alike */
};

#define TOOL(name_, rules_, columns_, ...)                                            \
	{                                                                             \
		.name = name_, .rules = rules_, .columns[0] = columns_, ##__VA_ARGS__ \
	}

#define BY(tool) "by the text of " tool
#define KEY(tool)                                                   \
	{                                                           \
		MEANS_KEY, NULL, NULL, BETTER_NONE, false, BY(tool) \
	}
#define COVARIATE(tool)                                                   \
	{                                                                 \
		MEANS_COVARIATE, NULL, NULL, BETTER_NONE, false, BY(tool) \
	}
#define IGNORED(tool)                                                   \
	{                                                               \
		MEANS_IGNORED, NULL, NULL, BETTER_NONE, false, BY(tool) \
	}
#define COUNTS(tool, quantity)                                              \
	{                                                                   \
		MEANS_IGNORED, quantity, NULL, BETTER_NONE, false, BY(tool) \
	}
#define HIGHER(tool, quantity, unit)                                         \
	{                                                                    \
		MEANS_METRIC, quantity, unit, BETTER_HIGHER, false, BY(tool) \
	}
#define LOWER(tool, quantity, unit)                                         \
	{                                                                   \
		MEANS_METRIC, quantity, unit, BETTER_LOWER, false, BY(tool) \
	}

/* The tools that are known, one list per file; each up to NULL. */
extern const struct text_tool *const text_tools_bench[];
extern const struct text_tool *const text_tools_load[];
extern const struct text_tool *const text_tools_system[];
extern const struct text_tool *const text_tools_perf[];

const struct text_tool *text_tool(size_t i); /* NULL behind the last one */
