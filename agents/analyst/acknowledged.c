/* SPDX-License-Identifier: MIT */
/* Findings that somebody has acknowledged: they stay listed, and alarm nobody. */
#include "agents/analyst/work.h"

#define REASON_BYTES 200 /* of a sentence; the store keeps all of it */

void acks_read(struct work *w)
{
	const struct past *past = w->d->past;

	if (past && past->acks)
		w->failed |= past->acks(past->arg, w->arena, &w->acks, &w->n_acks) < 0;
}

static const struct past_ack *ack_of(const struct work *w, const char *key)
{
	const char *today = w->settings->today;

	for (size_t i = 0; key && i < w->n_acks; i++) {
		const struct past_ack *a = &w->acks[i];

		if (strcmp(a->key, key) == 0)
			return a->until && today && strcmp(today, a->until) > 0 ? NULL : a;
	}
	return NULL;
}

bool acks_have(const struct work *w, const char *key)
{
	return ack_of(w, key) != NULL;
}

/* One of a group is held with it, but not what began when nobody could have meant it. */
static const struct past_ack *ack_about(const struct work *w, const struct finding *f)
{
	const struct past_ack *a = ack_of(w, f->key);

	if (a)
		return a;
	a = ack_of(w, f->group);
	return a && a->made && f->since && strcmp(f->since, a->made) <= 0 ? a : NULL;
}

/* What recovered, or was only information, needs no acknowledgement. */
static bool alarms(const struct finding *f)
{
	return f->state ? finding_alarms(f) : f->severity != SEVERITY_INFO;
}

static void say_acknowledged(struct sentence *s, const struct past_ack *a)
{
	say(s, " It is acknowledged");
	if (a->until) {
		say(s, " until ");
		say_name(s, a->until);
	}
	if (a->reason && *a->reason) {
		say(s, ": \"");
		say_name(s, a->reason);
		say(s, "\"");
	}
	say(s, ".");
}

static struct text text_with(struct work *w, const struct text *old, const struct past_ack *a)
{
	struct sentence s = {.n = 0};
	struct segment *both;

	say_acknowledged(&s, a);
	both = work_alloc(w, old->n + s.n, sizeof *both);
	if (!both)
		return *old;
	if (old->n)
		memcpy(both, old->segments, old->n * sizeof *both);
	memcpy(both + old->n, s.segments, s.n * sizeof *both);
	return (struct text){both, old->n + s.n};
}

/* The report holds what its sentences quote. */
static const struct past_ack *note(struct work *w, const struct past_ack *a)
{
	struct dossier *d = w->d;
	struct past_ack *ret;

	if (!work_grow(w, &d->acknowledged, d->n_acknowledged, &w->cap_acknowledged,
	               sizeof *d->acknowledged))
		return NULL;
	ret = &d->acknowledged[d->n_acknowledged++];
	*ret = *a;
	if (a->reason)
		ret->reason = text_tamed(w, a->reason, REASON_BYTES);
	return ret;
}

void acknowledge(struct work *w, struct finding *f)
{
	const struct past_ack *a = alarms(f) ? ack_about(w, f) : NULL;

	a = a ? note(w, a) : NULL;
	if (!a)
		return;
	f->text = text_with(w, &f->text, a);
	f->state = "acknowledged";
	f->severity = SEVERITY_INFO;
}
