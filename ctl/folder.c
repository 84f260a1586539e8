/* SPDX-License-Identifier: MIT */
#include "ctl/folder.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "lib/base/files.h"

#define DEPTH_MAX      4                 /* agents/NAME/plots is the deepest there is */
#define FILE_BYTES_MAX ((size_t)1 << 30) /* as much as a review writes into one file */

struct walk {
	folder_file_fn *on_file;
	void *arg;
	const char *from;
};

static int walk_tree(const struct walk *w, const char *below, unsigned depth, struct error *err);

static int visit(const struct walk *w, const char *below, const char *name, unsigned depth,
                 struct error *err)
{
	char path[PATH_MAX], whole[PATH_MAX];
	struct stat st;

	if (snprintf(path, sizeof path, "%s%s%s", below, *below ? "/" : "", name) >=
	            (int)sizeof path ||
	    snprintf(whole, sizeof whole, "%s/%s", w->from, path) >= (int)sizeof whole)
		return error_set(err, -ENAMETOOLONG, "%s/%.60s: path too long", w->from, name);
	if (lstat(whole, &st) < 0)
		return error_set(err, -errno, "%s: %s", whole, strerror(errno));
	if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
		return walk_tree(w, path, depth + 1, err);
	return S_ISREG(st.st_mode) ? w->on_file(w->arg, path, err) : 0;
}

static int walk_tree(const struct walk *w, const char *below, unsigned depth, struct error *err)
{
	CLEANUP(folder_closedirp) DIR *dir = NULL;
	char whole[PATH_MAX];
	int r = 0;

	if (snprintf(whole, sizeof whole, "%s/%s", w->from, below) >= (int)sizeof whole)
		return error_set(err, -ENAMETOOLONG, "%s: path too long", w->from);
	dir = opendir(whole);
	if (!dir)
		return error_set(err, -errno, "%s: %s", whole, strerror(errno));
	for (const struct dirent *e; r == 0 && (e = readdir(dir));) {
		if (e->d_name[0] != '.')
			r = visit(w, below, e->d_name, depth, err);
	}
	return r;
}

int folder_walk(const char *from, folder_file_fn *on_file, void *arg, struct error *err)
{
	const struct walk w = {on_file, arg, from};

	return walk_tree(&w, "", 0, err);
}

/* --- copies --------------------------------------------------------------- */

struct copy {
	const char *from, *to;
};

static int copy_file(void *arg, const char *path, struct error *err)
{
	const struct copy *c = arg;
	CLEANUP(freep) char *data = NULL;
	const char *slash = strrchr(path, '/');
	char source[PATH_MAX], target[PATH_MAX];
	size_t len;
	int r;

	if (snprintf(source, sizeof source, "%s/%s", c->from, path) >= (int)sizeof source ||
	    snprintf(target, sizeof target, "%s/%.*s", c->to, slash ? (int)(slash - path) : 0,
	             path) >= (int)sizeof target)
		return error_set(err, -ENAMETOOLONG, "%s/%.60s: path too long", c->to, path);
	r = files_read(&data, &len, NULL, source, FILE_BYTES_MAX, err);
	if (r == 0)
		r = files_make_dirs(target, err);
	return r < 0 ? r : files_write(target, slash ? slash + 1 : path, data, len, err);
}

int folder_copy(const char *from, const char *to, struct error *err)
{
	struct copy c = {from, to};
	int r = access(from, R_OK | X_OK) < 0
	                ? error_set(err, -errno, "%s: %s", from, strerror(errno))
	                : files_make_dirs(to, err);

	return r < 0 ? r : folder_walk(from, copy_file, &c, err);
}
