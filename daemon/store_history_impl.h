/* SPDX-License-Identifier: MIT */
/* store_history_impl - for store.c alone. */
#pragma once

#include "daemon/store.h"

/* Of a job that ends well, inside the transaction that ends it. */
int store_history_add(const struct store *s, const char *job, const char *text,
                      struct error *err) MUST_USE;
