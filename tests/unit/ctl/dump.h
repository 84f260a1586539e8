/* SPDX-License-Identifier: MIT */
/* dump - all that the analyst put into a dossier, as one text: to be compared with another. */
#pragma once

#include "lib/evidence/dossier.h"

char *dump_dossier(const struct dossier *d); /* the caller frees it */
