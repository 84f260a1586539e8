/* SPDX-License-Identifier: MIT */
/*
 * program - another program, without a shell: started, or run to its end within limits.
 */
#pragma once

#include <sys/types.h>

#include "lib/base/error.h"

#define PROGRAM_OUTPUT_BYTES 16384

/*
 * Starts argv[0] (looked for in $PATH) in a process group of its own with signals as they are at
 * a login, standard input from `in`, output and errors to `out`. envp NULL: our environment.
 * Negative errno: there is no such program, or it cannot be started.
 */
int program_start(pid_t *ret, char *const argv[], char *const envp[], int in, int out) MUST_USE;

/*
 * Runs argv to its end, in English, with nothing to read. Its output, as much as fits
 * PROGRAM_OUTPUT_BYTES, is in ret, with a NUL behind it. Returns its exit status; -ETIMEDOUT: it
 * was killed after limit_ms; -ECHILD: a signal ended it; -ENOENT: there is none.
 */
int program_run(const char *const argv[], int limit_ms, char ret[static PROGRAM_OUTPUT_BYTES],
                struct error *err) MUST_USE;
