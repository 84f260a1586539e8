/* SPDX-License-Identifier: MIT */
/*
 * scan - walk the roots and list what may be read. Nothing is opened but directories, and the
 * report.json that tells a report of this program. Each name is opened in the directory that it
 * was read from and no link is followed, so that the walk never leaves the root.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>

#include "agents/collector/beneath.h"
#include "agents/collector/collector.h"
#include "agents/collector/encoding.h"

#define DEPTH_MAX    64 /* directories below a root; each level holds one open */
#define TOO_DEEP     "directory nested more than 64 deep, not entered: name it as a root of its own"
#define SCHEMA_BYTES 4096 /* of a report.json: the schema is its first member */

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
	struct names {
		char *text; /* of all directories that the walk is in: type, name, NUL */
		size_t len, cap;
		size_t *at; /* where each begins, a directory's own ones sorted */
		size_t n, cap_at;
	} names; /* malloc'd */
	size_t n_entries, n_directories;
	unsigned root;
	int root_fd;
	char path[PATH_MAX]; /* below the root */
	struct error *err;
};

static int walk(struct scan *s, int fd, size_t path_len, unsigned depth);

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
		if (strcasecmp(dot, known[i].extension) == 0) {
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

static bool has_schema(int fd, const char *name)
{
	static const char schema[] = "\"chimerad.report/1\"";
	CLEANUP(closep)
	int file = openat(fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	char head[SCHEMA_BYTES];
	struct stat st;
	ssize_t n;

	if (file < 0 || fstat(file, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	n = read(file, head, sizeof head);
	return n > 0 && memmem(head, (size_t)n, schema, sizeof schema - 1);
}

/* A report of ours is no artifact: it would be reviewed as its own evidence. */
static bool holds_report(int fd)
{
	return faccessat(fd, "samples.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	       has_schema(fd, "report.json");
}

static bool is_report_file(const char *name)
{
	static const char *const ours[] = {"report.json",  "report.md",   "report.html",
	                                   "samples.json", "combined.md", "plots",
	                                   "agents"};

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return false;
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
		if (holds_report(dir))
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

static int count(struct scan *s, size_t *counter)
{
	if (++*counter <= s->limits->files)
		return 0;
	return error_set(
		s->err, -E2BIG,
		"more than %zu files below the roots, met at %.300s: review fewer, or raise "
		"limits.files",
		s->limits->files, s->path);
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

static int walk_child(struct scan *s, int fd, const char *name, size_t len, unsigned depth)
{
	int child;

	if (depth >= DEPTH_MAX)
		return not_entered(s, fd, name, TOO_DEEP);
	child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (child < 0 && errno == ENOENT)
		return 0; /* gone meanwhile */
	if (child < 0)
		return not_entered(s, fd, name, why_not_opened(errno));
	if (holds_report(child)) {
		(void)close(child);
		return 0;
	}
	return walk(s, child, len, depth + 1);
}

static int visit(struct scan *s, int fd, const char *name, size_t len, unsigned depth)
{
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* gone meanwhile */
	if (S_ISDIR(st.st_mode))
		return walk_child(s, fd, name, len, depth);
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
                       size_t path_len, unsigned depth)
{
	enum artifact_format format;
	size_t len = append(s, path_len, name);
	int r = 0;

	if (!len && path_len)
		return add(s, &(struct stat){0},
		           "directory whose paths are too long: name it as a root of its own");
	if (type == DT_DIR)
		r = walk_child(s, fd, name, len, depth);
	else if (type == DT_REG && !format_of(name, &format))
		s->dossier->inventory.n_other++;
	else if (is_to_be_read(s, type, len))
		r = add(s, &(struct stat){0}, NULL);
	else if (len)
		r = visit(s, fd, name, len, depth);
	s->path[path_len] = '\0';
	return r;
}

/* --- the names of one directory, in the order of the paths below it ---------------- */

static int reserve_name(struct names *v, size_t bytes)
{
	size_t cap = v->cap ? v->cap * 2 : 65536, cap_at = v->cap_at ? v->cap_at * 2 : 1024;

	if (bytes > v->cap - v->len) {
		char *more = realloc(v->text, cap); /* one name always fits in what is added */

		if (!more)
			return -ENOMEM;
		v->text = more;
		v->cap = cap;
	}
	if (v->n == v->cap_at) {
		size_t *more = reallocarray(v->at, cap_at, sizeof *more);

		if (!more)
			return -ENOMEM;
		v->at = more;
		v->cap_at = cap_at;
	}
	return 0;
}

static unsigned char type_of(int fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	return fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode)
	               ? DT_DIR
	               : DT_UNKNOWN;
}

static int keep_name(struct scan *s, int fd, const struct dirent *entry)
{
	struct names *v = &s->names;
	size_t bytes = strlen(entry->d_name) + 2;
	unsigned char type = type_of(fd, entry);
	int r;

	if (type == DT_DIR && entry->d_name[0] == '.')
		return 0;
	r = count(s, type == DT_DIR ? &s->n_directories : &s->n_entries);
	if (r < 0)
		return r;
	if (reserve_name(v, bytes) < 0)
		return no_memory(s);
	v->text[v->len] = (char)type;
	memcpy(v->text + v->len + 1, entry->d_name, bytes - 1);
	v->at[v->n++] = v->len;
	v->len += bytes;
	return 0;
}

/* A directory sorts as what its paths go on with: "a/" comes behind "a.csv". */
static int by_name(const void *x, const void *y, void *arg)
{
	const char *text = arg, *a = text + *(const size_t *)x, *b = text + *(const size_t *)y;
	bool a_dir = *a++ == DT_DIR, b_dir = *b++ == DT_DIR;

	while (*a && *a == *b)
		a++, b++;
	return (*a      ? (unsigned char)*a
	        : a_dir ? '/'
	                : 0) -
	       (*b      ? (unsigned char)*b
	        : b_dir ? '/'
	                : 0);
}

static int list_names(struct scan *s, DIR *dir, bool ours)
{
	size_t first = s->names.n;
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		const char *name = entry->d_name;
		int r;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (ours && is_report_file(name))
			continue;
		r = keep_name(s, dirfd(dir), entry);
		if (r < 0)
			return r;
	}
	if (s->names.n > first)
		qsort_r(s->names.at + first, s->names.n - first, sizeof *s->names.at, by_name,
		        s->names.text);
	return 0;
}

static void closedirp(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* Takes fd over. */
static int walk(struct scan *s, int fd, size_t path_len, unsigned depth)
{
	CLEANUP(closedirp) DIR *dir = fdopendir(fd);
	bool ours = depth == 0 && holds_report(fd); /* only a root can be: review . -o . */
	size_t len = s->names.len, first = s->names.n, end;
	int r;

	if (!dir) {
		(void)close(fd);
		return no_memory(s);
	}
	r = list_names(s, dir, ours);
	end = s->names.n;
	for (size_t i = first; i < end && r == 0; i++) {
		const char *name = s->names.text + s->names.at[i]; /* until the next list */

		r = visit_named(s, fd, (unsigned char)name[0], name + 1, path_len, depth);
	}
	s->names.len = len;
	s->names.n = first;
	return r;
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
	const char *file = NULL;
	CLEANUP(closep) int fd = beneath_open_root(root, &file);
	int dir;

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
	dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(s->err, -errno, "%s: cannot be listed: %s", root, strerror(errno));
	return walk(s, dir, 0, 0);
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

int collector_scan(struct dossier *d, const char *const *roots, size_t n_roots,
                   const struct collector_limits *limits, struct error *err)
{
	struct scan s = {.dossier = d, .limits = limits, .err = err};
	int r = keep_roots(&s, roots, n_roots);

	for (size_t i = 0; i < n_roots && r == 0; i++) {
		s.root = (unsigned)i;
		r = scan_root(&s, roots[i]);
	}
	if (r == 0)
		r = publish(&s);
	free(s.found);
	free(s.names.text);
	free(s.names.at);
	return r;
}
