/* SPDX-License-Identifier: MIT */
#include "lib/base/crew.h"

#include <pthread.h>
#include <stddef.h>

struct hand {
	pthread_t thread;
	void (*work)(void *arg);
	void *arg;
};

static void *lend_a_hand(void *arg)
{
	struct hand *h = arg;

	h->work(h->arg);
	return NULL;
}

void crew_run(unsigned threads, void (*work)(void *arg), void *arg)
{
	struct hand others[CREW_MAX - 1];
	unsigned n = 0;

	for (; n + 1 < threads && n + 1 < CREW_MAX; n++) {
		others[n] = (struct hand){.work = work, .arg = arg};
		if (pthread_create(&others[n].thread, NULL, lend_a_hand, &others[n]) != 0)
			break;
	}
	work(arg);
	while (n > 0)
		(void)pthread_join(others[--n].thread, NULL);
}
