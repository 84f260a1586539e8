/* SPDX-License-Identifier: MIT */
/*
 * place - where the report of a job lies, for commands that read its files here.
 */
#pragma once

#include "ctl/command.h"

/*
 * The folder of a report, for the caller to free. `what` is a path where it has a '/' or a '.' in
 * it: the folder, or report.json in it. Else it is the id of a job, a unique prefix or "latest":
 * the daemon's, or where none listens, that of a local review. Prints what went wrong and returns a
 * ctl_exit code.
 */
int place_find(const struct ctl *ctl, const char *command, const char *what, char **ret) MUST_USE;
