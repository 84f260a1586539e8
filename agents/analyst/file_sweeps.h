/* SPDX-License-Identifier: MIT */
/*
 * file_sweeps - a sweep whose configurations lie in a file each: model_tp1_qps4.0.json,
 * model_tp2_qps4.0.json ...
 *
 * Each file stays a series of its own, with its own history; what is made here only ranks them.
 */
#pragma once

#include "agents/analyst/work.h"

/*
 * The configuration is told by names: words known to be options beside a number, the same ones in
 * the same order in all files, all else behind them equal. The files hold one configuration each,
 * of the same metrics, measured on one machine.
 */
struct file_sweep {
	const struct series *series; /* of its first file */
	struct group group;          /* id 0: none of the dossier's; each configuration is a run */
	bool part;                   /* files of one name, of a sweep over several */
	bool names_differ;           /* several: other work, so that there is no best of all */
};

/* Fills w->file_sweeps, once all groups are built. */
void file_sweeps_find(struct work *w);
