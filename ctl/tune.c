/* SPDX-License-Identifier: MIT */
#include "ctl/tune.h"

#include <errno.h>
#include <math.h>

#include "ctl/ctl_json.h"
#include "ctl/request.h"
#include "ctl/terminal.h"
#include "lib/base/clock.h"
#include "lib/evidence/number.h"

#define SHOWN         10
#define FAILED_SHOWN  3
#define COLUMNS       6
#define CELL_BYTES    256
#define DIGEST_SHOWN  12
#define FOREIGN_SHOWN 200 /* columns of an error */

/* --- before it ------------------------------------------------------------- */

int tune_check_pipeline(struct client *c, const char *pipeline, struct error *err)
{
	CLEANUP(reply_done) struct reply reply = {0};
	int r = client_call(c, "GET", "/v1/pipelines", NULL, NULL, &reply, err);
	const json_t *p;
	size_t i;

	json_array_foreach (reply.json, i, p) {
		const json_t *variants = json_object_get(p, "variants");

		if (strcmp(ctl_json_text(p, "name"), pipeline) == 0 && json_is_integer(variants) &&
		    json_integer_value(variants) == 0)
			return error_set(err, -EINVAL,
			                 "pipeline %.60s has no matrix: name one that has, as "
			                 "sweep; chimeractl pipelines lists their variants",
			                 pipeline);
	}
	return r;
}

int tune_key_prefix(char ret[static TUNE_KEY_BYTES], const json_t *body, const char *what,
                    struct error *err)
{
	char digest[DIGEST_TEXT_BYTES];

	if (request_digest(digest, body, what) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	(void)snprintf(ret, TUNE_KEY_BYTES, "tune/%.*s/", DIGEST_SHOWN,
	               digest + sizeof "sha256:" - 1);
	return 0;
}

void tune_key(char ret[static TUNE_KEY_BYTES], const char *prefix)
{
	(void)snprintf(ret, TUNE_KEY_BYTES, "%.40s%lld-%ld", prefix, (long long)clock_now_s(),
	               (long)getpid());
}

int tune_find(char **ret, struct client *c, const char *prefix, struct error *err)
{
	CLEANUP(reply_done) struct reply reply = {0};
	int r = client_call(c, "GET", "/v1/jobs", NULL, NULL, &reply, err);
	const json_t *jobs = json_object_get(reply.json, "jobs"), *job;
	size_t i;

	*ret = NULL;
	json_array_foreach (jobs ? jobs : reply.json, i, job) {
		const char *key = ctl_json_text(job, "key"), *state = ctl_json_text(job, "state");

		if (strncmp(key, prefix, strlen(prefix)) != 0 ||
		    (strcmp(state, "queued") != 0 && strcmp(state, "running") != 0))
			continue;
		*ret = strdup(ctl_json_text(job, "id"));
		return *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
	}
	return r;
}

/* --- what it found ----------------------------------------------------------- */

struct cells {
	char at[(SHOWN + 1) * COLUMNS][CELL_BYTES];
	size_t n;
};

static char *next_cell(struct cells *c)
{
	return c->at[c->n++];
}

static void add_number(struct cells *c, const json_t *v, enum number_kind kind, const char *unit)
{
	struct number n;

	if (!json_is_number(v)) {
		(void)snprintf(next_cell(c), CELL_BYTES, "-");
		return;
	}
	number_print(&n, json_number_value(v), 1, kind);
	(void)snprintf(next_cell(c), CELL_BYTES, "%s %s", n.text, unit);
}

static const json_t *median_of(const json_t *variant, const char *member)
{
	return json_object_get(json_object_get(variant, member), "median");
}

static void options_text(char ret[static CELL_BYTES], const json_t *variant)
{
	json_t *options = json_object_get(variant, "options"), *value;
	const char *key, *sep = "";
	size_t used = 0;

	*ret = '\0';
	json_object_foreach (options, key, value) {
		used += (size_t)snprintf(ret + used, CELL_BYTES - used, "%s%.32s: %.12g", sep, key,
		                         json_number_value(value));
		if (used >= CELL_BYTES)
			return;
		sep = ", ";
	}
}

static void add_against_fastest(struct cells *c, const json_t *sweep, const json_t *variant)
{
	const json_t *winner = json_object_get(sweep, "winner");
	const json_t *list = json_object_get(sweep, "variants");

	if (variant == json_array_get(list, (size_t)json_integer_value(winner)))
		(void)snprintf(next_cell(c), CELL_BYTES, "best");
	else if (json_is_true(json_object_get(variant, "tied")))
		(void)snprintf(next_cell(c), CELL_BYTES, "not told apart");
	else
		add_number(c, json_object_get(variant, "behind_pct"), NUMBER_PERCENT, "% less");
}

static void add_variant(struct cells *c, const json_t *sweep, const json_t *variant)
{
	add_number(c, median_of(variant, "tokens_per_s"), NUMBER_MEASURE, "tok/s");
	add_against_fastest(c, sweep, variant);
	add_number(c, median_of(variant, "ttft_ms"), NUMBER_MEASURE, "ms");
	add_number(c, json_object_get(variant, "quality_pct"), NUMBER_MEASURE, "%");
	(void)snprintf(next_cell(c), CELL_BYTES, "%s",
	               json_is_true(json_object_get(variant, "front")) ? "yes" : "");
	options_text(next_cell(c), variant);
}

static size_t fill(struct cells *c, const json_t *sweep)
{
	static const char *const head[COLUMNS] = {"THROUGHPUT", "AGAINST THE FASTEST",
	                                          "TTFT",       "SENTENCES THAT STOOD",
	                                          "FRONT",      "OPTIONS"};
	const json_t *variants = json_object_get(sweep, "variants"), *v;
	size_t i, ranked = 0;

	for (i = 0; i < COLUMNS; i++)
		(void)snprintf(next_cell(c), CELL_BYTES, "%s", head[i]);
	for (size_t rank = 1; rank <= json_array_size(variants); rank++) {
		json_array_foreach (variants, i, v) {
			if (json_integer_value(json_object_get(v, "rank")) != (json_int_t)rank)
				continue;
			if (ranked++ < SHOWN)
				add_variant(c, sweep, v);
		}
	}
	return ranked;
}

static void print_table(FILE *out, const json_t *sweep)
{
	struct cells cells = {.n = 0};
	const char *at[(SHOWN + 1) * COLUMNS];
	size_t ranked = fill(&cells, sweep);

	if (!ranked)
		return;
	for (size_t i = 0; i < cells.n; i++)
		at[i] = cells.at[i];
	terminal_table(out, at, cells.n / COLUMNS, COLUMNS);
	if (ranked > SHOWN)
		(void)fprintf(out, "and %zu more in report.json\n", ranked - SHOWN);
}

static void print_failed(FILE *out, const json_t *variant)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(2 * CELL_BYTES + FOREIGN_SHOWN * 8);
	const char *error = ctl_json_text(variant, "error");
	char options[CELL_BYTES];

