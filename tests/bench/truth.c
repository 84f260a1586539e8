/* SPDX-License-Identifier: MIT */
#include "tests/bench/truth.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "agents/analyst/statistics.h"

#define RHO        .5 /* of NOISE_AUTOCORRELATED, from night to night */
#define MODE_SHARE .3 /* of the nights of NOISE_BIMODAL that are in the slower mode ... */
#define MODE_APART 3  /* ... so many standard deviations away */

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014): small, and good enough for noise. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static double uniform(uint64_t *state)
{
	return ((double)(next(state) >> 11) + .5) / 9007199254740992.0;
}

static double normal(uint64_t *state)
{
	double r = sqrt(-2 * log(uniform(state)));

	return r * cos(2 * M_PI * uniform(state));
}

/* Of mean 0 and standard deviation 1, whatever its shape. */
static double shaped(enum truth_noise noise, uint64_t *state, double *last)
{
	static const double skew = .5;
	double x = normal(state), mode;

	switch (noise) {
	case NOISE_NORMAL:
		return x;
	case NOISE_LOGNORMAL:
		return (exp(skew * x) - exp(skew * skew / 2)) /
		       sqrt((exp(skew * skew) - 1) * exp(skew * skew));
	case NOISE_BIMODAL:
		mode = uniform(state) < MODE_SHARE ? 1 : 0;
		return (x + MODE_APART * (mode - MODE_SHARE)) /
		       sqrt(1 + MODE_APART * MODE_APART * MODE_SHARE * (1 - MODE_SHARE));
	case NOISE_AUTOCORRELATED:
		*last = RHO * *last + sqrt(1 - RHO * RHO) * x;
		return *last;
	}
	return 0;
}

/* What the event makes of one series in one night. */
static double event_of(const struct truth *t, size_t series, size_t night)
{
	bool takes = series < t->changed && night >= t->at;

	switch (t->event) {
	case EVENT_NONE:
		return 1;
	case EVENT_STEP:
		return takes ? 1 - t->size : 1;
	case EVENT_DRIFT:
		return takes ? 1 - t->size * (double)(night - t->at + 1) /
		                               (double)(t->nights - t->at)
		             : 1;
	case EVENT_SPIKE:
		return takes && night == t->at ? 1 - t->size : 1;
	case EVENT_MACHINE:
		return night < t->at ? 1 : series == 0 && t->apart > 0 ? 1 - t->apart : 1 - t->size;
	}
	return 1;
}

int truth_make(const struct truth *t, double *ret)
{
	CLEANUP(freep) double *reps = calloc(t->repetitions, sizeof *reps);
	uint64_t state = t->seed * 0x2545f4914f6cdd1du + 1;

	if (!reps)
		return -ENOMEM;
	for (size_t s = 0; s < t->series; s++) {
		double level = exp(3 * normal(&state)), last = normal(&state), ignored = 0;

		for (size_t night = 0; night < t->nights; night++) {
			double x = level * event_of(t, s, night) *
			           fmax(.01, 1 + t->between * shaped(t->noise, &state, &last));

			for (size_t i = 0; i < t->repetitions; i++)
				reps[i] = x *
				          (1 + t->within * shaped(NOISE_NORMAL, &state, &ignored));
			ret[s * t->nights + night] = numbers_quantile(reps, t->repetitions, .5);
		}
	}
	return 0;
}
