/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/base/clock.h"

static const struct {
	const char *text;
	int64_t at;
} good[] = {
	{"1970-01-01T00:00:00Z", 0},
	{"2026-11-21T02:30:00Z", 1795228200},
	{"2026-11-21t02:30:00z", 1795228200},
	{"2026-11-21 02:30:00", 1795228200},
	{"2026-11-21 02:30", 1795228200},
	{" 2026-11-21T02:30:00Z\n", 1795228200},
	{"2026-11-21T04:30:00+02:00", 1795228200},
	{"2026-11-20T22:30:00-0400", 1795228200},
	{"2026-11-21T08:15:00+05:45", 1795228200},
	{"2026-11-21 02:30:00 +0000", 1795228200},
	{"2026-11-21T02:30:00.204845+00:00", 1795228200},
	{"2026-11-21T02:30:00,5", 1795228200},
	{"2024-02-29T00:00:00Z", 1709164800},
	{"2016-12-31T23:59:60Z", 1483228800}, /* a leap second is the next second here */
	{"0001-01-01T00:00:00Z", -62135596800},
	{"9999-12-31T23:59:59Z", 253402300799},
};

Test(clock, every_usual_form_of_a_time_is_read)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		int64_t at = -1;

		cr_expect(clock_parse(str_of(good[i].text), &at), "%s", good[i].text);
		cr_expect_eq(at, good[i].at, "%s: %lld", good[i].text, (long long)at);
	}
}

Test(clock, what_is_no_time_is_refused)
{
	static const char *const bad[] = {
		"",
		"now",
		"2026-11-21",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-02-30T00:00:00Z",
		"2025-02-29T00:00:00Z",
		"2026-04-31T00:00:00Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T02:60:00Z",
		"2026-11-21T02:30:00X",
		"2026-11-21T02:30:00+2:00",
		"2026-11-21T02:30:00+02:00 or so",
		"2026-11-21T02:30:00.Z",
		"26-11-21T02:30:00Z",
		"-026-11-21T02:30:00Z",
		"20261121T023000Z",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int64_t at = 7;

		cr_expect_not(clock_parse(str_of(bad[i]), &at), "%s", bad[i]);
		cr_expect_eq(at, 7);
	}
}

Test(clock, a_text_need_not_end_in_nul)
{
	char text[20];
	int64_t at = 0;

	memcpy(text, "2026-11-21T02:30:00Z", sizeof text);
	cr_expect(clock_parse((struct str){text, sizeof text}, &at));
	cr_expect_eq(at, 1795228200);
}

Test(clock, a_time_is_printed_as_it_was_read)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, 1795228200);
	cr_expect_str_eq(text, "2026-11-21T02:30:00Z");
	clock_text(text, -1);
	cr_expect_str_eq(text, "1969-12-31T23:59:59Z");
	clock_text(text, INT64_MAX);
	cr_expect_str_eq(text, "9999-12-31T23:59:59Z");
	clock_text(text, INT64_MIN);
	cr_expect_eq(strlen(text), CLOCK_TEXT_BYTES - 1);
}

Test(clock, the_clocks_agree_and_move_on)
{
	int64_t ms = clock_now_ms();
	uint64_t ns = clock_mono_ns();

	cr_expect_gt(ms, INT64_C(1700000000000));
	cr_expect_leq(ms / 1000, clock_now_s());
	cr_expect_leq(ns, clock_mono_ns());
}
