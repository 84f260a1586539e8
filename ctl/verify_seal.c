/* SPDX-License-Identifier: MIT */
/*
 * The seal: SHA-256 over report.md, samples.json and report.json without the seal itself; and the
 * digests of all other files, which report.json has in `files`.
 */
#include <errno.h>
#include <limits.h>

#include "ctl/verify_impl.h"
#include "lib/base/digest.h"
#include "lib/base/files.h"

#define FILES_MAX      1000
#define FILE_BYTES_MAX ((size_t)64 << 20) /* twice as much as a review writes into one of them */

/* The member as the writer puts it, last in the file: its bytes are cut out, nothing else. */
#define SEAL_BEFORE ",\n \"seal\": \""
#define SEAL_LENGTH (sizeof SEAL_BEFORE - 1 + DIGEST_TEXT_BYTES - 1 + 1)

static const char *find_seal(const struct verify_texts *t)
{
	const char *at = NULL, *from = t->json, *end = t->json + t->json_len;

	while ((from = memmem(from, (size_t)(end - from), SEAL_BEFORE, sizeof SEAL_BEFORE - 1)))
		at = from++;
	return at && (size_t)(end - at) >= SEAL_LENGTH && at[SEAL_LENGTH - 1] == '"' ? at : NULL;
}

void verify_seal(struct verify *v)
{
	const struct verify_texts *t = v->texts;
	const char *stated = verify_text(v->report, "seal"), *at = find_seal(t);
	CLEANUP(digest_freep) struct digest *d = at ? digest_new() : NULL;
	char found[DIGEST_TEXT_BYTES];

	if (!d || strncmp(at + sizeof SEAL_BEFORE - 1, stated, DIGEST_TEXT_BYTES - 1) != 0) {
		verify_altered(v, "report.json: it has no seal");
		return;
	}
	digest_add(d, t->md, t->md_len);
	digest_add(d, t->samples, t->samples_len);
	digest_add(d, t->json, (size_t)(at - t->json));
	digest_add(d, at + SEAL_LENGTH, (size_t)(t->json + t->json_len - at) - SEAL_LENGTH);
	digest_text(d, found);
	if (strcmp(found, stated) != 0)
		verify_altered(v,
		               "report.md, samples.json or report.json: seal %.80s expected, %s "
		               "found",
		               stated, found);
}

/* --- the files beside ---------------------------------------------------------------- */

/* Below the folder: no part of it is empty, ".", or "..". */
static bool is_inside(const char *name)
{
	for (;; name++) {
		size_t len = strcspn(name, "/");
		bool dots = name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'));

		if (len == 0 || dots)
			return false;
		name += len;
		if (!*name)
			return true;
	}
}

static void verify_file(struct verify *v, const json_t *file)
{
	const char *name = verify_text(file, "file"), *stated = verify_text(file, "digest");
	CLEANUP(digest_freep) struct digest *d = digest_new();
	char path[PATH_MAX], found[DIGEST_TEXT_BYTES];
	CLEANUP(freep) char *bytes = NULL;
	struct error err = {0};
	size_t len;
	int r;

	if (!is_inside(name) ||
	    snprintf(path, sizeof path, "%s/%s", v->texts->folder, name) >= (int)sizeof path) {
		verify_wrong(v, "report.json: files: \"%.80s\" is no file beside it", name);
		return;
	}
	r = files_read(&bytes, &len, NULL, path, FILE_BYTES_MAX, &err);
	if (r == -ENOENT && v->options->partial)
		return; /* a bundle has of earlier reviews what is sealed, and no more */
	if (r < 0 || !d) {
		verify_altered(v, "%s: %s", name,
		               r == -ENOENT ? "it is not there any more" : err.text);
		return;
	}
	digest_add(d, bytes, len);
	digest_text(d, found);
	if (strcmp(found, stated) != 0)
		verify_altered(v, "%s: %.80s expected, %s found", name, stated, found);
}

void verify_files(struct verify *v)
{
	const json_t *files = json_object_get(v->report, "files"), *file;
	size_t i;

	if (!v->texts->folder[0])
		return; /* texts alone: nothing lies beside them */
	if (json_array_size(files) > FILES_MAX)
		verify_wrong(v, "report.json: files: %zu of them, more than a review has",
		             json_array_size(files));
	json_array_foreach (files, i, file) {
		if (i < FILES_MAX)
			verify_file(v, file);
	}
}
