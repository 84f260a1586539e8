/* SPDX-License-Identifier: MIT */
/*
 * private_config - the configuration of a private daemon: made from options, or a person's own
 * with the roots opened, for a private daemon may read what its user can.
 */
#pragma once

#include <stdbool.h>

#include "lib/base/error.h"

struct private_spec {
	const char *state;    /* NULL: $XDG_STATE_HOME/chimerad, else ~/.local/state/chimerad */
	const char *config;   /* NULL: one is made from what follows */
	const char *endpoint; /* a URL, or NULL */
	const char *model;    /* alone: Ollama's usual place */
	unsigned slots;       /* 0: not said */
};

/* What stands in the file, as text for the caller to free. */
int private_config_make(char **ret, const struct private_spec *spec, const char *state,
                        const char *socket, struct error *err) MUST_USE;

bool private_config_is_url(const char *endpoint);

/*
 * The state of local reviews, for the caller to free: `given`, else the usual place, whether it is
 * there or not. NULL: there is no such place, or no memory.
 */
char *private_state(const char *given);

/* asprintf() that returns the text, or NULL. */
char *private_text(const char *fmt, ...) PRINTF_LIKE(1, 2);
