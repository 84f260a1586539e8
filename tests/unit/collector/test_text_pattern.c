/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "agents/collector/text_pattern.h"

static bool matches(struct text_match *m, const char *pattern, const char *line)
{
	return text_match(m, pattern, str_of(line));
}

#define expect_piece(m, i, name_, text_, column_)                                    \
	do {                                                                         \
		cr_assert_lt((size_t)(i), (m).n);                                    \
		cr_expect(str_is((m).pieces[i].name, name_), "name %.*s",            \
		          (int)(m).pieces[i].name.len, (m).pieces[i].name.at);       \
		cr_expect(str_is((m).pieces[i].text, text_), "text %.*s",            \
		          (int)(m).pieces[i].text.len, (m).pieces[i].text.at);       \
		cr_expect_eq((m).pieces[i].column, (uint32_t)(column_), "column %u", \
		             (m).pieces[i].column);                                  \
	} while (0)

Test(pattern, words_stand_for_themselves_and_blanks_for_any_number_of_them)
{
	struct text_match m;

	cr_expect(matches(&m, "Threads started!", "  Threads \t started!  "));
	cr_expect_not(matches(&m, "Threads started!", "Threadsstarted!"));
	cr_expect_not(matches(&m, "Threads started!", "Threads started! Now"));
	cr_expect(matches(&m, "a~b", "ab"));
	cr_expect(matches(&m, "a~b", "a   b"));
}

Test(pattern, numbers_have_their_place_in_code_points)
{
	struct text_match m;

	cr_assert(matches(&m, "{t:µ} x {n:rate} ops/sec ±{n:spread}%",
	                  "µµ x 1,431,759 ops/sec ±0.74%"));
	expect_piece(m, 1, "rate", "1,431,759", 6);
	expect_piece(m, 2, "spread", "0.74", 25);
	cr_expect_eq(m.pieces[1].length, 9);
}

Test(pattern, a_number_ends_with_a_digit)
{
	struct text_match m;

	cr_assert(matches(&m, "min={n:min}, max={n:max}.", "min=4.5, max=1e-3."));
	expect_piece(m, 0, "min", "4.5", 5);
	expect_piece(m, 1, "max", "1e-3", 14);
	cr_expect_not(matches(&m, "min={n:min}", "min=-"));
	cr_expect_not(matches(&m, "min={n:min}", "min="));
}

Test(pattern, what_c_prints_for_no_number_is_text)
{
	struct text_match m;

	cr_assert(matches(&m, "share {n:share}%", "share -nan%"));
	expect_piece(m, 0, "share", "-nan", 7);
	cr_expect_eq(m.pieces[0].kind, 't');
}

Test(pattern, a_quantity_takes_its_unit_along)
{
	struct text_match m;

	cr_assert(matches(&m, "Latency {q:avg} {q:max} {n:share}%",
	                  "Latency   12.34ms  4.20k 89.00%"));
	expect_piece(m, 0, "avg", "12.34ms", 11);
	expect_piece(m, 1, "max", "4.20k", 20);
	cr_assert(matches(&m, "took {q:time}, then", "took 23.3 ms, then"));
	expect_piece(m, 0, "time", "23.3 ms", 6);
}

Test(pattern, text_ends_where_the_pattern_goes_on)
{
	struct text_match m;

	cr_assert(matches(&m, "test {t:name} ... bench: {n:time} ns/iter",
	                  "test For loop (x) ... bench:   123 ns/iter"));
	expect_piece(m, 0, "name", "For loop (x)", 6);
	cr_assert(matches(&m, "{t:name}  {n:n}", "Fibonacci 10      100"));
	expect_piece(m, 0, "name", "Fibonacci 10", 1);
}

Test(pattern, a_word_ends_at_a_blank_or_at_what_follows)
{
	struct text_match m;

	cr_assert(matches(&m, "{w:key}: {w:value}", "goos: linux"));
	expect_piece(m, 0, "key", "goos", 1);
	expect_piece(m, 1, "value", "linux", 7);
	cr_expect_not(matches(&m, "{w:key}: {w:value}", "two words: linux"));
}

