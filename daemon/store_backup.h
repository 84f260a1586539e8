/* SPDX-License-Identifier: MIT */
/*
 * store_backup - a copy of the store while it is in use.
 *
 * Reads by a connection of its own, all from one moment, so that nobody waits for it; blocks: on a
 * worker.
 */
#pragma once

#include "lib/base/error.h"

/* `to` is made anew, sound by SQLite's check, one file that needs no other; on failure it is gone.
 */
int store_backup(const char *store_path, const char *to, struct error *err) MUST_USE;
