/* SPDX-License-Identifier: MIT */
/* expect - findings on what the pipeline expects. Inside this room only. */
#pragma once

struct work;

void expectations_judge(struct work *w);
