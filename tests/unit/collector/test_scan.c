/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "agents/collector/collector.h"
#include "lib/base/files.h"
#include "tests/unit/collector/follows.h"

/* A directory of artifacts for one test, and what the collector makes of it. */
struct tree {
	char dir[64];
	struct arena *arena;
	struct dossier dossier;
	struct collector_limits limits;
	struct error err;
};

static struct tree tree_new(void)
{
	struct tree t = {.dir = "/tmp/collector-XXXXXX",
	                 .arena = arena_new(1u << 26),
	                 .limits = {.file_bytes = 1u << 20, .files = 100}};

	cr_assert_not_null(mkdtemp(t.dir));
	t.dossier.arena = t.arena;
	return t;
}

static void tree_done(struct tree *t)
{
	struct error err;

	cr_expect_eq(files_remove_tree(t->dir, &err), 0);
	arena_free(t->arena);
}

static const char *below(const struct tree *t, const char *path)
{
	return arena_printf(t->arena, "%s/%s", t->dir, path);
}

static void put_bytes(const struct tree *t, const char *path, const void *bytes, size_t len)
{
	char *dir = arena_strdup(t->arena, below(t, path)), *slash = strrchr(dir, '/');
	struct error err;

	*slash = '\0';
	cr_assert_eq(files_make_dirs(dir, &err), 0);
	cr_assert_eq(files_write(dir, slash + 1, bytes, len, &err), 0, "%s", err.text);
}

static void put(const struct tree *t, const char *path, const char *text)
{
	put_bytes(t, path, text, strlen(text));
}

static int scan(struct tree *t)
{
	const char *root = t->dir;

	return collector_scan(&t->dossier, &root, 1, &t->limits, &t->err);
}

static void collect(struct tree *t)
{
	struct inventory *inv = &t->dossier.inventory;

	cr_assert_eq(scan(t), 0, "%s", t->err.text);
	for (size_t i = 0; i < inv->n_artifacts; i++)
		cr_assert_eq(collector_read(&inv->artifacts[i], inv->roots[0], &t->limits, t->arena,
		                            &t->err),
		             0);
	collector_finish(&t->dossier);
}

static const struct artifact *find(const struct tree *t, const char *path)
{
	for (size_t i = 0; i < t->dossier.inventory.n_artifacts; i++)
		if (strcmp(t->dossier.inventory.artifacts[i].path, path) == 0)
			return &t->dossier.inventory.artifacts[i];
	return NULL;
}

#define expect_status(tree, path, wanted, words)                                               \
	do {                                                                                   \
		const struct artifact *a_ = find(tree, path);                                  \
		cr_assert_not_null(a_, "%s is not listed", path);                              \
		cr_expect_eq(a_->status, wanted, "%s: %s", path, a_->reason);                  \
		cr_expect(a_->reason &&strstr(a_->reason, words), "%s: %s", path, a_->reason); \
	} while (0)

Test(scan, lists_artifacts_in_order_and_counts_the_rest)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	put(&t, "b/x.csv", "a,b\n1,2\n");
	put(&t, "b.json", "{\"a\": 1}");
	put(&t, "B.MD", "# x\n");
	put(&t, "a/run.log", "t,v\n1,2\n3,4\n");
	put(&t, "a/prose.txt", "hello\n");
	put(&t, "a/l.jsonl", "{\"a\": 1}\n{\"a\": 2}\n");
	put(&t, "a/model.gguf", "binary");
	put(&t, ".git/config.json", "{}");
	collect(&t);
	cr_assert_eq(t.dossier.inventory.n_artifacts, 6);
	cr_expect_eq(t.dossier.inventory.n_other, 1);
	cr_expect_str_eq(t.dossier.inventory.artifacts[0].path, "B.MD");
	cr_expect_str_eq(t.dossier.inventory.artifacts[1].path, "a/l.jsonl");
	cr_expect_eq(t.dossier.inventory.artifacts[1].id, 2);
	cr_expect_str_eq(t.dossier.inventory.artifacts[5].path, "b/x.csv");
	cr_expect_eq(find(&t, "a/run.log")->format, FORMAT_TEXT);
	cr_expect_eq(find(&t, "a/run.log")->n_tables, 1, "content decides how it is read");
	expect_status(&t, "a/prose.txt", STATUS_SKIPPED, "text of no recognised tool");
	cr_expect_gt(t.dossier.inventory.artifacts[0].modified_s, 1700000000);
	cr_expect_eq(strncmp(find(&t, "b/x.csv")->digest, "sha256:", 7), 0);
}

