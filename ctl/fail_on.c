/* SPDX-License-Identifier: MIT */
#include "ctl/fail_on.h"
#include "ctl/ctl_json.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/str.h"

static bool add_kind(struct fail_on *f, struct str word)
{
	if (str_is(word, "untestable"))
		return f->untestable = true;
	if (str_is(word, "no_new_data"))
		return f->no_new_data = true;
	for (int k = 0; k < FINDING_KIND_COUNT; k++) {
		if (str_is(word, finding_kind_name((enum finding_kind)k)))
			return f->kinds[k] = true;
	}
	return false;
}

static int unknown(struct str word, struct error *err)
{
	char list[400] = "";
	size_t used = 0;

	for (int k = 0; k < FINDING_KIND_COUNT && used < sizeof list; k++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s ",
		                         finding_kind_name((enum finding_kind)k));
	return error_set(err, -EINVAL, "--fail-on: \"%.*s\" is none of %suntestable no_new_data",
	                 (int)(word.len < 40 ? word.len : 40), word.at, list);
}

int fail_on_parse(struct fail_on *ret, const char *text, struct error *err)
{
	struct fail_on f = {0};

	for (const char *at = text;; at++) {
		struct str word = {at, strcspn(at, ",")};

		if (!add_kind(&f, word))
			return unknown(word, err);
		at += word.len;
		if (!*at)
			break;
	}
	*ret = f;
	return 0;
}

static bool alarming(const json_t *finding)
{
	const char *state = ctl_json_text(finding, "state");

	if (!*state)
		return strcmp(ctl_json_text(finding, "severity"), "info") != 0;
	return strcmp(state, "suspected") == 0 || strcmp(state, "confirmed") == 0;
}

bool fail_on_names(const struct fail_on *f, const json_t *finding)
{
	struct str kind = str_of(ctl_json_text(finding, "kind"));

	for (int k = 0; k < FINDING_KIND_COUNT; k++) {
		if (f->kinds[k] && str_is(kind, finding_kind_name((enum finding_kind)k)))
			return true;
	}
	return false;
}

bool fail_on_fails(const struct fail_on *f, const json_t *finding)
{
	if (strcmp(ctl_json_text(finding, "verdict"), "untestable") == 0)
		return f->untestable;
	return fail_on_names(f, finding) && alarming(finding);
}

const char *fail_on_match(const struct fail_on *f, const json_t *report, char *room, size_t size)
{
	const json_t *finding;
	size_t i;

	if (f->no_new_data &&
	    strcmp(ctl_json_text(json_object_get(report, "job"), "verdict"), "no_new_data") == 0)
		return "no_new_data";
	json_array_foreach (json_object_get(report, "findings"), i, finding) {
		if (!fail_on_fails(f, finding))
			continue;
		(void)snprintf(room, size, "%s %s", ctl_json_text(finding, "id"),
		               ctl_json_text(finding, "kind"));
		return room;
	}
	return NULL;
}
