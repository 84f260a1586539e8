/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "ctl/fail_on.h"

static const char report[] =
	"{\"job\": {\"verdict\": \"no_new_data\"}, \"findings\": ["
	"{\"id\": \"K1\", \"kind\": \"regression\", \"state\": \"acknowledged\", \"severity\": "
	"\"high\"},"
	"{\"id\": \"K2\", \"kind\": \"improvement\", \"state\": \"suspected\", \"severity\": "
	"\"low\"},"
	"{\"id\": \"K3\", \"kind\": \"gap\", \"state\": null, \"severity\": \"medium\"},"
	"{\"id\": \"K4\", \"kind\": \"best\", \"state\": null, \"severity\": \"info\"},"
	"{\"id\": \"K5\", \"kind\": \"changed\", \"state\": null, \"severity\": \"info\","
	" \"verdict\": \"untestable\"}]}";

static const char *match(const char *kinds)
{
	static char room[128];
	struct fail_on f;
	struct error err = {0};
	json_t *json = json_loads(report, 0, NULL);
	const char *what;

	cr_assert(json && fail_on_parse(&f, kinds, &err) == 0, "%s", err.text);
	what = fail_on_match(&f, json, room, sizeof room);
	json_decref(json);
	return what ? what : "nothing";
}

Test(fail_on, matches_what_is_suspected_or_confirmed)
{
	cr_expect_str_eq(match("improvement"), "K2 improvement");
	cr_expect_str_eq(match("outlier,improvement"), "K2 improvement");
	cr_expect_str_eq(match("regression"), "nothing");
}

Test(fail_on, matches_what_has_no_state_unless_it_is_mere_information)
{
	cr_expect_str_eq(match("gap"), "K3 gap");
	cr_expect_str_eq(match("best"), "nothing");
}

Test(fail_on, matches_the_untestable_and_stale_data_only_when_asked)
{
	cr_expect_str_eq(match("changed"), "nothing");
	cr_expect_str_eq(match("untestable"), "K5 changed");
	cr_expect_str_eq(match("trend,no_new_data"), "no_new_data");
}

Test(fail_on, lists_the_kinds_when_one_is_unknown)
{
	static const char *const bad[] = {"", "regressions", "gap,", ",gap", "gap, best"};
	struct fail_on f;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct error err = {0};

		cr_expect_eq(fail_on_parse(&f, bad[i], &err), -EINVAL, "%s", bad[i]);
		cr_expect(strstr(err.text, "regression improvement"), "%s", err.text);
		cr_expect(strstr(err.text, "no_new_data"), "%s", err.text);
	}
}
