/* SPDX-License-Identifier: MIT */
#include "ctl/folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "lib/base/files.h"

#define DEPTH_MAX      4                 /* agents/NAME/plots is the deepest there is */
#define FILE_BYTES_MAX ((size_t)1 << 30) /* as much as a review writes into one file */

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static int copy_tree(const char *from, const char *to, unsigned depth, struct error *err);

static int copy_entry(const char *from, const char *to, const char *name, unsigned depth,
                      struct error *err)
{
	CLEANUP(freep) char *data = NULL;
	char source[PATH_MAX], target[PATH_MAX];
	struct stat st;
	size_t len;
	int r;

	if (snprintf(source, sizeof source, "%s/%s", from, name) >= (int)sizeof source ||
	    snprintf(target, sizeof target, "%s/%s", to, name) >= (int)sizeof target)
		return error_set(err, -ENAMETOOLONG, "%s/%.60s: path too long", to, name);
	if (lstat(source, &st) < 0)
		return error_set(err, -errno, "%s: %s", source, strerror(errno));
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
		return copy_tree(source, target, depth + 1, err);
	if (!S_ISREG(st.st_mode))
		return 0;
	r = files_read(&data, &len, NULL, source, FILE_BYTES_MAX, err);
	return r < 0 ? r : files_write(to, name, data, len, err);
}

static int copy_tree(const char *from, const char *to, unsigned depth, struct error *err)
{
	CLEANUP(closedirp) DIR *dir = opendir(from);
	int r;

	if (!dir)
		return error_set(err, -errno, "%s: %s", from, strerror(errno));
	r = files_make_dirs(to, err);
	for (const struct dirent *e; r == 0 && (e = readdir(dir));) {
		if (e->d_name[0] != '.')
			r = copy_entry(from, to, e->d_name, depth, err);
	}
	return r;
}

int folder_copy(const char *from, const char *to, struct error *err)
{
	return copy_tree(from, to, 0, err);
}
