/* SPDX-License-Identifier: MIT */
/* What is found does not depend on how many threads list directories ahead of the walk. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>

#include "agents/collector/collector.h"
#include "lib/base/buf.h"
#include "lib/base/files.h"

#define FOUND_ALL 1000 /* a limit that the tree keeps */

/* Empty, and its directories. */
static void touch(const char *root, const char *path)
{
	char file[256], *slash;
	struct error err;
	int fd;

	(void)snprintf(file, sizeof file, "%s/%s", root, path);
	slash = strrchr(file, '/');
	*slash = '\0';
	cr_assert_eq(files_make_dirs(file, &err), 0, "%s", err.text);
	*slash = '/';
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	cr_assert_geq(fd, 0);
	(void)close(fd);
}

static void point(const char *root, const char *path, const char *to)
{
	char file[256];

	(void)snprintf(file, sizeof file, "%s/%s", root, path);
	cr_assert_eq(symlink(to, file), 0);
}

/* On three levels more directories than are listed ahead, and some of every other kind. */
static void make_tree(const char *root)
{
	static const char *const names[] = {"a.csv", "b.json", "c.bin", ".h/x.csv", "d.csv/e.md"};
	struct error err;
	char path[256];

	for (unsigned i = 0; i < 40; i++) {
		for (size_t k = 0; k < ARRAY_LEN(names); k++) {
			(void)snprintf(path, sizeof path, "run-%u/%s", i, names[k]);
			touch(root, path);
		}
	}
	for (unsigned i = 0; i < 120; i++) {
		(void)snprintf(path, sizeof path, "run-7/deep/%u/%u/x.csv", i / 30, i % 30);
		touch(root, path);
	}
	touch(root, "run-8/samples.json");
	(void)snprintf(path, sizeof path, "%s/run-8", root);
	cr_assert_eq(
		files_write(path, "report.json", "{\"schema\": \"chimerad.report/1\"}", 31, &err),
		0);
	point(root, "run-5x", "run-1");
	point(root, "run-9/link.csv", "a.csv");
}

/* What was found, or why that failed. */
static struct buf scan(const char *root, unsigned threads, size_t files)
{
	CLEANUP(arena_freep) struct arena *arena = arena_new(UINT64_MAX);
	const struct collector_limits limits = {.files = files, .threads = threads};
	struct dossier d = {.arena = arena};
	const struct inventory *inv = &d.inventory;
	struct buf found = BUF_INIT(1u << 20);
	struct error err;

	if (collector_scan(&d, &root, 1, &limits, &err) < 0) {
		buf_puts(&found, err.text);
		return found;
	}
	buf_printf(&found, "%zu others", inv->n_other);
	for (size_t i = 0; i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i];

		buf_printf(&found, "\n%u %s %u %s", a->id, a->path, a->format,
		           a->reason ? a->reason : "");
	}
	return found;
}

static void expect_same(const char *root, size_t files)
{
	CLEANUP(buf_done) struct buf alone = scan(root, 1, files);

	cr_expect_eq(!strstr(buf_text(&alone), "run-7/deep/3/29/x.csv"), files < FOUND_ALL);
	cr_expect_eq(!strstr(buf_text(&alone), "more than"), files >= FOUND_ALL);
	cr_expect_null(strstr(buf_text(&alone), "run-8/"), "that is a report of ours");
	for (unsigned threads = 2; threads <= 8; threads++) {
		CLEANUP(buf_done) struct buf found = scan(root, threads, files);

		cr_expect_str_eq(buf_text(&found), buf_text(&alone), "%u threads", threads);
	}
}

Test(scan_threads, find_the_same, .timeout = 60)
{
	char root[] = "/tmp/scan-threads-XXXXXX";
	struct error err;

	cr_assert_not_null(mkdtemp(root));
	make_tree(root);
	expect_same(root, FOUND_ALL);
	for (size_t files = 10; files <= 250; files += 30)
		expect_same(root, files);
	cr_expect_eq(files_remove_tree(root, &err), 0);
}
