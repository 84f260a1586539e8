/* SPDX-License-Identifier: MIT */
/*
 * The inventory against the files: sizes, digests, formats, tables, status, copies.
 */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/collector/collector.h"
#include "ctl/verify_impl.h"
#include "lib/base/clock.h"
#include "lib/base/files.h"

#define ROOTS_MAX        1024
#define FILES_MAX        1000000
#define FILE_BYTES       ((uint64_t)1 << 30)
#define FILE_BYTES_LEAST 4096
#define READ_BYTES_MAX   ((uint64_t)16 << 30) /* cells of one artifact, in memory */

/* A root may be a file: then it is the artifact. */
static void place_of(char ret[static PATH_MAX], const char *root, const char *path)
{
	struct stat st;
	bool is_file = stat(root, &st) == 0 && S_ISREG(st.st_mode);

	(void)snprintf(ret, PATH_MAX, "%s%s%s", root, is_file ? "" : "/", is_file ? "" : path);
}

int verify_artifact_bytes(const struct verify_artifact *a, char **ret, size_t *ret_len)
{
	CLEANUP(freep) char *real = NULL;
	char path[PATH_MAX];
	int r;

	place_of(path, a->root, a->read->path);
	real = realpath(path, NULL); /* files_read() does not follow the link that this may be */
	r = real ? files_read(ret, ret_len, NULL, real, a->read->bytes, NULL) : -errno;
	return r == -ENOMEM ? r : 0;
}

/* Ids are dense as a rule: then no search is needed. NULL: the report has none such. */
static struct verify_artifact *stated_artifact(struct verify *v, const char *id)
{
	const json_t *stated = verify_by_id(v, 'A', id);
	size_t i = stated ? strtoul(id + 1, NULL, 10) - 1 : v->n_artifacts;

	if (!stated)
		return NULL;
	if (i >= v->n_artifacts || v->artifacts[i].stated != stated)
		for (i = 0; i < v->n_artifacts && v->artifacts[i].stated != stated;)
			i++;
	return i < v->n_artifacts ? &v->artifacts[i] : NULL;
}

struct verify_artifact *verify_artifact_of(struct verify *v, const char *id)
{
	struct verify_artifact *a = stated_artifact(v, id);

	return a && a->read ? a : NULL;
}

struct verify_artifact *verify_gone(struct verify *v, const char *id)
{
	struct verify_artifact *a = stated_artifact(v, id);

	return a && !a->read ? a : NULL;
}

/* --- scanning ---------------------------------------------------------------- */

static size_t list_roots(struct verify *v, const char **roots)
{
	const json_t *stated = json_object_get(json_object_get(v->report, "inventory"), "roots");
	size_t n = json_array_size(stated);

	if (n > ROOTS_MAX) {
		verify_wrong(v, "inventory: %zu roots: more than verify reads", n);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		const char *said = json_string_value(json_array_get(stated, i));
		CLEANUP(freep) char *real = NULL;

		if (i < v->options->n_roots)
			said = v->options->roots[i];
		real = realpath(said ? said : "", NULL);
		roots[i] = real ? arena_strdup(v->arena, real) : NULL;
		if (!roots[i]) {
			verify_wrong(v, "inventory: root %.200s: %s: name it with --root",
			             said ? said : "", strerror(errno));
			return 0;
		}
	}
	return n;
}

/* What the review took for too large, verify takes for too large. */
static struct collector_limits limits_of(const struct verify *v)
{
	const json_t *configuration = json_object_get(v->report, "configuration");
	json_int_t bytes = verify_int(json_object_get(configuration, "limits"), "file_bytes");

	if (bytes < FILE_BYTES_LEAST || (uint64_t)bytes > FILE_BYTES)
		bytes = (json_int_t)FILE_BYTES;
	return (struct collector_limits){.file_bytes = (uint64_t)bytes,
	                                 .files = FILES_MAX,
	                                 .threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN)};
}

static int scan(struct verify *v, struct error *err)
{
	const char **roots = arena_calloc(v->arena, ROOTS_MAX, sizeof *roots);
	struct collector_limits limits = limits_of(v);
	struct error why = {0};
	size_t n;
	int r;

	if (!roots)
		return error_set(err, -ENOMEM, "out of memory");
	n = list_roots(v, roots);
	v->scan.arena = v->arena;
	r = n ? collector_scan(&v->scan, roots, n, &limits, &why) : 0;
	if (r == -ENOMEM)
		return error_set(err, r, "out of memory");
	if (r < 0) {
		verify_wrong(v, "inventory: %s", why.text);
		v->scan.inventory = (struct inventory){0};
	}
	return 0;
}

