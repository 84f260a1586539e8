/* SPDX-License-Identifier: MIT */
#include "tests/bench/make.h"

#include "tests/bench/out.h"

#define SEED 1

static const char *const models[] = {"gemma3-1b", "gemma3-4b", "llama3-8b",
                                     "qwen2-7b",  "phi3-mini", "mistral-7b"};
static const char *const backends[] = {"cuda", "rocm", "vulkan", "cpu"};
static const char *const hosts[] = {"node-01", "node-02", "node-03", "node-04",
                                    "node-05", "node-06", "node-07", "node-08"};

static void row(struct out *o)
{
	uint32_t model = out_random(o, ARRAY_LEN(models));
	uint32_t backend = out_random(o, ARRAY_LEN(backends));
	uint64_t slow = 1 + model + 2 * backend;

	out_text(o, models[model]);
	out_text(o, ",");
	out_text(o, backends[backend]);
	out_text(o, ",");
	out_text(o, hosts[out_random(o, ARRAY_LEN(hosts))]);
	out_text(o, ",");
	out_fixed(o, out_noisy(o, 412000 / slow), 2);
	out_text(o, ",");
	out_fixed(o, out_noisy(o, 123456 * slow), 4);
	out_text(o, ",");
	out_fixed(o, out_noisy(o, 48321 * slow), 3);
	out_text(o, ",");
	out_uint(o, out_noisy(o, 2048 + 1024 * (uint64_t)model));
	out_text(o, ",");
	out_fixed(o, out_noisy(o, 1850 + 400 * (uint64_t)backend), 1);
	out_text(o, ",");
	out_fixed(o, out_noisy(o, 9130000 * slow), 5);
	out_text(o, ",ok\n");
}

int make_csv(const char *path, uint64_t bytes, struct error *err)
{
	struct out o;
	int r = out_open(&o, path, SEED, err);

	if (r < 0)
		return r;
	out_text(&o, "model,backend,host,throughput_tok_s,latency_ms,ttft_ms,memory_mb,power_w,"
	             "energy_j,status\n");
	while (o.bytes < bytes)
		row(&o);
	return out_close(&o, path, err);
}
