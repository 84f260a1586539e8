/* SPDX-License-Identifier: MIT */
/* What a sweep found, on the terminal. */
#include "ctl/tune.h"

#include <math.h>

#include "ctl/ctl_json.h"

#define SHOWN 10

static double number(const json_t *variant, const char *member)
{
	const json_t *v = json_object_get(json_object_get(variant, member), "median");

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

static void print_options(FILE *out, const json_t *variant)
{
	json_t *options = json_object_get(variant, "options"), *value;
	const char *key, *sep = "";

	json_object_foreach (options, key, value) {
		(void)fprintf(out, "%s%s=%.12g", sep, key, json_number_value(value));
		sep = " ";
	}
}

static void print_variant(FILE *out, const json_t *sweep, const json_t *variant, size_t i)
{
	const json_t *winner = json_object_get(sweep, "winner");
	double quality = json_number_value(json_object_get(variant, "quality_pct"));

	(void)fprintf(out, "  %2lld  %9.4g tok/s  %9.4g ms  %5.3g %%  ",
	              (long long)json_integer_value(json_object_get(variant, "rank")),
	              number(variant, "tokens_per_s"), number(variant, "ttft_ms"), quality);
	print_options(out, variant);
	(void)fputs(json_is_integer(winner) && (size_t)json_integer_value(winner) == i ? "  best"
	            : json_is_true(json_object_get(variant, "tied")) ? "  not told apart"
	                                                             : "",
	            out);
	(void)fputs(json_is_true(json_object_get(variant, "front")) ? ", on the front\n" : "\n",
	            out);
}

void tune_print(FILE *out, const json_t *report)
{
	const json_t *sweep = json_object_get(report, "sweep"), *variant;
	const json_t *variants = json_object_get(sweep, "variants");
	size_t i, shown = 0;

	if (!json_is_object(sweep))
		return;
	(void)fprintf(out, "\nVariants by throughput, first token, sentences that stood:\n");
	for (size_t rank = 1; rank <= json_array_size(variants); rank++) {
		json_array_foreach (variants, i, variant) {
			if (json_integer_value(json_object_get(variant, "rank")) !=
			            (json_int_t)rank ||
			    shown == SHOWN)
				continue;
			print_variant(out, sweep, variant, i);
			shown++;
		}
	}
	(void)fprintf(out, "  calls: %lld of %lld; tuned.yaml beside the report holds the best\n",
	              (long long)json_integer_value(json_object_get(sweep, "calls")),
	              (long long)json_integer_value(json_object_get(sweep, "full_grid_calls")));
}
