/* SPDX-License-Identifier: MIT */
/*
 * One run of what tools/bench ingest measures, with the functions that a review calls: seconds and
 * the answer, as a line of JSON. The caller compares answers and says on which CPUs it runs.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "agents/analyst/analyst.h"
#include "daemon/ingest.h"
#include "lib/base/clock.h"

#define FILE_MAX   (UINT64_C(4) << 30)
#define FILES_MAX  1000000
#define MEMORY_MAX (UINT64_C(8) << 30)

struct run {
	const char *root;
	const char *rows, *member; /* of a JSON file, pointers */
	const char *cache;         /* its file; NULL: none */
	struct arena *arena;       /* of the scan and the analysis */
	struct dossier dossier;
	struct ingest *ingest;
	struct error err;
	json_t *answer;
	uint64_t read_ns, analyse_ns;
};

static void on_progress(void *arg, size_t done, size_t total)
{
	(void)arg, (void)done, (void)total;
}

static void on_done(void *arg, int status, const struct error *err)
{
	struct run *run = arg;

	run->err = status < 0 ? *err : (struct error){0};
}

static bool ended(const void *arg, const char *job)
{
	(void)arg, (void)job;
	return true;
}

/* Of a review that comes after the one that left the cache, if there is one. */
static const char *job_of(const struct run *run)
{
	bool again = run->cache && access(run->cache, F_OK) == 0;

	return again ? "20261122-000000-000000" : "20261121-000000-000000";
}

static int ingest_root(struct run *run)
{
	static const struct ingest_ops ops = {on_progress, on_done};
	struct ingest_spec spec = {.dossier = &run->dossier,
	                           .roots = &run->root,
	                           .n_roots = 1,
	                           .limits = {.file_bytes = FILE_MAX, .files = FILES_MAX},
	                           .memory_bytes = MEMORY_MAX,
	                           .cache = run->cache,
	                           .job = job_of(run),
	                           .ended = ended};
	uint64_t begun = clock_mono_ns();
	uv_loop_t loop;
	int r;

	run->arena = arena_new(MEMORY_MAX);
	run->dossier = (struct dossier){.arena = run->arena};
	if (!run->arena || uv_loop_init(&loop) < 0)
		return error_set(&run->err, -ENOMEM, "out of memory");
	r = ingest_start(&run->ingest, &loop, &spec, &ops, run, &run->err);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop);
	run->read_ns = clock_mono_ns() - begun;
	return r < 0 ? r : run->err.code;
}

static void release(struct run *run)
{
	ingest_release(run->ingest);
	arena_free(run->arena);
}

/* Files that were left out would make it fast. */
static int check_all_read(struct run *run)
{
	const struct inventory *inv = &run->dossier.inventory;

	for (size_t i = 0; i < inv->n_artifacts; i++)
		if (inv->artifacts[i].status == STATUS_SKIPPED)
			return error_set(&run->err, -EIO, "%s: %s", inv->artifacts[i].path,
			                 inv->artifacts[i].reason);
	return 0;
}

/* With a cache that is there already nothing is read: the second ingest of an unchanged tree. */
static int inventory(struct run *run)
{
	const struct inventory *inv = &run->dossier.inventory;
	bool again = run->cache && access(run->cache, F_OK) == 0;
	int r = ingest_root(run);

	if (r < 0 || (r = check_all_read(run)) < 0)
		return r;
	if (ingest_cache_trouble(run->ingest))
		return error_set(&run->err, -EIO, "%s", ingest_cache_trouble(run->ingest));
	if (again && inv->n_reused < inv->n_artifacts)
		return error_set(&run->err, -EIO, "%zu of %zu artifacts came from %s",
		                 inv->n_reused, inv->n_artifacts, run->cache);
	run->answer = json_pack("{sI}", "files", (json_int_t)inv->n_artifacts);
	return 0;
}

static json_t *medians_of(const struct dossier *d, const struct group *g, size_t configuration)
{
	json_t *medians = json_object();

	for (size_t m = 0; m < g->n_metrics; m++) {
		const struct group_cell *cell = &g->cells[configuration * g->n_metrics + m];
		const struct fact *f = dossier_fact(d, cell->center);

		if (f)
			(void)json_object_set_new(medians, g->metrics[m].name, json_real(f->value));
	}
	return medians;
}

