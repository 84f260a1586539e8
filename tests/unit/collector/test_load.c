/* SPDX-License-Identifier: MIT */
/* Files and directories that somebody swaps or writes to while they are read. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>

#include "agents/collector/beneath.h"
#include "agents/collector/collector.h"
#include "lib/base/buf.h"
#include "lib/base/files.h"
#include "tests/unit/collector/follows.h"

static const struct collector_limits limits = {.file_bytes = 1u << 20, .files = 1000};

struct place {
	char dir[64]; /* "root" in it is the root; "out" is not */
	struct arena *arena;
	struct dossier dossier;
	char *root;
	int fd;
};

static char *at(const struct place *p, const char *path)
{
	return arena_printf(p->arena, "%s/%s", p->dir, path);
}

static void put(const struct place *p, const char *path, const char *text)
{
	char *whole = at(p, path), *slash = strrchr(whole, '/');
	struct error err;

	*slash = '\0';
	cr_assert_eq(files_make_dirs(whole, &err), 0);
	cr_assert_eq(files_write(whole, slash + 1, text, strlen(text), &err), 0, "%s", err.text);
}

static struct place place_new(void)
{
	struct place p = {.dir = "/tmp/load-XXXXXX", .arena = arena_new(1u << 26)};
	const char *file;

	cr_assert_not_null(mkdtemp(p.dir));
	p.dossier.arena = p.arena;
	p.root = at(&p, "root");
	put(&p, "root/d/x.csv", "a,b\n1,2\n");
	put(&p, "out/x.csv", "secret,b\n3,4\n");
	put(&p, "out/secret.csv", "secret,b\n3,4\n");
	p.fd = beneath_open_root(p.root, &file);
	cr_assert_geq(p.fd, 0);
	cr_assert_null(file);
	return p;
}

static void place_done(struct place *p)
{
	struct error err;

	(void)close(p->fd);
	cr_expect_eq(files_remove_tree(p->dir, &err), 0);
	arena_free(p->arena);
}

static int scan(struct place *p)
{
	struct error err = {0};
	const char *root = p->root;

	return collector_scan(&p->dossier, &root, 1, &limits, &err);
}

static struct artifact *only(struct place *p)
{
	cr_assert_eq(scan(p), 0);
	cr_assert_eq(p->dossier.inventory.n_artifacts, 1);
	return &p->dossier.inventory.artifacts[0];
}

static void read_it(struct place *p, struct artifact *a)
{
	struct error err = {0};

	cr_assert_eq(collector_read(a, p->root, &limits, p->arena, &err), 0);
}

static int close_it(int fd)
{
	if (fd >= 0)
		(void)close(fd);
	return fd;
}

Test(beneath, neither_way_of_opening_follows_a_link)
{
	CLEANUP(place_done) struct place p = place_new();
	static int (*const ways[])(int, const char *) = {beneath_open, beneath_walk};

	cr_assert_eq(symlink("../out", at(&p, "root/dir")), 0);
	cr_assert_eq(symlink("d", at(&p, "root/inside")), 0);
	cr_assert_eq(symlink("x.csv", at(&p, "root/d/link")), 0);
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		cr_expect_geq(close_it(ways[i](p.fd, "d/x.csv")), 0);
		cr_expect_eq(close_it(ways[i](p.fd, "dir/x.csv")), -ELOOP);
		cr_expect_eq(close_it(ways[i](p.fd, "inside/x.csv")), -ELOOP);
		cr_expect_eq(close_it(ways[i](p.fd, "d/link")), -ELOOP);
		cr_expect_eq(close_it(ways[i](p.fd, "d/none")), -ENOENT);
		cr_expect_eq(close_it(ways[i](p.fd, "d/x.csv/y")), -ENOTDIR);
	}
}

