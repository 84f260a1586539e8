/* SPDX-License-Identifier: MIT */
/* The inventory as report.json has it: artifacts one by one, by type and by directory. */
#include <stdio.h>

#include "agents/writer/json_impl.h"

static json_t *tables(struct maker *m, const struct artifact *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];
		char decimal[2] = {t->decimal == ',' ? ',' : '.', '\0'};
		json_t *o = json_object();

		make_put(m, o, "rows", json_integer((json_int_t)t->n_rows));
		make_put(m, o, "header_line",
		         t->header_line ? json_integer(t->header_line) : json_null());
		make_put(m, o, "decimal", json_string(decimal));
		make_push(m, list, o);
	}
	return list;
}

static json_t *artifact(struct maker *m, const struct artifact *a)
{
	json_t *o = json_object();

	make_put(m, o, "id", make_id('A', a->id));
	make_put(m, o, "root", json_integer(a->root));
	make_put(m, o, "path", pointer_text(a->path));
	make_put(m, o, "format", json_string(artifact_format_name(a->format)));
	make_put(m, o, "bytes", json_integer((json_int_t)a->bytes));
	make_put(m, o, "modified", make_time(a->modified_s));
	make_put(m, o, "digest", pointer_text(a->digest));
	make_put(m, o, "tables", tables(m, a));
	make_put(m, o, "status", json_string(artifact_status_name(a->status)));
	make_put(m, o, "reason", pointer_text(a->reason));
	return o;
}

static json_t *counts(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_int_t n[FORMAT_OTHER + 1] = {[FORMAT_OTHER] = (json_int_t)v->n_other};
	json_t *o = json_object();

	for (size_t i = 0; i < v->n_artifacts; i++)
		n[v->artifacts[i].format]++;
	for (enum artifact_format f = FORMAT_CSV; f <= FORMAT_OTHER; f++)
		make_put(m, o, artifact_format_name(f), json_integer(n[f]));
	return o;
}

static json_t *statuses(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_int_t n[STATUS_SKIPPED + 1] = {0}, copies = 0, analysed = 0;
	json_t *o = json_object();

	for (size_t i = 0; i < v->n_artifacts; i++) {
		const struct artifact *a = &v->artifacts[i];

		n[a->status]++;
		copies += a->duplicate_of != 0;
		analysed += (a->status == STATUS_OK || a->status == STATUS_PARTIAL) &&
		            a->duplicate_of == 0;
	}
	for (enum artifact_status s = STATUS_OK; s <= STATUS_SKIPPED; s++)
		make_put(m, o, artifact_status_name(s), json_integer(n[s]));
	make_put(m, o, "analysed", json_integer(analysed));
	make_put(m, o, "copies", json_integer(copies));
	return o;
}

static json_t *duplicates(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_t *lists = json_array(), *by_first = json_object();

	for (size_t i = 0; i < v->n_artifacts; i++) {
		const struct artifact *a = &v->artifacts[i];
		char first[24];
		json_t *list;

		if (!a->duplicate_of)
			continue;
		(void)snprintf(first, sizeof first, "A%u", a->duplicate_of);
		list = json_object_get(by_first, first);
		if (!list) {
			list = json_array();
			make_push(m, list, json_string(first));
			make_push(m, lists, list);
			make_put(m, by_first, first, json_incref(list));
		}
		make_push(m, list, make_id('A', a->id));
	}
	json_decref(by_first);
	return lists;
}

/* What lies in one directory, or is of one format. */
struct heap {
	unsigned root;
	struct str path; /* of the directory, below the root */
	json_int_t n[FORMAT_OTHER + 1];
	json_int_t artifacts, bytes, unread;
	int64_t latest_s;
};

static void heap_add(struct heap *h, const struct artifact *a)
{
	h->latest_s = h->artifacts && h->latest_s > a->modified_s ? h->latest_s : a->modified_s;
	h->artifacts++;
	h->n[a->format]++;
	h->bytes += (json_int_t)a->bytes;
	h->unread += !a->duplicate_of &&
	             (a->status == STATUS_UNREADABLE || a->status == STATUS_SKIPPED);
}

static struct str directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (struct str){path, (size_t)(slash - path)} : str_of(".");
}

static int by_directory(const void *x, const void *y)
{
	const struct artifact *const *a = x, *const *b = y;
	struct str p = directory_of((*a)->path), q = directory_of((*b)->path);
	int order = memcmp(p.at, q.at, p.len < q.len ? p.len : q.len);

	if ((*a)->root != (*b)->root)
		return (*a)->root < (*b)->root ? -1 : 1;
	if (order || p.len != q.len)
		return order ? order : p.len < q.len ? -1 : 1;
	return (*a)->id < (*b)->id ? -1 : (*a)->id > (*b)->id;
}

