/* SPDX-License-Identifier: MIT */
/*
 * Any JSON as a report, beside any page and any samples: "json \0 md \0 samples". The contract: no
 * crash, and a report that is no JSON is an error, not a mismatch. Its root is a folder with one
 * small artifact of each format, whatever it says.
 */
#include <assert.h>
#include <stdint.h>
#include <sys/stat.h>

#include "ctl/verify.h"
#include "lib/base/files.h"

static char folder[] = "/tmp/fuzz-verify-XXXXXX";

static void clean_up(void)
{
	(void)!files_remove_tree(folder, NULL);
}

static const char *root(void)
{
	static const char csv[] = "run,night,tokens_s\n1,new,101.4\n2,old,102.0\n";
	static const char json[] = "{\"backends\": {\"a\": {\"ms\": 1.5}, \"b\": {\"ms\": 2}}}";
	static const char md[] = "| a | b |\n| - | - |\n| 1 | 2 |\n";
	static bool made;

	if (!made) {
		assert(mkdtemp(folder) && atexit(clean_up) == 0);
		assert(files_write(folder, "a.csv", csv, sizeof csv - 1, NULL) == 0);
		assert(files_write(folder, "b.json", json, sizeof json - 1, NULL) == 0);
		assert(files_write(folder, "c.md", md, sizeof md - 1, NULL) == 0);
	}
	made = true;
	return folder;
}

/* The part up to the next NUL; moves behind it. `rest` has a NUL behind its end. */
static const char *part(const char **rest, const char *end, size_t *ret_len)
{
	const char *from = *rest;

	*ret_len = strnlen(from, (size_t)(end - from));
	*rest = from + *ret_len + (from + *ret_len < end);
	return from;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *roots[] = {root()};
	struct verify_options options = {.roots = roots, .n_roots = 1, .reports = "/nonexistent"};
	struct verify_texts texts = {.folder = ""};
	struct verify_result result;
	struct error err = {0};
	char *copy = malloc(size + 1);
	const char *rest = copy, *end = copy + size;
	FILE *out = fopen("/dev/null", "w");
	int r;

	assert(copy && out);
	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	texts.json = part(&rest, end, &texts.json_len);
	texts.md = part(&rest, end, &texts.md_len);
	texts.samples = part(&rest, end, &texts.samples_len);
	r = verify_texts(&texts, &options, out, &result, &err);
	assert((r < 0) == (err.code < 0));
	/* a random seal never fits: every report that can be read has at least that mismatch */
	assert(r < 0 || result.wrong + result.altered > 0);
	(void)fclose(out);
	free(copy);
	return 0;
}
