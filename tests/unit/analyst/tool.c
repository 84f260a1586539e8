/* SPDX-License-Identifier: MIT */
#include "tests/unit/analyst/tool.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agents/collector/collector.h"

#define FILE_MAX (16u << 20)
#define PATH_CAP 4096

static void read_tree(struct builder *b, const char *path)
{
	struct collector_limits limits = {.file_bytes = FILE_MAX, .files = 1000};
	struct inventory *inv = &b->dossier.inventory;
	const char *roots[] = {arena_strdup(b->arena, path)};
	struct error err = {0};

	cr_assert_eq(collector_scan(&b->dossier, roots, 1, &limits, &err), 0, "%s", err.text);
	for (size_t i = 0; i < inv->n_artifacts; i++)
		cr_assert_eq(collector_read(&inv->artifacts[i], path, &limits, b->arena, &err), 0);
	collector_finish(&b->dossier);
	build_analysis(b);
}

bool tool_read(struct builder *b, const char *where)
{
	static const struct {
		const char *prefix, *variable, *below;
	} places[] = {{"fixture:", "CHIMERAD_SOURCE", "tests/fixtures/tools"},
	              {"sample:", "CHIMERAD_SHARED", "samples"}};
	char path[PATH_CAP], real[PATH_CAP];

	(void)snprintf(path, sizeof path, "%s", where);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		size_t n = strlen(places[i].prefix);

		if (strncmp(where, places[i].prefix, n) == 0)
			(void)snprintf(path, sizeof path, "%s/%s/%s",
			               getenv(places[i].variable) ?: "", places[i].below,
			               where + n);
	}
	build_start(b);
	memset(&b->dossier.inventory, 0, sizeof b->dossier.inventory);
	if (!realpath(path, real))
		return false;
	read_tree(b, real);
	return true;
}

void tool_read_text(struct builder *b, const char *name, const char *text)
{
	char dir[] = "/tmp/chimerad-tool-XXXXXX", path[PATH_CAP];
	FILE *f;

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	cr_assert_geq(fputs(text, f), 0);
	cr_assert_eq(fclose(f), 0);
	cr_assert(tool_read(b, dir));
	(void)unlink(path);
	(void)rmdir(dir);
}

static const struct role_note *note_of(const struct builder *b, const char *column)
{
	const struct role_note *found = NULL;

	for (size_t i = 0; i < b->dossier.n_roles; i++) {
		const struct role_note *n = &b->dossier.roles[i];

		if (strcmp(n->column, column) == 0 && (!found || strcmp(n->role, "metric") == 0))
			found = n;
	}
	return found;
}

static const struct group_metric *metric_of(const struct builder *b, const struct tool_column *c)
{
	const struct group_metric *found = NULL;

	for (size_t g = 0; g < b->dossier.n_groups; g++) {
		for (size_t m = 0; m < b->dossier.groups[g].n_metrics; m++) {
			const struct group_metric *gm = &b->dossier.groups[g].metrics[m];
			const char *slash = strrchr(gm->name, '/');

			if (strcmp(gm->name, c->name) != 0 &&
			    (!slash || strcmp(slash + 1, c->name) != 0))
				continue;
			if (!found || (strcmp(gm->unit ?: "", c->unit ?: "") == 0 &&
			               gm->derived == c->restates))
				found = gm;
		}
	}
	return found;
}

static bool same(const char *a, const char *b)
{
	return strcmp(a ?: "", b ?: "") == 0;
}

void tool_expect(const struct builder *b, const char *where, const struct tool_column *columns,
                 size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct tool_column *c = &columns[i];
		const struct role_note *note = note_of(b, c->name);
		const struct group_metric *m;

		cr_expect(note && same(note->role, c->role), "%s: %s is %s, not %s: %s", where,
		          c->name, note ? note->role : "no column", c->role, note ? note->why : "");
		if (strcmp(c->role, "metric") != 0)
			continue;
		m = metric_of(b, c);
		cr_expect(m && same(m->quantity, c->quantity) && same(m->unit, c->unit) &&
		                  m->better == c->better && m->derived == c->restates,
		          "%s: %s is %s in %s, better %d, restates %d", where, c->name,
		          m && m->quantity ? m->quantity : "?", m && m->unit ? m->unit : "?",
		          m ? (int)m->better : -1, m ? m->derived : -1);
	}
}

size_t tool_left_out(const struct builder *b, const char *why)
{
	const struct inventory *inv = &b->dossier.inventory;
	size_t n = 0;

	for (size_t i = 0; i < inv->n_artifacts; i++)
		for (size_t t = 0; t < inv->artifacts[i].n_tables; t++)
			for (size_t k = 0; k < inv->artifacts[i].tables[t].n_notes; k++)
				n += strcmp(inv->artifacts[i].tables[t].notes[k].why, why) == 0;
	return n;
}

const char *tool_subject(struct builder *b, size_t group, size_t configuration)
{
	const struct group_configuration *c;
	const char *text = "";

	if (group >= b->dossier.n_groups ||
	    configuration >= b->dossier.groups[group].n_configurations)
		return "none";
	c = &b->dossier.groups[group].configurations[configuration];
	for (size_t i = 0; i < c->n_subject; i++)
		text = arena_printf(b->arena, "%s%s%s=%s", text, i ? "," : "", c->subject[i].name,
		                    c->subject[i].text);
	return text;
}
