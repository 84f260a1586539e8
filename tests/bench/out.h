/* SPDX-License-Identifier: MIT */
/*
 * out - bytes into a file as fast as the page cache takes them, and noise that is the same in
 * every run.
 *
 * A failure is kept: what is put after it is ignored, and out_close() tells it.
 */
#pragma once

#include <stdint.h>

#include "lib/base/error.h"

#define OUT_MAX 4096

struct out {
	int fd;
	int code; /* the first failure, negative errno */
	uint64_t bytes;
	uint64_t random;
	size_t n;
	char *data;
};

/* Writes path.part, which out_close() moves to path: a file that is there is whole. */
int out_open(struct out *o, const char *path, uint64_t seed, struct error *err) MUST_USE;
int out_close(struct out *o, const char *path, struct error *err) MUST_USE;

void out_text(struct out *o, const char *text);
void out_bytes(struct out *o, const char *bytes, size_t n); /* at most OUT_MAX */
void out_uint(struct out *o, uint64_t n);
/* 12345 with 3 decimals: 12.345 */
void out_fixed(struct out *o, uint64_t scaled, unsigned decimals);

uint32_t out_random(struct out *o, uint32_t below);
/* About `center`, most of it within a fifteenth part, never beyond an eighth. */
uint64_t out_noisy(struct out *o, uint64_t center);
