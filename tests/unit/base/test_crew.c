/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/crew.h"

struct share {
	pthread_t caller;
	atomic_uint calls, by_caller;
};

static void work(void *arg)
{
	struct share *s = arg;

	atomic_fetch_add(&s->calls, 1);
	if (pthread_equal(pthread_self(), s->caller))
		atomic_fetch_add(&s->by_caller, 1);
}

Test(crew, the_caller_works_too_and_returns_when_all_are_done)
{
	static const struct {
		unsigned threads, calls;
	} cases[] = {{0, 1}, {1, 1}, {2, 2}, {CREW_MAX, CREW_MAX}, {1000, CREW_MAX}};

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct share s = {.caller = pthread_self()};

		crew_run(cases[i].threads, work, &s);
		cr_expect_eq(atomic_load(&s.calls), cases[i].calls, "%u", cases[i].threads);
		cr_expect_eq(atomic_load(&s.by_caller), 1);
	}
}