/* --- one artifact --------------------------------------------------------------- */

static json_t *by_place(const struct verify *v)
{
	json_t *map = json_object();

	for (size_t i = 0; i < v->scan.inventory.n_artifacts; i++) {
		const struct artifact *a = &v->scan.inventory.artifacts[i];
		char *key = arena_printf(v->arena, "%u/%s", a->root, a->path);

		if (key)
			(void)json_object_set_new_nocheck(map, key, json_integer((json_int_t)i));
	}
	return map;
}

static void check_tables(struct verify *v, const char *id, const struct artifact *a,
                         const json_t *stated)
{
	const json_t *tables = json_object_get(stated, "tables");

	if (json_array_size(tables) != a->n_tables) {
		verify_wrong(v, "%s: %zu tables expected, %zu found", id, json_array_size(tables),
		             a->n_tables);
		return;
	}
	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];
		const json_t *one = json_array_get(tables, i);
		json_int_t rows = verify_int(one, "rows"), line = verify_int(one, "header_line");
		const char *decimal = verify_text(one, "decimal");

		if (rows != (json_int_t)t->n_rows)
			verify_wrong(v, "%s: table %zu: %lld rows expected, %zu found", id, i + 1,
			             (long long)rows, t->n_rows);
		if ((line > 0 ? line : 0) != (json_int_t)t->header_line)
			verify_wrong(v, "%s: table %zu: header in line %lld expected, %u found", id,
			             i + 1, (long long)line, t->header_line);
		if (decimal[0] != t->decimal || decimal[1])
			verify_wrong(v, "%s: table %zu: decimal \"%.8s\" expected, \"%c\" found",
			             id, i + 1, decimal, t->decimal);
	}
}

static void check_status(struct verify *v, const char *id, const struct artifact *a,
                         const json_t *stated)
{
	const char *status = verify_text(stated, "status");
	const char *found = artifact_status_name(a->status);

	/* failed runs make a good file partial: the analyst sees that, no reader does */
	if (strcmp(status, found) != 0 &&
	    !(a->status == STATUS_OK && strcmp(status, "partial") == 0))
		verify_wrong(v, "%s: status %.20s expected, %s found%s%.200s", id, status, found,
		             a->reason ? ": " : "", a->reason ? a->reason : "");
	if (strcmp(status, "ok") != 0 && !*verify_text(stated, "reason"))
		verify_wrong(v, "%s: status %.20s without a reason", id, status);
}

/* Of byte-identical files only the first is read; check_duplicates() sees to it that they are. */
static bool is_later_copy(const struct verify *v, const char *id)
{
	const json_t *inventory = json_object_get(v->report, "inventory"), *group, *first;
	size_t i;

	json_array_foreach (json_object_get(inventory, "duplicates"), i, group) {
		first = json_array_get(group, 0);
		for (size_t k = 1; k < json_array_size(group); k++) {
			const json_t *one = json_array_get(group, k);

			if (json_is_string(one) && strcmp(json_string_value(one), id) == 0)
				return json_is_string(first) &&
				       strcmp(json_string_value(first), id) != 0;
		}
	}
	return false;
}

static void check_artifact(struct verify *v, const struct artifact *a, const json_t *stated)
{
	const char *id = verify_text(stated, "id"), *digest = verify_text(stated, "digest");
	const char *format = verify_text(stated, "format");
	json_int_t bytes = verify_int(stated, "bytes");

	if (bytes != (json_int_t)a->bytes)
		verify_wrong(v, "%s: %.200s: %lld bytes expected, %llu found", id, a->path,
		             (long long)bytes, (unsigned long long)a->bytes);
	if (strcmp(digest, a->digest) != 0)
		verify_wrong(v, "%s: %.200s: digest %.80s expected, %s found", id, a->path, digest,
		             *a->digest ? a->digest : "none");
	if (strcmp(format, artifact_format_name(a->format)) != 0)
		verify_wrong(v, "%s: %.200s: format %.20s expected, %s found", id, a->path, format,
		             artifact_format_name(a->format));
	check_status(v, id, a, stated);
	if (!is_later_copy(v, id) || json_array_size(json_object_get(stated, "tables")) > 0)
		check_tables(v, id, a, stated);
}

