/* SPDX-License-Identifier: MIT */
#include "tests/bench/make.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tests/bench/out.h"

#define SEED 3

static void csv(struct out *o)
{
	out_text(o, "model,batch_size,throughput_tok_s,latency_ms\n");
	for (uint64_t i = 0; i < 8; i++) {
		out_text(o, i % 2 ? "gemma3-4b," : "gemma3-1b,");
		out_uint(o, UINT64_C(1) << i / 2);
		out_text(o, ",");
		out_fixed(o, out_noisy(o, 412000), 2);
		out_text(o, ",");
		out_fixed(o, out_noisy(o, 123456), 4);
		out_text(o, "\n");
	}
}

static void json(struct out *o)
{
	out_text(o, "{\n  \"model\": \"gemma3-1b\",\n  \"results\": [");
	for (uint64_t i = 0; i < 4; i++) {
		out_text(o, i ? ",\n    {\"batch_size\": " : "\n    {\"batch_size\": ");
		out_uint(o, UINT64_C(1) << i);
		out_text(o, ", \"throughput_tok_s\": ");
		out_fixed(o, out_noisy(o, 412000), 2);
		out_text(o, ", \"latency_ms\": ");
		out_fixed(o, out_noisy(o, 123456), 4);
		out_text(o, "}");
	}
	out_text(o, "\n  ]\n}\n");
}

static void markdown(struct out *o)
{
	out_text(o, "# Throughput of gemma3-1b\n\nThree runs, warm.\n\n"
	            "| batch size | throughput (tok/s) | latency (ms) |\n|---:|---:|---:|\n");
	for (uint64_t i = 0; i < 4; i++) {
		out_text(o, "| ");
		out_uint(o, UINT64_C(1) << i);
		out_text(o, " | ");
		out_fixed(o, out_noisy(o, 412000), 2);
		out_text(o, " | ");
		out_fixed(o, out_noisy(o, 123456), 4);
		out_text(o, " |\n");
	}
}

static int make_file(const char *dir, unsigned i, struct error *err)
{
	static const char *const ends[] = {"csv", "json", "md"};
	static void (*const contents[])(struct out *) = {csv, json, markdown};
	char path[4096];
	struct out o;
	int r;

	(void)snprintf(path, sizeof path, "%s/run-%03u.%s", dir, i, ends[i % 3]);
	r = out_open(&o, path, SEED + i, err);
	if (r < 0)
		return r;
	contents[i % 3](&o);
	return out_close(&o, path, err);
}

static int make_folder(const char *dir, unsigned first, unsigned n, struct error *err)
{
	int r = 0;

	if (mkdir(dir, 0755) < 0)
		return error_set(err, -errno, "%s: %s", dir, strerror(errno));
	for (unsigned i = 0; i < n && r == 0; i++)
		r = make_file(dir, first + i, err);
	return r;
}

int make_tree(const char *dir, unsigned folders, unsigned files, struct error *err)
{
	char path[4000];
	int r = 0;

	if (mkdir(dir, 0755) < 0)
		return error_set(err, -errno, "%s: %s", dir, strerror(errno));
	for (unsigned i = 0; i < folders && r == 0; i++) {
		unsigned n = files / folders;

		(void)snprintf(path, sizeof path, "%s/folder-%04u", dir, i);
		r = make_folder(path, i * n, n, err);
	}
	return r;
}
