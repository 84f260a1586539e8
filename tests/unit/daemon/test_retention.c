/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "daemon/retention.h"

#define DAY  86400
#define NOW  (1000 * (int64_t)DAY)
#define MOST 16
#define NIGHT(age)                                                                             \
	{                                                                                      \
		.subject = 1, .finished_at_s = NOW - (age) * (int64_t)DAY, .cites_known = true \
	}

/* "kkr": those that are kept and those that go, in order. */
static const char *choose(const struct retention_review *r, size_t n,
                          const struct retention_cite *c, size_t n_cites, uint64_t days,
                          uint64_t reviews)
{
	static char text[MOST + 1];
	const struct retention_limits limits = {days, reviews};
	bool remove[MOST] = {0};

	cr_assert_leq(n, MOST);
	cr_assert_eq(retention_choose(remove, r, n, c, n_cites, &limits, NOW), 0);
	for (size_t i = 0; i < n; i++)
		text[i] = remove[i] ? 'r' : 'k';
	text[n] = '\0';
	return text;
}

Test(retention, without_limits_everything_is_kept)
{
	const struct retention_review r[] = {NIGHT(1), NIGHT(500), NIGHT(900)};

	cr_expect_str_eq(choose(r, 3, NULL, 0, 0, 0), "kkk");
}

Test(retention, beyond_the_age_or_the_count_they_go)
{
	const struct retention_review r[] = {NIGHT(0), NIGHT(10), NIGHT(30), NIGHT(31)};

	cr_expect_str_eq(choose(r, 4, NULL, 0, 30, 0), "kkkr");
	cr_expect_str_eq(choose(r, 4, NULL, 0, 0, 2), "kkrr");
	cr_expect_str_eq(choose(r, 4, NULL, 0, 10, 3), "kkrr");
}

Test(retention, the_newest_of_a_subject_stays_however_old)
{
	struct retention_review r[] = {NIGHT(400), NIGHT(401), NIGHT(500), NIGHT(600)};

	r[2].subject = r[3].subject = 2;
	cr_expect_str_eq(choose(r, 4, NULL, 0, 30, 0), "krkr");
}

Test(retention, each_subject_has_its_own_count)
{
	struct retention_review r[] = {NIGHT(1), NIGHT(2), NIGHT(3), NIGHT(1), NIGHT(2)};

	r[3].subject = r[4].subject = 2;
	cr_expect_str_eq(choose(r, 5, NULL, 0, 0, 2), "kkrkk");
}

Test(retention, jobs_that_measured_nothing_have_no_newest)
{
	struct retention_review r[] = {NIGHT(40), NIGHT(41)};

	r[0].subject = r[1].subject = 0;
	cr_expect_str_eq(choose(r, 2, NULL, 0, 30, 0), "rr");
	cr_expect_str_eq(choose(r, 2, NULL, 0, 0, 1), "kr");
}

Test(retention, what_is_accepted_stays_and_so_does_what_it_cites)
{
	struct retention_review r[] = {NIGHT(1), NIGHT(100), NIGHT(101), NIGHT(102)};
	const struct retention_cite c[] = {{1, 2}};

	r[1].accepted = true;
	cr_expect_str_eq(choose(r, 4, c, 1, 30, 0), "kkkr");
}

Test(retention, what_a_kept_review_cites_stays)
{
	const struct retention_review r[] = {NIGHT(1), NIGHT(50), NIGHT(51), NIGHT(52)};
	const struct retention_cite c[] = {{0, 3}};

	cr_expect_str_eq(choose(r, 4, c, 1, 30, 0), "krrk");
}

Test(retention, what_is_only_cited_keeps_no_others)
{
	const struct retention_review r[] = {NIGHT(1), NIGHT(50), NIGHT(51), NIGHT(52)};
	const struct retention_cite c[] = {{0, 1}, {1, 2}, {2, 3}};

	cr_expect_str_eq(choose(r, 4, c, 3, 30, 0), "kkrr");
}

Test(retention, a_review_of_which_nobody_knows_what_it_cites_keeps_all_before_it)
{
	struct retention_review r[] = {NIGHT(1), NIGHT(50), NIGHT(51), NIGHT(60), NIGHT(61)};

	r[0].cites_known = r[2].cites_known = false;
	r[3].subject = r[4].subject = 2;
	cr_expect_str_eq(choose(r, 5, NULL, 0, 30, 0), "kkkkr");
	r[0].cites_known = true;
	cr_expect_str_eq(choose(r, 5, NULL, 0, 30, 0), "krrkr", "one that goes keeps nothing");
}

Test(retention, a_clock_that_went_back_removes_nothing)
{
	const struct retention_review r[] = {NIGHT(-3), NIGHT(-5)};

	cr_expect_str_eq(choose(r, 2, NULL, 0, 1, 0), "kk");
}
