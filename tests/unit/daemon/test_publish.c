/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "daemon/publish.h"
#include "lib/base/files.h"

static char dir[] = "/tmp/chimerad-publish-XXXXXX";

static void setup(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

static void teardown(void)
{
	struct error err = {0};

	cr_assert_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
}

TestSuite(publish, .init = setup, .fini = teardown);

static const struct publish_file first[] = {
	{.name = "report.md", .data = "one", .len = 3},
	{.name = "report.json", .data = "{}", .len = 2},
};
static const struct publish_file second[] = {
	{.name = "report.md", .data = "two", .len = 3},
};

static const char *in_dir(const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void expect_content(const char *name, const char *text)
{
	CLEANUP(freep) char *data = NULL;
	struct error err = {0};
	size_t len;

	cr_assert_eq(files_read(&data, &len, NULL, in_dir(name), 1000, &err), 0, "%s", err.text);
	cr_expect_str_eq(data, text);
}

Test(publish, a_folder_appears_whole_and_latest_points_at_it)
{
	struct error err = {0};

	cr_assert_eq(publish_report(dir, "a", first, 2, &err), 0, "%s", err.text);
	cr_expect(publish_exists(dir, "a"));
	expect_content("a/report.md", "one");
	expect_content("latest/report.json", "{}");
}

Test(publish, a_folder_that_is_there_stays_as_it_is)
{
	struct error err = {0};

	cr_assert_eq(publish_report(dir, "a", first, 2, &err), 0, "%s", err.text);
	cr_assert_eq(publish_report(dir, "a", second, 1, &err), 0, "%s", err.text);
	expect_content("a/report.md", "one");
	cr_expect(access(in_dir(".staging/a"), F_OK) < 0, "the second try is cleared away");
}

Test(publish, what_cannot_be_made_the_latest_is_taken_back)
{
	struct error err = {0};

	cr_assert_eq(mkdir(in_dir("latest"), 0755), 0); /* no link can take its place */
	cr_expect(publish_report(dir, "a", first, 2, &err) < 0);
	cr_expect(strstr(err.text, "latest"), "%s", err.text);
	cr_expect_not(publish_exists(dir, "a"));
	cr_expect(access(in_dir("a"), F_OK) < 0);
	cr_assert_eq(rmdir(in_dir("latest")), 0);
	cr_assert_eq(publish_report(dir, "a", second, 1, &err), 0, "%s", err.text);
	expect_content("latest/report.md", "two");
}

/* Returns how many of its reports could not be published. */
static void *publish_many(void *name)
{
	size_t failed = 0;

	for (unsigned i = 0; i < 100; i++) {
		struct error err = {0};
		char id[32];

		(void)snprintf(id, sizeof id, "%s-%u", (const char *)name, i);
		failed += publish_report(dir, id, first, 2, &err) < 0;
	}
	return (void *)(uintptr_t)failed;
}

Test(publish, jobs_that_end_together_do_not_take_each_others_link)
{
	static char names[][2] = {"a", "b", "c", "d"};
	pthread_t threads[4];

	for (size_t i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, publish_many, names[i]), 0);
	for (size_t i = 0; i < 4; i++) {
		void *failed;

		cr_assert_eq(pthread_join(threads[i], &failed), 0);
		cr_expect_eq((uintptr_t)failed, 0, "%s: %zu", names[i], (size_t)(uintptr_t)failed);
	}
	expect_content("latest/report.json", "{}");
}

Test(publish, a_half_built_folder_is_not_seen_and_is_cleared_at_start)
{
	struct error err = {0};

	cr_assert_eq(files_make_dirs(in_dir(".staging/b"), &err), 0);
	cr_assert_eq(files_write(in_dir(".staging/b"), "report.md", "ha", 2, &err), 0);
	cr_expect_not(publish_exists(dir, "b"));
	cr_assert_eq(publish_clear(dir, &err), 0, "%s", err.text);
	cr_expect(access(in_dir(".staging/b"), F_OK) < 0);
	cr_expect_eq(access(in_dir(".staging"), F_OK), 0);
}

Test(publish, a_failure_names_the_place_and_leaves_nothing_published)
{
	struct error err = {0};
	char blocker[PATH_MAX];

	(void)snprintf(blocker, sizeof blocker, "%s", in_dir("reports"));
	cr_assert_eq(files_write(dir, "reports", "x", 1, &err), 0);
	cr_expect_lt(publish_report(blocker, "a", first, 2, &err), 0);
	cr_expect(strstr(err.text, "reports"), "%s", err.text);
	cr_expect_not(publish_exists(blocker, "a"));
}

Test(publish, a_report_that_is_removed_goes_whole_and_no_other)
{
	struct error err = {0};

	cr_assert_eq(publish_report(dir, "a", first, 2, &err), 0, "%s", err.text);
	cr_assert_eq(publish_report(dir, "b", first, 2, &err), 0, "%s", err.text);
	cr_assert_eq(publish_remove(dir, "a", &err), 0, "%s", err.text);
	cr_expect(access(in_dir("a"), F_OK) < 0);
	cr_expect(access(in_dir(".staging/a.gone"), F_OK) < 0);
	cr_expect(publish_exists(dir, "b"));
	cr_expect_eq(publish_remove(dir, "a", &err), 0, "again: %s", err.text);
}

Test(publish, only_a_report_is_removed)
{
	static const char *const names[] = {"", ".", "..", ".staging", "../a", "a/b"};
	struct error err = {0};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		cr_expect_eq(publish_remove(dir, names[i], &err), -EINVAL, "%s", names[i]);
}
