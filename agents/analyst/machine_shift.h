/* SPDX-License-Identifier: MIT */
/*
 * machine_shift - what the series of all tables of one machine have in common.
 *
 * A table of many series tells its own common shift (suite.h). Where each configuration or tool has
 * a file of its own no table does; all of them together may. The runs of several tables are of one
 * night when they lie close together and no table is in it twice.
 */
#pragma once

#include "agents/analyst/compared.h"

struct machine_table {
	struct compared_series *of;
	uint32_t *night; /* by run of the table */
	double *shift;   /* by run of the table: the machine's */
};

struct machine_shift {
	const char *machine; /* "" where nobody told */
	struct machine_table *tables;
	size_t n;
	size_t nights;
	struct suite suite; /* a share of the series of each table, by night */
};

/* Of all machines with several tables: w->machines. Tables of few series are to be judged less it.
 */
void machine_shifts_find(struct work *w);
void machine_shifts_forget(struct work *w);
