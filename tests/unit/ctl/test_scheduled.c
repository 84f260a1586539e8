/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "ctl/scheduled.h"

static const struct tm noon = {.tm_year = 126, .tm_mon = 10, .tm_mday = 29, .tm_hour = 12};

static struct scheduled *parsed(const char *text)
{
	struct scheduled *s = NULL;
	struct error err = {0};

	cr_assert(scheduled_parse(&s, "nightly", text, strlen(text), &err) == 0, "%s", err.text);
	return s;
}

static void refuses(const char *text, int code, const char *words)
{
	struct scheduled *s = NULL;
	struct error err = {0};

	cr_expect_eq(scheduled_parse(&s, "nightly", text, strlen(text), &err), code, "%s: %s", text,
	             err.text);
	cr_expect(strstr(err.text, words), "%s", err.text);
	cr_expect_null(s);
}

Test(scheduled, reads_what_a_person_wrote)
{
	CLEANUP(scheduled_freep)
	struct scheduled *s = parsed("paths: [/srv/a, /srv/b]\nfail_on: [regression, no_new_data]\n"
	                             "fresh: true\nat: \"02:30\"\nafter: bench@1.service\n");
	struct fail_on kinds;

	cr_expect_eq(s->n_paths, 2);
	cr_expect_str_eq(s->paths[1], "/srv/b");
	cr_expect(s->fresh);
	cr_expect_str_eq(s->after, "bench@1.service");
	cr_expect(scheduled_fail_on(&kinds, s));
	cr_expect(kinds.kinds[FINDING_REGRESSION] && kinds.no_new_data && !kinds.untestable);
	cr_expect(!kinds.kinds[FINDING_GAP]);
}

Test(scheduled, says_where_and_what_is_wrong)
{
	refuses("pipeline: nightly-review\n", -ENODATA, "paths");
	refuses("paths: []\n", -EINVAL, "nightly:1:8: paths: ");
	refuses("paths: [srv]\n", -EINVAL, "nightly:1:9: paths: ");
	refuses("paths: [\"/a\\nb\"]\n", -EINVAL, "control characters");
	refuses("paths: [/a]\npipelin: x\n", -EINVAL, "nightly:2:1: unknown key \"pipelin\"");
	refuses("paths: [/a]\npipeline: ../x\n", -EINVAL, "nightly:2:11: pipeline: ");
	refuses("paths: [/a]\nfail_on: [worse]\n", -EINVAL, "nightly:2:11: fail_on: ");
	refuses("paths: [/a]\nat: \"02:30\\nx\"\n", -EINVAL, "nightly:2:5: at: ");
	refuses("paths: [/a]\nafter: ../x.service\n", -EINVAL, "nightly:2:8: after: ");
	refuses("paths: [/a]\nsubject: \"\\e[31m\"\n", -EINVAL, "nightly:2:10: subject: ");
	refuses("paths: [/a]\nsubject: \"a\342\200\250b\"\n", -EINVAL, "control characters");
}

Test(scheduled, knows_the_names_of_services)
{
	static const char *const good[] = {"a.service", "bench@x-1.service", "a\\x2db.service",
	                                   "A_b:c.d.service"};
	static const char *const bad[] = {"",           ".service",    "a.timer",    "a/b.service",
	                                  "-a.service", ".a.service",  "a .service", "%n.service",
	                                  "a.service ", "a\n.service", "@x.service"};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		cr_expect_null(scheduled_check_unit(good[i]), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_not_null(scheduled_check_unit(bad[i]), "%s", bad[i]);
}

Test(scheduled, writes_what_it_reads_whatever_it_holds)
{
	char *paths[] = {(char[]){"/srv/a \"b\": #c"}, (char[]){"/\303\244\\n'{}*&!|>%@`"}};
	char *kinds[] = {(char[]){"gap"}};
	struct scheduled s = {.pipeline = (char[]){"nightly-review"},
	                      .subject = (char[]){"- yes: \"no\" \342\200\246 # x"},
	                      .paths = paths,
	                      .n_paths = 2,
	                      .fail_on = kinds,
	                      .n_fail_on = 1};
	CLEANUP(scheduled_freep) struct scheduled *again = NULL;
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};

	cr_assert(scheduled_text(&text, &s, &err) == 0, "%s", err.text);
	again = parsed(text);
	cr_expect_str_eq(again->subject, s.subject);
	cr_expect_str_eq(again->paths[0], paths[0]);
	cr_expect_str_eq(again->paths[1], paths[1]);
	cr_expect_str_eq(again->fail_on[0], "gap");
	cr_expect_null(again->at);
}

