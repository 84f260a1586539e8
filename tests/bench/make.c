/* SPDX-License-Identifier: MIT */
#include "tests/bench/make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
	(void)fputs("bench_make csv FILE BYTES | json FILE SHAPE BYTES | tree DIR FOLDERS FILES\n",
	            stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	int r;

	if (argc == 4 && strcmp(argv[1], "csv") == 0)
		r = make_csv(argv[2], strtoull(argv[3], NULL, 10), &err);
	else if (argc == 5 && strcmp(argv[1], "json") == 0)
		r = make_json(argv[2], argv[3], strtoull(argv[4], NULL, 10), &err);
	else if (argc == 5 && strcmp(argv[1], "tree") == 0)
		r = make_tree(argv[2], (unsigned)strtoul(argv[3], NULL, 10),
		              (unsigned)strtoul(argv[4], NULL, 10), &err);
	else
		return usage();
	if (r < 0)
		(void)fprintf(stderr, "bench_make: %s\n", err.text);
	return r < 0;
}
