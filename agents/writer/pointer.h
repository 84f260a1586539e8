/* SPDX-License-Identifier: MIT */
/*
 * pointer - RFC 6901 over a report that is being written, and texts as jansson takes them.
 */
#pragma once

#include <jansson.h>

/* NULL when it leads nowhere. Borrowed. */
json_t *pointer_get(json_t *root, const char *pointer);

/* A string (malformed bytes replaced) or, for NULL, JSON's null. NULL: no memory. */
json_t *pointer_text(const char *text);

/* A number, or JSON's null when it is not finite. */
json_t *pointer_number(double value);
