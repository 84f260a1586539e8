/* SPDX-License-Identifier: MIT */
/*
 * url - where a model server listens: "http://host:port/base", "host:port" as OLLAMA_HOST has it,
 * or "unix:/run/llama.sock".
 */
#pragma once

#include "lib/base/error.h"
#include "lib/base/str.h"

struct url {
	char base[256];        /* scheme, host, port and path, without a slash at the end */
	char socket_path[108]; /* "" for TCP; as long as sun_path */
};

int url_parse(struct url *ret, const char *text, struct error *err) MUST_USE;
