/* SPDX-License-Identifier: MIT */
#include "agents/analyst/units.h"

#include <string.h>

#include "agents/analyst/words.h"

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Ranks: what a reader asks for first. Parts of a whole come after the whole. */
enum {
	RANK_RATE = 10,
	RANK_FIRST_TOKEN = 20,
	RANK_LATENCY = 30,
	RANK_TIME = 40,
	RANK_SCORE = 45,
	RANK_PART = 60,
	RANK_MEMORY = 65,
	RANK_POWER = 70,
	RANK_LEVEL = 75, /* utilisation, clocks: no direction */
	RANK_SPREAD = 85,
};
#define RANK_PER_STATISTIC 4 /* minima, maxima and percentiles stand behind means and medians */

struct spelling {
	const char *from, *to;
};

static const char *spelled(const struct spelling *table, const char *word)
{
	for (; table->from; table++)
		if (strcmp(table->from, word) == 0)
			return table->to;
	return NULL;
}

static const struct spelling time_units[] = {{"s", "s"},
                                             {"sec", "s"},
                                             {"secs", "s"},
                                             {"second", "s"},
                                             {"seconds", "s"},
                                             {"ms", "ms"},
                                             {"msec", "ms"},
                                             {"millis", "ms"},
                                             {"millisecond", "ms"},
                                             {"milliseconds", "ms"},
                                             {"us", "us"},
                                             {"µs", "us"},
                                             {"μs", "us"},
                                             {"usec", "us"},
                                             {"micros", "us"},
                                             {"microseconds", "us"},
                                             {"ns", "ns"},
                                             {"nsec", "ns"},
                                             {"nanos", "ns"},
                                             {"nanoseconds", "ns"},
                                             {"minutes", "min"},
                                             {"hours", "h"},
                                             {NULL, NULL}};

static const struct spelling memory_units[] = {
	{"bytes", "bytes"}, {"byte", "bytes"}, {"kb", "KB"},   {"mb", "MB"},   {"gb", "GB"},
	{"tb", "TB"},       {"kib", "KiB"},    {"mib", "MiB"}, {"gib", "GiB"}, {NULL, NULL}};

static const struct spelling other_units[] = {
	{"w", "W"},      {"watts", "W"}, {"mw", "mW"}, {"kw", "kW"},     {"j", "J"},
	{"joules", "J"}, {"mj", "mJ"},   {"%", "%"},   {"percent", "%"}, {"pct", "%"},
	{"mhz", "MHz"},  {"ghz", "GHz"}, {"°c", "°C"}, {"c", "°C"},      {NULL, NULL}};

/* What is counted per second. */
static const struct spelling rate_nouns[] = {{"tokens", "tok/s"},
                                             {"token", "tok/s"},
                                             {"tok", "tok/s"},
                                             {"toks", "tok/s"},
                                             {"requests", "req/s"},
                                             {"request", "req/s"},
                                             {"req", "req/s"},
                                             {"reqs", "req/s"},
                                             {"queries", "queries/s"},
                                             {"ops", "ops/s"},
                                             {"operations", "ops/s"},
                                             {"op", "ops/s"},
                                             {"items", "items/s"},
                                             {"samples", "samples/s"},
                                             {"images", "images/s"},
                                             {"frames", "frames/s"},
                                             {"rows", "rows/s"},
                                             {"records", "records/s"},
                                             {"messages", "messages/s"},
                                             {"msgs", "messages/s"},
                                             {"transactions", "transactions/s"},
                                             {"iterations", "iterations/s"},
                                             {"steps", "steps/s"},
                                             {"bytes", "bytes/s"},
                                             {"kb", "KB/s"},
                                             {"mb", "MB/s"},
                                             {"gb", "GB/s"},
                                             {"kib", "KiB/s"},
                                             {"mib", "MiB/s"},
                                             {"gib", "GiB/s"},
                                             {"chars", "chars/s"},
                                             {"words", "words/s"},
                                             {"events", "events/s"},
                                             {NULL, NULL}};

/* Words that are a rate by themselves, with the unit that they imply ("" for none). */
static const struct spelling rate_words[] = {
	{"throughput", ""},    {"bandwidth", ""},    {"goodput", ""},     {"bw", ""},
	{"tps", ""},           {"qps", "queries/s"}, {"rps", "req/s"},    {"iops", "ops/s"},
	{"ops", "ops/s"},      {"fps", "frames/s"},  {"flops", "FLOP/s"}, {"gflops", "GFLOP/s"},
	{"tflops", "TFLOP/s"}, {"mbps", "Mbit/s"},   {"gbps", "Gbit/s"},  {"toks", "tok/s"},
	{NULL, NULL}};

