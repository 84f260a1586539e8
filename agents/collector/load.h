/* SPDX-License-Identifier: MIT */
/*
 * load - the bytes of artifacts, one after the other, from below roots that are open. Internal to
 * the collector. One thread's.
 */
#pragma once

#include <limits.h>

#include "agents/collector/collector.h"

struct load {
	struct collector_limits limits;
	int *roots; /* O_PATH descriptors; malloc'd */
	size_t n_roots;
	int dir; /* of the last artifact */
	unsigned dir_root;
	char dir_path[PATH_MAX]; /* below that root; "": none is open */
	char *buffer;            /* used again for the next file */
	size_t cap;
	unsigned patience_ms; /* what is left to wait for files that are being written */
};

/* Roots as in collector_scan(). load_done() also after a failure. */
int load_init(struct load *l, const char *const *roots, size_t n_roots,
              const struct collector_limits *limits, struct error *err) MUST_USE;
void load_done(struct load *l);

/* Sets bytes, modified_s and stamp of *a without opening it. Negative errno. */
int load_look(struct load *l, struct artifact *a) MUST_USE;

/*
 * The file itself, with bytes, modified_s and stamp of *a set. On failure its status is set, and
 * *why says the reason.
 */
int load_open(struct load *l, struct artifact *a, int *ret, struct error *why) MUST_USE;
/* Whether it is still what load_open() found. */
bool load_is_unchanged(const struct artifact *a, int fd);

/*
 * All bytes of the file that load_open() opened, which stay until the next call, as they were at
 * one moment: a file that is being written is read again a few times, and bytes, modified_s and
 * stamp of *a are set anew. Failures as load_open()'s; -ENOMEM: the machine is full.
 */
int load_file(struct load *l, struct artifact *a, int fd, struct str *ret,
              struct error *why) MUST_USE;
