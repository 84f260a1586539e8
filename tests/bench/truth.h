/* SPDX-License-Identifier: MIT */
/*
 * truth - series of which it is known what happened to them: noise between nights and within one,
 * and steps, drifts, single bad nights or a shift of the whole machine put on top. Seeded: the same
 * settings give the same numbers.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/base/util.h"

enum truth_noise { NOISE_NORMAL, NOISE_LOGNORMAL, NOISE_BIMODAL, NOISE_AUTOCORRELATED };
enum truth_event { EVENT_NONE, EVENT_STEP, EVENT_DRIFT, EVENT_SPIKE, EVENT_MACHINE };

struct truth {
	uint64_t seed;
	size_t series, nights, repetitions;
	enum truth_noise noise;
	double between, within; /* standard deviations, relative */
	enum truth_event event;
	size_t changed; /* so many series, the first ones, take the event; the machine takes all */
	double size;  /* relative, downwards: .05 is -5 %; of a drift over all nights behind `at` */
	size_t at;    /* first night of it */
	double apart; /* EVENT_MACHINE: the first series goes down by so much instead */
};

/* One value a night, the median of its repetitions: ret[series * nights + night]. -ENOMEM. */
int truth_make(const struct truth *t, double *ret) MUST_USE;
