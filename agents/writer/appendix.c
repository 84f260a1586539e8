/* SPDX-License-Identifier: MIT */
/* The appendix: what decided; its evidence has a file of its own. */
#include <math.h>

#include "agents/writer/page.h"

#define MIB 1048576.0 /* limits are given in these, as a rule */

static void say_settings(struct page *p)
{
	double limit = (double)p->meta->file_bytes_limit;
	struct number_unit u = fmod(limit, MIB) == 0.0 ? (struct number_unit){"MiB", 1.0 / MIB}
	                                               : number_unit_for("B", limit);

	page_begin(p, "list", "code");
	ink_heading(&p->ink, 7, 1);
	ink_words(&p->ink, "Configuration\n\n- Pipeline: ");
	ink_name(&p->ink, p->meta->pipeline);
	ink_words(&p->ink, "; a change counts from ");
	ink_figure(&p->ink, NUMBER_PERCENT, "/configuration/min_effect_pct");
	ink_words(&p->ink, " % on; files are read up to ");
	ink_figure_scaled(&p->ink, NUMBER_MEASURE, u.scale, "/configuration/limits/file_bytes");
	page_unit(p, u.unit);
	ink_words(&p->ink, ".\n- In report.json: columns whose role was decided, ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/configuration/roles");
	ink_words(&p->ink, "; metrics, ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/configuration/metrics");
	ink_words(&p->ink, "; tables of configurations, ");
	ink_figure(&p->ink, NUMBER_MEASURE, "/configuration/groups");
	ink_words(&p->ink, ".\n");
	page_end(p);
}

/* Keys and covariates, which is where a wrong guess would do harm; metrics have their tables. */
static bool is_telling(const struct role_note *r)
{
	return strcmp(r->role, "metric") != 0 && strcmp(r->role, "ignored") != 0;
}

static void say_role(struct page *p, const struct role_note *r)
{
	const struct artifact *a = dossier_artifact(p->d, r->artifact);

	page_cell(p);
	ink_name(&p->ink, r->column);
	page_cell(p);
	ink_label(&p->ink, r->role);
	page_cell(p);
	ink_label(&p->ink, r->why ? r->why : "");
	page_cell(p);
	if (a)
		ink_name(&p->ink, a->path);
	page_row(p);
}

static void say_roles(struct page *p)
{
	size_t telling = 0, shown = 0;

	for (size_t i = 0; i < p->d->n_roles; i++)
		telling += is_telling(&p->d->roles[i]);
	if (!telling || !p->limits.roles)
		return;
	page_begin(p, "table", "code");
	ink_words(&p->ink, "| Column | Taken as | Why | First seen in |\n");
	page_rule(p, "tttt");
	page_table(p, true);
	for (size_t i = 0; i < p->d->n_roles && shown < p->limits.roles; i++) {
		if (!is_telling(&p->d->roles[i]))
			continue;
		say_role(p, &p->d->roles[i]);
		shown++;
	}
	page_table(p, false);
	if (telling > shown) {
		ink_words(&p->ink, "\nFurther keys and covariates, in report.json: ");
		page_omitted(p, telling - shown);
		ink_words(&p->ink, ".\n");
	}
	page_end(p);
}

void page_appendix(struct page *p)
{
	page_section(p, 7, "Appendix");
	say_settings(p);
	say_roles(p);
	page_evidence(p);
}
