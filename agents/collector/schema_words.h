/* SPDX-License-Identifier: MIT */
/* schema_words - what the descriptions of tools are written in. */
#pragma once

#include "agents/collector/schema.h"

/* {.at = "/mean", METRIC = "mean of the runs", SECONDS} */
#define KEY       .means = MEANS_KEY, .what
#define METRIC    .means = MEANS_METRIC, .what
#define COVARIATE .means = MEANS_COVARIATE, .what
#define IGNORED   .means = MEANS_IGNORED, .what

#define HIGHER .better = BETTER_HIGHER
#define LOWER  .better = BETTER_LOWER

#define TIME         .quantity = "time", LOWER
#define SECONDS      TIME, .unit = "s"
#define LATENCY      .quantity = "latency", LOWER
#define FIRST_TOKEN  .quantity = "time_to_first_token", LOWER
#define RATE         .quantity = "throughput", HIGHER
#define TOKENS_RATE  RATE, .unit = "tok/s"
#define REQUEST_RATE RATE, .unit = "req/s"
#define SPREAD       .quantity = "spread"
#define MEMORY       .quantity = "memory", .unit = "bytes", LOWER
#define ERROR_CODE   .quantity = QUANTITY_ERROR_CODE
#define OUTCOME      .quantity = QUANTITY_OUTCOME