static const struct spelling rate_brackets[] = {
	{"tok/s", "tok/s"},       {"tokens/s", "tok/s"},  {"t/s", "tok/s"},
	{"tokens/sec", "tok/s"},  {"req/s", "req/s"},     {"requests/s", "req/s"},
	{"ops/s", "ops/s"},       {"ops/sec", "ops/s"},   {"mb/s", "MB/s"},
	{"gb/s", "GB/s"},         {"kb/s", "KB/s"},       {"mib/s", "MiB/s"},
	{"gib/s", "GiB/s"},       {"kib/s", "KiB/s"},     {"bytes/s", "bytes/s"},
	{"b/s", "bytes/s"},       {"items/s", "items/s"}, {"samples/s", "samples/s"},
	{"images/s", "images/s"}, {"fps", "frames/s"},    {"qps", "queries/s"},
	{"iops", "ops/s"},        {"rps", "req/s"},       {"ops/ms", "ops/ms"},
	{"ops/us", "ops/us"},     {"ops/ns", "ops/ns"},   {NULL, NULL}};

/* Times that are parts of an answer's time, by the words that they all hold. */
static const struct {
	const char *first, *second, *quantity;
	int rank;
} times[] = {
	{"prompt", "eval", "prompt_eval_time", RANK_PART},
	{"load", "", "load_time", RANK_PART},
	{"compile", "", "compile_time", RANK_PART},
	{"compilation", "", "compile_time", RANK_PART},
	{"startup", "", "startup_time", RANK_PART},
	{"queue", "", "queue_time", RANK_PART},
	{"eval", "", "eval_time", RANK_PART},
	{"tpot", "", "time_per_output_token", RANK_LATENCY},
	{"itl", "", "inter_token_latency", RANK_LATENCY},
	{"latency", "", "latency", RANK_LATENCY},
	{"latencies", "", "latency", RANK_LATENCY},
	{"lat", "", "latency", RANK_LATENCY},
	{"clat", "", "latency", RANK_LATENCY},
	{"slat", "", "latency", RANK_PART},
	{"rtt", "", "latency", RANK_LATENCY},
	{"response", "time", "latency", RANK_LATENCY},
	{"e2el", "", "latency", RANK_LATENCY},
};

/* "eval_s_mean": the unit stands before the statistic. */
static const char *time_unit_of(const struct words *w)
{
	static const char *const statistics[] = {"mean", "avg", "average", "median", "min", "max",
	                                         "std",  "p50", "p90",     "p95",    "p99", NULL};
	const char *unit = spelled(time_units, w->unit);
	size_t n = w->n;

	while (!unit && n > 1) {
		struct words last = {.n = 1};

		memcpy(last.word[0], w->word[n - 1], WORD_BYTES);
		if (!words_any(&last, statistics))
			break;
		n--;
	}
	return unit || !n ? unit : spelled(time_units, w->word[n - 1]);
}

static bool is_spread(const struct words *w)
{
	return words_any(w, LIST("std", "stdev", "stddev", "sd", "stderr", "variance", "var", "cv",
	                         "iqr", "mad", "sigma", "margin", "stdevs", "jitter")) ||
	       (words_has(w, "coefficient") && words_has(w, "variation")) ||
	       (words_has(w, "error") && words_any(w, LIST("score", "standard"))) ||
	       words_has(w, "confidence");
}

static bool is_first_token(const struct words *w)
{
	return words_any(w, LIST("ttft", "ttfts")) ||
	       (words_has(w, "first") && words_any(w, LIST("token", "tokens")));
}

/* "TP Δ (tok/s)": how two others differ; more of it is not better. */
static bool is_difference(const struct words *w)
{
	return words_any(w, LIST("delta", "Δ", "δ", "diff", "difference", "change", "improvement"));
}

/* Minima, maxima, totals and far percentiles restate a distribution whose centre comes first. */
static int rank_of_statistic(const struct words *w)
{
	static const char *const far[] = {"min",  "max",   "minimum", "maximum", "p1",   "p5",
	                                  "p10",  "p25",   "p75",     "p90",     "p95",  "p99",
	                                  "p999", "total", "sum",     "worst",   "best", NULL};

	return words_any(w, far) ? RANK_PER_STATISTIC : 0;
}

