/* SPDX-License-Identifier: MIT */
/*
 * fail_on - does a report hold what --fail-on asks for?
 */
#pragma once

#include <jansson.h>

#include "lib/base/error.h"
#include "lib/evidence/fact.h"

struct fail_on {
	bool kinds[FINDING_KIND_COUNT];
	bool untestable, no_new_data;
};

/* "regression,untestable". -EINVAL: the error lists the kinds that there are. */
int fail_on_parse(struct fail_on *ret, const char *text, struct error *err) MUST_USE;

/* Whether a finding is of a kind that was asked for, and whether it counts, as said below. */
bool fail_on_names(const struct fail_on *f, const json_t *finding);
bool fail_on_fails(const struct fail_on *f, const json_t *finding);

/*
 * NULL, or what matched: the finding's id and kind, or "no_new_data". A finding of a kind counts
 * when it is suspected or confirmed; one without a state counts unless it is mere information;
 * an untestable one only where `untestable` is asked for. `room` holds the text.
 */
const char *fail_on_match(const struct fail_on *f, const json_t *report, char *room, size_t size);