Test(scan, content_decides_how_a_file_is_read)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	put(&t, "json.csv", "{\"a\": 1}");
	put(&t, "csv.json", "a,b\n1,2\n3,4\n");
	put(&t, "json.txt", "fio: hello\n{\"a\": 1}\n");
	collect(&t);
	cr_expect_eq(find(&t, "json.csv")->format, FORMAT_CSV);
	cr_assert_eq(find(&t, "json.csv")->n_tables, 1);
	cr_expect_not_null(find(&t, "json.csv")->tables[0].base);
	cr_assert_eq(find(&t, "csv.json")->n_tables, 1);
	cr_expect_null(find(&t, "csv.json")->tables[0].base);
	cr_expect_eq(find(&t, "json.txt")->n_tables, 1);
}

Test(scan, says_why_a_file_cannot_be_read_and_goes_on)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	t.limits.file_bytes = 200;
	put(&t, "empty.csv", "");
	put(&t, "blank.json", " \n\n");
	put(&t, "cut.json", "{\"a\": [1,\n 2");
	put(&t, "prose.csv", "==ERROR== no such thing\n");
	put_bytes(&t, "binary.csv", "a,b\n\0\0", 6);
	put_bytes(&t, "utf16.csv",
	          "\xff\xfe"
	          "E\0r\0r\0o\0r\0",
	          12);
	put(&t, "latin1.csv", "n,t (\xb5s)\n1,2\n3,4\n");
	put(&t, "latin1.json", "{\"t\": \"\xb5s\"}");
	put_bytes(&t, "big.csv", (char[300]){"a,b\n"}, 300);
	put(&t, "good.csv", "a,b\n1,2\n");
	collect(&t);
	expect_status(&t, "empty.csv", STATUS_UNREADABLE, "empty, 0 bytes");
	expect_status(&t, "blank.json", STATUS_UNREADABLE, "blanks only");
	expect_status(&t, "cut.json", STATUS_UNREADABLE, "line 2 column 3");
	expect_status(&t, "prose.csv", STATUS_UNREADABLE, "no table, but \"==ERROR==");
	expect_status(&t, "binary.csv", STATUS_UNREADABLE, "line 2 column 1: NUL byte");
	expect_status(&t, "utf16.csv", STATUS_UNREADABLE, "no table, but \"Error\"");
	expect_status(&t, "latin1.csv", STATUS_PARTIAL, "line 1: byte 0xB5 is not UTF-8, read as");
	expect_status(&t, "latin1.json", STATUS_UNREADABLE, "line 1: byte 0xB5 is not UTF-8");
	expect_status(&t, "big.csv", STATUS_SKIPPED,
	              "300 bytes, over the limit of 200: raise limits.file_bytes");
	cr_expect_eq(find(&t, "good.csv")->status, STATUS_OK);
	cr_expect_str_eq(find(&t, "latin1.csv")->tables[0].columns[1].name, "t (\302\265s)");
	cr_expect_str_eq(find(&t, "big.csv")->digest, "");
}

Test(scan, without_permission_the_file_is_unreadable)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	if (geteuid() == 0)
		cr_skip_test("root may read everything");
	put(&t, "secret.csv", "a,b\n1,2\n");
	cr_assert_eq(chmod(below(&t, "secret.csv"), 0), 0);
	collect(&t);
	expect_status(&t, "secret.csv", STATUS_UNREADABLE, "Permission denied");
}

static void make_socket(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	cr_assert_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
}

