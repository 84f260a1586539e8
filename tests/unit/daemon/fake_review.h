/* SPDX-License-Identifier: MIT */
/*
 * fake_review - reviews that do as their job's `machine` says, on the loop under test:
 *   NULL      two steps, then a report of three files, verdict same
 *   "fails"   ends with an error
 *   "stays"   runs until it is cancelled or suspended
 *   "chatty"  3000 progress events, then as NULL
 *   "refuses" does not even start
 */
#pragma once

#include "daemon/daemon.h"

int fake_review_start(struct review **ret, const struct review_env *env, const struct job *job,
                      const struct review_ops *ops, void *arg, struct error *err);
void fake_review_cancel(struct review *r);
void fake_review_suspend(struct review *r);

#define FAKE_REVIEWS                                                       \
	{                                                                  \
		fake_review_start, fake_review_cancel, fake_review_suspend \
	}
