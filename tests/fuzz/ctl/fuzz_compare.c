/* SPDX-License-Identifier: MIT */
/*
 * Any JSON as two reports with their samples: "json \0 samples \0 json \0 samples"; without the
 * other side, one is compared with itself. The contract: no crash; of two sides that can be read
 * the JSON of the comparison can be made and printed, each series stands in it once, and nothing
 * differs from itself.
 */
#include <assert.h>
#include <stdint.h>

#include "ctl/compare.h"

/* The part up to the next NUL; moves behind it. `rest` has a NUL behind its end. */
static struct str part(const char **rest, const char *end)
{
	struct str s = {*rest, strnlen(*rest, (size_t)(end - *rest))};

	*rest += s.len + (*rest + s.len < end);
	return s;
}

static int read_sides(struct compared_sides *c, const char *text, const char *end)
{
	const char *rest = text;
	struct error err = {0};
	int r;

	for (size_t i = 0; i < 2; i++) {
		struct str report, samples;

		if (i == 1 && rest == end)
			rest = text;
		report = part(&rest, end);
		samples = part(&rest, end);
		r = compare_side_parse(i ? &c->new : &c->base, report, samples, &err);
		assert((r < 0) == (err.code < 0));
		if (r < 0)
			return r;
	}
	return 0;
}

static void check_itself(const struct compared_sides *c)
{
	for (size_t i = 0; i < c->n_pairs; i++)
		assert(c->pairs[i].verdict != TWO_SAMPLE_CHANGED);
}

static void check(const struct compared_sides *c)
{
	static const struct fail_on all = {
		.kinds = {[FINDING_REGRESSION] = true, [FINDING_NEW] = true}, .untestable = true};
	json_t *json = compare_json(c);
	char *dump = json ? json_dumps(json, 0) : NULL;
	FILE *out = fopen("/dev/null", "w");
	char room[256];

	assert(out && json && dump);
	assert(c->n_pairs + c->n_vanished == c->base.n && c->n_pairs + c->n_added == c->new.n);
	assert(json_array_size(json_object_get(json, "series")) == c->n_pairs);
	compare_print(c, out);
	(void)compare_match(c, &all, room, sizeof room);
	(void)fclose(out);
	free(dump);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct compared_sides *c = calloc(1, sizeof *c);
	char *copy = malloc(size + 1);

	assert(c && copy);
	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	if (read_sides(c, copy, copy + size) == 0) {
		assert(compare_sides(c) == 0);
		check(c);
		if (json_equal(c->base.report, c->new.report) &&
		    json_equal(c->base.samples, c->new.samples))
			check_itself(c);
	}
	compare_free(c);
	free(copy);
	return 0;
}