Test(scan, never_opens_what_is_no_regular_file, .timeout = 10)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	skip_without_openat2();
	put(&t, "real/x.csv", "a,b\n1,2\n");
	cr_assert_eq(mkfifo(below(&t, "pipe.json"), 0600), 0);
	cr_assert_eq(mkfifo(below(&t, "pipe"), 0600), 0);
	make_socket(below(&t, "sock"));
	cr_assert_eq(symlink("real/x.csv", below(&t, "link.csv")), 0);
	cr_assert_eq(symlink("real", below(&t, "dir")), 0);
	cr_assert_eq(symlink("..", below(&t, "real/up")), 0);
	cr_assert_eq(symlink("nowhere", below(&t, "gone.csv")), 0);
	cr_assert_eq(symlink("nowhere", below(&t, "gone")), 0);
	cr_assert_eq(symlink("loop", below(&t, "loop")), 0);
	cr_assert_eq(symlink("/etc/hostname", below(&t, "out")), 0);
	cr_assert_eq(symlink("../../etc", below(&t, "real/out")), 0);
	collect(&t);
	expect_status(&t, "pipe.json", STATUS_SKIPPED, "FIFO");
	expect_status(&t, "pipe", STATUS_SKIPPED, "FIFO");
	expect_status(&t, "sock", STATUS_SKIPPED, "socket");
	expect_status(&t, "link.csv", STATUS_SKIPPED, "symbolic link");
	expect_status(&t, "dir", STATUS_SKIPPED, "symbolic link to a directory, not followed");
	expect_status(&t, "real/up", STATUS_SKIPPED, "symbolic link to a directory, not followed");
	expect_status(&t, "gone.csv", STATUS_SKIPPED, "leads nowhere");
	expect_status(&t, "loop", STATUS_SKIPPED, "leads to itself");
	expect_status(&t, "out", STATUS_SKIPPED, "leads out of the root, not followed");
	expect_status(&t, "real/out", STATUS_SKIPPED, "leads out of the root, not followed");
	cr_expect_null(find(&t, "gone"));
	cr_expect_eq(find(&t, "pipe")->format, FORMAT_TEXT);
	cr_expect_eq(find(&t, "real/x.csv")->status, STATUS_OK);
	cr_expect_eq(t.dossier.inventory.n_artifacts, 11);
}

Test(scan, a_file_that_became_a_link_is_not_followed)
{
	CLEANUP(tree_done) struct tree t = tree_new();
	struct artifact *a;

	put(&t, "d/x.csv", "a,b\n1,2\n");
	put(&t, "other/x.csv", "a,b\n3,4\n");
	cr_assert_eq(scan(&t), 0);
	a = &t.dossier.inventory.artifacts[0];
	cr_assert_eq(rename(below(&t, "d"), below(&t, "moved")), 0);
	cr_assert_eq(symlink("other", below(&t, "d")), 0);
	cr_assert_eq(collector_read(a, t.dir, &t.limits, t.arena, &t.err), 0);
	cr_expect_eq(a->status, STATUS_SKIPPED);
	cr_expect(strstr(a->reason, "symbolic link"), "%s", a->reason);
	cr_expect_eq(a->n_tables, 0);
	a->path = "../x.csv";
	a->status = STATUS_OK;
	cr_assert_eq(collector_read(a, t.dir, &t.limits, t.arena, &t.err), 0);
	cr_expect_eq(a->status, STATUS_UNREADABLE);
}

Test(scan, passes_over_reports_of_its_own)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	skip_without_openat2();
	put(&t, "reports/1/report.json", "{\n \"schema\": \"chimerad.report/1\"}");
	put(&t, "reports/1/samples.json", "{}");
	put(&t, "reports/1/agents/a/x.csv", "a,b\n1,2\n");
	cr_assert_eq(symlink("1", below(&t, "reports/latest")), 0);
	put(&t, "theirs/report.json", "{\"schema\": \"other\"}");
	put(&t, "theirs/samples.json", "{}");
	put(&t, "report.json", "{\"schema\": \"chimerad.report/1\"}");
	put(&t, "samples.json", "{}");
	put(&t, "x.csv", "a,b\n1,2\n");
	collect(&t);
	cr_expect_eq(t.dossier.inventory.n_artifacts, 3);
	cr_expect_not_null(find(&t, "theirs/report.json"));
	cr_expect_not_null(find(&t, "theirs/samples.json"));
	cr_expect_not_null(find(&t, "x.csv"));
}

