/* SPDX-License-Identifier: MIT */
/*
 * What goes into a bundle, and what does not. Everything in a report is hostile: its paths are
 * opened below the roots only, and its id becomes a name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "agents/collector/beneath.h"
#include "ctl/bundle_impl.h"
#include "ctl/ctl_json.h"
#include "ctl/folder.h"
#include "lib/base/clock.h"
#include "lib/base/digest.h"
#include "lib/base/files.h"
#include "lib/base/tar.h"

#define ARENA_BYTES      ((uint64_t)1 << 30)
#define REPORT_BYTES_MAX ((uint64_t)1 << 30)
#define CHUNK_BYTES      65536

int bundle_no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}

bool bundle_is_id(const char *id)
{
	size_t len = strlen(id);

	return len > 0 && len <= 64 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* --- files ------------------------------------------------------------------- */

int bundle_open(const struct bundle_file *f)
{
	const char *file;
	CLEANUP(closep) int root = beneath_open_root(f->root, &file);

	if (root < 0)
		return root;
	return beneath_open(root, f->path ? f->path : file ? file : "");
}

int bundle_read(int fd, uint64_t bytes, FILE *to, char digest[static DIGEST_TEXT_BYTES])
{
	CLEANUP(digest_freep) struct digest *d = digest_new();
	CLEANUP(freep) char *chunk = malloc(CHUNK_BYTES);
	uint64_t at = 0;

	if (!d || !chunk)
		return -ENOMEM;
	while (at < bytes) {
		uint64_t left = bytes - at;
		ssize_t n = files_read_at(fd, chunk, left < CHUNK_BYTES ? left : CHUNK_BYTES, at);

		if (n <= 0)
			return n < 0 ? (int)n : -EAGAIN;
		digest_add(d, chunk, (size_t)n);
		if (to)
			(void)fwrite(chunk, 1, (size_t)n, to);
		at += (uint64_t)n;
	}
	digest_text(d, digest);
	return 0;
}

/* Size, time and digest of what stands there. -EFBIG: more than `most`. */
static int look(struct bundle_file *f, uint64_t most)
{
	CLEANUP(closep) int fd = bundle_open(f);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((uint64_t)st.st_size > most || st.st_size > TAR_BYTES_MAX)
		return -EFBIG;
	f->bytes = (uint64_t)st.st_size;
	return bundle_read(fd, f->bytes, NULL, f->digest);
}

static int add_file(struct bundle *b, const struct bundle_file *f, struct error *err)
{
	if (!f->name || !arena_room(b->arena, &b->files, b->n_files, &b->cap_files, sizeof *f))
		return bundle_no_memory(err);
	b->files[b->n_files++] = *f;
	return 0;
}

static int add_left(struct bundle *b, const char *id, const char *path, const char *why,
                    struct error *err)
{
	struct bundle_left left = {id, path, arena_strdup(b->arena, why)};

	if (!left.why || !arena_room(b->arena, &b->left, b->n_left, &b->cap_left, sizeof left))
		return bundle_no_memory(err);
	b->left[b->n_left++] = left;
	b->partial = true;
	return 0;
}

/* --- the report's own folder ------------------------------------------------------ */

struct own {
	struct bundle *b;
	const char *folder;
};

static int add_own(void *arg, const char *path, struct error *err)
{
	const struct own *own = arg;
	struct bundle *b = own->b;
	struct bundle_file f = {.root = own->folder, .mtime_s = b->made_s};
	int r;

	f.path = arena_strdup(b->arena, path);
	f.name = arena_printf(b->arena, "reports/%s/%s", b->id, path);
	if (!f.path)
		return bundle_no_memory(err);
	r = look(&f, TAR_BYTES_MAX);
	return r < 0 ? error_set(err, r, "%s/%s: %s", own->folder, path, strerror(-r))
	             : add_file(b, &f, err);
}