	options_text(options, variant);
	buf_printf(&b, "not ranked: %s: ", options);
	terminal_add(&b, *error ? error : "its answers were empty, or cut at their limit",
	             FOREIGN_SHOWN);
	(void)fprintf(out, "%s\n", buf_text(&b));
}

/* What a variant has that was not honoured; NULL: nothing. */
static const json_t *ignored_of(const json_t *variant)
{
	return json_array_get(json_object_get(variant, "ignored"), 0);
}

static size_t count_ignored(const json_t *variants, const json_t *ignored)
{
	const json_t *v;
	size_t i, n = 0;

	json_array_foreach (variants, i, v)
		n += ignored_of(v) &&
		     json_equal((json_t *)(uintptr_t)ignored_of(v), (json_t *)(uintptr_t)ignored);
	return n;
}

static bool is_first(const json_t *variants, size_t at, const json_t *ignored)
{
	for (size_t i = 0; i < at; i++) {
		const json_t *other = ignored_of(json_array_get(variants, i));

		if (other && json_equal((json_t *)(uintptr_t)other, (json_t *)(uintptr_t)ignored))
			return false;
	}
	return true;
}

/* One line for a value that was not honoured, however many variants have it. */
static void print_ignored(FILE *out, const json_t *variants, const json_t *ignored)
{
	const json_t *used = json_object_get(ignored, "used");

	(void)fprintf(out, "not ranked: %s: %.12g, which the server did not honour",
	              ctl_json_text(ignored, "option"),
	              json_number_value(json_object_get(ignored, "asked")));
	if (json_is_number(used))
		(void)fprintf(out, " (it used %.12g)", json_number_value(used));
	(void)fprintf(out, "; variants: %zu\n", count_ignored(variants, ignored));
}

static void print_unranked(FILE *out, const json_t *variants)
{
	const json_t *v;
	size_t i, failed = 0;

	json_array_foreach (variants, i, v) {
		const json_t *ignored = ignored_of(v);

		if (json_is_integer(json_object_get(v, "rank")))
			continue;
		if (ignored && is_first(variants, i, ignored))
			print_ignored(out, variants, ignored);
		else if (!ignored && json_integer_value(json_object_get(v, "runs")) > 0 &&
		         failed++ < FAILED_SHOWN)
			print_failed(out, v);
	}
	if (failed > FAILED_SHOWN)
		(void)fprintf(out, "and %zu more without a good answer\n", failed - FAILED_SHOWN);
}

static void print_best(FILE *out, const json_t *sweep)
{
	const json_t *winner = json_object_get(sweep, "winner");
	char options[CELL_BYTES];

	(void)fprintf(out, "calls: %lld, of the %lld that all variants in all runs would take\n",
	              (long long)json_integer_value(json_object_get(sweep, "calls")),
	              (long long)json_integer_value(json_object_get(sweep, "full_grid_calls")));
	if (!json_is_integer(winner))
		return;
	options_text(options, json_array_get(json_object_get(sweep, "variants"),
	                                     (size_t)json_integer_value(winner)));
	(void)fprintf(out, "for a pipeline (tuned.yaml beside the report): options: {%s}\n",
	              options);
}

void tune_print(FILE *out, const json_t *report)
{
	const json_t *sweep = json_object_get(report, "sweep");
	const char *stopped = ctl_json_text(report, "unmeasured");

	if (!json_is_object(sweep))
		return;
	(void)fputs("\n", out);
	print_table(out, sweep);
	print_unranked(out, json_object_get(sweep, "variants"));
	if (*stopped) {
		(void)fputs("measured no further: ", out);
		terminal_print(out, stopped);
		(void)fputs("\n", out);
	}
	print_best(out, sweep);
}

const char *tune_why_not(const json_t *report)
{
	const json_t *sweep = json_object_get(report, "sweep");
	const char *why = ctl_json_text(report, "unmeasured");

	if (json_is_integer(json_object_get(sweep, "winner")))
		return NULL;
	return *why ? why
	       : json_is_object(sweep)
	               ? "no variant had good answers on the options that it asks for"
	               : "the pipeline has no matrix";
}
