/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "lib/evidence/unit.h"

static void expect_unit(const char *spelling, const char *name, const char *base, double factor)
{
	const struct unit *u = unit_find(str_of(spelling));

	cr_assert_not_null(u, "%s", spelling);
	cr_expect_str_eq(u->spelling, spelling);
	cr_expect_str_eq(u->name, name, "%s is %s", spelling, u->name);
	cr_expect_str_eq(u->base, base, "%s turns into %s", spelling, u->base);
	cr_expect_eq(u->factor, factor, "%s: %g", spelling, u->factor);
}

Test(unit, spellings_of_one_unit_have_one_name)
{
	expect_unit("msec", "ms", "s", 1e-3);
	expect_unit("µs", "us", "s", 1e-6);
	expect_unit("μs", "us", "s", 1e-6);
	expect_unit("hours", "h", "s", 3600);
	expect_unit("B", "bytes", "bytes", 1);
	expect_unit("MiB", "MiB", "bytes", 1048576);
	expect_unit("t/s", "tok/s", "tok/s", 1);
	expect_unit("ops/µs", "ops/us", "ops/s", 1e6);
	expect_unit("Gbps", "Gbit/s", "bit/s", 1e9);
	expect_unit("×", "x", "x", 1);
}

Test(unit, what_is_a_thousand_to_some_and_1024_to_others_turns_into_nothing)
{
	expect_unit("KB", "KB", "KB", 1);
	expect_unit("MB/s", "MB/s", "MB/s", 1);
}

Test(unit, no_other_text_is_a_unit)
{
	static const char *const texts[] = {"",   "m",  "layers", "runs", "Ms",
	                                    "MS", "s ", "msx",    "£££"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		cr_expect_null(unit_find(str_of(texts[i])), "\"%s\"", texts[i]);
}

/* The names that columns are given by their headers must be found, too. */
Test(unit, the_names_are_spellings)
{
	static const char *const names[] = {
		"s",        "ms",     "us",       "ns",        "min",          "h",
		"bytes",    "KB",     "MB",       "GB",        "TB",           "KiB",
		"MiB",      "GiB",    "TiB",      "W",         "mW",           "kW",
		"J",        "mJ",     "%",        "MHz",       "GHz",          "°C",
		"tok/s",    "req/s",  "ops/s",    "queries/s", "items/s",      "samples/s",
		"images/s", "rows/s", "frames/s", "records/s", "messages/s",   "transactions/s",
		"steps/s",  "KB/s",   "bytes/s",  "MB/s",      "iterations/s", "GB/s",
		"KiB/s",    "MiB/s",  "GiB/s",    "chars/s",   "words/s",      "events/s",
		"FLOP/s",   "Mbit/s", "GFLOP/s",  "TFLOP/s",   "Gbit/s",       "x",
		"bytes/op", "ns/op",  "us/op",    "ms/op",     "s/op",         "allocs/op",
		"ms/token", "/s",     "$",        "€",         "Hz",           "ps"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct unit *u = unit_find(str_of(names[i]));

		cr_expect(u && strcmp(u->name, names[i]) == 0, "%s", names[i]);
	}
}

Test(unit, they_are_sorted_so_that_each_is_found)
{
	size_t n = 0;

	for (const struct unit *u; (u = unit_at(n)); n++) {
		cr_expect_eq(unit_find(str_of(u->spelling)), u, "%s", u->spelling);
		cr_expect_not_null(unit_find(str_of(u->name)), "%s", u->name);
		cr_expect(n == 0 || strcmp(unit_at(n - 1)->spelling, u->spelling) < 0, "%s",
		          u->spelling);
	}
	cr_expect_gt(n, 250);
}
