/* SPDX-License-Identifier: MIT */
#include "daemon/store_backup.h"

#include <errno.h>
#include <fcntl.h>

#include "daemon/store_sql.h"

/* Nobody else may read what jobs are called. */
static int make_empty(const char *path, struct error *err)
{
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	(void)close(fd);
	return 0;
}

static int copy_pages(const struct store *to, const struct store *from, struct error *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to->db, "main", from->db, "main");

	if (!b)
		return sql_fail(to, sqlite3_errcode(to->db), err);
	(void)sqlite3_backup_step(b, -1); /* finish() tells what went wrong */
	return sql_try(to, sqlite3_backup_finish(b), err);
}

/* In one file: the daemon that takes it up makes the log again. */
static int settle(const struct store *to, struct error *err)
{
	int r = sql_ask_text(to, "PRAGMA journal_mode = DELETE", "delete", "is in use", err);

	return r < 0 ? r : sql_ask_text(to, "PRAGMA quick_check(1)", "ok", "damaged", err);
}

int store_backup(const char *store_path, const char *to, struct error *err)
{
	CLEANUP(sql_close) struct store from = {0}, copy = {0};
	int r = make_empty(to, err);

	if (r < 0)
		return r;
	r = sql_open_reading(&from, store_path, err);
	if (r == 0)
		r = sql_open_plain(&copy, to, err);
	if (r == 0)
		r = copy_pages(&copy, &from, err);
	if (r == 0)
		r = settle(&copy, err);
	if (r < 0)
		(void)unlink(to);
	return r;
}
