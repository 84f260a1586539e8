/* SPDX-License-Identifier: MIT */
/* Files that are no store of ours, damaged ones, and what somebody put into one. */
#include <errno.h>
#include <unistd.h>

#include "tests/unit/daemon/store_case.h"

TestSuite(store_file, .init = make, .fini = clear);

static void expect_open(int code, const char *what)
{
	struct error err = {0};

	store_close(TAKE(store));
	cr_expect_eq(store_open(&store, path, &err), code, "%s", err.text);
	cr_expect_null(store);
	cr_expect_not_null(strstr(err.text, what), "%s", err.text);
	cr_expect_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
	cr_expect_null(strchr(err.text, '\n'));
}

Test(store_file, a_newer_version_is_refused_and_left_alone)
{
	sql("PRAGMA user_version = 99");
	expect_open(-ENOTSUP, ": of version 99, but this chimerad knows up to 8; run the newer "
	                      "chimerad, or move the file away");
	sql("PRAGMA user_version = 8");
	reopen(); /* as if nothing had been */
}

Test(store_file, another_programs_database_is_refused)
{
	cr_assert_eq(unlink(path), 0);
	sql("CREATE TABLE bookmarks (url TEXT)");
	expect_open(-EBADMSG, ": a database of another program; move it away");
	sql("INSERT INTO bookmarks VALUES ('still here')");
}

Test(store_file, a_file_that_is_no_database_is_refused_with_the_way_out)
{
	static const char text[] =
		"This is a letter, not a database; it has a hundred bytes or so, "
		"because a header of SQLite has a hundred.";
	struct error err = {0};

	store_close(TAKE(store));
	cr_assert_eq(files_write(dir, "jobs.sqlite", text, sizeof text - 1, &err), 0);
	expect_open(-EBADMSG, ": file is not a database; move it away to begin with an empty one");
}

Test(store_file, a_damaged_page_is_found_at_the_start)
{
	CLEANUP(freep) char *bytes = NULL;
	struct error err = {0};
	size_t len = 0;

	for (int i = 0; i < 200; i++) {
		char id[16];

		(void)snprintf(id, sizeof id, "job-%03d", i);
		add(id);
	}
	store_close(TAKE(store));
	cr_assert_eq(files_read(&bytes, &len, NULL, path, 1 << 24, &err), 0, "%s", err.text);
	cr_assert_gt(len, 16384);
	memset(bytes + 8192, 0x5a, len - 8192);
	cr_assert_eq(files_write(dir, "jobs.sqlite", bytes, len, &err), 0);
	expect_open(-EBADMSG, "; move it away to begin with an empty one");
}

Test(store_file, hostile_rows_are_refused_one_by_one)
{
	static const char *const changes[] = {
		"state = 'asleep'",
		"submitted_at = 'noon'",
		"step = x'00ff'",
		"pipeline = 'a' || char(0) || 'b'",
		"verdict = replace(hex(zeroblob(200)), '00', 'xx')",
		"id = replace(hex(zeroblob(50)), '00', 'xx')",
		"crashes = 1.5",
	};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		CLEANUP(job_done) struct job got = {0};
		struct error err = {0};
		char text[300];

		store_close(TAKE(store));
		cr_assert_eq(unlink(path), 0);
		reopen();
		add("a");
		/* without the schema's own guards, as whoever makes a file by hand would do */
		sql("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(replace("
		    "sql, 'STRICT', ''), 'CHECK (', 'CHECK (1 OR ') WHERE name = 'job'");
		(void)snprintf(text, sizeof text, "UPDATE job SET %s", changes[i]);
		sql(text);
		reopen();
		cr_expect_eq(store_get(store, &got, "latest", &err), -EBADMSG, "%s: %s", changes[i],
		             err.text);
		cr_expect_eq(strncmp(err.text, path, strlen(path)), 0, "%s", err.text);
		cr_expect_lt(store_claim(store, &got, &err), 0, "%s", changes[i]);
	}
}

Test(store_file, a_trigger_in_the_file_does_nothing)
{
	sql("CREATE TRIGGER t AFTER INSERT ON job BEGIN DELETE FROM job; END");
	reopen();
	add("a");
	cr_expect_eq(row("a").state, JOB_QUEUED);
}

Test(store_file, a_link_and_a_missing_directory_are_refused)
{
	struct error err = {0};
	struct store *s = NULL;
	char link[120];

	(void)snprintf(link, sizeof link, "%s/link", dir);
	cr_assert_eq(symlink(path, link), 0);
	cr_expect_eq(store_open(&s, link, &err), -ELOOP, "%s", err.text);
	cr_expect_eq(store_open(&s, "/nowhere/at/all", &err), -ENOENT);
	cr_expect_str_eq(err.text, "/nowhere/at/all: No such file or directory");
}
