/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/schedule_impl.h"
#include "lib/base/files.h"

static char top[64];

static void set_up(void)
{
	struct error err = {0};
	char dir[128];

	(void)snprintf(top, sizeof top, "/tmp/ctl mend-XXXXXX");
	cr_assert(mkdtemp(top));
	(void)snprintf(dir, sizeof dir, "%s/it's/in", top);
	cr_assert(files_make_dirs_mode(dir, 0755, &err) == 0, "%s", err.text);
	cr_assert(chmod(top, 0755) == 0);
}

static void tear_down(void)
{
	struct error err = {0};

	cr_expect(files_remove_tree(top, &err) == 0, "%s", err.text);
}

TestSuite(mend, .init = set_up, .fini = tear_down);

static void mend_is(const char *below, bool sandboxed, const char *fmt)
{
	struct buf got = BUF_INIT(2048);
	char path[128], want[512];

	(void)snprintf(path, sizeof path, "%s/%s", top, below);
	(void)snprintf(want, sizeof want, "%s%s%s", fmt, *fmt ? top : "", *fmt ? "/" : "");
	schedule_mend(&got, path, sandboxed);
	if (*fmt)
		cr_expect_eq(strncmp(buf_text(&got), want, strlen(want)), 0, "%s", buf_text(&got));
	else
		cr_expect_str_eq(buf_text(&got), "");
	buf_done(&got);
}

static void close_to_others(const char *below, mode_t mode)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", top, below);
	cr_assert(chmod(path, mode) == 0);
}

Test(mend, says_nothing_of_what_is_open_or_not_there)
{
	mend_is("it's/in", false, "");
	mend_is("none", false, "");
}

Test(mend, names_the_first_directory_that_is_closed)
{
	close_to_others("it's/in", 0700);
	mend_is("it's/in", false, "setfacl -R -m u:chimerad:rX '");
	close_to_others("it's", 0700);
	mend_is("it's/in", false, "setfacl -m u:chimerad:x '");
}

Test(mend, quotes_for_a_shell)
{
	struct buf got = BUF_INIT(2048);
	char path[128], want[256];

	close_to_others("it's", 0750);
	(void)snprintf(path, sizeof path, "%s/it's/in", top);
	(void)snprintf(want, sizeof want, "setfacl -m u:chimerad:x '%s/it'\\''s'", top);
	schedule_mend(&got, path, false);
	cr_expect_str_eq(buf_text(&got), want);
	buf_done(&got);
}

Test(mend, knows_what_the_sandbox_hides)
{
	struct buf got = BUF_INIT(2048);

	schedule_mend(&got, top, true);
	cr_expect(strstr(buf_text(&got), "nothing of /tmp (PrivateTmp=yes)"), "%s", buf_text(&got));
	cr_expect(strstr(buf_text(&got), "PrivateTmp=no"), "%s", buf_text(&got));
	buf_done(&got);
}