Test(scheduled, writes_nothing_that_it_would_not_read)
{
	char *paths[] = {(char[]){"/a\377"}};
	struct scheduled s = {.paths = paths, .n_paths = 1};
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};

	cr_expect_eq(scheduled_text(&text, &s, &err), -EINVAL);
	paths[0] = (char[]){"/a\nb"};
	cr_expect_eq(scheduled_text(&text, &s, &err), -EINVAL);
	s.n_paths = 0;
	cr_expect_lt(scheduled_text(&text, &s, &err), 0);
	cr_expect_null(text);
}

/* --- the key ------------------------------------------------------------------ */

static const char *key_of(const struct scheduled *s, struct scheduled_due due)
{
	static char key[SCHEDULED_KEY_BYTES];
	struct request q = scheduled_request(s);
	struct error err = {0};
	json_t *body = NULL;

	cr_assert(request_json(&body, &q, &err) == 0, "%s", err.text);
	due.now = due.now.tm_year ? due.now : noon;
	cr_assert(scheduled_key(key, "nightly", s, &due, body, &err) == 0, "%s", err.text);
	json_decref(body);
	return key;
}

/* Without the digest behind it. */
static void due_is(const char *at, struct scheduled_due due, const char *want)
{
	char text[200];
	const char *key;

	(void)snprintf(text, sizeof text, "paths: [/srv]\n%s%s\n", at ? "at: " : "", at ? at : "");
	CLEANUP(scheduled_freep) struct scheduled *s = parsed(text);

	key = key_of(s, due);
	cr_expect_eq(strlen(key), strlen(want) + 13, "%s", key);
	cr_expect_eq(strncmp(key, want, strlen(want)), 0, "%s", key);
}

Test(scheduled, one_key_for_each_time_that_is_due)
{
	static const char run[] = "0123456789abcdef0123456789abcdef";

	due_is("\"02:30\"", (struct scheduled_due){0}, "schedule/nightly/2026-11-29T02:30");
	due_is("\"12:01\"", (struct scheduled_due){0}, "schedule/nightly/2026-11-28T12:01");
	due_is("\"02:30\"", (struct scheduled_due){.triggered = "x"},
	       "schedule/nightly/2026-11-29T02:30");
	due_is("\"02:30\"", (struct scheduled_due){.invocation = run},
	       "schedule/nightly/after-0123456789abcdef0123456789abcdef");
	due_is("\"02:30\"", (struct scheduled_due){.invocation = "not one"},
	       "schedule/nightly/2026-11-29T02:30");
	due_is("\"02:30 UTC\"",
	       (struct scheduled_due){.triggered = "Sun 2026-11-29 02:30\n\303\244"},
	       "schedule/nightly/Sun_2026-11-29_02:30___");
	due_is("\"02:30 UTC\"", (struct scheduled_due){.triggered = ""},
	       "schedule/nightly/2026-11-29");
	due_is(NULL, (struct scheduled_due){0}, "schedule/nightly/2026-11-29");
}

Test(scheduled, a_review_that_was_changed_has_another_key)
{
	CLEANUP(scheduled_freep) struct scheduled *a = parsed("paths: [/srv]\nat: daily\n");
	CLEANUP(scheduled_freep) struct scheduled *same = parsed("at: daily\npaths:\n  - /srv\n");
	CLEANUP(scheduled_freep) struct scheduled *b = parsed("paths: [/srv, /b]\nat: daily\n");
	char key[SCHEDULED_KEY_BYTES];

	(void)snprintf(key, sizeof key, "%s", key_of(a, (struct scheduled_due){0}));
	cr_expect_str_eq(key_of(same, (struct scheduled_due){0}), key);
	cr_expect_str_neq(key_of(b, (struct scheduled_due){0}), key);
}

Test(scheduled, the_daemon_resolves_the_paths)
{
	CLEANUP(scheduled_freep) struct scheduled *s = parsed("paths: [/no/such/../place]\n");
	struct request q = scheduled_request(s);
	struct error err = {0};
	json_t *body = NULL;

	cr_assert(request_json(&body, &q, &err) == 0, "%s", err.text);
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(body, "paths"), 0)),
	                 "/no/such/../place");
	json_decref(body);
}
