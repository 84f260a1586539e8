/* SPDX-License-Identifier: MIT */
#include "tests/bench/make.h"

#include <errno.h>

#include "tests/bench/out.h"

#define SEED 2

/*
 * A row is text with marks in it: @i is its number; @12345.2 a number about 123.45; @[40]12345.2
 * forty of them with commas between.
 */
struct shape {
	const char *name, *head, *row, *between, *tail;
};

static const struct shape shapes[] = {
	{"google-benchmark",
         "{\n  \"context\": {\n    \"date\": \"2026-11-20T02:30:00+00:00\",\n"
         "    \"host_name\": \"node-01\",\n    \"num_cpus\": 2,\n"
         "    \"library_build_type\": \"release\"\n  },\n  \"benchmarks\": [\n",
         "    {\n      \"name\": \"BM_Sort/@i\",\n      \"family_index\": 0,\n"
         "      \"run_name\": \"BM_Sort/@i\",\n      \"run_type\": \"iteration\",\n"
         "      \"repetitions\": 1,\n      \"repetition_index\": 0,\n      \"threads\": 1,\n"
         "      \"iterations\": @3070566.0,\n      \"real_time\": @2149898143.7,\n"
         "      \"cpu_time\": @2148536420.7,\n      \"time_unit\": \"ns\"\n    }",
         ",\n", "\n  ]\n}\n"},
	{"pytest-benchmark", "{\n    \"benchmarks\": [\n",
         "        {\n            \"group\": null,\n            \"name\": \"test_sort[@i]\",\n"
         "            \"fullname\": \"tests/test_sort.py::test_sort[@i]\",\n"
         "            \"params\": {\n                \"size\": @4096.0\n            },\n"
         "            \"options\": {\n                \"disable_gc\": false,\n"
         "                \"timer\": \"perf_counter\",\n                \"min_rounds\": 5,\n"
         "                \"warmup\": false\n            },\n            \"stats\": {\n"
         "                \"min\": @2622408132654948.18,\n"
         "                \"max\": @31447389118979422.18,\n"
         "                \"mean\": @2812408132654948.18,\n"
         "                \"stddev\": @214044194211888.18,\n"
         "                \"rounds\": @9987.0,\n"
         "                \"median\": @2801664390746482.18,\n"
         "                \"outliers\": \"90;1878\",\n                \"iterations\": 1,\n"
         "                \"data\": [\n                    @[20]2812408132654948.18\n"
         "                ]\n            }\n        }",
         ",\n",
         "\n    ],\n    \"datetime\": \"2026-11-20T02:30:00+00:00\",\n"
         "    \"version\": \"5.1.0\"\n}\n"},
	{"hyperfine", "{\n  \"results\": [\n",
         "    {\n      \"command\": \"zstd -@i corpus.tar\",\n      \"mean\": @53812345678.11,\n"
         "      \"stddev\": @12812345678.12,\n      \"median\": @53712345678.11,\n"
         "      \"user\": @51812345678.11,\n      \"system\": @2812345678.11,\n"
         "      \"min\": @48812345678.11,\n      \"max\": @58812345678.11,\n"
         "      \"times\": [\n        @[1000]53812345678.11\n      ],\n"
         "      \"parameters\": {\n        \"level\": \"@i\"\n      }\n    }",
         ",\n", "\n  ]\n}\n"},
	{"llama-bench", "",
         "{\"build_commit\": \"a45e1cd6\", \"build_number\": 6867, \"cpu_info\": \"AMD EPYC\", "
         "\"gpu_info\": \"\", \"backends\": \"CPU\", "
         "\"model_filename\": \"/models/gguf/gemma-3-1b-it-Q4_K_M.gguf\", "
         "\"model_type\": \"gemma3 1B Q4_K - Medium\", \"model_size\": 799525120, "
         "\"model_n_params\": 999885952, \"n_batch\": 2048, \"n_ubatch\": 512, "
         "\"n_threads\": 16, \"type_k\": \"f16\", \"type_v\": \"f16\", \"n_gpu_layers\": 99, "
         "\"split_mode\": \"layer\", \"main_gpu\": 0, \"no_kv_offload\": false, "
         "\"flash_attn\": true, \"tensor_split\": \"0.00\", \"use_mmap\": true, "
         "\"embeddings\": false, \"n_prompt\": 512, \"n_gen\": 0, \"n_depth\": @i, "
         "\"test_time\": \"2026-11-20T02:30:00Z\", \"avg_ns\": @342253667.0, "
         "\"stddev_ns\": @1253667.0, \"avg_ts\": @1495966441.6, \"stddev_ts\": @5966441.6, "
         "\"samples_ns\": [ @[5]342253667.0 ],\"samples_ts\": [ @[5]149597.2 ]}",
         "\n", "\n"},
	{"k6", "",
         "{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":"
         "{\"time\":\"2026-11-20T02:30:00.000000001Z\",\"value\":@148123456.6,\"tags\":"
         "{\"expected_response\":\"true\",\"group\":\"\",\"method\":\"GET\","
         "\"name\":\"http://127.0.0.1:8080/item\",\"proto\":\"HTTP/1.1\","
         "\"scenario\":\"default\",\"status\":\"200\"}}}",
         "\n", "\n"},
};

static const char *read_uint(const char *at, uint64_t *ret)
{
	for (*ret = 0; *at >= '0' && *at <= '9'; at++)
		*ret = *ret * 10 + (uint64_t)(*at - '0');
	return at;
}

/* What stands behind an @; returns what stands behind the mark. */
static const char *mark(struct out *o, const char *at, uint64_t row)
{
	uint64_t n = 1, center, decimals;

	if (*at == 'i') {
		out_uint(o, row);
		return at + 1;
	}
	if (*at == '[')
		at = read_uint(at + 1, &n) + 1;
	at = read_uint(at, &center);
	at = read_uint(at + 1, &decimals);
	for (uint64_t i = 0; i < n; i++) {
		out_text(o, i ? ", " : "");
		out_fixed(o, out_noisy(o, center), (unsigned)decimals);
	}
	return at;
}

static void put_row(struct out *o, const char *at, uint64_t row)
{
	while (*at) {
		size_t n = strcspn(at, "@");

		out_bytes(o, at, n);
		at += n;
		if (*at == '@')
			at = mark(o, at + 1, row);
	}
}

static const struct shape *shape_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i];
	return NULL;
}

int make_json(const char *path, const char *shape, uint64_t bytes, struct error *err)
{
	const struct shape *s = shape_of(shape);
	struct out o;
	int r;

	if (!s)
		return error_set(err, -EINVAL, "no shape is called %s", shape);
	r = out_open(&o, path, SEED, err);
	if (r < 0)
		return r;
	out_text(&o, s->head);
	for (uint64_t i = 0; i == 0 || o.bytes < bytes; i++) {
		out_text(&o, i ? s->between : "");
		put_row(&o, s->row, i);
	}
	out_text(&o, s->tail);
	return out_close(&o, path, err);
}
