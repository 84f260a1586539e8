/* SPDX-License-Identifier: MIT */
#include "daemon/publish.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "lib/base/files.h"

#define STAGING ".staging"
#define INDEX   "index.html"

static int path_of(char ret[static PATH_MAX], const char *dir, const char *name, struct error *err)
{
	if (snprintf(ret, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		return error_set(err, -ENAMETOOLONG, "%s/%s: path too long", dir, name);
	return 0;
}

/* A new link beside the old one, then over it: readers see one or the other. */
static int point_latest(const char *reports, const char *staged, const char *id, struct error *err)
{
	char fresh[PATH_MAX], latest[PATH_MAX];
	int r = path_of(latest, reports, "latest", err);

	/* Other jobs publish, too: a name of its own. */
	if (r == 0 && snprintf(fresh, sizeof fresh, "%s.link", staged) >= (int)sizeof fresh)
		r = error_set(err, -ENAMETOOLONG, "%s: path too long", staged);
	if (r < 0)
		return r;
	(void)unlink(fresh);
	if (symlink(id, fresh) < 0 || rename(fresh, latest) < 0)
		return error_set(err, -errno, "%s: cannot update: %s", latest, strerror(errno));
	return 0;
}

/* The directories of a name, the last one first. */
static int sync_dirs(char *dir, const char *staged, struct error *err)
{
	size_t top = strlen(staged);
	int r = 0;

	for (; r == 0 && strlen(dir) > top; *strrchr(dir, '/') = '\0')
		r = files_sync_dir(dir, err);
	return r;
}

static int write_link(const char *staged, const struct publish_file *f, struct error *err)
{
	char path[PATH_MAX];
	int r = path_of(path, staged, f->name, err);

	if (r == 0 && symlink(f->link, path) < 0)
		r = error_set(err, -errno, "%s: cannot create: %s", path, strerror(errno));
	return r;
}

static int write_file(const char *staged, const struct publish_file *f, struct error *err)
{
	const char *slash = strrchr(f->name, '/');
	char dir[PATH_MAX];
	int r;

	if (f->link)
		return write_link(staged, f, err);
	if (!slash)
		return files_write(staged, f->name, f->data, f->len, err);
	if (snprintf(dir, sizeof dir, "%s/%.*s", staged, (int)(slash - f->name), f->name) >=
	    (int)sizeof dir)
		return error_set(err, -ENAMETOOLONG, "%s/%s: path too long", staged, f->name);
	r = files_make_dirs(dir, err);
	if (r == 0)
		r = files_write(dir, slash + 1, f->data, f->len, err);
	return r < 0 ? r : sync_dirs(dir, staged, err);
}

static int stage(const char *staged, const struct publish_file *files, size_t n, struct error *err)
{
	int r = files_remove_tree(staged, err);

	if (r == 0)
		r = files_make_dirs(staged, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = write_file(staged, &files[i], err);
	return r < 0 ? r : files_sync_dir(staged, err);
}

/* So that it is still there after a power failure, and found. */
static int settle(const char *reports, const char *staged, const char *id, struct error *err)
{
	struct error ignored = {0};
	int r = files_sync_dir(reports, err);

	if (r == 0)
		r = point_latest(reports, staged, id, err);
	if (r == 0) /* a link that is lost points to the report before */
		(void)!files_sync_dir(reports, &ignored);
	return r;
}

int publish_report(const char *reports, const char *id, const struct publish_file *files, size_t n,
                   struct error *err)
{
	char staging[PATH_MAX], staged[PATH_MAX], final[PATH_MAX];
	int r = path_of(staging, reports, STAGING, err);
	bool renamed;

	if (r == 0)
		r = path_of(staged, staging, id, err);
	if (r == 0)
		r = path_of(final, reports, id, err);
	if (r == 0)
		r = stage(staged, files, n, err);
	if (r < 0)
		return r;
	renamed = rename(staged, final) == 0;
	if (!renamed) {
		if (errno != EEXIST && errno != ENOTEMPTY)
			return error_set(err, -errno, "%s: cannot publish: %s", final,
			                 strerror(errno));
		r = files_remove_tree(staged, err);
	}
	if (r == 0)
		r = settle(reports, staged, id, err);
	/* A job that fails has no report. What cannot be taken back is there, whole. */
	return r < 0 && renamed && rename(final, staged) < 0 ? 0 : r;
}

int publish_remove(const char *reports, const char *id, struct error *err)
{
	char final[PATH_MAX], staging[PATH_MAX], gone[PATH_MAX];
	int r = path_of(staging, reports, STAGING, err);

	if (!*id || id[0] == '.' || strchr(id, '/'))
		return error_set(err, -EINVAL, "\"%.64s\" is no report", id);
	if (r == 0)
		r = path_of(final, reports, id, err);
	if (r == 0 && snprintf(gone, sizeof gone, "%s/%s.gone", staging, id) >= (int)sizeof gone)
		r = error_set(err, -ENAMETOOLONG, "%s: path too long", staging);
	if (r == 0)
		r = files_make_dirs(staging, err);
	if (r == 0)
		r = files_remove_tree(gone, err);
	if (r < 0)
		return r;
	if (rename(final, gone) < 0)
		return errno == ENOENT ? 0
		                       : error_set(err, -errno, "%s: cannot remove: %s", final,
		                                   strerror(errno));
	r = files_sync_dir(reports, err);
	return r < 0 ? r : files_remove_tree(gone, err);
}

int publish_index(const char *reports, const void *data, size_t len, struct error *err)
{
	char staging[PATH_MAX], fresh[PATH_MAX], index[PATH_MAX];
	int r = path_of(staging, reports, STAGING, err);

	if (r == 0)
		r = path_of(fresh, staging, INDEX, err);
	if (r == 0)
		r = path_of(index, reports, INDEX, err);
	if (r == 0)
		r = files_make_dirs(staging, err);
	if (r == 0)
		r = files_write(staging, INDEX, data, len, err);
	if (r < 0)
		return r;
	if (rename(fresh, index) < 0)
		return error_set(err, -errno, "%s: cannot update: %s", index, strerror(errno));
	return files_sync_dir(reports, err);
}

int publish_clear(const char *reports, struct error *err)
{
	char staging[PATH_MAX];
	struct error ignored = {0};
	int r = path_of(staging, reports, STAGING, err);

	if (r < 0)
		return r;
	/* What somebody else has put into a report that was to go is no reason not to start. */
	(void)!files_remove_tree(staging, &ignored);
	return files_make_dirs(staging, err);
}

bool publish_exists(const char *reports, const char *id)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/%s/report.json", reports, id) < (int)sizeof path &&
	       access(path, R_OK) == 0;
}
