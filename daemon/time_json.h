/* SPDX-License-Identifier: MIT */
/* time_json - a time as clients see it: "2026-12-24T06:30:00Z". */
#pragma once

#include <jansson.h>
#include <stdint.h>

json_t *time_json(int64_t unix_s); /* NULL: no memory */
