/* SPDX-License-Identifier: MIT */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"

static uint64_t cpu_ns(void)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* "AMD EPYC"; "" where the kernel does not tell. */
static void cpu_model(char ret[static 128])
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[512];

	*ret = '\0';
	while (file && fgets(line, sizeof line, file) &&
	       sscanf(line, "model name : %127[^\"\\\n]", ret) != 1)
		;
	if (file)
		(void)fclose(file);
}

/* The most memory that the process had resident since peak_reset(); 0: the kernel does not tell. */
static unsigned long long peak_bytes(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned long long kib = 0;
	char line[256];

	while (file && fgets(line, sizeof line, file) && sscanf(line, "VmHWM: %llu", &kib) != 1)
		;
	if (file)
		(void)fclose(file);
	return kib * 1024;
}

static void peak_reset(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "we");

	if (!file)
		return;
	(void)fputs("5", file);
	(void)fclose(file);
}

static void print_context(void)
{
	char date[CLOCK_TEXT_BYTES], host[65] = "", cpu[128];

	clock_text(date, clock_now_s());
	(void)gethostname(host, sizeof host - 1);
	cpu_model(cpu);
	printf("{\n  \"context\": {\"date\": \"%s\", \"host_name\": \"%s\", \"num_cpus\": %ld,\n"
	       "    \"cpu_model\": \"%s\", \"executable\": \"chimerad-bench\",\n"
	       "    \"library_build_type\": \"release\"},\n  \"benchmarks\": [",
	       date, host, sysconf(_SC_NPROCESSORS_ONLN), cpu);
}

static void print_one(const struct bench *b, unsigned repetition, unsigned repetitions,
                      uint64_t runs, double real_ns, double on_cpu_ns)
{
	printf("\n    {\"name\": \"%s\", \"run_name\": \"%s\", \"run_type\": \"iteration\",\n"
	       "     \"repetitions\": %u, \"repetition_index\": %u, \"threads\": 1,\n"
	       "     \"iterations\": %llu, \"real_time\": %.1f, \"cpu_time\": %.1f, "
	       "\"time_unit\": \"ns\"",
	       b->name, b->name, repetitions, repetition, (unsigned long long)runs, real_ns,
	       on_cpu_ns);
	printf(", \"peak_rss_bytes\": %llu", peak_bytes());
	if (b->bytes)
		printf(", \"bytes_per_second\": %.1f", (double)b->bytes * 1e9 / real_ns);
	printf("}");
}

static void run_one(const struct bench *b, unsigned repetition, unsigned repetitions,
                    uint64_t min_ns)
{
	uint64_t runs = 0, begun, begun_cpu, spent;

	peak_reset();
	begun = clock_mono_ns();
	begun_cpu = cpu_ns();
	do {
		b->run(b->arg);
		runs++;
		spent = clock_mono_ns() - begun;
	} while (spent < min_ns);
	print_one(b, repetition, repetitions, runs, (double)spent / (double)runs,
	          (double)(cpu_ns() - begun_cpu) / (double)runs);
}

int bench_run(const struct bench *list, size_t n, const char *filter, unsigned repetitions,
              uint64_t min_ms)
{
	const char *comma = "";

	print_context();
	for (size_t i = 0; i < n; i++) {
		if (filter && !strstr(list[i].name, filter))
			continue;
		list[i].run(list[i].arg); /* caches and page tables warm up */
		for (unsigned k = 0; k < repetitions; k++) {
			printf("%s", comma);
			comma = ",";
			run_one(&list[i], k, repetitions, min_ms * 1000000);
		}
	}
	printf("\n  ]\n}\n");
	return 0;
}
