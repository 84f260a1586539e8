/* SPDX-License-Identifier: MIT */
#include "lib/claims/names.h"

#include <errno.h>
#include <stdlib.h>

#define NAME_MIN_LETTERS 3  /* shorter ones ("a", "v", "q") are words of prose too */
#define TEXT_MAX_BYTES   80 /* longer texts are prompts and comments, not names */
#define WORDS_MAX        (64 * 1024)
#define PATHS_MAX        64 /* artifacts of one fact that are looked at */

/* Open addressing; the words are folded and lie in the slots. */
struct names {
	char (*slots)[WORD_MAX_BYTES];
	size_t n, cap;
};

static bool has_run(const char *text, const char *word)
{
	struct str rest = str_of(text ? text : ""), run;
	char folded[WORD_MAX_BYTES];

	while (letters_next(&run, &rest)) {
		word_fold(folded, run);
		if (strcmp(folded, word) == 0)
			return true;
	}
	return false;
}

/* Texts of configurations that are words of prose as well: they name nothing by themselves. */
static bool is_common(const char *word)
{
	static const char *const words[] = {
		"true",    "false",  "none",    "default",   "auto",     "low",    "high",
		"small",   "medium", "large",   "fast",      "slow",     "all",    "total",
		"other",   "same",   "main",    "base",      "new",      "old",    "latest",
		"time",    "run",    "bench",   "benchmark", "model",    "batch",  "size",
		"cache",   "memory", "load",    "the",       "and",      "for",    "with",
		"mode",    "chat",   "local",   "data",      "baseline", "yes",    "per",
		"file",    "row",    "single",  "normal",    "key",      "value",  "prompt",
		"short",   "long",   "text",    "driver",    "kernel",   "power",  "step",
		"group",   "level",  "first",   "last",      "error",    "result", "compile",
		"build",   "night",  "nightly", "machine",   "host",     "name",   "configuration",
		"process", "thread", "cold",    "warm",      "idle"};

	return words_have(words, ARRAY_LEN(words), word);
}

/* Programs and models that anybody knows; what of them was measured, a fact's subject says. */
static bool is_known_name(const char *word)
{
	static const char *const words[] = {
		"llama",   "mistral",    "mixtral",  "qwen",        "gemma",  "gpt",
		"claude",  "gemini",     "deepseek", "falcon",      "ollama", "vllm",
		"pytorch", "tensorflow", "onnx",     "tensorrt",    "cuda",   "rocm",
		"vulkan",  "triton",     "nvidia",   "amd",         "intel",  "apple",
		"linux",   "windows",    "ubuntu",   "debian",      "docker", "kubernetes",
		"python",  "golang",     "openai",   "huggingface", "mlx",    "sglang",
		"bert",    "resnet",     "redis",    "postgres",    "mysql",  "sqlite",
		"nginx",   "llamacpp",   "tgi",      "openvino",    "jetson", "xeon",
		"ryzen"};

	return words_have(words, ARRAY_LEN(words), word);
}

/* Abbreviations of the trade that name no configuration. */
static bool is_trade_word(const char *word)
{
	static const char *const words[] = {
		"gpu",  "gpus", "cpu",  "cpus", "ram",  "vram", "dram", "ssd",  "nvme",
		"pcie", "numa", "bios", "uefi", "ttft", "kv",   "os",   "api",  "http",
		"dvfs", "tlb",  "simd", "avx",  "jit",  "gc",   "llm",  "llms", "ml",
		"io",   "utf",  "id",   "ids",  "tdp",  "ecc",  "vm",   "vms",  "ci",
		"dma",  "tcp",  "dns",  "smt",  "llc",  "pid",  "hpc",  "nic",  "psu"};

	return words_have(words, ARRAY_LEN(words), word);
}

/* A sort of file: it is named where a cited fact comes from one. */
static bool is_format(const char *word)
{
	static const char *const words[] = {"json", "csv", "yaml", "markdown", "jsonl"};

	return words_have(words, ARRAY_LEN(words), word);
}

static size_t hash(const char *word)
{
	uint32_t h = 2166136261U;

	for (; *word; word++)
		h = (h ^ (unsigned char)*word) * 16777619U;
	return h;
}

/* The slot of a word: its own, or an empty one. */
static size_t slot_of(const struct names *n, const char *word)
{
	size_t i = hash(word) & (n->cap - 1);

	while (n->slots[i][0] && strcmp(n->slots[i], word) != 0)
		i = (i + 1) & (n->cap - 1);
	return i;
}

bool names_has(const struct names *n, const char *word)
{
	return n->slots[slot_of(n, word)][0] != '\0';
}

