/* SPDX-License-Identifier: MIT */
/*
 * crew - the same work by several threads at once, for what is too large to leave other cores idle.
 */
#pragma once

#define CREW_MAX 8 /* threads */

/*
 * Calls work(arg) in this thread and in up to threads - 1 others, and returns when all of them
 * have. Where no other can be had, this one does it alone: the work shares itself out.
 */
void crew_run(unsigned threads, void (*work)(void *arg), void *arg);
