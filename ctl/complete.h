/* SPDX-License-Identifier: MIT */
/*
 * complete - what a shell offers at a place of a command line.
 *
 * The words come from the texts that --help prints, so they cannot disagree with it: options are
 * what begins with "--" there, values are its alternatives ("--format md|html|json"), and a usage
 * that begins with "ID" wants a job. The shells' scripts in completion/ only ask.
 */
#pragma once

#include "ctl/command.h"
#include "lib/base/buf.h"

/* What only the daemon knows. */
enum complete_names {
	COMPLETE_NONE,
	COMPLETE_JOBS,
	COMPLETE_PIPELINES,
	COMPLETE_ENDPOINTS,
	COMPLETE_SCHEDULES,
};

/*
 * words: those behind "chimeractl", the last being the one to complete, "" when nothing of it is
 * there yet. Adds what fits to out, a line each, and returns which names would fit beside.
 */
enum complete_names complete_words(struct buf *out, const struct command *const *commands, size_t n,
                                   int n_words, char **words);

/* Prints both; says nothing where there is no daemon. The exit code of chimeractl. */
int complete_run(const struct command *const *commands, size_t n, int n_words, char **words);
