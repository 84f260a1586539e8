/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <math.h>

#include "lib/base/bind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct part {
	char *key, *text;
	uint64_t wait_ms;
	char **names;
	size_t n_names;
};

struct whole {
	char *text;
	uint64_t count, wait_ms, bytes, *ids;
	int64_t level;
	double weight;
	bool loud;
	int mode;
	struct part part, *parts, *pairs;
	char **names;
	size_t n_ids, n_names, n_parts, n_pairs;
};

static const char *const modes[] = {"plain", "stern", NULL};

/* clang-format off */
#define PART(m)  .offset = offsetof(struct part, m)
#define AT(m)    .offset = offsetof(struct whole, m)
#define COUNT(m) .count_offset = offsetof(struct whole, m)
static const struct bind_field part_table[] = {
	{"key",   BIND_STRING,   PART(key), .check = bind_check_name},
	{"text",  BIND_STRING,   PART(text), .names = modes},
	{"wait",  BIND_DURATION, PART(wait_ms)},
	{"names", BIND_STRINGS,  PART(names), .count_offset = offsetof(struct part, n_names)},
	{0}};
static const struct bind_field table[] = {
	{"text",   BIND_STRING,   AT(text), .min = 1, .max = 8},
	{"count",  BIND_UINT,     AT(count), .min = 1, .max = 100},
	{"level",  BIND_INT,      AT(level), .low = -5, .high = 5},
	{"weight", BIND_DOUBLE,   AT(weight)},
	{"loud",   BIND_BOOL,     AT(loud)},
	{"mode",   BIND_ENUM,     AT(mode), .names = modes},
	{"wait",   BIND_DURATION, AT(wait_ms), .min = 250, .max = 3600 * 1000},
	{"bytes",  BIND_SIZE,     AT(bytes)},
	{"part",   BIND_MAP,      AT(part), .table = part_table},
	{"names",  BIND_STRINGS,  AT(names), COUNT(n_names), .max_count = 5},
	{"ids",    BIND_UINTS,    AT(ids), COUNT(n_ids), .max = 9},
	{"parts",  BIND_MAPS,     AT(parts), COUNT(n_parts), .table = part_table,
	 .element_bytes = sizeof(struct part)},
	{"pairs",  BIND_PAIRS,    AT(pairs), COUNT(n_pairs), .table = part_table,
	 .element_bytes = sizeof(struct part)},
	{"later",  BIND_ANY,      .offset = 0},
	{"never",  BIND_REFUSED,  .offset = 0},
	{0}};
/* clang-format on */

/* One printable line that begins with the source. */
static void check_message(const char *text)
{
	assert(strncmp(text, "fuzz:", 5) == 0);
	for (; *text; text++)
		assert((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* What is bound keeps to its table; what is not says why; both are freed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct whole w = {.count = 50, .wait_ms = 250};
	struct error err = {0};
	int r = bind_text("fuzz", (const char *)data, size, table, &w, NULL, NULL, &err);

	assert((r == 0) == (err.code == 0) && r <= 0);
	if (r < 0)
		check_message(err.text);
	assert(!w.text || (*w.text && strlen(w.text) <= 8));
	assert(w.count >= 1 && w.count <= 100 && w.level >= -5 && w.level <= 5);
	assert(isfinite(w.weight) && (w.mode == 0 || w.mode == 1));
	assert(w.wait_ms >= 250 && w.wait_ms <= 3600 * 1000 && w.n_names <= 5);
	for (size_t i = 0; i < w.n_ids && r == 0; i++)
		assert(w.ids[i] <= 9);
	for (size_t i = 0; i < w.n_pairs && r == 0; i++)
		assert(!bind_check_name(w.pairs[i].key));
	bind_free(table, &w);
	assert(!w.text && !w.parts && !w.n_parts && !w.pairs && !w.part.names);
	return 0;
}
