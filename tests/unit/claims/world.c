/* SPDX-License-Identifier: MIT */
#include "tests/unit/claims/world.h"

static const struct label onnx[] = {{"backend", "onnx"}};
static const struct label eager[] = {{"backend", "eager"}};
static const unsigned this_and_before[] = {1, 2};
static const unsigned scope_facts[] = {1, 3, 5, 6, 7, 8, 12, 123};
static const unsigned scope_findings[] = {1, 2, 3};
static const struct segment builtin[] = {{.words = "The sweep ended as planned."}};

static void facts_init(struct world *w)
{
	unsigned i;

	for (i = 0; i < WORLD_FACTS; i++)
		w->facts[i] = (struct fact){.id = i + 1,
		                            .label = "median throughput",
		                            .metric = "tokens_s",
		                            .quantity = "throughput",
		                            .unit = "tok/s",
		                            .statistic = STAT_MEDIAN,
		                            .value = 100 + i};
	w->facts[2].statistic = STAT_DELTA_PCT;
	w->facts[2].unit = "%";
	w->facts[2].value = -7.9;
	w->facts[2].from = this_and_before;
	w->facts[2].n_from = 2;
	for (i = 4; i <= 5; i++) {
		w->facts[i].label = "median latency";
		w->facts[i].metric = "mean_time_ms";
		w->facts[i].quantity = "latency";
		w->facts[i].unit = "ms";
		w->facts[i].subject = i == 4 ? onnx : eager;
		w->facts[i].n_subject = 1;
	}
	w->facts[6] = (struct fact){
		.id = 7, .label = "rows that failed", .statistic = STAT_COUNT, .value = 1};
	w->facts[7] = (struct fact){.id = 8,
	                            .label = "ratio of worst to best",
	                            .metric = "mean_time_ms",
	                            .statistic = STAT_RATIO,
	                            .value = 5.5};
}

void world_init(struct world *w)
{
	static const enum finding_kind kinds[] = {FINDING_REGRESSION, FINDING_BEST, FINDING_GAP,
	                                          FINDING_TREND};
	unsigned i;

	*w = (struct world){0};
	facts_init(w);
	for (i = 0; i < 4; i++)
		w->findings[i] = (struct finding){
			.id = i + 1, .kind = kinds[i], .text = {builtin, 1}};
	w->metric = (struct group_metric){.spread = 8};
	w->group = (struct group){.id = 1, .metrics = &w->metric, .n_metrics = 1};
	w->d = (struct dossier){.arena = arena_new(64 << 20),
	                        .facts = w->facts,
	                        .n_facts = WORLD_FACTS,
	                        .findings = w->findings,
	                        .n_findings = 4,
	                        .groups = &w->group,
	                        .n_groups = 1};
	w->scope = (struct claims_scope){.facts = scope_facts,
	                                 .n_facts = sizeof scope_facts / sizeof *scope_facts,
	                                 .findings = scope_findings,
	                                 .n_findings = 3,
	                                 .max_claims = 4,
	                                 .max_recommendations = 2};
}

size_t world_say(struct world *w, const char *about, const char *text)
{
	json_error_t why;
	json_t *ids = json_loads(about, 0, &why);
	json_t *answer = json_pack("{s:[{s:o, s:s}]}", "claims", "about", ids, "text", text);
	char *bytes = answer ? json_dumps(answer, JSON_ENSURE_ASCII) : NULL;
	int r = bytes ? claims_check(&w->d, &w->scope, "analyse", bytes, strlen(bytes), &w->outcome,
	                             &w->err)
	              : -1;

	free(bytes);
	json_decref(answer);
	return r < 0 ? (size_t)-1 : w->outcome.accepted;
}

const char *world_reason_about(struct world *w, const char *about, const char *text)
{
	size_t struck = w->d.n_struck, accepted = world_say(w, about, text);

	if (accepted == (size_t)-1)
		return "error";
	return w->d.n_struck > struck ? w->d.struck[struck].reason : "";
}

const char *world_reason(struct world *w, const char *text)
{
	return world_reason_about(w, "[\"K1\"]", text);
}
