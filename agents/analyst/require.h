/* SPDX-License-Identifier: MIT */
/* require - series that the pipeline wants to see every night. Inside this room only. */
#pragma once

struct work;

/* A finding for each requirement of which no run is there, or only old ones. */
void requirements_judge(struct work *w);
