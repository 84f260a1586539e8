/* SPDX-License-Identifier: MIT */
#include "tests/unit/ctl/dump.h"

#include <stdio.h>

static const char *text(const char *s)
{
	return s ? s : "-";
}

static void dump_ids(FILE *to, const char *name, const unsigned *ids, size_t n)
{
	(void)fprintf(to, " %s", name);
	for (size_t i = 0; i < n; i++)
		(void)fprintf(to, ",%u", ids[i]);
}

static void dump_text(FILE *to, const struct text *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct segment *s = &t->segments[i];

		if (s->fact)
			(void)fprintf(to, "{F%u %s}", s->fact, segment_as_name(s->as));
		else
			(void)fprintf(to, "%s", s->words ? s->words : s->name);
	}
	(void)fputc('\n', to);
}

static void dump_locator(FILE *to, const struct locator *l)
{
	(void)fprintf(to, "  A%u table %u rows %s column %s pointer %s place %u:%u+%u * %.17g",
	              l->artifact, l->table, text(l->rows), text(l->column), text(l->pointer),
	              l->place.line, l->place.column, l->place.length, l->factor);
	for (size_t i = 0; i < l->n_where; i++)
		(void)fprintf(to, " where %s=%s", l->where[i].name, l->where[i].text);
	(void)fprintf(to, " except %s\n", text(l->except));
}

static void dump_fact(FILE *to, const struct fact *f)
{
	(void)fprintf(to, "F%u %s %s %s %s %s %s", f->id, f->label, text(f->metric),
	              text(f->quantity), text(f->unit), better_name(f->better),
	              statistic_name(f->statistic));
	for (size_t i = 0; i < f->n_subject; i++)
		(void)fprintf(to, " %s=%s", f->subject[i].name, f->subject[i].text);
	(void)fprintf(to, " = %.17g n %ld", f->value, f->n);
	dump_ids(to, "from", f->from, f->n_from);
	for (size_t i = 0; i < f->n_samples; i++)
		(void)fprintf(to, " %.17g", fact_sample(f, i));
	(void)fputc('\n', to);
	for (size_t i = 0; i < f->n_cells; i++)
		dump_locator(to, &f->cells[i]);
	for (size_t i = 0; i < f->n_excluded; i++) {
		(void)fprintf(to, " without (%s)", f->excluded[i].why);
		dump_locator(to, &f->excluded[i].at);
	}
}

static void dump_finding(FILE *to, const struct finding *f)
{
	(void)fprintf(to, "K%u %s since %s %s %s verdict %s state %s p %.17g %.17g effect %.17g",
	              f->id, f->key, f->since, finding_kind_name(f->kind),
	              severity_name(f->severity), text(f->verdict), text(f->state), f->p,
	              f->p_adjusted, f->effect);
	dump_ids(to, "facts", f->facts, f->n_facts);
	dump_ids(to, "artifacts", f->artifacts, f->n_artifacts);
	for (size_t i = 0; i < f->n_gates; i++)
		(void)fprintf(to, " [%s %.17g %.17g %d]", f->gates[i].name, f->gates[i].value,
		              f->gates[i].threshold, f->gates[i].passed);
	(void)fputs(": ", to);
	dump_text(to, &f->text);
}

static void dump_inventory(FILE *to, const struct inventory *inv)
{
	for (size_t i = 0; i < inv->n_artifacts; i++) {
		const struct artifact *a = &inv->artifacts[i];

		(void)fprintf(to, "A%u %s %s %s copy of %u machine %s", a->id, a->path,
		              artifact_status_name(a->status), text(a->reason), a->duplicate_of,
		              text(a->machine));
		for (size_t k = 0; k < a->n_tables; k++)
			(void)fprintf(to, " [%u %s: %zu rows]", a->tables[k].number,
			              text(a->tables[k].base), a->tables[k].n_rows);
		(void)fputc('\n', to);
	}
}

char *dump_dossier(const struct dossier *d)
{
	char *ret = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&ret, &len);

	if (!to)
		return NULL;
	(void)fprintf(to,
	              "%s: %lu series, %lu tested, %lu untestable, %lu new, %lu vanished, %.17g\n",
	              verdict_name(d->verdict), d->compared.series, d->compared.tested,
	              d->compared.untestable, d->compared.new_series, d->compared.vanished,
	              d->compared.smallest_change_pct);
	dump_inventory(to, &d->inventory);
	for (size_t i = 0; i < d->n_findings; i++)
		dump_finding(to, &d->findings[i]);
	for (size_t i = 0; i < d->n_recommendations; i++) {
		dump_ids(to, "advice", d->recommendations[i].findings,
		         d->recommendations[i].n_findings);
		dump_text(to, &d->recommendations[i].text);
	}
	for (size_t i = 0; i < d->n_facts; i++)
		dump_fact(to, &d->facts[i]);
	for (size_t i = 0; i < d->runs.n_days; i++)
		(void)fprintf(to, "run of %s\n", d->runs.days[i]);
	(void)fclose(to);
	return ret;
}