static int read_report(struct bundle *b, const char *folder, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	const json_t *job;
	char path[PATH_MAX];
	size_t len = 0;
	int r;

	if (snprintf(path, sizeof path, "%s/report.json", folder) >= (int)sizeof path)
		return error_set(err, -ENAMETOOLONG, "%.80s: path too long", folder);
	r = files_read(&text, &len, NULL, path, REPORT_BYTES_MAX, err);
	if (r < 0)
		return r;
	b->report = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	job = json_object_get(b->report, "job");
	b->id = ctl_json_text(job, "id");
	if (!bundle_is_id(b->id) ||
	    !clock_parse(str_of(ctl_json_text(job, "finished_at")), &b->made_s))
		return error_set(err, -EINVAL, "%s: no report of a review that has finished", path);
	return 0;
}

/* --- earlier reviews ------------------------------------------------------------------ */

static int add_review(struct bundle *b, const char *reports, const char *id, struct error *err)
{
	static const char *const names[] = {"report.json", "report.md", "samples.json"};
	const char *root = arena_printf(b->arena, "%s/%s", reports, id);
	struct bundle_file found[ARRAY_LEN(names)];
	uint64_t left = b->max_bytes - b->bytes, bytes = 0;
	int r = root ? 0 : bundle_no_memory(err);

	for (size_t i = 0; i < ARRAY_LEN(names) && r == 0; i++) {
		found[i] = (struct bundle_file){
			.name = arena_printf(b->arena, "reports/%s/%s", id, names[i]),
			.root = root,
			.path = names[i],
			.mtime_s = b->made_s};
		r = look(&found[i], left - bytes);
		if (r == 0)
			bytes += found[i].bytes;
		else if (r != -ENOMEM)
			return add_left(b, NULL, id, r == -EFBIG ? "over the limit" : strerror(-r),
			                err);
	}
	for (size_t i = 0; i < ARRAY_LEN(names) && r == 0; i++)
		r = add_file(b, &found[i], err);
	b->bytes += r == 0 ? bytes : 0;
	return r;
}

static int latest_first(const void *a, const void *b)
{
	return strcmp(*(const char *const *)b, *(const char *const *)a);
}

/* A set of what the cells of facts name under this key. */
static json_t *cited(const json_t *report, const char *key)
{
	const json_t *fact, *cell;
	json_t *ids = json_object();
	size_t i, k;

	json_array_foreach (json_object_get(report, "facts"), i, fact) {
		json_array_foreach (json_object_get(fact, "cells"), k, cell)
			(void)json_object_set_new(ids, ctl_json_text(cell, key), json_true());
	}
	return ids;
}

static const char *baseline_of(const struct bundle *b)
{
	const char *id = ctl_json_text(json_object_get(b->report, "baseline"), "job");

	return bundle_is_id(id) ? id : "";
}

/* The latest first: when there is no room for all, the oldest are missing. */
static int add_cited(struct bundle *b, const char *reports, struct error *err)
{
	json_t *ids = cited(b->report, "review");
	size_t n = 0;
	const char **list = arena_calloc(b->arena, json_object_size(ids) + 1, sizeof *list);
	const char *id;
	json_t *value;
	int r = ids && list ? 0 : bundle_no_memory(err);

	json_object_foreach (ids, id, value) {
		if (r == 0 && bundle_is_id(id) && strcmp(id, baseline_of(b)) != 0 &&
		    strcmp(id, b->id) != 0)
			list[n++] = id;
	}
	if (r == 0)
		qsort(list, n, sizeof *list, latest_first);
	for (size_t i = 0; i < n && r == 0; i++) {
		const char *kept = arena_strdup(b->arena, list[i]);

		r = kept ? add_review(b, reports, kept, err) : bundle_no_memory(err);
	}
	json_decref(ids);
	return r;
}

/* --- artifacts --------------------------------------------------------------------- */

static const char *why_not(int r)
{
	switch (r) {
	case -EFBIG:
		return "over the limit";
	case -ELOOP:
		return "a symbolic link";
	case -EINVAL:
		return "no regular file, or no path below its root";
	default:
		return strerror(-r);
	}
}

