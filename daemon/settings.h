/* SPDX-License-Identifier: MIT */
/*
 * settings - the configuration in force: the file, then what command line and environment say.
 */
#pragma once

#include "daemon/config.h"

struct settings_source {    /* NULL where not given */
	const char *config; /* --config */
	const char *state, *socket;
};

/*
 * The file is --config, else $CHIMERAD_CONFIG, else /etc/chimerad/chimerad.yaml, which alone may
 * be absent. $CHIMERAD_SOCKET and $CHIMERAD_DATA (a directory with personas/ and pipelines/)
 * come over the file; a user other than root listens in $XDG_RUNTIME_DIR unless told otherwise.
 */
int settings_load(struct config **ret, const struct settings_source *from,
                  struct error *err) MUST_USE;

/* Loads every pipeline, and the personas that its steps name. */
int settings_check(const struct config *config, struct error *err) MUST_USE;

/* libuv reads it at the first use of the pool; its 4 would all be at work in two reviews. */
void settings_size_pool(const struct config *config);

/* Raises the limit on open files to what the daemon can use; returns what of that there is. */
size_t settings_allow_files(void);
