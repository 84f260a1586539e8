/* SPDX-License-Identifier: MIT */
/*
 * log - one line a message on stderr, with journald's "<N>" in front where the journal reads it.
 *
 * err: a person must act; warning: we coped; notice: life cycle; info: one line a job; debug:
 * anything. Bytes that could forge a line of their own are replaced.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/util.h"

enum log_level {
	LOG_LEVEL_ERR = 3,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG
};

struct log {
	int max; /* enum log_level: what is above is dropped */
	bool prefixed;
};

/* $CHIMERAD_LOG names the level (default info), $JOURNAL_STREAM asks for prefixes. */
void log_init(struct log *l);

/* l may be NULL: then nothing is written. */
void log_write(const struct log *l, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);

#define log_err(l, ...)     log_write(l, LOG_LEVEL_ERR, __VA_ARGS__)
#define log_warning(l, ...) log_write(l, LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(l, ...)  log_write(l, LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(l, ...)    log_write(l, LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(l, ...)   log_write(l, LOG_LEVEL_DEBUG, __VA_ARGS__)