static int add_artifact(struct bundle *b, const struct bundle_root *roots, const json_t *stated,
                        struct error *err)
{
	const char *id = ctl_json_text(stated, "id"), *path = ctl_json_text(stated, "path");
	json_int_t root = json_integer_value(json_object_get(stated, "root"));
	const char *digest = ctl_json_text(stated, "digest");
	struct bundle_file f = {0};
	int r;

	if (root < 0 || (size_t)root >= b->n_roots)
		return add_left(b, id, path, "of a root that the report does not name", err);
	f.root = roots[root].path;
	f.path = roots[root].is_file ? NULL : path;
	f.name = roots[root].is_file ? roots[root].name
	                             : arena_printf(b->arena, "%s/%s", roots[root].name, path);
	if (!clock_parse(str_of(ctl_json_text(stated, "modified")), &f.mtime_s))
		f.mtime_s = b->made_s;
	r = *digest ? look(&f, b->max_bytes - b->bytes) : 0;
	if (r == -ENOMEM)
		return bundle_no_memory(err);
	if (r < 0 || !*digest || strcmp(f.digest, digest) != 0)
		return add_left(b, id, path,
		                r < 0     ? why_not(r)
		                : *digest ? "changed since the review"
		                          : "the review did not read it either",
		                err);
	b->bytes += f.bytes;
	return add_file(b, &f, err);
}

/* Those that facts stand on first: when there is no room for all, these are what counts. */
static int add_artifacts(struct bundle *b, const struct bundle_root *roots, struct error *err)
{
	const json_t *inventory = json_object_get(b->report, "inventory"), *one;
	json_t *ids = cited(b->report, "artifact");
	int r = ids ? 0 : bundle_no_memory(err);

	for (int pass = 0; pass < 2; pass++) {
		size_t i;

		json_array_foreach (json_object_get(inventory, "artifacts"), i, one) {
			bool is_cited = json_object_get(ids, ctl_json_text(one, "id")) != NULL;

			if (r == 0 && is_cited == (pass == 0))
				r = add_artifact(b, roots, one, err);
		}
	}
	json_decref(ids);
	if (json_integer_value(json_object_get(json_object_get(inventory, "counts"), "other")) > 0)
		b->partial = true;
	return r;
}

/* --- the whole -------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct bundle_file *)a)->name, ((const struct bundle_file *)b)->name);
}

/* The same place twice: tar would keep the later one. */
static void drop_repeats(struct bundle *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_files; i++) {
		if (n == 0 || by_name(&b->files[n - 1], &b->files[i]) != 0)
			b->files[n++] = b->files[i];
	}
	b->n_files = n;
}

static int add_rest(struct bundle *b, const struct bundle_spec *spec, struct error *err)
{
	CLEANUP(freep) struct bundle_root *roots = NULL;
	const char *reports = spec->reports ? spec->reports
	                                    : arena_printf(b->arena, "%s/..", spec->folder);
	CLEANUP(freep) char *real = reports ? realpath(reports, NULL) : NULL;
	int r = bundle_roots(b, spec->roots, &roots, err);

	reports = real ? arena_strdup(b->arena, real) : reports;
	if (r == 0 && !reports)
		return bundle_no_memory(err);
	if (r == 0 && *baseline_of(b))
		r = add_review(b, reports, baseline_of(b), err);
	if (r == 0)
		r = add_artifacts(b, roots, err);
	return r < 0 ? r : add_cited(b, reports, err);
}

int bundle_plan(struct bundle *ret, const struct bundle_spec *spec, struct error *err)
{
	struct own own = {ret, spec->folder};
	int r;

	*ret = (struct bundle){.arena = arena_new(ARENA_BYTES), .max_bytes = spec->max_bytes};
	if (!ret->arena)
		return bundle_no_memory(err);
	r = read_report(ret, spec->folder, err);
	if (r == 0)
		r = folder_walk(spec->folder, add_own, &own, err);
	if (r == 0)
		r = add_rest(ret, spec, err);
	if (r < 0)
		return r;
	qsort(ret->files, ret->n_files, sizeof *ret->files, by_name);
	drop_repeats(ret);
	return 0;
}

void bundle_done(struct bundle *b)
{
	json_decref(b->report);
	arena_free(b->arena);
}
