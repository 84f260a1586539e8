/* SPDX-License-Identifier: MIT */
/*
 * The model client against a server, as JSON on one line:
 *
 *   bench_model_load calls PROVIDER URL SLOTS N TOKENS    N calls of at most so many tokens
 *   bench_model_load streams PROVIDER URL N               N at once, of a server that stamps its
 * tokens bench_model_load bodies DIR N TOKENS                  the bodies of those calls, for
 * others to post
 */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "lib/base/buf.h"
#include "lib/base/files.h"
#include "lib/model/model.h"
#include "lib/model/watchdog.h"
#include "lib/model/wire.h"

#define SLOTS_A_ENDPOINT 250
#define ENDPOINTS_MAX    16
#define LATENESS_MAX     1000000
#define PROMPT_WORDS     400

struct load {
	uv_loop_t loop;
	struct model *model;
	unsigned pending, failed, streaming;
	int64_t output_tokens;
	char first_error[256];
	/* while all streams are open */
	unsigned wanted;
	bool steady;
	uint64_t steady_ns, steady_cpu_ns, steady_wall_ns;
	uint32_t *late_us;
	size_t n_late;
};

/* The one of this process: that is how a call under way hands out its tokens one by one. */
static struct load *measured;

static uint64_t cpu_ns(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
}

/* --- tokens as they arrive --------------------------------------------------- */

const char *__real_watchdog_feed(struct watchdog *w, const char *answer, size_t from, size_t len);
const char *__wrap_watchdog_feed(struct watchdog *w, const char *answer, size_t from, size_t len);

static void steady_begin(struct load *l)
{
	l->steady = true;
	l->steady_ns = uv_hrtime();
	l->steady_cpu_ns = cpu_ns();
}

static void steady_end(struct load *l)
{
	if (!l->steady)
		return;
	l->steady = false;
	l->steady_wall_ns = uv_hrtime() - l->steady_ns;
	l->steady_cpu_ns = cpu_ns() - l->steady_cpu_ns;
}

/* A token is the time at which the server wrote it. */
const char *__wrap_watchdog_feed(struct watchdog *w, const char *answer, size_t from, size_t len)
{
	struct load *l = measured;
	uint64_t sent = strtoull(answer + from, NULL, 10), now = uv_hrtime();

	if (l->late_us && from == 0 && ++l->streaming == l->wanted)
		steady_begin(l);
	if (l->steady && sent && sent < now && l->n_late < LATENESS_MAX)
		l->late_us[l->n_late++] = (uint32_t)((now - sent) / 1000);
	return __real_watchdog_feed(w, answer, from, len);
}

/* --- calls -------------------------------------------------------------------- */

static void load_on_done(void *arg, const struct model_result *res)
{
	struct load *l = arg;

	steady_end(l);
	if (res->status < 0 && l->failed++ == 0)
		(void)snprintf(l->first_error, sizeof l->first_error, "%s", res->record.error);
	if (res->record.output_tokens > 0)
		l->output_tokens += res->record.output_tokens;
	if (--l->pending == 0)
		model_close(l->model);
}