static int grow(struct names *n)
{
	struct names more = {.cap = n->cap * 2};
	size_t i;

	more.slots = calloc(more.cap, sizeof *more.slots);
	if (!more.slots)
		return -ENOMEM;
	for (i = 0; i < n->cap; i++)
		if (n->slots[i][0])
			memcpy(more.slots[slot_of(&more, n->slots[i])], n->slots[i],
			       WORD_MAX_BYTES);
	more.n = n->n;
	free(n->slots);
	*n = more;
	return 0;
}

static int add_word(struct names *n, const char *word)
{
	size_t at = slot_of(n, word);

	if (n->slots[at][0] || n->n == WORDS_MAX)
		return 0;
	memcpy(n->slots[at], word, WORD_MAX_BYTES);
	n->n++;
	return n->n * 2 > n->cap ? grow(n) : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool touches_digit(const char *text, struct str run)
{
	return (run.at > text && is_digit(run.at[-1])) || is_digit(run.at[run.len]);
}

/* A run counts as a name where it is the whole text, or where a digit marks it as one. */
static int add_text(struct names *n, const char *text)
{
	struct str all = str_of(text), rest = all, run;
	char word[WORD_MAX_BYTES];
	int r = 0;

	if (all.len > TEXT_MAX_BYTES || strchr(text, ' '))
		return 0;
	while (r == 0 && letters_next(&run, &rest)) {
		word_fold(word, run);
		if (strlen(word) >= NAME_MIN_LETTERS && !is_common(word) &&
		    (touches_digit(text, run) || strlen(word) == all.len || is_known_name(word)))
			r = add_word(n, word);
	}
	return r;
}

static int add_all(struct names *n, const struct dossier *d)
{
	const struct label *last = NULL;
	size_t i, k;
	int r = 0;

	for (i = 0; r == 0 && i < d->n_facts; i++) {
		const struct fact *f = &d->facts[i];

		for (k = 0; r == 0 && f->subject != last && k < f->n_subject; k++)
			r = add_text(n, f->subject[k].text);
		last = f->subject;
	}
	return r;
}

int names_new(struct names **ret, const struct dossier *d)
{
	CLEANUP(names_freep) struct names *n = calloc(1, sizeof *n);
	int r;

	if (!n)
		return -ENOMEM;
	n->cap = 256;
	n->slots = calloc(n->cap, sizeof *n->slots);
	r = n->slots ? add_all(n, d) : -ENOMEM;
	if (r == 0)
		*ret = TAKE(n);
	return r;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	free(n->slots);
	free(n);
}

static bool path_bears(const struct artifact *a, const char *word)
{
	return a && (has_run(a->path, word) ||
	             (strcmp(word, "markdown") == 0 && a->format == FORMAT_MARKDOWN));
}

bool names_bears(const struct dossier *d, const struct fact *f, const char *word)
{
	size_t i;

	for (i = 0; i < f->n_subject; i++)
		if (has_run(f->subject[i].text, word) || has_run(f->subject[i].name, word))
			return true;
	for (i = 0; i < f->n_cells && i < PATHS_MAX; i++)
		if (path_bears(dossier_artifact(d, f->cells[i].artifact), word))
			return true;
	return has_run(f->metric, word) || has_run(f->label, word) || has_run(f->quantity, word);
}

static bool finding_bears(const struct dossier *d, const struct finding *k, const char *word)
{
	size_t i;

	for (i = 0; i < k->text.n; i++)
		if (has_run(k->text.segments[i].name, word))
			return true;
	for (i = 0; i < k->n_artifacts; i++)
		if (path_bears(dossier_artifact(d, k->artifacts[i]), word))
			return true;
	return false;
}

static bool is_borne(const struct cited *c, const char *word)
{
	size_t i;

	for (i = 0; i < c->n_facts; i++)
		if (names_bears(c->d, dossier_fact(c->d, c->facts[i]), word))
			return true;
	for (i = 0; i < c->n_findings; i++)
		if (finding_bears(c->d, dossier_finding(c->d, c->findings[i]), word))
			return true;
	return false;
}

static bool has_capital(struct str w, size_t from)
{
	for (; from < w.len; from++)
		if (w.at[from] >= 'A' && w.at[from] <= 'Z')
			return true;
	return false;
}

/* "onnx" and "onnx's" alike; the plural of a name is the name. */
static bool names_something(const struct sentence *s, size_t i, const struct names *n)
{
	const struct token *t = &s->tokens[i];

	if (names_has(n, t->folded) || is_known_name(t->folded) || is_format(t->folded))
		return true;
	return has_capital(t->text, i == 0) && !is_trade_word(t->folded);
}

bool names_agree(struct sentence *s, const struct names *n, const struct cited *c)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct token *t = &s->tokens[i];

		if (!t->fact && names_something(s, i, n) && !is_borne(c, t->folded))
			return sentence_refuse(s, "names what no cited fact is of: %.*s",
			                       (int)t->text.len, t->text.at);
	}
	return true;
}