static json_t *configurations_of(const struct dossier *d, const struct group *g)
{
	json_t *all = json_object();

	for (size_t i = 0; i < g->n_configurations; i++) {
		const struct group_configuration *c = &g->configurations[i];
		char name[256] = "";

		for (size_t k = 0, n = 0; k < c->n_subject && n < sizeof name; k++)
			n += (size_t)snprintf(name + n, sizeof name - n, "%s%s", k ? "/" : "",
			                      c->subject[k].text);
		(void)json_object_set_new(all, name, medians_of(d, g, i));
	}
	return all;
}

static int medians(struct run *run)
{
	const struct analyst_settings settings = {.today = "2026-11-21",
	                                          .machine = "",
	                                          .min_effect_pct = 2,
	                                          .max_facts = 50000,
	                                          .threads = uv_available_parallelism()};
	int r = ingest_root(run);
	uint64_t begun = clock_mono_ns();

	if (r < 0 || (r = check_all_read(run)) < 0)
		return r;
	r = analyst_run(&run->dossier, &settings, &run->err);
	run->analyse_ns = clock_mono_ns() - begun;
	if (r < 0)
		return r;
	if (run->dossier.n_groups != 1)
		return error_set(&run->err, -EINVAL, "%zu groups, not one", run->dossier.n_groups);
	run->answer = configurations_of(&run->dossier, &run->dossier.groups[0]);
	return 0;
}

/* Of the member in every row of the array; both by pointers, "" for the array: JSON Lines. */
static int sum_of_table(struct run *run, const struct artifact *a)
{
	char base[256];

	(void)snprintf(base, sizeof base, "%s/*", run->rows);
	for (size_t i = 0; i < a->n_tables; i++) {
		const struct table *t = &a->tables[i];
		double sum = 0;

		for (size_t c = 0; strcmp(t->base, base) == 0 && c < t->n_columns; c++) {
			if (strcmp(t->columns[c].pointer, run->member) != 0)
				continue;
			for (size_t r = 0; r < t->n_rows; r++)
				sum += table_cell(t, r, c).number;
			run->answer = json_pack("{sI sf}", "rows", (json_int_t)t->n_rows, "sum",
			                        sum);
			return 0;
		}
	}
	return error_set(&run->err, -EINVAL, "%s: no %s%s", a->path, base, run->member);
}

static int json(struct run *run)
{
	int r = ingest_root(run);

	if (r < 0 || (r = check_all_read(run)) < 0)
		return r;
	return sum_of_table(run, &run->dossier.inventory.artifacts[0]);
}

static int print(struct run *run, uint64_t cpu_ns)
{
	CLEANUP(freep) char *line = NULL;
	json_t *all = json_pack("{sf sf sf so}", "seconds",
	                        (double)(run->read_ns + run->analyse_ns) / 1e9, "cpu_seconds",
	                        (double)cpu_ns / 1e9, "analyse_seconds",
	                        (double)run->analyse_ns / 1e9, "answer", TAKE(run->answer));

	line = json_dumps(all, JSON_COMPACT | JSON_REAL_PRECISION(17));
	json_decref(all);
	return line && puts(line) >= 0 ? 0 : -ENOMEM;
}

static uint64_t cpu_ns(void)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int run_once(const struct run *spec, int (*task)(struct run *))
{
	struct run run = *spec;
	uint64_t begun = cpu_ns();
	int r = task(&run);

	if (r == 0)
		r = print(&run, cpu_ns() - begun);
	else
		(void)fprintf(stderr, "bench_ingest: %s\n", run.err.text);
	release(&run);
	return r;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int argc;
		int (*run)(struct run *);
	} tasks[] = {{"inventory", 4, inventory},
	             {"reuse", 4, inventory},
	             {"medians", 3, medians},
	             {"json", 5, json}};
	struct run run = {.root = argc > 2 ? argv[2] : NULL};
	unsigned long times = 1;

	for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
		int r = 0;

		if (argc != tasks[i].argc || strcmp(argv[1], tasks[i].name) != 0)
			continue;
		if (strcmp(argv[1], "reuse") == 0)
			run.cache = argv[3];
		else if (argc == 4)
			times = strtoul(argv[3], NULL, 10);
		else if (argc == 5)
			run.rows = argv[3], run.member = argv[4];
		for (unsigned long k = 0; k < times && r == 0; k++)
			r = run_once(&run, tasks[i].run);
		return r < 0;
	}
	(void)fputs("bench_ingest inventory ROOT TIMES | reuse ROOT CACHE | medians FILE | json "
	            "FILE ROWS MEMBER\n",
	            stderr);
	return 2;
}
