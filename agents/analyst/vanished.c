/* SPDX-License-Identifier: MIT */
/* Series that the last review measured and this one does not: nobody's regression, and a gap. */
#include "agents/analyst/compared.h"
#include "agents/analyst/gap.h"

#define MAX_LISTED 1000 /* in report.json */

static bool present_keys(struct work *w, struct strmap *keys)
{
	size_t at;

	for (size_t i = 0; i < w->n_compared; i++) {
		const struct tracks *t = &w->compared[i].tracks;

		for (size_t k = 0; k < t->n && !w->failed; k++)
			w->failed |= strmap_add(keys, str_of(t->at[k].key), &at) < 0;
	}
	return !w->failed;
}

static int by_text(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;

	return strcmp(*a, *b);
}

static void tell(struct work *w, const char *const *keys, size_t n)
{
	struct gap g = gap_new(SEVERITY_MEDIUM);

	g.finding.kind = FINDING_VANISHED;
	say(&g.text, "Measured by the last review and not by this one: ");
	for (size_t i = 0; i < n && i <= GAP_SAID; i++)
		gap_name(&g.text, keys[i], i, n);
	say(&g.text, ".");
	(void)gap_add(w, &g, "vanished");
}

void vanished_tell(struct work *w)
{
	const struct past *past = w->d->past;
	struct strmap now = {.arena = w->arena};
	const char **keys;
	size_t n, at, gone = 0;

	if (!past || !past->review || !present_keys(w, &now))
		return;
	if (past->series(past->arg, w->arena, &keys, &n) < 0) {
		w->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!strmap_find(&now, str_of(keys[i]), &at))
			keys[gone++] = keys[i];
	w->d->compared.vanished = gone;
	if (!gone)
		return;
	qsort(keys, gone, sizeof *keys, by_text);
	w->d->compared.gone = keys;
	w->d->compared.n_gone = gone < MAX_LISTED ? gone : MAX_LISTED;
	tell(w, keys, gone);
}