/* "tokens per second", "tokens_s", "req/s": the unit, or NULL when this is no such rate. */
static const char *rate_of_noun(const struct words *w)
{
	for (size_t i = 0; i + 1 < w->n; i++) {
		const char *unit = spelled(rate_nouns, w->word[i]);
		const char *next = w->word[i + 1];
		bool per = strcmp(next, "per") == 0 && i + 2 < w->n;
		const char *time = spelled(time_units, per ? w->word[i + 2] : next);

		if (unit && time && strcmp(time, "s") == 0)
			return unit;
	}
	return NULL;
}

/* Fills in a rate; false when the name is none. */
static bool read_rate(struct measure *m, const struct words *w, const char *name)
{
	const char *unit = spelled(rate_brackets, w->unit);

	if (!unit)
		unit = rate_of_noun(w);
	if (!unit && (strcmp(name, "t/s") == 0 || strcmp(words_last(w), "ts") == 0))
		unit = "tok/s"; /* llama-bench: avg_ts, stddev_ts, samples_ts */
	for (size_t i = 0; !unit && i < w->n; i++)
		unit = spelled(rate_words, w->word[i]);
	if (!unit || (!*unit && time_unit_of(w)))
		return false;
	*m = (struct measure){.quantity = "throughput",
	                      .unit = *unit ? unit : NULL,
	                      .better = BETTER_HIGHER,
	                      .rank = RANK_RATE,
	                      .flow = true};
	return true;
}

static void name_time(struct measure *m, const struct words *w, const struct words *parent)
{
	m->quantity = "time";
	m->rank = RANK_TIME;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		bool here = words_has(w, times[i].first) || words_has(parent, times[i].first);

		if (!here || (*times[i].second && !words_has(w, times[i].second)))
			continue;
		m->quantity = times[i].quantity;
		m->rank = times[i].rank;
		m->part = m->rank == RANK_PART;
		return;
	}
}

static bool is_percentile(const struct words *w)
{
	return words_are_any(w, LIST("p50", "p75", "p90", "p95", "p99", "p999", "mean", "median",
	                             "avg", "average", "min", "max"));
}

static bool read_time(struct measure *m, const struct words *w, const struct words *parent)
{
	const char *unit = time_unit_of(w);
	bool named = words_any(w, LIST("time", "times", "duration", "elapsed", "runtime", "latency",
	                               "latencies", "lat", "walltime", "wall", "tpot", "itl", "rtt",
	                               "e2el", "ttft", "ttfts", "durations"));

	if (!named && is_percentile(w))
		named = words_any(parent,
		                  LIST("latency", "latencies", "lat", "clat", "time", "times",
		                       "percentiles", "timing", "durations", "ttft"));
	if (!unit && !named && !is_first_token(w))
		return false;
	*m = (struct measure){.unit = unit, .better = BETTER_LOWER, .flow = true};
	if (is_first_token(w) || is_first_token(parent)) {
		m->quantity = "time_to_first_token";
		m->rank = RANK_FIRST_TOKEN;
	} else {
		name_time(m, w, parent);
	}
	return true;
}

static bool read_score(struct measure *m, const struct words *w)
{
	bool higher = words_any(w, LIST("accuracy", "acc", "f1", "recall", "bleu", "rouge", "score",
	                                "quality", "speedup", "efficiency", "goodness", "auc")) ||
	              (words_has(w, "rate") && words_any(w, LIST("success", "hit", "pass")));
	bool lower = words_any(w, LIST("loss", "perplexity", "ppl", "wer", "cer", "mse", "rmse",
	                               "mae", "misses")) ||
	             (words_has(w, "rate") && words_any(w, LIST("error", "failure", "miss")));
	static const char *const names[] = {"accuracy", "loss",       "perplexity", "speedup",
	                                    "score",    "efficiency", "quality"};

	if (!higher && !lower)
		return false;
	*m = (struct measure){.quantity = "score",
	                      .better = lower ? BETTER_LOWER : BETTER_HIGHER,
	                      .rank = RANK_SCORE};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (words_has(w, names[i]))
			m->quantity = names[i];
	if (words_any(w, LIST("rate")))
		m->quantity = "rate";
	if (words_any(w, LIST("percent", "pct", "%")) || strcmp(w->unit, "%") == 0)
		m->unit = "%";
	return true;
}