Test(pattern, a_line_may_name_its_own_columns)
{
	struct text_match m;

	cr_assert(matches(&m, "{w:name}{+} {n} {u}", "BenchmarkX  1726 ns/op  320 B/op"));
	cr_expect_eq(m.n, 3);
	expect_piece(m, 1, "ns/op", "1726", 13);
	expect_piece(m, 2, "B/op", "320", 25);
	cr_assert(matches(&m, "{k} : {v}", "SUT name : a b : c"));
	expect_piece(m, 0, "SUT name", "a b : c", 12);
}

Test(pattern, what_repeats_ends_where_it_stops_matching)
{
	struct text_match m;

	cr_assert(matches(&m, "x{+} {n} {u}", "x 1 a 2 b 3"));
	cr_expect_eq(m.n, 2);
	cr_expect_not(matches(&m, "x{+} {n} {u}", "x a 1"));
}

Test(pattern, what_is_optional_may_be_missing)
{
	struct text_match m;

	cr_assert(matches(&m, "a {n:one}{?} b {n:two}", "a 1"));
	cr_expect_eq(m.n, 1);
	cr_assert(matches(&m, "a {n:one}{?} b {n:two}", "a 1 b 2"));
	cr_expect_eq(m.n, 2);
	cr_assert(matches(&m, "a {n:one}{?} b {n:two}", "a 1 c 3"));
	cr_expect_eq(m.n, 1);
	cr_expect_not(matches(&m, "a {n:one}{?} b {n:two}", "b 2"));
}

Test(pattern, more_pieces_than_there_is_room_for_are_left_out)
{
	char line[4 * 200 + 2] = "x";
	struct text_match m;

	for (size_t i = 0; i < 200; i++)
		memcpy(line + 1 + 4 * i, " 1 a", 5);
	cr_assert(matches(&m, "x{+} {n} {u}", line));
	cr_expect_eq(m.n, TEXT_PIECES_MAX);
}

Test(pattern, a_spread_is_of_what_the_line_named)
{
	struct text_match m;

	cr_assert(matches(&m, "{v},{*},{e},{s}%,{n:}", "1.16,msec,task-clock,3.81%,1156549"));
	expect_piece(m, 0, "task-clock", "1.16", 1);
	expect_piece(m, 1, "task-clock", "3.81", 22);
	cr_expect_eq(m.pieces[1].kind, 's');
	cr_assert(matches(&m, "{n} {u}{?} {*}( +- {s}% )", "74 page-faults"));
	cr_expect_eq(m.n, 1);
	cr_assert(matches(&m, "{s}%", "3.81%"));
	cr_expect_eq(m.n, 0, "of nothing");
}

Test(pattern, a_unit_may_be_told_by_the_pattern)
{
	struct text_match m;

	cr_assert(matches(&m, "avg={n:lat avg|usec}, {*}", "avg=18.25, stdev=3"));
	expect_piece(m, 0, "lat avg", "18.25", 5);
	cr_expect(str_is(m.pieces[0].unit, "usec"));
	cr_assert(matches(&m, "avg={n:lat}", "avg=18.25"));
	cr_expect_eq(m.pieces[0].unit.len, 0);
}

Test(pattern, a_close_spread_and_its_unit_belong_to_the_number)
{
	struct text_match m;

	cr_assert(matches(&m, "{w:name} {a:result}", "time_sum   8.41±0.2μs"));
	expect_piece(m, 1, "result", "8.41±0.2μs", 12);
	cr_assert(matches(&m, "{a:result} {*}", "117±60 ns"));
	expect_piece(m, 0, "result", "117±60", 1);
	cr_assert(matches(&m, "{a:result}{*}", "5±x"));
	expect_piece(m, 0, "result", "5±x", 1);
}

Test(pattern, fields_are_parted_by_two_blanks)
{
	struct text_match m;

	cr_assert(matches(&m, "{f:x}{?}{+}  {f:x}", "   n     a / True   b / False  "));
	expect_piece(m, 0, "x", "n", 4);
	expect_piece(m, 1, "x", "a / True", 10);
	expect_piece(m, 2, "x", "b / False", 21);
	cr_expect_eq(m.n, 3);
	cr_assert(matches(&m, "{f:x}{?}{+}  {f:x}", "n"));
	cr_expect_eq(m.n, 1);
}
