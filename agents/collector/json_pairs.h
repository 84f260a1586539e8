/* SPDX-License-Identifier: MIT */
/*
 * json_pairs - JSON in which every object stands behind the name of its type, ["Trial", {...}].
 *
 * BenchmarkTools.jl writes such: its arrays become objects whose members are called by their
 * places, so that the pointers stay what they were, and its groups are keyed by their benchmarks.
 */
#pragma once

#include "agents/collector/json_dom.h"

/* Leaves any other tree as it is. False: no memory. */
bool json_pairs_unfold(struct json_node *root, struct arena *arena) MUST_USE;
