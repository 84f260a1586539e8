/* SPDX-License-Identifier: MIT */
/*
 * endpoints - the model servers of the configuration, with their keys read, as lib/model takes
 * them.
 */
#pragma once

#include "daemon/config.h"
#include "lib/model/model.h"

/* Reads key files: blocks. Keys come from a file or from $CREDENTIALS_DIRECTORY, never inline. */
int endpoints_model(struct model **ret, uv_loop_t *loop, const struct config *config,
                    struct error *err) MUST_USE;
