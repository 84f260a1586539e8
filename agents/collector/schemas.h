/* SPDX-License-Identifier: MIT */
/*
 * schemas - which tool wrote a table, and what its columns and rows are by that tool's schema.
 *
 * Called after an artifact is read. Sets table.schema, column.meaning, table.context_meanings and
 * artifact.machine; adds notes on rows that must not be counted beside others. Where the unit
 * stands in a column of its own, cells get their unit, or a column becomes one for each unit.
 */
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/evidence/table.h"

/* Fails only for want of memory: the tables are then as they were read, or partly recognised. */
int schemas_recognise(struct artifact *a, struct arena *arena, struct error *err) MUST_USE;
