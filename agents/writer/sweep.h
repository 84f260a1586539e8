/* SPDX-License-Identifier: MIT */
/* sweep - the best variant of a matrix as a piece of a pipeline, with the evidence as comments. */
#pragma once

#include "agents/writer/writer.h"

/* meta->sweep is not NULL. */
void sweep_snippet(struct buf *b, const struct report_meta *meta);
