/* SPDX-License-Identifier: MIT */
#include "agents/writer/samples.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define NUMBERS_MAX ((size_t)8 << 20) /* in all lists: some 80 MB */

/* Most measurements have few decimals: then their digits are those of an integer. */
#define DECIMALS_MAX 6
#define EXACT_BELOW  1e15 /* fifteen digits survive the way into a double and back */

static bool put_decimal(struct buf *b, double value)
{
	double power = 1, size = fabs(value);

	for (int decimals = 0; decimals <= DECIMALS_MAX; decimals++, power *= 10) {
		double digits = nearbyint(size * power);

		if (digits >= EXACT_BELOW)
			return false;
		if (digits / power < size || digits / power > size)
			continue;
		buf_printf(b, "%s%lld", signbit(value) ? "-" : "",
		           (long long)((digits - fmod(digits, power)) / power));
		if (decimals)
			buf_printf(b, ".%0*lld", decimals, (long long)fmod(digits, power));
		return true;
	}
	return false;
}

/* The shortest of the usual lengths that reads back as the same double. */
static void put_double(struct buf *b, double value)
{
	char text[40] = "null";

	if (isfinite(value) && (fabs(value) >= 1e-4 || !(fabs(value) > 0)) && put_decimal(b, value))
		return;
	for (int digits = 15; digits <= 17 && isfinite(value); digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buf_puts(b, text);
}

static bool has_samples(const struct fact *f)
{
	return f->n_samples && (f->samples || f->column);
}

/* The statistics of one configuration stand on the same numbers, one behind the other. */
static bool has_same_samples(const struct fact *f, const struct fact *before)
{
	return before && f->n_samples == before->n_samples && f->samples == before->samples &&
	       f->column == before->column && f->rows == before->rows;
}

static void put_samples(struct buf *b, const struct fact *f)
{
	for (size_t k = 0; k < f->n_samples && !b->failed; k++) {
		buf_puts(b, k ? ", " : "");
		put_double(b, fact_sample(f, k));
	}
}

/* What stands in the buffer already, once more. */
static void put_again(struct buf *b, size_t from, size_t to)
{
	while (from < to && !b->failed) {
		char piece[4096];
		size_t n = to - from < sizeof piece ? to - from : sizeof piece;

		memcpy(piece, b->data + from, n); /* it moves while it grows */
		buf_add(b, piece, n);
		from += n;
	}
}

/* In the lists of facts with at most `max` numbers. */
static size_t numbers_in_all(const struct dossier *d, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_facts; i++) {
		const struct fact *f = &d->facts[i];

		n += has_samples(f) && f->n_samples <= max ? f->n_samples : 0;
	}
	return n;
}

size_t samples_listed_max(const struct dossier *d)
{
	size_t max = SAMPLES_ALWAYS;

	for (size_t i = 0; i < d->n_facts; i++)
		max = has_samples(&d->facts[i]) && d->facts[i].n_samples > max
		              ? d->facts[i].n_samples
		              : max;
	while (max > SAMPLES_ALWAYS && numbers_in_all(d, max) > NUMBERS_MAX)
		max /= 2;
	return max > SAMPLES_ALWAYS ? max : SAMPLES_ALWAYS;
}

bool samples_are_all(const struct dossier *d)
{
	return numbers_in_all(d, SIZE_MAX) == numbers_in_all(d, samples_listed_max(d));
}

int samples_write(struct buf *ret, const struct dossier *d, struct error *err)
{
	size_t max = samples_listed_max(d);
	const struct fact *before = NULL;
	size_t from = 0, to = 0;

	buf_puts(ret, "{");
	for (size_t i = 0; i < d->n_facts && !ret->failed; i++) {
		const struct fact *f = &d->facts[i];

		if (!has_samples(f) || f->n_samples > max)
			continue;
		buf_printf(ret, "%s\n \"F%u\": [", before ? "," : "", f->id);
		if (has_same_samples(f, before)) {
			size_t begin = ret->len;

			put_again(ret, from, to);
			from = begin;
		} else {
			from = ret->len;
			put_samples(ret, f);
		}
		to = ret->len;
		before = f;
		buf_puts(ret, "]");
	}
	buf_puts(ret, "\n}\n");
	return ret->failed ? error_set(err, -EFBIG, "samples.json: larger than %zu bytes", ret->max)
	                   : 0;
}
