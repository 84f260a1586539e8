/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "lib/base/tar.h"

#define ROOM 65536

static size_t archive(char *room, const char *name, const char *text)
{
	FILE *to = fmemopen(room, ROOM, "wb");
	long end;

	tar_directory(to, "d", 7);
	tar_file(to, name, strlen(text), 1700000000);
	(void)fputs(text, to);
	tar_pad(to, strlen(text));
	tar_end(to);
	end = ftell(to);
	(void)fclose(to);
	return (size_t)end;
}

/* What the header says its bytes add up to, its own field counted as blanks. */
static void check_sum(const char *header)
{
	unsigned sum = 0;

	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)header[i];
	cr_expect_eq(strtoul(header + 148, NULL, 8), sum);
}

Test(tar, headers_are_as_posix_has_them)
{
	char room[ROOM] = "";
	size_t len = archive(room, "a/b.csv", "x,y\n");

	cr_assert_eq(len, 5 * 512);
	cr_expect_str_eq(room, "d");
	cr_expect_eq(room[156], '5');
	check_sum(room);
	cr_expect_str_eq(room + 512, "a/b.csv");
	cr_expect_eq(room[512 + 156], '0');
	cr_expect_str_eq(room + 512 + 257, "ustar");
	cr_expect_eq(strtoul(room + 512 + 124, NULL, 8), 4);
	cr_expect_eq(strtoul(room + 512 + 136, NULL, 8), 1700000000);
	check_sum(room + 512);
	cr_expect_arr_eq(room + 1024, "x,y\n\0", 5);
}

Test(tar, a_name_of_a_hundred_bytes_fits_and_a_longer_one_gets_a_record_that_counts_itself)
{
	/* the last: a record of 99 bytes without its length becomes one of 102 with it */
	static const struct {
		size_t name, record;
	} cases[] = {{100, 0}, {101, 111}, {989, 999}, {990, 1001}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char room[ROOM] = "", name[1024] = "";
		char *at = room + 512;

		memset(name, 'n', cases[i].name);
		(void)archive(room, name, "");
		if (!cases[i].record) {
			cr_expect_eq(memcmp(at, name, 100), 0);
			cr_expect_eq(at[156], '0');
			continue;
		}
		cr_expect_eq(at[156], 'x');
		cr_expect_eq(strtoul(at + 124, NULL, 8), cases[i].record);
		cr_expect_eq(strtoul(at + 512, NULL, 10), cases[i].record);
		cr_expect_eq(at[512 + cases[i].record - 1], '\n');
	}
}

Test(tar, what_is_no_ascii_gets_a_record_too)
{
	char room[ROOM] = "";

	(void)archive(room,
	              "gr\xc3\xb6\xc3\x9f"
	              "e.csv",
	              "");
	cr_expect_eq(room[512 + 156], 'x');
	cr_expect_str_eq(room + 1024, "20 path=gr\xc3\xb6\xc3\x9f"
	                              "e.csv\n");
}

Test(tar, times_that_a_header_cannot_hold_are_clamped)
{
	char room[ROOM] = "";
	FILE *to = fmemopen(room, ROOM, "wb");

	tar_directory(to, "old", -5);
	tar_directory(to, "new", INT64_MAX);
	(void)fclose(to);
	cr_expect_str_eq(room + 136, "00000000000");
	cr_expect_str_eq(room + 512 + 136, "77777777777");
}