static void load_open(struct load *l, const char *provider, const char *url, unsigned slots)
{
	struct model_endpoint ep[ENDPOINTS_MAX] = {0};
	char names[ENDPOINTS_MAX][16];
	struct error err = {0};
	size_t n = 0;

	for (; slots && n < ENDPOINTS_MAX; n++) {
		unsigned mine = slots < SLOTS_A_ENDPOINT ? slots : SLOTS_A_ENDPOINT;

		(void)snprintf(names[n], sizeof names[n], "e%zu", n);
		ep[n] = (struct model_endpoint){.name = names[n],
		                                .provider = strcmp(provider, "ollama") == 0
		                                                    ? PROVIDER_OLLAMA
		                                                    : PROVIDER_OPENAI,
		                                .url = url,
		                                .model = "bench",
		                                .slots = mine};
		slots -= mine;
	}
	(void)uv_loop_init(&l->loop);
	if (model_new(&l->model, &l->loop, ep, n, &err) < 0) {
		(void)fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
}

static void prompt(struct buf *b, unsigned i)
{
	buf_printf(b, "Question %u.", i);
	for (unsigned k = 0; k < PROMPT_WORDS; k++)
		buf_printf(b, " %s", (i + k * k) % 3 ? "latency" : "throughput");
	buf_puts(b, "\nSay what that means for the backend.");
}

static struct model_options options_of(unsigned i, int64_t tokens)
{
	struct model_options o = MODEL_OPTIONS_NONE;

	o.temperature = 0.8;
	o.seed = i;
	o.num_predict = tokens;
	return o;
}

static void ask(struct load *l, unsigned i, int64_t tokens)
{
	static const struct model_ops ops = {NULL, load_on_done};
	CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
	struct model_request req = {.options = options_of(i, tokens)};
	struct model_call *call;
	struct error err = {0};

	prompt(&text, i);
	req.user = buf_text(&text);
	if (model_call(&call, l->model, &req, &ops, l, &err) < 0) {
		(void)fprintf(stderr, "bench: %s\n", err.text);
		exit(1);
	}
	l->pending++;
}

static long peak_kb(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static int load_run(struct load *l, unsigned n, int64_t tokens)
{
	uint64_t began = uv_hrtime(), began_cpu = cpu_ns();

	for (unsigned i = 0; i < n; i++)
		ask(l, i, tokens);
	(void)uv_run(&l->loop, UV_RUN_DEFAULT);
	printf("{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"calls\": %u, \"failed\": %u, "
	       "\"output_tokens\": %lld, \"peak_rss_bytes\": %lld",
	       (double)(uv_hrtime() - began) / 1e9, (double)(cpu_ns() - began_cpu) / 1e9, n,
	       l->failed, (long long)l->output_tokens, (long long)peak_kb() * 1024);
	if (l->failed)
		(void)fprintf(stderr, "bench: %u of %u calls failed: %s\n", l->failed, n,
		              l->first_error);
	return l->failed ? 1 : 0;
}

/* --- the three ------------------------------------------------------------------ */

static int calls(char **argv)
{
	struct load l = {0};
	int r;

	measured = &l;
	load_open(&l, argv[0], argv[1], (unsigned)strtoul(argv[2], NULL, 10));
	r = load_run(&l, (unsigned)strtoul(argv[3], NULL, 10), strtoll(argv[4], NULL, 10));
	printf("}\n");
	return r;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double late_ms(const struct load *l, double share)
{
	return l->n_late ? l->late_us[(size_t)((double)(l->n_late - 1) * share)] / 1e3 : 0;
}

static int streams(char **argv)
{
	struct load l = {.wanted = (unsigned)strtoul(argv[2], NULL, 10)};
	int r;

	l.late_us = calloc(LATENESS_MAX, sizeof *l.late_us);
	if (!l.late_us)
		return 1;
	measured = &l;
	load_open(&l, argv[0], argv[1], l.wanted);
	r = load_run(&l, l.wanted, 4096);
	qsort(l.late_us, l.n_late, sizeof *l.late_us, by_size);
	printf(", \"steady_seconds\": %.3f, \"cores\": %.4f, \"tokens\": %zu, "
	       "\"late_p50_ms\": %.3f, \"late_p99_ms\": %.3f, \"late_max_ms\": %.3f}\n",
	       (double)l.steady_wall_ns / 1e9,
	       l.steady_wall_ns ? (double)l.steady_cpu_ns / (double)l.steady_wall_ns : 0, l.n_late,
	       late_ms(&l, 0.5), late_ms(&l, 0.99), late_ms(&l, 1));
	free(l.late_us);
	return r;
}

static int write_body(const char *dir, unsigned i, int64_t tokens)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
	const struct model_options options = options_of(i, tokens);
	CLEANUP(json_decrefp) json_t *messages = NULL, *body = NULL;
	CLEANUP(freep) char *dump = NULL;
	char name[32];
	struct error err = {0};

	prompt(&text, i);
	messages = wire_messages(NULL, buf_text(&text));
	body = wire_openai.body(&(struct wire_request){
		.model = "bench", .messages = messages, .options = &options});
	dump = json_dumps(body, JSON_COMPACT);
	(void)snprintf(name, sizeof name, "%u.json", i);
	if (!dump || files_write(dir, name, dump, strlen(dump), &err) < 0) {
		(void)fprintf(stderr, "bench: %s\n", err.text);
		return 1;
	}
	return 0;
}

static int bodies(char **argv)
{
	unsigned n = (unsigned)strtoul(argv[1], NULL, 10);
	int r = 0;

	for (unsigned i = 0; i < n && r == 0; i++)
		r = write_body(argv[0], i, strtoll(argv[2], NULL, 10));
	return r;
}

static void allow_many_files(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int n_args;
		int (*run)(char **argv);
	} commands[] = {{"calls", 5, calls}, {"streams", 3, streams}, {"bodies", 3, bodies}};

	(void)signal(SIGPIPE, SIG_IGN);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	allow_many_files();
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0 && argc == commands[i].n_args + 2)
			return commands[i].run(argv + 2);
	}
	return 2;
}
