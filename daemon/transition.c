/* SPDX-License-Identifier: MIT */
#include "daemon/transition.h"

#include <stddef.h>
#include <string.h>

#define REQUIRED "gap:required:"

const char *transition_name(enum transition t)
{
	static const char *const names[] = {"none",     "suspected", "confirmed",
	                                    "appeared", "missing",   "recovered"};

	return names[t];
}

enum told_level told_level_of(const struct told *now)
{
	if (now->state && strcmp(now->state, "suspected") == 0)
		return TOLD_SUSPECTED;
	if (now->state && strcmp(now->state, "acknowledged") == 0)
		return TOLD_QUIET;
	return TOLD_OPEN;
}

/* What was confirmed is that until it recovers: it is not confirmed once more. */
enum told_level told_level_after(enum told_level before, enum told_level now)
{
	return before == TOLD_OPEN && now == TOLD_SUSPECTED ? TOLD_OPEN : now;
}

static enum transition opened(const struct told *f)
{
	if (strncmp(f->key, REQUIRED, strlen(REQUIRED)) == 0)
		return TRANSITION_MISSING;
	return f->state ? TRANSITION_CONFIRMED : TRANSITION_APPEARED;
}

/* It tells of one night what the one before had: that it is not told again is no recovery. */
static bool is_of_one_night(const struct told *f)
{
	return strcmp(f->kind, "vanished") == 0;
}

enum transition transition_of(enum told_level before, enum told_level now,
                              const struct told *finding)
{
	switch (now) {
	case TOLD_NONE:
		return before == TOLD_NONE || is_of_one_night(finding) ? TRANSITION_NONE
		                                                       : TRANSITION_RECOVERED;
	case TOLD_SUSPECTED:
		return before == TOLD_NONE || before == TOLD_QUIET ? TRANSITION_SUSPECTED
		                                                   : TRANSITION_NONE;
	case TOLD_OPEN:
		return before == TOLD_OPEN ? TRANSITION_NONE : opened(finding);
	case TOLD_QUIET:
		break;
	}
	return TRANSITION_NONE;
}

bool transition_is_wanted(enum transition t, enum told_level before, bool suspected)
{
	if (t == TRANSITION_RECOVERED)
		return suspected || before != TOLD_SUSPECTED;
	return t != TRANSITION_NONE && (suspected || t != TRANSITION_SUSPECTED);
}
