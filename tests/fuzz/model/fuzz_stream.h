/* SPDX-License-Identifier: MIT */
/*
 * fuzz_stream - however the bytes of a server are cut, the same events come out, and what they
 * hold is fit for a report.
 */
#pragma once

#include "lib/model/wire.h"

void fuzz_stream(const struct wire *wire, const uint8_t *data, size_t size);
