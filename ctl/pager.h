/* SPDX-License-Identifier: MIT */
/*
 * pager - a person's pager, for what may be longer than the screen.
 */
#pragma once

#include <stdio.h>

#include "lib/base/util.h"

struct pager;

/*
 * Starts $PAGER by the shell (default "less -FRX", if it is there). NULL: none is wanted or none
 * could be started, and standard output is the place.
 */
struct pager *pager_begin(void);
FILE *pager_stream(const struct pager *p); /* standard output for NULL */

/* Waits until the person has left it. NULL is fine. */
void pager_end(struct pager *p);
DEFINE_CLEANUP(struct pager *, pager_end)