Test(beneath, a_path_that_could_lead_out_is_refused_before_it_is_tried)
{
	static const char *const paths[] = {"",     "/etc/passwd", "..",    "d/../x", "d/..",
	                                    "d//x", "./d",         "d/./x", "d/"};
	CLEANUP(place_done) struct place p = place_new();

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		cr_expect_eq(close_it(beneath_open(p.fd, paths[i])), -EINVAL, "%s", paths[i]);
		cr_expect_eq(close_it(beneath_walk(p.fd, paths[i])), -EINVAL, "%s", paths[i]);
		cr_expect_eq(close_it(beneath_open_here(p.fd, paths[i])), -EINVAL, "%s", paths[i]);
	}
	cr_expect_eq(close_it(beneath_open_here(p.fd, "d/x.csv")), -EINVAL);
}

Test(beneath, a_name_in_an_open_directory_is_no_link)
{
	CLEANUP(place_done) struct place p = place_new();
	CLEANUP(closep) int dir = beneath_open(p.fd, "d");

	cr_assert_geq(dir, 0);
	cr_assert_eq(symlink("x.csv", at(&p, "root/d/link")), 0);
	cr_expect_geq(close_it(beneath_open_here(dir, "x.csv")), 0);
	cr_expect_eq(close_it(beneath_open_here(dir, "link")), -ELOOP);
	cr_expect_eq(close_it(beneath_open_here(dir, "none")), -ENOENT);
}

Test(beneath, a_root_whose_path_became_a_link_is_refused)
{
	CLEANUP(place_done) struct place p = place_new();
	struct artifact *a = only(&p);
	struct error err = {0};

	cr_assert_eq(rename(p.root, at(&p, "moved")), 0);
	cr_assert_eq(symlink("out", p.root), 0);
	a->path = "x.csv";
	read_it(&p, a);
	cr_expect_eq(a->status, STATUS_UNREADABLE);
	cr_expect(strstr(a->reason, "a symbolic link took its place"), "%s", a->reason);
	cr_expect_eq(collector_scan(&p.dossier, (const char *const *)&p.root, 1, &limits, &err),
	             -ELOOP);
	cr_expect(strstr(err.text, "symbolic link"), "%s", err.text);
}

Test(beneath, where_a_link_leads_is_told_without_going_there)
{
	CLEANUP(place_done) struct place p = place_new();
	int dir;

	skip_without_openat2();
	cr_assert_eq(symlink("../out/x.csv", at(&p, "root/file")), 0);
	cr_assert_eq(symlink("../out/none", at(&p, "root/none")), 0);
	cr_assert_eq(symlink("d/../../root/d", at(&p, "root/twisted")), 0);
	cr_assert_eq(symlink("d", at(&p, "root/inside")), 0);
	cr_expect_eq(beneath_follow(p.fd, "file", &dir), BENEATH_OUTSIDE);
	cr_expect_eq(beneath_follow(p.fd, "none", &dir), BENEATH_OUTSIDE);
	cr_expect_eq(beneath_follow(p.fd, "twisted", &dir), BENEATH_OUTSIDE);
	cr_expect_eq(dir, -1);
	cr_expect_eq(beneath_follow(p.fd, "inside", &dir), BENEATH_DIRECTORY);
	cr_expect_geq(close_it(dir), 0);
}

/* Of a directory only files that follow one another in it are read without asking for it anew. */
Test(load, one_reader_tells_directories_of_like_names_apart)
{
	CLEANUP(place_done) struct place p = place_new();
	CLEANUP(collector_reader_freep) struct collector_reader *reader = NULL;
	const char *roots[] = {p.root, at(&p, "out")};
	struct artifact all[] = {{.path = "d/x.csv"},
	                         {.path = "d/x.csv", .root = 1},
	                         {.path = "d/y.csv", .root = 1},
	                         {.path = "d2/x.csv"},
	                         {.path = "d/x.csv"},
	                         {.path = "x.csv", .root = 1}};
	static const char *const names[] = {"a", "b", "c", "d", "a", "secret"};
	struct error err = {0};

	put(&p, "out/d/x.csv", "b,n\n1,2\n");
	put(&p, "out/d/y.csv", "c,n\n1,2\n");
	put(&p, "root/d2/x.csv", "d,n\n1,2\n");
	cr_assert_eq(collector_reader_new(&reader, roots, 2, &limits, &err), 0, "%s", err.text);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		cr_assert_eq(collector_reader_read(reader, &all[i], p.arena, &err), 0);
		cr_assert_eq(all[i].n_tables, 1, "%s: %s", all[i].path, all[i].reason);
		cr_expect_str_eq(all[i].tables->columns[0].name, names[i]);
	}
}

