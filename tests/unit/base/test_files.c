/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#include "lib/base/files.h"

static char dir[] = "/tmp/chimera-files-XXXXXX";
static char name[200];

static void make(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

static void clear(void)
{
	struct error err = {0};

	cr_expect_eq(files_remove_tree(dir, &err), 0, "%s", err.text);
	cr_expect_neq(access(dir, F_OK), 0);
}

TestSuite(files, .init = make, .fini = clear);

/* dir/file */
static const char *in(const char *file)
{
	(void)snprintf(name, sizeof name, "%s/%s", dir, file);
	return name;
}

static int read_it(const char *path, uint64_t max, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 77;
	int r = files_read(&text, &len, NULL, path, max, err);

	cr_expect_eq(r < 0, text == NULL);
	cr_expect_eq(r < 0, len == 77);
	return r;
}

Test(files, what_is_written_is_read)
{
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};
	struct stat st = {0};
	size_t len = 0;

	cr_assert_eq(files_write(dir, "a", "old and long", 12, &err), 0, "%s", err.text);
	cr_assert_eq(files_write(dir, "a", "x\0y", 3, &err), 0, "%s", err.text);
	cr_assert_eq(files_read(&text, &len, &st, in("a"), 3, &err), 0, "%s", err.text);
	cr_expect_eq(len, 3);
	cr_expect_eq(memcmp(text, "x\0y", 4), 0);
	cr_expect_eq(st.st_size, 3);
}

Test(files, a_piece_is_read_from_its_place_and_is_shorter_at_the_end)
{
	CLEANUP(closep) int fd = memfd_create("piece", MFD_CLOEXEC);
	char piece[8];

	cr_assert_eq(write(fd, "0123456789", 10), 10);
	cr_assert_eq(files_read_at(fd, piece, 4, 3), 4);
	cr_expect_arr_eq(piece, "3456", 4);
	cr_expect_eq(files_read_at(fd, piece, sizeof piece, 8), 2);
	cr_expect_eq(files_read_at(fd, piece, sizeof piece, 10), 0);
	cr_expect_eq(files_read_at(-1, piece, 1, 0), -EBADF);
}

Test(files, an_empty_file_is_an_empty_text)
{
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};
	size_t len = 9;

	cr_assert_eq(files_write(dir, "a", "", 0, &err), 0, "%s", err.text);
	cr_assert_eq(files_read(&text, &len, NULL, in("a"), 0, &err), 0, "%s", err.text);
	cr_expect_eq(len, 0);
	cr_expect_str_eq(text, "");
}

Test(files, a_file_over_the_limit_is_refused)
{
	struct error err = {0};

	cr_assert_eq(files_write(dir, "a", "12345", 5, &err), 0, "%s", err.text);
	cr_expect_eq(read_it(in("a"), 4, &err), -EFBIG);
	cr_expect_not_null(strstr(err.text, "/a: 5 bytes, over the limit of 4"), "%s", err.text);
}

Test(files, a_fifo_that_nobody_writes_to_does_not_hang, .timeout = 5)
{
	struct error err = {0};

	cr_assert_eq(mkfifo(in("fifo"), 0600), 0);
	cr_expect_eq(read_it(in("fifo"), 100, &err), -EINVAL);
	cr_expect_not_null(strstr(err.text, "/fifo: not a regular file"), "%s", err.text);
}

Test(files, a_link_is_not_followed)
{
	struct error err = {0};

	cr_assert_eq(symlink("/etc/passwd", in("link")), 0);
	cr_expect_eq(read_it(in("link"), 1 << 20, &err), -ELOOP);
	cr_expect_not_null(strstr(err.text, "/link: a symbolic link, which is not followed"), "%s",
	                   err.text);
	cr_expect_eq(files_write(dir, "link", "x", 1, &err), -ELOOP);
}

Test(files, directories_and_nothing_at_all_are_refused)
{
	struct error err = {0};

	cr_expect_eq(read_it(dir, 100, &err), -EINVAL);
	cr_expect_eq(read_it("/dev/null", 100, &err), -EINVAL);
	cr_expect_eq(read_it(in("none"), 100, &err), -ENOENT);
	cr_expect_not_null(strstr(err.text, "/none: No such file or directory"), "%s", err.text);
}

Test(files, directories_are_made_as_far_as_they_are_missing)
{
	struct error err = {0};
	struct stat st;

	cr_expect_eq(files_make_dirs(in("a/b//c/"), &err), 0, "%s", err.text);
	cr_expect_eq(files_make_dirs(in("a/b/c"), &err), 0, "%s", err.text);
	cr_assert_eq(stat(in("a/b/c"), &st), 0);
	cr_expect(S_ISDIR(st.st_mode));
	cr_expect_eq(files_sync_dir(in("a/b"), &err), 0, "%s", err.text);
	cr_assert_eq(files_write(dir, "file", "", 0, &err), 0);
	cr_expect_lt(files_make_dirs(in("file/x"), &err), 0);
	cr_expect_lt(files_make_dirs(in("file"), &err), 0);
}

Test(files, a_tree_is_removed_without_following_links)
{
	struct error err = {0};

	cr_assert_eq(files_make_dirs(in("tree/deep"), &err), 0);
	cr_assert_eq(files_make_dirs(in("other"), &err), 0);
	cr_assert_eq(files_write(in("other"), "kept", "x", 1, &err), 0);
	cr_assert_eq(symlink("../other", in("tree/link")), 0);
	cr_expect_eq(files_remove_tree(in("tree"), &err), 0, "%s", err.text);
	cr_expect_eq(access(in("other/kept"), F_OK), 0);
	cr_expect_neq(access(in("tree"), F_OK), 0);
	cr_expect_eq(files_remove_tree(in("tree"), &err), 0, "missing is fine");
}
