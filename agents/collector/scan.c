/* SPDX-License-Identifier: MIT */
/*
 * scan - walk the roots and list what may be read. Nothing is opened but directories, and the
 * report.json that tells a report of this program. Each name is opened in the directory that it
 * was read from and no link is followed, so that the walk never leaves the root.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>

#include "agents/collector/ahead.h"
#include "agents/collector/beneath.h"
#include "agents/collector/collector.h"
#include "agents/collector/encoding.h"
#include "agents/collector/own_report.h"

#define DEPTH_MAX 64 /* directories below a root; each level holds one open */
#define TOO_DEEP  "directory nested more than 64 deep, not entered: name it as a root of its own"

struct found {
	const char *path;
	const char *reason; /* why it is skipped, or NULL */
	uint64_t bytes;
	int64_t modified_s;
	unsigned root;
	enum artifact_format format;
};

struct scan {
	struct dossier *dossier;
	const struct collector_limits *limits;
	struct found *found; /* malloc'd */
	size_t n, cap;
	size_t n_entries, n_directories;
	unsigned root;
	int root_fd;
	struct ahead *ahead;
	char path[PATH_MAX]; /* below the root */
	struct error *err;
};

static int walk(struct scan *s, struct directory *d, size_t path_len, unsigned depth);

static bool format_of(const char *name, enum artifact_format *ret)
{
	static const struct {
		const char *extension;
		enum artifact_format format;
	} known[] = {
		{".csv", FORMAT_CSV},     {".tsv", FORMAT_CSV},           {".psv", FORMAT_CSV},
		{".json", FORMAT_JSON},   {".jsonl", FORMAT_JSON},        {".ndjson", FORMAT_JSON},
		{".md", FORMAT_MARKDOWN}, {".markdown", FORMAT_MARKDOWN}, {".txt", FORMAT_TEXT},
		{".log", FORMAT_TEXT},    {".out", FORMAT_TEXT}};
	const char *dot = strrchr(name, '.');

	*ret = FORMAT_TEXT;
	for (size_t i = 0; dot && i < ARRAY_LEN(known); i++) {
		if ((dot[1] | 0x20) == known[i].extension[1] &&
		    strcasecmp(dot, known[i].extension) == 0) {
			*ret = known[i].format;
			return true;
		}
	}
	return false;
}

static int no_memory(struct scan *s)
{
	return error_set(s->err, -ENOMEM,
	                 "out of memory while listing the roots: review fewer files, "
	                 "or raise limits.memory_bytes");
}

/* A copy of the path; what is not UTF-8 in it becomes U+FFFD, and *ret_whole false. */
static const char *keep_path(struct scan *s, bool *ret_whole)
{
	size_t len = strlen(s->path), at = encoding_valid_prefix(s->path, len), out = at;
	char *copy;

	*ret_whole = at == len;
	if (at == len)
		return arena_strdup(s->dossier->arena, s->path);
	copy = arena_alloc(s->dossier->arena, len * 3 + 1);
	if (!copy)
		return NULL;
	memcpy(copy, s->path, at);
	while (at < len) {
		size_t valid;

		memcpy(copy + out, "\xEF\xBF\xBD", 3);
		out += 3;
		at++;
		valid = encoding_valid_prefix(s->path + at, len - at);
		memcpy(copy + out, s->path + at, valid);
		out += valid;
		at += valid;
	}
	return copy;
}

static int reserve(struct scan *s)
{
	size_t cap = s->cap ? s->cap * 2 : 64;
	struct found *bigger;

	if (s->n < s->cap)
		return 0;
	bigger = reallocarray(s->found, cap, sizeof *bigger);
	if (!bigger)
		return no_memory(s);
	s->found = bigger;
	s->cap = cap;
	return 0;
}

/* reason NULL: it will be read. Must outlive the scan. */
static int add(struct scan *s, const struct stat *st, const char *reason)
{
	bool whole;
	struct found f = {.root = s->root,
	                  .path = keep_path(s, &whole),
	                  .reason = reason,
	                  .bytes = S_ISREG(st->st_mode) ? (uint64_t)st->st_size : 0,
	                  .modified_s = st->st_mtim.tv_sec};

	if (!f.path)
		return no_memory(s);
	(void)format_of(s->path, &f.format);
	if (!whole && !reason)
		f.reason = "its name is not UTF-8";
	if (reserve(s) < 0)
		return s->err->code;
	s->found[s->n++] = f;
	return 0;
}

