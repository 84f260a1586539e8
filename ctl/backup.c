/* SPDX-License-Identifier: MIT */
/*
 * backup: what the daemon knows, as one file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "ctl/client.h"
#include "ctl/options.h"

static int fetch(const struct ctl *ctl, int fd, const char *path)
{
	CLEANUP(client_freep) struct client *c = NULL;
	CLEANUP(reply_done) struct reply refused = {0};
	struct error err = {0};
	int r = client_open(&c, ctl, &err);

	if (r == 0)
		r = client_download(c, "/v1/backup", fd, &refused, &err);
	if (r < 0)
		return client_fail("backup", r, &err);
	if (refused.status >= 400)
		return client_refused("backup", &refused);
	if (fsync(fd) < 0)
		return ctl_fail(CTL_FAILED, "backup: %s: %s", path, strerror(errno));
	return CTL_DONE;
}

/* Beside the file, then in its place: an older backup stays until there is a new one. */
static int run_backup(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(freep) char *fresh = NULL;
	CLEANUP(closep) int fd = -1;
	static const struct option_spec none[] = {{0}};
	struct error err = {0};
	int code, n = options_parse(none, NULL, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL, "takes the file to write, and nothing else");
	if (n < 0)
		return ctl_usage("backup", &err);
	if (asprintf(&fresh, "%s.new", argv[0]) < 0) {
		fresh = NULL;
		return ctl_fail(CTL_FAILED, "backup: out of memory");
	}
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ctl_fail(CTL_FAILED, "backup: %s: %s", fresh, strerror(errno));
	code = fetch(ctl, fd, fresh);
	if (code == CTL_DONE && rename(fresh, argv[0]) < 0)
		code = ctl_fail(CTL_FAILED, "backup: %s: %s", argv[0], strerror(errno));
	if (code != CTL_DONE)
		(void)unlink(fresh);
	return code;
}

const struct command backup_command = {
	"backup",
	"FILE",
	"copy what the daemon knows into a file, while it works",
	"  Jobs, history, acknowledgements; reports are files already. To restore it, stop the\n"
	"  daemon, put FILE in the place of STATE/chimerad.db, remove chimerad.db-wal and\n"
	"  chimerad.db-shm beside it, and start the daemon.\n",
	"chimeractl backup /var/backups/chimerad.db",
	run_backup};