static bool read_memory(struct measure *m, const struct words *w)
{
	const char *unit = spelled(memory_units, w->unit);

	if (!unit)
		unit = spelled(memory_units, words_last(w));
	if (words_any(w, LIST("utilization", "utilisation", "clock")) ||
	    (!unit && !words_any(w, LIST("memory", "mem", "rss", "vram", "ram"))))
		return false;
	*m = (struct measure){
		.quantity = "memory", .unit = unit, .better = BETTER_LOWER, .rank = RANK_MEMORY};
	if (words_any(w, LIST("percent", "pct", "%")))
		m->unit = "%";
	if (words_any(w, LIST("total", "limit", "free", "available", "sent", "recv", "received",
	                      "capacity", "read", "written")))
		m->better = BETTER_NONE;
	return true;
}

/* Levels of a machine: they matter beside a measurement, none of them is good in itself. */
static bool read_level(struct measure *m, const struct words *w)
{
	static const struct {
		const char *word, *quantity, *unit;
		enum better better;
		int rank;
	} levels[] = {
		{"energy", "energy", NULL, BETTER_LOWER, RANK_POWER},
		{"joules", "energy", "J", BETTER_LOWER, RANK_POWER},
		{"power", "power", NULL, BETTER_NONE, RANK_POWER},
		{"watts", "power", "W", BETTER_NONE, RANK_POWER},
		{"clock", "clock", NULL, BETTER_NONE, RANK_LEVEL},
		{"frequency", "clock", NULL, BETTER_NONE, RANK_LEVEL},
		{"temperature", "temperature", NULL, BETTER_NONE, RANK_LEVEL},
		{"fan", "fan_speed", NULL, BETTER_NONE, RANK_LEVEL},
		{"utilization", "utilization", "%", BETTER_NONE, RANK_LEVEL},
		{"utilisation", "utilization", "%", BETTER_NONE, RANK_LEVEL},
		{"percent", "share", "%", BETTER_NONE, RANK_LEVEL},
		{"pct", "share", "%", BETTER_NONE, RANK_LEVEL},
		{"%", "share", "%", BETTER_NONE, RANK_LEVEL},
	};
	const char *unit = spelled(other_units, w->unit);

	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (!words_has(w, levels[i].word))
			continue;
		*m = (struct measure){.quantity = levels[i].quantity,
		                      .unit = unit ? unit : levels[i].unit,
		                      .better = levels[i].better,
		                      .rank = levels[i].rank};
		return true;
	}
	*m = (struct measure){.unit = unit, .rank = RANK_LEVEL};
	return unit != NULL;
}

/* "/a/b" has the words of its last token only: what stands farther up says little. */
static struct words words_of_parent(const char *parent)
{
	const char *slash = strrchr(parent, '/');

	return words_of(slash ? slash + 1 : parent);
}

struct measure measure_of(const char *name, const char *parent)
{
	struct words w = words_of(name), above = words_of_parent(parent);
	struct measure m = {.rank = RANK_UNKNOWN};

	if (name_is_time(name) || name_is_index(name))
		return m;
	m.known = read_rate(&m, &w, name) || read_score(&m, &w) || read_time(&m, &w, &above) ||
	          read_memory(&m, &w) || read_level(&m, &w);
	if (!m.known)
		m = (struct measure){.rank = RANK_UNKNOWN};
	if (is_spread(&w)) {
		m = (struct measure){
			.quantity = "spread", .unit = m.unit, .known = true, .spread = true};
		if (words_any(&w, LIST("cv", "percent", "pct")))
			m.unit = words_any(&w, LIST("percent", "pct")) ? "%" : NULL;
		m.rank = RANK_SPREAD;
	} else if (m.known && is_difference(&w)) {
		m.better = BETTER_NONE;
		m.flow = false;
		m.rank = RANK_SPREAD;
	} else if (m.known) {
		m.rank += rank_of_statistic(&w);
	}
	return m;
}

const char *unit_of_text(const char *text)
{
	struct words w = words_of(text);
	const char *unit = spelled(rate_brackets, text);

	if (!unit && w.n == 1)
		unit = spelled(time_units, w.word[0]);
	if (!unit && w.n == 1)
		unit = spelled(memory_units, w.word[0]);
	if (!unit && w.n == 2 && strcmp(words_last(&w), "op") == 0)
		unit = spelled(time_units, w.word[0]); /* JMH: "ns/op" */
	return unit;
}