static int read_one(struct verify *v, struct verify_artifact *a, struct artifact *file,
                    struct error *err)
{
	struct collector_limits limits = limits_of(v);
	int r;

	a->arena = arena_new(READ_BYTES_MAX);
	if (!a->arena)
		return error_set(err, -ENOMEM, "out of memory");
	a->root = v->scan.inventory.roots[file->root];
	r = collector_read(file, a->root, &limits, a->arena, err);
	a->read = r == 0 ? file : NULL;
	return r;
}

static int read_artifacts(struct verify *v, const json_t *list, struct error *err)
{
	json_t *map = by_place(v);
	int r = 0;

	for (size_t i = 0; i < v->n_artifacts && r == 0; i++) {
		const json_t *stated = json_array_get(list, i), *index;
		char *key = arena_printf(v->arena, "%lld/%s", (long long)verify_int(stated, "root"),
		                         verify_text(stated, "path"));

		v->artifacts[i].stated = stated;
		if (!key) {
			r = error_set(err, -ENOMEM, "out of memory");
			break;
		}
		index = json_object_get(map, key);
		if (index)
			r = read_one(v, &v->artifacts[i],
			             &v->scan.inventory.artifacts[json_integer_value(index)], err);
		else if (v->options->partial)
			v->result->absent++;
		else
			verify_wrong(v, "%s: %.200s is not there any more",
			             verify_text(stated, "id"), verify_text(stated, "path"));
		if (index) /* a second artifact of the same place finds nothing */
			(void)json_object_del(map, key);
	}
	json_decref(map);
	return r;
}

/* --- the whole ---------------------------------------------------------------- */

/* The scan does not look at files: it only lists them. */
static bool is_older(const struct verify *v, const struct artifact *a, int64_t than_s)
{
	char path[PATH_MAX];
	struct stat st;

	place_of(path, v->scan.inventory.roots[a->root], a->path);
	return lstat(path, &st) == 0 && st.st_mtim.tv_sec <= than_s;
}

/* A file that was there when the review began must be listed. */
static void check_complete(struct verify *v, const json_t *list)
{
	const json_t *job = json_object_get(v->report, "job");
	int64_t began = 0;
	json_t *listed = json_object();
	const json_t *one;
	size_t i;

	if (!clock_parse(str_of(verify_text(job, "started_at")), &began))
		verify_wrong(v, "job: started_at is no time");
	json_array_foreach (list, i, one) {
		char *key = arena_printf(v->arena, "%lld/%s", (long long)verify_int(one, "root"),
		                         verify_text(one, "path"));

		if (key)
			(void)json_object_set_new_nocheck(listed, key, json_true());
	}
	for (i = 0; i < v->scan.inventory.n_artifacts; i++) {
		const struct artifact *a = &v->scan.inventory.artifacts[i];
		char *key = arena_printf(v->arena, "%u/%s", a->root, a->path);

		if (key && !json_object_get(listed, key) && is_older(v, a, began))
			verify_wrong(v, "inventory: %.200s is there but not listed", a->path);
	}
	json_decref(listed);
}

static void check_counts(struct verify *v, const json_t *inventory)
{
	static const char *const formats[] = {"csv", "json", "markdown", "text"};
	const json_t *counts = json_object_get(inventory, "counts");
	json_int_t bytes = verify_int(inventory, "bytes"), sum = 0;
	json_int_t other = verify_int(counts, "other");

	for (size_t f = 0; f < ARRAY_LEN(formats); f++) {
		json_int_t stated = verify_int(counts, formats[f]), n = 0;

		for (size_t i = 0; i < v->n_artifacts; i++)
			n += strcmp(verify_text(v->artifacts[i].stated, "format"), formats[f]) == 0;
		if (stated != n)
			verify_wrong(v, "inventory: %lld %s expected, %lld listed",
			             (long long)stated, formats[f], (long long)n);
	}
	for (size_t i = 0; i < v->n_artifacts; i++)
		sum += v->artifacts[i].read ? (json_int_t)v->artifacts[i].read->bytes
		                            : verify_int(v->artifacts[i].stated, "bytes");
	if (bytes != sum)
		verify_wrong(v, "inventory: %lld bytes expected, %lld found", (long long)bytes,
		             (long long)sum);
	/* more of them may have come since */
	if (!v->options->partial && other > (json_int_t)v->scan.inventory.n_other)
		verify_wrong(v, "inventory: %lld other files expected, %zu found", (long long)other,
		             v->scan.inventory.n_other);
}

