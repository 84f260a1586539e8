/* SPDX-License-Identifier: MIT */
/* secret - a key that lies in a file, or in a credential of the service manager. */
#pragma once

#include "lib/base/error.h"

/*
 * The first line, malloc'd; NULL where neither is named. credential: a file's name in
 * $CREDENTIALS_DIRECTORY. Free it with secret_free(), which wipes it.
 */
int secret_read(char **ret, const char *credential, const char *file, struct error *err) MUST_USE;
void secret_free(char *secret);