/* Where it leads is asked without leaving the root: what is outside is nobody's business here. */
static int add_link(struct scan *s, const char *name, const struct stat *st)
{
	CLEANUP(closep) int dir = -1;
	enum artifact_format format;
	bool artifact = format_of(name, &format);

	switch (beneath_follow(s->root_fd, s->path, &dir)) {
	case BENEATH_OUTSIDE:
		return add(s, st, "symbolic link that leads out of the root, not followed");
	case BENEATH_ITSELF:
		return add(s, st, "symbolic link that leads to itself");
	case BENEATH_NOWHERE:
		return artifact ? add(s, st, "symbolic link that leads nowhere") : 0;
	case BENEATH_DIRECTORY:
		if (own_report_in(dir))
			return 0; /* REPORTS/latest */
		return add(s, st, "symbolic link to a directory, not followed");
	case BENEATH_FILE:
		return artifact ? add(s, st, "symbolic link, not followed") : 0;
	case BENEATH_UNKNOWN:
		break;
	}
	return add(s, st, "symbolic link, not followed");
}

static int add_special(struct scan *s, const char *name, const struct stat *st)
{
	enum artifact_format format;

	if (S_ISFIFO(st->st_mode))
		return add(s, st, "a FIFO, not a regular file");
	if (S_ISSOCK(st->st_mode))
		return add(s, st, "a socket, not a regular file");
	return format_of(name, &format) ? add(s, st, "a device, not a regular file") : 0;
}

static int add_regular(struct scan *s, const char *name, const struct stat *st)
{
	enum artifact_format format;

	if (format_of(name, &format))
		return add(s, st, NULL);
	s->dossier->inventory.n_other++;
	return 0;
}

static int count(struct scan *s, const struct listing *names)
{
	size_t max = s->limits->files;

	s->n_directories += names->n_directories;
	s->n_entries += names->n - names->n_directories;
	if (s->n_directories <= max && s->n_entries <= max)
		return 0;
	return error_set(
		s->err, -E2BIG,
		"more than %zu files below the roots, met at %.300s: review fewer, or raise "
		"limits.files",
		max, s->path);
}

static const char *why_not_opened(int code)
{
	switch (code) {
	case EACCES:
		return "directory that may not be listed";
	case ELOOP:
	case ENOTDIR:
		return "directory whose place something else took: not entered";
	case EMFILE:
	case ENFILE:
		return "directory that cannot be opened: too many open files";
	}
	return "directory that cannot be opened";
}

static int not_entered(struct scan *s, int fd, const char *name, const char *why)
{
	struct stat st = {0};

	(void)fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW);
	return add(s, &st, why);
}

/* d: as it was listed ahead, or zeros. */
static int walk_child(struct scan *s, int fd, const char *name, struct directory *d, size_t len,
                      unsigned depth)
{
	int r;

	if (depth >= DEPTH_MAX)
		return not_entered(s, fd, name, TOO_DEEP);
	r = d->dir ? 0 : directory_open(d, fd, name);
	if (r == -ENOENT)
		return 0; /* gone meanwhile */
	if (r == -ENOMEM)
		return no_memory(s);
	if (r < 0)
		return not_entered(s, fd, name, why_not_opened(-r));
	return d->report ? 0 : walk(s, d, len, depth + 1);
}

static int visit(struct scan *s, int fd, const char *name, size_t len, unsigned depth)
{
	CLEANUP(directory_done) struct directory child = {0};
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* gone meanwhile */
	if (S_ISDIR(st.st_mode))
		return walk_child(s, fd, name, &child, len, depth);
	if (S_ISREG(st.st_mode))
		return add_regular(s, name, &st);
	if (S_ISLNK(st.st_mode))
		return add_link(s, name, &st);
	return add_special(s, name, &st);
}

/* Appends "/name" to the path; 0 when it does not fit. */
static size_t append(struct scan *s, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (n + 2 > sizeof s->path - len)
		return 0;
	if (len)
		s->path[len++] = '/';
	memcpy(s->path + len, name, n + 1);
	return len + n;
}

/* What will be read is looked at then: to ask twice for its size takes longer than to list it. */
static bool is_to_be_read(const struct scan *s, unsigned char type, size_t len)
{
	return type == DT_REG && len && encoding_valid_prefix(s->path, len) == len;
}

static int visit_named(struct scan *s, int fd, unsigned char type, const char *name,
                       struct directory *d, size_t path_len, unsigned depth)
{
	enum artifact_format format;
	size_t len = append(s, path_len, name);
	int r = 0;

	if (!len && path_len)
		return add(s, &(struct stat){0},
		           "directory whose paths are too long: name it as a root of its own");
	if (type == DT_DIR)
		r = walk_child(s, fd, name, d, len, depth);
	else if (type == DT_REG && !format_of(name, &format))
		s->dossier->inventory.n_other++;
	else if (is_to_be_read(s, type, len))
		r = add(s, &(struct stat){0}, NULL);
	else if (len)
		r = visit(s, fd, name, len, depth);
	s->path[path_len] = '\0';
	return r;
}

