/* SPDX-License-Identifier: MIT */
/* subject_json - the subject of a history (store_history_subject()) as clients see it. */
#pragma once

#include <jansson.h>

/* Sets `subject` (the name, or null) and `paths` (the roots, where there is no name). */
int subject_json(json_t *o, const char *subject);
