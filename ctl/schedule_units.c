/* SPDX-License-Identifier: MIT */
#include "ctl/schedule_units.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/systemctl.h"
#include "lib/base/files.h"

#define UNIT_BYTES        320
#define DROP_IN_BYTES_MAX 65536
#define PUBLIC_MODE       0644 /* the user of the service reads them */
#define PUBLIC_DIR        0755
#define REVIEWS           "/etc/chimerad/reviews"
#define SYSTEM_UNITS      "/etc/systemd/system"
#define TIMER_FILE        "schedule.conf"
#define WRITTEN_BY        "# Written by chimeractl schedule, which takes it away, too.\n"

/* --- places ----------------------------------------------------------------- */

static int join(char ret[static SCHEDULE_PATH_BYTES], const char *dir, const char *name,
                struct error *err)
{
	const char *root = getenv("CHIMERAD_ROOT");
	int n = snprintf(ret, SCHEDULE_PATH_BYTES, "%s%s%s%s", root ? root : "", dir,
	                 *name ? "/" : "", name);

	if (n < 0 || n >= SCHEDULE_PATH_BYTES)
		return error_set(err, -ENAMETOOLONG, "%s/%s: the path is too long", dir, name);
	return 0;
}

bool schedule_has_systemd(void)
{
	char path[SCHEDULE_PATH_BYTES];
	struct error err = {0};
	struct stat st; /* as sd_booted(3) has it */

	return join(path, "/run/systemd/system", "", &err) == 0 && lstat(path, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

int schedule_path(char ret[static SCHEDULE_PATH_BYTES], const char *name, struct error *err)
{
	return join(ret, REVIEWS, name, err);
}

static void timer_unit(char ret[static UNIT_BYTES], const char *name)
{
	(void)snprintf(ret, UNIT_BYTES, "chimerad-review@%s.timer", name);
}

/* A drop-in: its directory, its name, and what stands in it. */
struct drop_in {
	char dir[SCHEDULE_PATH_BYTES], name[UNIT_BYTES], text[768];
};

static int drop_in_dir(struct drop_in *d, const char *unit, struct error *err)
{
	char name[UNIT_BYTES + sizeof ".d"];

	(void)snprintf(name, sizeof name, "%s.d", unit);
	return join(d->dir, SYSTEM_UNITS, name, err);
}

/* at: a calendar by calendar_check(), which holds nothing that a unit file expands or ends. */
static int timer_drop_in(struct drop_in *d, const char *name, const char *at, struct error *err)
{
	char unit[UNIT_BYTES];

	timer_unit(unit, name);
	(void)snprintf(d->name, sizeof d->name, "%s", TIMER_FILE);
	(void)snprintf(d->text, sizeof d->text, WRITTEN_BY "[Timer]\nOnCalendar=\nOnCalendar=%s\n",
	               at);
	return drop_in_dir(d, unit, err);
}

static int after_drop_in(struct drop_in *d, const char *name, const char *after, struct error *err)
{
	(void)snprintf(d->name, sizeof d->name, "chimerad-review-%s.conf", name);
	(void)snprintf(d->text, sizeof d->text,
	               WRITTEN_BY "[Unit]\nOnSuccess=chimerad-review@%s.service\n", name);
	return drop_in_dir(d, after, err);
}

/* --- files ------------------------------------------------------------------ */

static int write_public(const char *dir, const char *name, const char *text, struct error *err)
{
	char path[SCHEDULE_PATH_BYTES + UNIT_BYTES];
	struct error was;
	int r = files_make_dirs_mode(dir, PUBLIC_DIR, err);

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	if (r == 0)
		r = files_write(dir, name, text, strlen(text), err);
	if (r == 0 && chmod(path, PUBLIC_MODE) < 0)
		r = error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (r != -EACCES && r != -EPERM)
		return r;
	was = *err;
	return error_set(err, r, "%.480s: run it as root", was.text);
}

static int write_drop_in(const struct drop_in *d, struct error *err)
{
	return write_public(d->dir, d->name, d->text, err);
}

static int remove_file(const char *dir, const char *name, struct error *err)
{
	char path[SCHEDULE_PATH_BYTES + UNIT_BYTES];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(err, -errno, "%s: %s%s", path, strerror(errno),
		                 errno == EACCES ? ": run it as root" : "");
	return 0;
}

static int remove_drop_in(const struct drop_in *d, struct error *err)
{
	int r = remove_file(d->dir, d->name, err);

	(void)rmdir(d->dir); /* it stays where others have drop-ins, too */
	return r;
}

/* --- systemd ---------------------------------------------------------------- */

static int reload(struct error *err)
{
	return systemctl_do(SYSTEMCTL("daemon-reload"), err);
}

int schedule_check_after(const char *unit, struct error *err)
{
	char output[PROGRAM_OUTPUT_BYTES], loaded[32], remains[32];
	int r = systemctl_show(output, unit, "LoadState,RemainAfterExit", err);

	if (r < 0)
		return r;
	systemctl_value(loaded, sizeof loaded, output, "LoadState");
	systemctl_value(remains, sizeof remains, output, "RemainAfterExit");
	if (strcmp(loaded, "loaded") != 0)
		return error_set(err, -ENOENT,
		                 "%s: systemd has no such unit: systemctl list-unit-files lists "
		                 "them",
		                 unit);
	if (strcmp(remains, "yes") == 0)
		return error_set(err, -EINVAL,
		                 "%s: has RemainAfterExit=yes, so systemd never sees it end: set "
		                 "that to no",
		                 unit);
	return 0;
}

void schedule_times(struct schedule_times *ret, const char *name)
{
	char output[PROGRAM_OUTPUT_BYTES], unit[UNIT_BYTES];
	struct error err = {0};

	*ret = (struct schedule_times){0};
	timer_unit(unit, name);
	if (!schedule_has_systemd() ||
	    systemctl_show(output, unit, "NextElapseUSecRealtime,LastTriggerUSec", &err) < 0)
		return;
	systemctl_value(ret->next, sizeof ret->next, output, "NextElapseUSecRealtime");
	systemctl_value(ret->last, sizeof ret->last, output, "LastTriggerUSec");
}

/* --- in and out --------------------------------------------------------------- */

static int install_units(const char *name, const struct scheduled *s, struct error *err)
{
	char unit[UNIT_BYTES];
	struct drop_in d;
	int r = 0;

	timer_unit(unit, name);
	if (s->at) {
		r = timer_drop_in(&d, name, s->at, err);
		if (r == 0)
			r = write_drop_in(&d, err);
	}
	if (r == 0 && s->after) {
		r = after_drop_in(&d, name, s->after, err);
		if (r == 0)
			r = write_drop_in(&d, err);
	}
	if (r == 0)
		r = reload(err);
	if (r == 0 && s->at)
		r = systemctl_do(SYSTEMCTL("enable", "--now", unit), err);
	return r;
}

int schedule_install(const char *name, const struct scheduled *s, struct error *err)
{
	char dir[SCHEDULE_PATH_BYTES], path[SCHEDULE_PATH_BYTES];
	CLEANUP(freep) char *text = NULL;
	struct error ignored = {0};
	struct stat st;
	int r = schedule_path(dir, "", err);

	if (r == 0)
		r = schedule_path(path, name, err);
	if (r == 0 && lstat(path, &st) == 0)
		return error_set(err, -EEXIST,
		                 "%s: there is one of this name: chimeractl schedule remove %s "
		                 "takes it away",
		                 path, name);
	if (r == 0)
		r = scheduled_text(&text, s, err);
	if (r < 0)
		return r;
	r = write_public(dir, name, text, err);
	if (r < 0)
		(void)!remove_file(dir, name, &ignored);
	if (r < 0 || !schedule_has_systemd())
		return r;
	r = install_units(name, s, err);
	if (r < 0)
		(void)!schedule_uninstall(name, &ignored);
	return r;
}

/* The stamp of its last run goes, too: a later schedule of this name is another one. */
static int stop_timer(const char *name, struct error *err)
{
	char unit[UNIT_BYTES];
	struct error ignored = {0};
	int r;

	timer_unit(unit, name);
	r = systemctl_do(SYSTEMCTL("disable", "--now", unit), err);
	(void)!systemctl_do(SYSTEMCTL("clean", "--what=state", unit), &ignored);
	return r;
}

/* r, or what comes after it where that is the first error. */
static int first_of(int r, int next, struct error *err, const struct error *of_next)
{
	if (r == 0 && next < 0)
		*err = *of_next;
	return r == 0 ? next : r;
}

/* Whether it is a file of ours: what a person wrote in its place stays. */
static bool is_ours(const char *dir, const char *name)
{
	CLEANUP(freep) char *text = NULL;
	char path[SCHEDULE_PATH_BYTES + UNIT_BYTES];
	struct error err = {0};
	size_t len = 0;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return files_read(&text, &len, NULL, path, DROP_IN_BYTES_MAX, &err) == 0 &&
	       strncmp(text, WRITTEN_BY, strlen(WRITTEN_BY)) == 0;
}

static int is_unit_dir(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 2 && d->d_name[0] != '.' && strcmp(d->d_name + len - 2, ".d") == 0 &&
	       (d->d_type == DT_DIR || d->d_type == DT_UNKNOWN);
}

/*
 * Wherever --after put it: the review's file is not asked, as a person may have changed it since.
 */
static int remove_after(const char *name, struct error *err)
{
	char units[SCHEDULE_PATH_BYTES];
	struct dirent **dirs = NULL;
	struct error other = {0};
	struct drop_in d;
	int n, r = join(units, SYSTEM_UNITS, "", err);

	n = r < 0 ? r : scandir(units, &dirs, is_unit_dir, NULL);
	for (int i = 0; i < n; i++) {
		int one = after_drop_in(&d, name, "", &other);

		if (one == 0)
			one = join(d.dir, SYSTEM_UNITS, dirs[i]->d_name, &other);
		if (one == 0 && is_ours(d.dir, d.name))
			one = remove_drop_in(&d, &other);
		r = first_of(r, one, err, &other);
		free(dirs[i]);
	}
	free(dirs);
	return r;
}

static int uninstall_units(const char *name, struct error *err)
{
	struct error other = {0};
	struct drop_in d;
	int r = stop_timer(name, err);

	if (timer_drop_in(&d, name, "", &other) == 0)
		r = first_of(r, remove_drop_in(&d, &other), err, &other);
	r = first_of(r, remove_after(name, &other), err, &other);
	return first_of(r, reload(&other), err, &other);
}

int schedule_uninstall(const char *name, struct error *err)
{
	char dir[SCHEDULE_PATH_BYTES];
	struct error other = {0};
	int r = schedule_path(dir, "", err);

	if (r < 0)
		return r;
	if (schedule_has_systemd())
		r = uninstall_units(name, err);
	return first_of(r, remove_file(dir, name, &other), err, &other);
}
