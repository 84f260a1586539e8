/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdint.h>

#include "lib/base/arena.h"

Test(arena, memory_is_zeroed_aligned_and_apart)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);

	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(a, size);

		cr_assert_not_null(p);
		cr_expect_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			cr_assert_eq(p[i], 0, "byte %zu of %zu", i, size);
		memset(p, 0xff, size);
	}
}

Test(arena, the_limit_holds_to_the_byte)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(100 * sizeof(max_align_t));

	cr_expect_not_null(arena_alloc(a, 60 * sizeof(max_align_t)));
	cr_expect_null(arena_alloc(a, 41 * sizeof(max_align_t)));
	cr_expect_not_null(arena_alloc(a, 40 * sizeof(max_align_t)));
	cr_expect_eq(arena_used(a), 100 * sizeof(max_align_t));
	cr_expect_null(arena_alloc(a, 1));
}

Test(arena, sizes_that_overflow_are_refused)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(UINT64_MAX);

	cr_expect_null(arena_alloc(a, SIZE_MAX));
	cr_expect_null(arena_alloc(a, SIZE_MAX - 3));
	cr_expect_null(arena_calloc(a, SIZE_MAX / 2, 3));
	cr_expect_null(arena_strndup(a, "x", SIZE_MAX));
	cr_expect_not_null(arena_alloc(a, 1));
}

Test(arena, a_large_piece_leaves_the_chunk_at_work_in_use)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 24);
	char *first = arena_alloc(a, 16);
	char *large = arena_alloc(a, 1 << 20);
	char *second = arena_alloc(a, 16);

	cr_assert(first && large && second);
	memset(large, 1, 1 << 20);
	cr_expect_eq(second - first, 16);
}

Test(arena, a_grown_array_keeps_what_it_held)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);
	int *old = arena_grow(a, NULL, 0, sizeof *old), *new;

	cr_assert_not_null(old);
	*old = 42;
	new = arena_grow(a, old, sizeof *old, 1000 * sizeof *new);
	cr_assert_not_null(new);
	cr_expect_eq(new[0], 42);
	cr_expect_eq(new[999], 0);
}

Test(arena, texts_are_copied)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);

	cr_expect_str_eq(arena_strdup(a, "benchmark"), "benchmark");
	cr_expect_str_eq(arena_strndup(a, "benchmark", 5), "bench");
	cr_expect_str_eq(arena_strndup(a, NULL, 0), "");
	cr_expect_str_eq(arena_printf(a, "%d of %s", 7, "many"), "7 of many");
	cr_expect_str_eq(arena_printf(a, "%s", ""), "");
}

Test(arena, a_rewind_gives_back_what_came_since_the_mark_and_nothing_else)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1 << 20);

	for (int round = 0; round < 3; round++) {
		char *before = arena_strdup(a, "before");
		char *large = arena_alloc(a, 100000);
		struct arena_mark mark = arena_mark(a);
		uint64_t used = arena_used(a);

		memset(large, 1, 100000);
		for (size_t size = 1; size < 90000; size = size * 3 + 1)
			memset(arena_alloc(a, size), 0xff, size);
		cr_expect_null(arena_alloc(a, 1 << 20));
		cr_expect(arena_refused(a));
		arena_rewind(a, &mark);
		cr_expect_not(arena_refused(a));
		cr_expect_eq(arena_used(a), used);
		cr_expect_str_eq(before, "before");
		cr_expect_eq(large[99999], 1);
		for (int i = 0; i < 1000; i++)
			cr_assert_eq(*(char *)arena_alloc(a, 1), 0, "it is not zeroed");
	}
}

Test(arena, a_rewind_to_the_beginning_leaves_nothing)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(1000);
	struct arena_mark mark = arena_mark(a);

	cr_expect_not_null(arena_alloc(a, 900));
	cr_expect_null(arena_alloc(a, 900));
	arena_rewind(a, &mark);
	cr_expect_eq(arena_used(a), 0);
	cr_expect_not_null(arena_alloc(a, 900));
}

Test(arena, an_array_grows_and_keeps_what_is_in_it)
{
	CLEANUP(arena_freep) struct arena *a = arena_new(4096);
	size_t n = 0, cap = 0;
	int *numbers = NULL;

	while (arena_room(a, &numbers, n, &cap, sizeof *numbers)) {
		numbers[n] = (int)n;
		n++;
	}
	cr_expect_gt(n, 100);
	cr_expect_lt(n, 4096 / sizeof *numbers);
	cr_expect_eq(n, cap, "nothing is changed where there is no room");
	for (size_t i = 0; i < n; i++)
		cr_expect_eq(numbers[i], (int)i);
}