/* The group of copies that the report puts an artifact in, from 1; 0: none. */
static size_t stated_group(const json_t *duplicates, const char *id)
{
	const json_t *group, *one;
	size_t i, j;

	json_array_foreach (duplicates, i, group) {
		json_array_foreach (group, j, one) {
			if (json_is_string(one) && strcmp(json_string_value(one), id) == 0)
				return i + 1;
		}
	}
	return 0;
}

/* The first artifact with these bytes; the artifact itself when it is that. */
static const struct verify_artifact *first_copy(const struct verify *v, const json_t *digests,
                                                const struct verify_artifact *a)
{
	const json_t *index = json_object_get(digests, a->read->digest);

	return index ? &v->artifacts[json_integer_value(index)] : a;
}

static void check_duplicates(struct verify *v, const json_t *duplicates)
{
	json_t *digests = json_object();

	for (size_t i = 0; i < v->n_artifacts; i++) {
		const struct verify_artifact *a = &v->artifacts[i], *first;
		const char *id = verify_text(a->stated, "id");
		size_t group = stated_group(duplicates, id);

		if (!a->read || !*a->read->digest || a->read->bytes == 0)
			continue; /* empty files are alike, and copies of nothing */
		first = first_copy(v, digests, a);
		if (first == a)
			(void)json_object_set_new(digests, a->read->digest,
			                          json_integer((json_int_t)i));
		else if (!group ||
		         group != stated_group(duplicates, verify_text(first->stated, "id")))
			verify_wrong(
				v, "inventory: %s is a copy of %s, and duplicates does not say so",
				id, verify_text(first->stated, "id"));
	}
	json_decref(digests);
}

/* No group may hold two files that differ. */
static void check_groups(struct verify *v, const json_t *duplicates)
{
	const json_t *group;
	size_t g;

	json_array_foreach (duplicates, g, group) {
		const char *digest = NULL;

		for (size_t i = 0; i < v->n_artifacts; i++) {
			const struct verify_artifact *a = &v->artifacts[i];

			if (!a->read ||
			    stated_group(duplicates, verify_text(a->stated, "id")) != g + 1)
				continue;
			if (digest && strcmp(digest, a->read->digest) != 0)
				verify_wrong(v,
				             "inventory: duplicates: %s is no copy of the others",
				             verify_text(a->stated, "id"));
			digest = a->read->digest;
		}
	}
}

int verify_inventory(struct verify *v, struct error *err)
{
	const json_t *inventory = json_object_get(v->report, "inventory");
	const json_t *list = json_object_get(inventory, "artifacts");
	int r = scan(v, err);

	v->n_artifacts = json_array_size(list);
	v->artifacts = arena_calloc(v->arena, v->n_artifacts, sizeof *v->artifacts);
	if (r == 0 && !v->artifacts) {
		v->n_artifacts = 0;
		r = error_set(err, -ENOMEM, "out of memory");
	}
	if (r == 0)
		r = read_artifacts(v, list, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < v->n_artifacts; i++) {
		if (v->artifacts[i].read)
			check_artifact(v, v->artifacts[i].read, v->artifacts[i].stated);
	}
	v->result->artifacts = v->n_artifacts;
	check_complete(v, list);
	check_counts(v, inventory);
	check_duplicates(v, json_object_get(inventory, "duplicates"));
	check_groups(v, json_object_get(inventory, "duplicates"));
	return 0;
}

void verify_inventory_done(struct verify *v)
{
	for (size_t i = 0; i < v->n_artifacts; i++) {
		verify_lines_free(v->artifacts[i].lines);
		arena_free(v->artifacts[i].arena);
	}
	free(v->matches.rows);
	for (size_t i = 0; i < ARRAY_LEN(v->kept); i++)
		verify_kept_done(&v->kept[i]);
}
