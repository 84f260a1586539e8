/* SPDX-License-Identifier: MIT */
#include "tests/unit/ctl/bench.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>

#include "lib/base/digest.h"
#include "lib/base/files.h"

#define DUMP (JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17))

static const char *const artifacts[] = {"conv.json", "notes.md", "sweep.csv"};

static char *load(const char *folder, const char *name)
{
	char path[PATH_MAX], *text;
	struct error err = {0};
	size_t len;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	cr_assert(files_read(&text, &len, NULL, path, 1 << 20, &err) == 0, "%s", err.text);
	return text;
}

static void store(const char *folder, const char *name, const char *text)
{
	struct error err = {0};

	cr_assert(files_write(folder, name, text, strlen(text), &err) == 0, "%s", err.text);
}

void bench_init(struct bench *b)
{
	char from[PATH_MAX], to[128], *json;
	const char *source = getenv("CHIMERAD_SOURCE");
	struct error err = {0};

	*b = (struct bench){.folder = "/tmp/ctl-verify-XXXXXX"};
	cr_assert(source && mkdtemp(b->folder));
	(void)snprintf(to, sizeof to, "%s/artifacts", b->folder);
	cr_assert(files_make_dirs(to, &err) == 0);
	(void)snprintf(from, sizeof from, "%s/tests/unit/ctl/example/artifacts", source);
	for (size_t i = 0; i < ARRAY_LEN(artifacts); i++) {
		char *text = load(from, artifacts[i]);

		store(to, artifacts[i], text);
		free(text);
	}
	(void)snprintf(from, sizeof from, "%s/tests/unit/ctl/example/report", source);
	json = load(from, "report.json");
	b->report = json_loads(json, 0, NULL);
	free(json);
	b->md = load(from, "report.md");
	b->samples = load(from, "samples.json");
	bench_set(b, "/inventory", "roots", json_pack("[s]", to));
}

void bench_done(struct bench *b)
{
	struct error err = {0};

	cr_expect(files_remove_tree(b->folder, &err) == 0);
	json_decref(b->report);
	free(b->md);
	free(b->samples);
	free(b->output);
}

void bench_replace(char **text, const char *from, const char *to)
{
	char *at = strstr(*text, from), *all = NULL;

	cr_assert(at, "\"%s\" is not there", from);
	*at = '\0';
	cr_assert(asprintf(&all, "%s%s%s", *text, to, at + strlen(from)) > 0);
	free(*text);
	*text = all;
}

void bench_replace_in_artifact(struct bench *b, const char *name, const char *from, const char *to)
{
	char folder[128], *text;

	(void)snprintf(folder, sizeof folder, "%s/artifacts", b->folder);
	text = load(folder, name);
	bench_replace(&text, from, to);
	store(folder, name, text);
	free(text);
}

json_t *bench_at(struct bench *b, const char *pointer)
{
	char copy[256], *rest = copy;
	json_t *node = b->report;

	(void)snprintf(copy, sizeof copy, "%s", pointer + (pointer[0] == '/'));
	for (char *token; *copy && (token = strsep(&rest, "/"));)
		node = json_is_array(node) ? json_array_get(node, strtoul(token, NULL, 10))
		                           : json_object_get(node, token);
	cr_assert(node, "%s is not there", pointer);
	return node;
}

void bench_set(struct bench *b, const char *pointer, const char *key, json_t *value)
{
	cr_assert(json_object_set_new(bench_at(b, pointer), key, value) == 0);
}

/* As the writer does it: the digest is of the report without the seal, which is put in last. */
void bench_seal(struct bench *b)
{
	struct digest *d = digest_new();
	char seal[DIGEST_TEXT_BYTES], *json;

	(void)json_object_del(b->report, "seal");
	json = json_dumps(b->report, DUMP);
	cr_assert(d && json);
	digest_add(d, b->md, strlen(b->md));
	digest_add(d, b->samples, strlen(b->samples));
	digest_add(d, json, strlen(json));
	digest_add(d, "\n", 1);
	digest_text(d, seal);
	digest_free(d);
	free(json);
	(void)json_object_set_new(b->report, "seal", json_string(seal));
	b->resealed = true;
}

unsigned long bench_verify(struct bench *b)
{
	struct verify_options options = {0};
	struct verify_texts texts = {.md = b->md, .samples = b->samples, .folder = b->folder};
	struct error err = {0};
	size_t size;
	char *json = NULL, *dump;
	FILE *out;

	if (!b->resealed && !b->unsealed)
		bench_seal(b);
	dump = json_dumps(b->report, DUMP);
	cr_assert(dump && asprintf(&json, "%s\n", dump) > 0);
	free(dump);
	texts.json = json;
	texts.json_len = strlen(json);
	texts.md_len = b->md ? strlen(b->md) : 0;
	texts.samples_len = b->samples ? strlen(b->samples) : 0;
	free(b->output);
	out = open_memstream(&b->output, &size);
	cr_assert(verify_texts(&texts, &options, out, &b->result, &err) == 0, "%s", err.text);
	(void)fclose(out);
	free(json);
	return b->result.wrong + b->result.altered;
}

bool bench_says(const struct bench *b, const char *words)
{
	return strstr(b->output, words) != NULL;
}