Test(scan, byte_identical_copies_are_read_once)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	put(&t, "b/x.csv", "a,b\n1,2\n");
	put(&t, "a/x.csv", "a,b\n1,2\n");
	put(&t, "c/x.csv", "a,b\n1,3\n");
	put(&t, "e1.csv", "");
	put(&t, "e2.csv", "");
	collect(&t);
	cr_expect_eq(find(&t, "a/x.csv")->duplicate_of, 0);
	cr_expect_eq(find(&t, "b/x.csv")->duplicate_of, find(&t, "a/x.csv")->id);
	cr_expect_eq(find(&t, "b/x.csv")->n_tables, 0);
	cr_expect_eq(find(&t, "c/x.csv")->n_tables, 1);
	cr_expect_eq(find(&t, "e2.csv")->duplicate_of, 0, "nothing is no copy of nothing");
	cr_expect_eq(t.dossier.inventory.bytes, 24);
}

Test(scan, a_root_may_be_a_file_or_missing)
{
	CLEANUP(tree_done) struct tree t = tree_new();
	const char *file, *missing = "/nonexistent/x";
	struct artifact *a;

	put(&t, "d/x.csv", "a,b\n1,2\n");
	file = below(&t, "d/x.csv");
	cr_assert_eq(collector_scan(&t.dossier, &file, 1, &t.limits, &t.err), 0);
	cr_assert_eq(t.dossier.inventory.n_artifacts, 1);
	a = &t.dossier.inventory.artifacts[0];
	cr_expect_str_eq(a->path, "x.csv");
	cr_assert_eq(collector_read(a, file, &t.limits, t.arena, &t.err), 0);
	cr_expect_eq(a->n_tables, 1);
	cr_expect_eq(collector_scan(&t.dossier, &missing, 1, &t.limits, &t.err), -ENOENT);
	cr_expect(strstr(t.err.text, "/nonexistent/x"), "%s", t.err.text);
}

Test(scan, too_many_files_are_an_error)
{
	CLEANUP(tree_done) struct tree t = tree_new();
	char name[32];

	for (int i = 0; i < 5; i++) {
		(void)snprintf(name, sizeof name, "f%d.csv", i);
		put(&t, name, "a,b\n1,2\n");
	}
	t.limits.files = 5;
	cr_expect_eq(scan(&t), 0);
	t.limits.files = 4;
	cr_expect_eq(scan(&t), -E2BIG);
	cr_expect(strstr(t.err.text, "more than 4 files"), "%s", t.err.text);
}

Test(scan, deep_directories_are_listed_and_not_entered)
{
	CLEANUP(tree_done) struct tree t = tree_new();
	char path[200] = "";

	for (int i = 0; i < 70; i++)
		(void)strcat(path, "d/");
	(void)strcat(path, "x.csv");
	put(&t, path, "a,b\n1,2\n");
	collect(&t);
	cr_assert_eq(t.dossier.inventory.n_artifacts, 1);
	cr_expect_eq(t.dossier.inventory.artifacts[0].status, STATUS_SKIPPED);
	cr_expect(strstr(t.dossier.inventory.artifacts[0].reason, "more than 64 deep"));
}

Test(scan, names_that_are_not_utf8_are_listed_legibly)
{
	CLEANUP(tree_done) struct tree t = tree_new();

	put(&t, "caf\xe9.csv", "a,b\n1,2\n");
	collect(&t);
	expect_status(&t, "caf\357\277\275.csv", STATUS_SKIPPED, "its name is not UTF-8");
}

Test(scan, a_hostile_file_is_left_out_when_the_memory_ends)
{
	CLEANUP(tree_done) struct tree t = tree_new();
	CLEANUP(arena_freep) struct arena *small = arena_new(600);
	struct artifact *a;

	put(&t, "x.csv", "a,b,c,d,e,f,g,h\n1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8\n");
	cr_assert_eq(scan(&t), 0);
	a = &t.dossier.inventory.artifacts[0];
	cr_assert_eq(collector_read(a, t.dir, &t.limits, small, &t.err), 0);
	cr_expect_eq(a->status, STATUS_SKIPPED);
	cr_expect(strstr(a->reason, "raise it, or review fewer"), "%s", a->reason);
}