Test(load, a_file_that_became_a_fifo_does_not_hold_the_reader, .timeout = 20)
{
	CLEANUP(place_done) struct place p = place_new();
	struct artifact *a = only(&p);

	cr_assert_eq(unlink(at(&p, "root/d/x.csv")), 0);
	cr_assert_eq(mkfifo(at(&p, "root/d/x.csv"), 0600), 0);
	read_it(&p, a);
	cr_expect_eq(a->status, STATUS_SKIPPED);
	cr_expect_str_eq(a->reason, "no regular file any more");
}

Test(load, a_file_that_became_a_link_is_named_and_not_followed)
{
	CLEANUP(place_done) struct place p = place_new();
	struct artifact *a = only(&p);

	cr_assert_eq(unlink(at(&p, "root/d/x.csv")), 0);
	cr_assert_eq(symlink("../../out/x.csv", at(&p, "root/d/x.csv")), 0);
	read_it(&p, a);
	cr_expect_eq(a->status, STATUS_SKIPPED);
	cr_expect(strstr(a->reason, "not followed"), "%s", a->reason);
	cr_expect_eq(a->n_tables, 0);
}

Test(load, a_file_that_went_or_grew_too_large_says_so)
{
	CLEANUP(place_done) struct place p = place_new();
	struct artifact *a = only(&p), before = *a;

	cr_assert_eq(truncate(at(&p, "root/d/x.csv"), (off_t)limits.file_bytes + 1), 0);
	read_it(&p, a);
	cr_expect_eq(a->status, STATUS_SKIPPED);
	cr_expect_str_eq(a->reason, "1048577 bytes, over the limit of 1048576: raise "
	                            "limits.file_bytes");
	*a = before;
	cr_assert_eq(unlink(at(&p, "root/d/x.csv")), 0);
	read_it(&p, a);
	cr_expect_eq(a->status, STATUS_UNREADABLE);
	cr_expect_str_eq(a->reason, "gone since it was listed");
}

/* --- a file that is written to between two looks at it --------------------------- */

/* The linker puts this in pread()'s place: somebody appends a row during the next `writes` reads.
 */
static const char *written_to;
static int writes;

ssize_t __wrap_pread64(int fd, void *to, size_t n, off_t from);
ssize_t __real_pread64(int fd, void *to, size_t n, off_t from);

ssize_t __wrap_pread64(int fd, void *to, size_t n, off_t from)
{
	ssize_t got = __real_pread64(fd, to, n, from);

	if (writes > 0) {
		CLEANUP(closep) int out = open(written_to, O_WRONLY | O_APPEND);

		writes--;
		cr_assert_eq(write(out, "3,4\n", 4), 4);
	}
	return got;
}

Test(load, a_file_that_is_never_at_rest_is_still_being_written)
{
	CLEANUP(place_done) struct place p = place_new();
	struct artifact *a = only(&p), before = *a;

	written_to = at(&p, "root/d/x.csv");
	writes = INT_MAX;
	read_it(&p, a);
	writes = 0;
	cr_expect_eq(a->status, STATUS_SKIPPED);
	cr_expect_str_eq(a->reason, "still being written: it changed while it was read");
	cr_expect_eq(a->n_tables, 0);
	cr_expect_str_eq(a->digest, "");
	*a = before;
	read_it(&p, a);
	cr_expect_eq(a->status, STATUS_OK, "once it is at rest it is read");
}

