/* SPDX-License-Identifier: MIT */
/* A scheduled review: what was read is safe in a unit file, and is written as it was read. */
#include <assert.h>

#include "ctl/calendar.h"
#include "ctl/scheduled.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_at(const char *at)
{
	static const struct tm now = {.tm_year = 126, .tm_mon = 10, .tm_mday = 29, .tm_hour = 12};
	char cron[CALENDAR_CRON_BYTES], due[CALENDAR_DUE_BYTES];
	struct calendar c;

	assert(!strpbrk(at, "\n\r%\\\"'$`;#="));
	if (!calendar_parse(&c, at))
		return;
	assert(c.minutes && c.hours && c.days && c.weekdays);
	assert(c.minutes >> 60 == 0 && c.hours >> 24 == 0 && c.days >> 32 == 0);
	assert(!(c.days & 1) && c.weekdays >> 7 == 0);
	if (calendar_cron(&c, cron))
		assert(cron[strspn(cron, "0123456789,* ")] == '\0');
	if (calendar_due(&c, &now, due))
		assert(strlen(due) == CALENDAR_DUE_BYTES - 1 &&
		       strcmp(due, "2026-11-29T12:00") <= 0);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_written(const struct scheduled *s)
{
	CLEANUP(scheduled_freep) struct scheduled *again = NULL;
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};

	if (scheduled_text(&text, s, &err) < 0)
		return; /* too long, with its comments */
	assert(scheduled_parse(&again, "again", text, strlen(text), &err) == 0);
	assert(same(s->pipeline, again->pipeline) && same(s->subject, again->subject));
	assert(same(s->at, again->at) && same(s->after, again->after));
	assert(s->n_paths == again->n_paths && s->n_fail_on == again->n_fail_on);
	for (size_t i = 0; i < s->n_paths; i++)
		assert(same(s->paths[i], again->paths[i]));
}

static void check_key(const struct scheduled *s)
{
	struct scheduled_due due = {.triggered = s->subject, .invocation = s->machine};
	struct request q = scheduled_request(s);
	char key[SCHEDULED_KEY_BYTES];
	struct error err = {0};
	json_t *body = NULL;

	if (request_json(&body, &q, &err) < 0)
		return;
	due.now.tm_mday = 1;
	assert(scheduled_key(key, "name", s, &due, body, &err) == 0);
	for (const char *c = key; *c; c++)
		assert(*c > ' ' && *c <= '~');
	json_decref(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(scheduled_freep) struct scheduled *s = NULL;
	struct error err = {0};
	int r = scheduled_parse(&s, "fuzz", (const char *)data, size, &err);

	assert((r == 0) == (s != NULL) && (r == 0) == (err.code == 0));
	if (r < 0) {
		assert(err.text[0] && !strchr(err.text, '\n'));
		return 0;
	}
	assert(s->n_paths > 0);
	for (size_t i = 0; i < s->n_paths; i++)
		assert(s->paths[i][0] == '/' && !strpbrk(s->paths[i], "\n\r"));
	if (s->after)
		assert(!strpbrk(s->after, "/\n%") && s->after[0] != '.' && s->after[0] != '-');
	if (s->at)
		check_at(s->at);
	check_written(s);
	check_key(s);
	return 0;
}
