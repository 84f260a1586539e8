/* SPDX-License-Identifier: MIT */
#include "lib/claims/cited.h"

#include "lib/claims/agree.h"

static void add(struct cited *c, unsigned id)
{
	if (dossier_fact(c->d, id) && c->n_facts < CITED_MAX &&
	    !scope_has(c->facts, c->n_facts, id))
		c->facts[c->n_facts++] = id;
}

/* A change is of facts, which are of cells: what is deeper speaks of other nights. */
void cited_add_fact(struct cited *c, unsigned id)
{
	const struct fact *f = dossier_fact(c->d, id);
	size_t i;

	add(c, id);
	for (i = 0; f && i < f->n_from; i++)
		add(c, f->from[i]);
}

static void add_finding(struct cited *c, unsigned id)
{
	const struct finding *k = dossier_finding(c->d, id);
	size_t i;

	if (!k || c->n_findings == CITED_MAX)
		return;
	c->findings[c->n_findings++] = id;
	for (i = 0; i < k->n_facts; i++)
		cited_add_fact(c, k->facts[i]);
	for (i = 0; i < k->text.n; i++)
		cited_add_fact(c, k->text.segments[i].fact);
}

struct cited cited_of(const struct dossier *d, const unsigned *facts, size_t n_facts,
                      const unsigned *findings, size_t n_findings)
{
	struct cited c = {.d = d};
	size_t i;

	for (i = 0; i < n_facts; i++)
		cited_add_fact(&c, facts[i]);
	for (i = 0; i < n_findings; i++)
		add_finding(&c, findings[i]);
	return c;
}

void cited_add(struct cited *c, const struct sentence *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		cited_add_fact(c, s->tokens[i].fact);
}

bool cited_kind(const struct cited *c, enum finding_kind kind)
{
	size_t i;

	for (i = 0; i < c->n_findings; i++)
		if (dossier_finding(c->d, c->findings[i])->kind == kind)
			return true;
	return false;
}
