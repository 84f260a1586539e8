/* SPDX-License-Identifier: MIT */
/*
 * store_history - the runs that earlier reviews measured, in the same file as the jobs.
 *
 * A review leaves a text behind among its checkpoints before it publishes; when its job ends well,
 * that becomes rows in the same transaction, so that a review that is published is always known to
 * the next, and one that is not never is. Reading has a connection of its own, which sees the file
 * as it was when it was opened: from any thread, while the store is written to.
 */
#pragma once

#include "daemon/store.h"
#include "lib/evidence/dossier.h"

#define STORE_HISTORY_STEP "/history" /* no step of a pipeline can be called so */

/* Whose history it is: reviews of the same pipeline and roots, or of the same given subject. NULL:
 * no memory. */
char *store_history_subject(const struct job *job, const char *const *roots,
                            size_t n_roots) MUST_USE;

/* What the dossier learned, as a text for store_checkpoint(); caller frees. */
int store_history_print(char **ret, const char *subject, const struct dossier *d,
                        struct error *err) MUST_USE;

struct history_reader;

/*
 * reports: a review whose folder is not there any more is not told of. against: "history" (or
 * NULL), or what alone is the reference: "previous", "accepted", or the id of a job; where there is
 * no such review, there is none at all.
 */
int history_reader_open(struct history_reader **ret, const char *store_path, const char *subject,
                        const char *reports, const char *against, struct error *err) MUST_USE;
void history_reader_close(struct history_reader *h);
DEFINE_CLEANUP(struct history_reader *, history_reader_close)

/* Borrowed, as the reader lives. A failure of its points() is told by history_reader_error(). */
const struct past *history_reader_past(const struct history_reader *h);
const struct error *history_reader_error(const struct history_reader *h);