static json_t *directory(struct maker *m, const struct heap *h)
{
	json_t *o = json_object();
	char *path = strndup(h->path.at, h->path.len);

	m->failed |= !path;
	make_put(m, o, "root", json_integer(h->root));
	make_put(m, o, "path", pointer_text(path));
	make_put(m, o, "artifacts", json_integer(h->artifacts));
	make_put(m, o, "bytes", json_integer(h->bytes));
	for (enum artifact_format f = FORMAT_CSV; f < FORMAT_OTHER; f++)
		make_put(m, o, artifact_format_name(f), json_integer(h->n[f]));
	make_put(m, o, "unread", json_integer(h->unread));
	make_put(m, o, "latest", make_time(h->latest_s));
	free(path);
	return o;
}

/* Each directory that holds artifacts itself, in order of root, then path by bytes. */
static json_t *directories(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	const struct artifact **sorted = calloc(v->n_artifacts + 1, sizeof *sorted);
	json_t *list = json_array();

	m->failed |= !sorted;
	for (size_t i = 0; sorted && i < v->n_artifacts; i++)
		sorted[i] = &v->artifacts[i];
	if (sorted)
		qsort(sorted, v->n_artifacts, sizeof *sorted, by_directory);
	for (size_t i = 0; sorted && i < v->n_artifacts;) {
		struct heap h = {.root = sorted[i]->root, .path = directory_of(sorted[i]->path)};

		for (; i < v->n_artifacts && sorted[i]->root == h.root &&
		       str_eq(directory_of(sorted[i]->path), h.path);
		     i++)
			heap_add(&h, sorted[i]);
		make_push(m, list, directory(m, &h));
	}
	free(sorted);
	return list;
}

static json_t *types(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	struct heap h[FORMAT_OTHER + 1] = {0};
	json_t *list = json_array();

	for (size_t i = 0; i < v->n_artifacts; i++)
		heap_add(&h[v->artifacts[i].format], &v->artifacts[i]);
	for (enum artifact_format f = FORMAT_CSV; f <= FORMAT_OTHER; f++) {
		json_t *o;

		if (!h[f].artifacts)
			continue;
		o = json_object();
		make_put(m, o, "format", json_string(artifact_format_name(f)));
		make_put(m, o, "artifacts", json_integer(h[f].artifacts));
		make_put(m, o, "bytes", json_integer(h[f].bytes));
		make_put(m, o, "unread", json_integer(h[f].unread));
		make_put(m, o, "latest", make_time(h[f].latest_s));
		make_push(m, list, o);
	}
	return list;
}

/* Artifacts by the best of what tells when their tables were measured. */
static json_t *dated(struct maker *m)
{
	static const char *const names[] = {"content", "content", "file_name", "directory_name",
	                                    "modification_time"};
	json_int_t n[TIME_MODIFIED + 1] = {0};
	const struct dossier *d = m->d;
	json_t *o = json_object();

	for (size_t i = 0, k; i < d->n_times; i = k) {
		enum time_source best = d->times[i].source;

		for (k = i + 1; k < d->n_times && d->times[k].artifact == d->times[i].artifact; k++)
			best = d->times[k].source < best ? d->times[k].source : best;
		n[best == TIME_COLUMN ? TIME_FIELD : best]++;
	}
	for (enum time_source s = TIME_FIELD; s <= TIME_MODIFIED; s++)
		make_put(m, o, names[s], json_integer(n[s]));
	return o;
}

static json_t *gone(struct maker *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->d->inventory.n_gone; i++) {
		const struct gone_artifact *g = &m->d->inventory.gone[i];
		json_t *o = json_object();

		make_put(m, o, "root", json_integer(g->root));
		make_put(m, o, "path", pointer_text(g->path));
		make_push(m, list, o);
	}
	return list;
}

json_t *make_inventory(struct maker *m)
{
	const struct inventory *v = &m->d->inventory;
	json_t *o = json_object(), *roots = json_array(), *artifacts = json_array();

	for (size_t i = 0; i < v->n_roots; i++)
		make_push(m, roots, pointer_text(v->roots[i]));
	for (size_t i = 0; i < v->n_artifacts; i++)
		make_push(m, artifacts, artifact(m, &v->artifacts[i]));
	make_put(m, o, "roots", roots);
	make_put(m, o, "counts", counts(m));
	make_put(m, o, "statuses", statuses(m));
	make_put(m, o, "types", types(m));
	make_put(m, o, "directories", directories(m));
	make_put(m, o, "dated", dated(m));
	make_put(m, o, "bytes", json_integer((json_int_t)v->bytes));
	make_put(m, o, "gone", gone(m));
	make_put(m, o, "reused", json_integer((json_int_t)v->n_reused));
	make_put(m, o, "artifacts", artifacts);
	make_put(m, o, "duplicates", duplicates(m));
	return o;
}
