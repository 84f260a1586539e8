/* SPDX-License-Identifier: MIT */
/*
 * load - the bytes of artifacts, one after the other, from below roots that are open. Internal to
 * the collector. One thread's.
 */
#pragma once

#include "agents/collector/collector.h"

struct load {
	struct collector_limits limits;
	int *roots; /* O_PATH descriptors; malloc'd */
	size_t n_roots;
	char *buffer; /* used again for the next file */
	size_t cap;
	unsigned patience_ms; /* what is left to wait for files that are being written */
};

/* Roots as in collector_scan(). load_done() also after a failure. */
int load_init(struct load *l, const char *const *roots, size_t n_roots,
              const struct collector_limits *limits, struct error *err) MUST_USE;
void load_done(struct load *l);

/* The file itself, with bytes, modified_s and stamp of *a set; the same failures. */
int load_open(struct load *l, struct artifact *a, int *ret, struct error *why) MUST_USE;
/* Whether it is still what load_open() found. */
bool load_is_unchanged(const struct artifact *a, int fd);

/*
 * All bytes of the file, which stay until the next call, as they were at one moment: a file that
 * is being written is read again a few times. Sets bytes, modified_s and stamp of *a, on failure
 * its status, and *why then says the reason. -ENOMEM: the machine is full.
 */
int load_file(struct load *l, struct artifact *a, struct str *ret, struct error *why) MUST_USE;
