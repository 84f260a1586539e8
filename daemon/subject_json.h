/* SPDX-License-Identifier: MIT */
/* subject_json - the subject of a history (store_history_subject()) as clients see it. */
#pragma once

#include <jansson.h>

/* The name within it; NULL: it is roots. */
const char *subject_name(const char *subject);

/* Sets `subject` (the name, or null) and `paths` (the roots, where there is no name). */
int subject_json(json_t *o, const char *subject);
