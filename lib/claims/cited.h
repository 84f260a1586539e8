/* SPDX-License-Identifier: MIT */
/*
 * cited - the facts that a sentence stands on: those in its braces, those that its claim is about,
 * and those of the findings that it is about, with what they were computed from.
 */
#pragma once

#include "lib/claims/claims.h"
#include "lib/claims/sentence.h"

#define CITED_MAX 128

struct cited {
	const struct dossier *d; /* borrowed */
	unsigned facts[CITED_MAX], findings[CITED_MAX];
	size_t n_facts, n_findings;
};

/* What a claim names; ids that the dossier lacks are left out, and so is what finds no room. */
struct cited cited_of(const struct dossier *d, const unsigned *facts, size_t n_facts,
                      const unsigned *findings, size_t n_findings);

/* Adds the facts in the braces of a sentence. */
void cited_add(struct cited *c, const struct sentence *s);

/* Adds a fact with what it came from. */
void cited_add_fact(struct cited *c, unsigned id);

/* Is a finding of this kind among them? */
bool cited_kind(const struct cited *c, enum finding_kind kind);
