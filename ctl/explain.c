/* SPDX-License-Identifier: MIT */
#include "ctl/explain.h"

#include <errno.h>

#include "agents/collector/collector.h"
#include "daemon/rules.h"

#define FACTS_BYTES_MAX ((uint64_t)2 << 30)

void explain_free(struct explained *e)
{
	if (!e)
		return;
	arena_free(e->tables);
	arena_free(e->facts);
	config_free(e->config);
	free(e);
}

static int resolve(struct explained *e, const char *const *paths, size_t n, const char ***ret,
                   struct error *err)
{
	const char **roots = arena_calloc(e->facts, n + 1, sizeof *roots);

	for (size_t i = 0; roots && i < n; i++) {
		CLEANUP(freep) char *real = realpath(paths[i], NULL);

		if (!real)
			return error_set(err, -errno, "%s: %s", paths[i], strerror(errno));
		roots[i] = arena_strdup(e->facts, real);
		if (!roots[i])
			roots = NULL;
	}
	*ret = roots;
	return roots ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* One that does not fit is skipped, as in a review. */
static void read_one(struct explained *e, struct collector_reader *reader, struct artifact *a)
{
	const struct artifact scanned = *a;
	struct arena_mark mark = arena_mark(e->tables);
	struct error err = {0};

	if (collector_reader_read(reader, a, e->tables, &err) == 0 && !arena_refused(e->tables))
		return;
	arena_rewind(e->tables, &mark);
	*a = scanned;
	a->status = STATUS_SKIPPED;
	a->reason = COLLECTOR_NO_MEMORY;
}

static int collect(struct explained *e, const char *const *roots, size_t n,
                   const struct config *config, struct error *err)
{
	const struct collector_limits limits = {.file_bytes = config->limits.file_bytes,
	                                        .files = config->limits.files};
	CLEANUP(collector_reader_freep) struct collector_reader *reader = NULL;
	int r = collector_scan(&e->dossier, roots, n, &limits, err);

	if (r == 0)
		r = collector_reader_new(&reader, roots, n, &limits, err);
	for (size_t i = 0; r == 0 && i < e->dossier.inventory.n_artifacts; i++)
		read_one(e, reader, &e->dossier.inventory.artifacts[i]);
	if (r == 0)
		collector_finish(&e->dossier);
	return r;
}

static int settings_of(struct explained *e, const struct config *config,
                       struct analyst_settings *ret, struct error *err)
{
	*ret = (struct analyst_settings){.today = ""};
	ret->machine = arena_strdup(e->facts, config->machine ? config->machine : "");
	ret->rules = rules_of(config, e->facts, &ret->n_rules);
	return ret->machine && ret->rules ? 0 : error_set(err, -ENOMEM, "out of memory");
}

int explain_collect(struct explained **ret, struct analyst_settings *ret_settings,
                    const char *const *paths, size_t n, const char *named, struct error *err)
{
	CLEANUP(explain_freep) struct explained *e = calloc(1, sizeof *e);
	const char **roots = NULL;
	int r;

	if (!e)
		return error_set(err, -ENOMEM, "out of memory");
	r = config_load_usual(&e->config, named, err);
	if (r < 0)
		return r;
	e->tables = arena_new(e->config->limits.memory_bytes);
	e->facts = arena_new(FACTS_BYTES_MAX);
	if (!e->tables || !e->facts)
		return error_set(err, -ENOMEM, "out of memory");
	e->dossier.arena = e->facts;
	r = resolve(e, paths, n, &roots, err);
	if (r == 0)
		r = collect(e, roots, n, e->config, err);
	if (r == 0)
		r = settings_of(e, e->config, ret_settings, err);
	if (r == 0)
		*ret = TAKE(e);
	return r;
}

int explain_read(struct explained **ret, const char *const *paths, size_t n, const char *named,
                 struct error *err)
{
	CLEANUP(explain_freep) struct explained *e = NULL;
	struct analyst_settings settings;
	int r = explain_collect(&e, &settings, paths, n, named, err);

	if (r == 0)
		r = analyst_run(&e->dossier, &settings, err);
	if (r == 0)
		*ret = TAKE(e);
	return r;
}

const struct table *explain_table(const struct artifact *a, unsigned number)
{
	for (size_t i = 0; i < a->n_tables; i++)
		if (a->tables[i].number == number)
			return &a->tables[i];
	return NULL;
}

static const struct fact *center(const struct dossier *d, const struct table_note *t,
                                 const struct role_note *c, size_t configuration)
{
	const struct group *g = &d->groups[t->group - 1];

	return dossier_fact(d, g->cells[configuration * g->n_metrics + c->metric - 1].center);
}

static size_t n_configurations(const struct dossier *d, const struct table_note *t,
                               const struct role_note *c)
{
	return t->group && c->metric ? d->groups[t->group - 1].n_configurations : 0;
}

size_t explain_samples(const struct dossier *d, const struct table_note *t,
                       const struct role_note *c, const struct fact *ret[2])
{
	size_t count = n_configurations(d, t, c);

	ret[0] = ret[1] = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct fact *f = center(d, t, c, i);

		if (f)
			ret[ret[0] != NULL] = f;
	}
	return (size_t)(ret[0] != NULL) + (ret[1] != NULL);
}

double explain_factor(const struct dossier *d, const struct table_note *t,
                      const struct role_note *c)
{
	double factor = 0;

	for (size_t i = 0; i < n_configurations(d, t, c); i++) {
		const struct fact *f = center(d, t, c, i);

		for (size_t k = 0; f && k < f->n_cells; k++) {
			double own = f->cells[k].factor > 0 ? f->cells[k].factor : 1;

			if (factor > 0 && own != factor)
				return 0;
			factor = own;
		}
	}
	return factor > 0 ? factor : 1;
}
