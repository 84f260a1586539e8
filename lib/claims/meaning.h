/* SPDX-License-Identifier: MIT */
/*
 * meaning - do the words for metrics, statistics and amounts fit the facts that are cited?
 *
 * "Latency" needs a fact in a unit of time, "throughput" one of a rate, "accuracy" one that is
 * called so; "average" needs a mean, "median" a median; "every" and "only" say a figure of more
 * than its fact does.
 */
#pragma once

#include "lib/claims/cited.h"

/* Each returns false when the sentence is struck, with the reason. */
bool metrics_agree(struct sentence *s, const struct cited *c);
bool statistics_agree(struct sentence *s, const struct cited *c);
bool amounts_agree(struct sentence *s, const struct cited *c);

/* Does the word mean a metric by itself: latency, throughput, accuracy? */
bool metric_family(const char *word);

/* Is the fact (or what it was computed from) of the metric that such a word means? */
bool fact_in_family(const struct dossier *d, const struct fact *f, const char *word);

/* Is the word part of the fact's quantity, metric or label? */
bool fact_tells(const struct fact *f, const char *word);

/* Is `word` one of the words of "time_to_first_token", letters only? */
bool has_word(const char *words, const char *word);