Test(load, a_file_that_comes_to_rest_is_read_whole)
{
	CLEANUP(place_done) struct place p = place_new();
	struct artifact *a = only(&p);

	written_to = at(&p, "root/d/x.csv");
	writes = 2;
	read_it(&p, a);
	cr_expect_eq(writes, 0);
	cr_expect_eq(a->status, STATUS_OK);
	cr_expect_eq(a->bytes, 16);
	cr_assert_eq(a->n_tables, 1);
	cr_expect_eq(a->tables[0].n_rows, 3);
}

/* --- somebody else at work ------------------------------------------------------- */

struct worker {
	pthread_t thread;
	const char *path, *other;
	atomic_bool stop;
	atomic_uint rounds;
};

static void worker_start(struct worker *w, void *(*work)(void *))
{
	cr_assert_eq(pthread_create(&w->thread, NULL, work, w), 0);
	while (atomic_load(&w->rounds) == 0)
		(void)usleep(100);
}

static void worker_stop(struct worker *w)
{
	atomic_store(&w->stop, true);
	cr_assert_eq(pthread_join(w->thread, NULL), 0);
}

/* The directory and a link to one outside of the root take turns under one name. */
static void *swap(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&w->stop)) {
		if (renameat2(AT_FDCWD, w->path, AT_FDCWD, w->other, RENAME_EXCHANGE) < 0)
			break;
		atomic_fetch_add(&w->rounds, 1);
	}
	return NULL;
}

Test(load, a_directory_that_turns_into_a_link_and_back_never_leads_out)
{
	CLEANUP(place_done) struct place p = place_new();
	struct worker w = {.path = at(&p, "root/d"), .other = at(&p, "root/e")};

	cr_assert_eq(symlink("../out", at(&p, "root/e")), 0);
	worker_start(&w, swap);
	for (int i = 0; i < 100; i++) {
		struct inventory *inv = &p.dossier.inventory;

		cr_assert_eq(scan(&p), 0);
		for (size_t k = 0; k < inv->n_artifacts; k++) {
			struct artifact *a = &inv->artifacts[k];

			cr_assert_null(strstr(a->path, "secret"), "%s was listed", a->path);
			read_it(&p, a);
			cr_assert(a->n_tables == 0 ||
			                  strcmp(a->tables[0].columns[0].name, "a") == 0,
			          "a file outside of the root was read");
		}
	}
	worker_stop(&w);
	cr_expect_gt(w.rounds, 1);
}

#define LARGE (17u << 20) /* more than a reader holds of a CSV */

Test(load, a_large_csv_is_taken_for_what_a_small_one_is)
{
	static const struct collector_limits much = {
		.file_bytes = 1u << 30, .files = 9, .threads = 2};
	static const char header[] = "command,mean,stddev,median,user,system,min,max\n";
	static const char row[] = "sort big.txt,0.5,0.01,0.5,0.4,0.1,0.49,0.52\n";
	CLEANUP(buf_done) struct buf text = BUF_INIT(2 * LARGE);
	CLEANUP(digest_freep) struct digest *digest = digest_new();
	CLEANUP(place_done) struct place p = place_new();
	struct artifact a = {.path = "d/runs.csv", .format = FORMAT_CSV};
	char wanted[DIGEST_TEXT_BYTES];
	struct error err = {0};

	buf_puts(&text, header);
	while (text.len < LARGE)
		buf_puts(&text, row);
	put(&p, "root/d/runs.csv", buf_text(&text));
	digest_add(digest, buf_text(&text), text.len);
	digest_text(digest, wanted);
	a.bytes = text.len;
	cr_assert_eq(collector_read(&a, p.root, &much, p.arena, &err), 0, "%s", err.text);
	cr_assert_eq(a.n_tables, 1, "%s", a.reason);
	cr_assert_not_null(a.tables->schema);
	cr_expect_str_eq(a.tables->schema, "hyperfine");
	cr_expect_eq(a.tables->n_rows, (text.len - strlen(header)) / strlen(row));
	cr_expect_str_eq(a.digest, wanted);
}