static int visit_all(struct scan *s, const struct directory *d, size_t path_len, unsigned depth)
{
	struct ahead_level *level = depth < DEPTH_MAX ? ahead_enter(s->ahead, d) : NULL;
	int r = 0;

	for (size_t i = 0; i < d->names.n && r == 0; i++) {
		CLEANUP(directory_done) struct directory child = {0};
		unsigned char type = listing_type(&d->names, i);

		if (type == DT_DIR)
			(void)!ahead_take(s->ahead, level, &child);
		r = visit_named(s, dirfd(d->dir), type, listing_name(&d->names, i), &child,
		                path_len, depth);
	}
	ahead_leave(s->ahead, level);
	return r;
}

static int walk(struct scan *s, struct directory *d, size_t path_len, unsigned depth)
{
	int r = 0;

	if (!d->names.listed)
		r = listing_read(&d->names, d->dir, d->report, s->limits->files);
	if (r == -ENOMEM)
		return no_memory(s);
	r = count(s, &d->names);
	return r == 0 ? visit_all(s, d, path_len, depth) : r;
}

/* A root that is a single file: its path is its own name. */
static int visit_file(struct scan *s, const char *name)
{
	size_t len = append(s, 0, name);
	int r = len ? visit(s, s->root_fd, name, len, 0) : 0;

	s->path[0] = '\0';
	return r;
}

static int scan_root(struct scan *s, const char *root)
{
	CLEANUP(directory_done) struct directory d = {0};
	const char *file = NULL;
	CLEANUP(closep) int fd = beneath_open_root(root, &file);
	int r;

	s->path[0] = '\0';
	s->root_fd = fd;
	if (fd == -ELOOP)
		return error_set(s->err, fd,
		                 "%s: there is a symbolic link in this path, which is not "
		                 "followed: name the place that it leads to",
		                 root);
	if (fd < 0)
		return error_set(s->err, fd, "%s: %s", root, strerror(-fd));
	if (file)
		return visit_file(s, file);
	r = directory_open(&d, fd, ".");
	if (r < 0)
		return error_set(s->err, r, "%s: cannot be listed: %s", root, strerror(-r));
	return walk(s, &d, 0, 0); /* in a report only what is not of it: review . -o . */
}

static int by_root_and_path(const void *x, const void *y)
{
	const struct found *a = x, *b = y;

	return a->root != b->root ? (a->root < b->root ? -1 : 1) : strcmp(a->path, b->path);
}

static bool is_sorted(const struct scan *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (by_root_and_path(&s->found[i - 1], &s->found[i]) > 0)
			return false;
	return true;
}

static int publish(struct scan *s)
{
	struct inventory *inv = &s->dossier->inventory;
	struct artifact *all = arena_calloc(s->dossier->arena, s->n, sizeof *all);

	if (!all)
		return no_memory(s);
	if (!is_sorted(s)) /* a name changed its kind while we looked */
		qsort(s->found, s->n, sizeof *s->found, by_root_and_path);
	for (size_t i = 0; i < s->n; i++) {
		const struct found *f = &s->found[i];

		all[i] = (struct artifact){.id = (unsigned)i + 1,
		                           .root = f->root,
		                           .path = f->path,
		                           .format = f->format,
		                           .bytes = f->bytes,
		                           .modified_s = f->modified_s,
		                           .status = f->reason ? STATUS_SKIPPED : STATUS_OK,
		                           .reason = f->reason};
	}
	inv->artifacts = all;
	inv->n_artifacts = s->n;
	return 0;
}

static int keep_roots(struct scan *s, const char *const *roots, size_t n)
{
	struct inventory *inv = &s->dossier->inventory;
	const char **copy = arena_calloc(s->dossier->arena, n, sizeof *copy);

	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = arena_strdup(s->dossier->arena, roots[i]);
		if (!copy[i])
			return no_memory(s);
	}
	if (!copy)
		return no_memory(s);
	*inv = (struct inventory){.roots = copy, .n_roots = n};
	return 0;
}

struct roots {
	struct scan *scan;
	const char *const *paths;
	size_t n;
	int r;
};

static void scan_roots(void *arg, struct ahead *ahead)
{
	struct roots *roots = arg;
	struct scan *s = roots->scan;

	s->ahead = ahead;
	for (size_t i = 0; i < roots->n && roots->r == 0; i++) {
		s->root = (unsigned)i;
		roots->r = scan_root(s, roots->paths[i]);
	}
}

int collector_scan(struct dossier *d, const char *const *roots, size_t n_roots,
                   const struct collector_limits *limits, struct error *err)
{
	struct scan s = {.dossier = d, .limits = limits, .err = err};
	struct roots all = {.scan = &s, .paths = roots, .n = n_roots};
	int r = keep_roots(&s, roots, n_roots);

	if (r == 0) {
		ahead_run(limits->threads, limits->files, scan_roots, &all);
		r = all.r;
	}
	if (r == 0)
		r = publish(&s);
	free(s.found);
	return r;
}
