/* SPDX-License-Identifier: MIT */
#include "ctl/request.h"

#include <errno.h>
#include <stdlib.h>

#define DEFAULT_PIPELINE "nightly-review"

static int add_paths(json_t *body, const struct request *q, struct error *err)
{
	json_t *paths = json_array();

	if (json_object_set_new(body, "paths", paths) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < q->n_paths; i++) {
		CLEANUP(freep)
		char *whole = q->paths_as_given ? strdup(q->paths[i]) : realpath(q->paths[i], NULL);
		json_t *text;

		if (!whole)
			return error_set(err, -errno, "%s: %s", q->paths[i], strerror(errno));
		text = json_string(whole);
		if (!text)
			return error_set(err, -EILSEQ, "%s: the path is not UTF-8: rename it",
			                 whole);
		if (json_array_append_new(paths, text) < 0)
			return error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static int add_parameters(json_t *body, const struct option_texts *texts, struct error *err)
{
	json_t *map = json_object();

	if (json_object_set_new(body, "parameters", map) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < texts->n; i++) {
		const char *equals = strchr(texts->at[i], '=');

		if (!equals || equals == texts->at[i])
			return error_set(err, -EINVAL, "-s: \"%.60s\" is not key=value",
			                 texts->at[i]);
		if (json_object_setn_new(map, texts->at[i], (size_t)(equals - texts->at[i]),
		                         json_string(equals + 1)) < 0)
			return error_set(err, -EINVAL, "-s: \"%.60s\" is not UTF-8", texts->at[i]);
	}
	return 0;
}

static int add_text(json_t *body, const char *key, const char *value, struct error *err)
{
	if (value && json_object_set_new(body, key, json_string(value)) < 0)
		return error_set(err, -EINVAL, "%s: \"%.60s\" is not UTF-8", key, value);
	return 0;
}

static int fill(json_t *body, const struct request *q, struct error *err)
{
	const struct {
		const char *key, *value;
	} texts[] = {{"pipeline", q->pipeline ? q->pipeline : DEFAULT_PIPELINE},
	             {"subject", q->subject},
	             {"machine", q->machine},
	             {"model", q->model},
	             {"endpoint", q->endpoint}};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = add_text(body, texts[i].key, texts[i].value, err);
	if (r == 0 && q->fresh && json_object_set_new(body, "fresh", json_true()) < 0)
		r = error_set(err, -ENOMEM, "out of memory");
	if (r == 0 && q->parameters.n)
		r = add_parameters(body, &q->parameters, err);
	return r < 0 ? r : add_paths(body, q, err);
}

int request_json(json_t **ret, const struct request *q, struct error *err)
{
	json_t *body = json_object();
	int r = body ? fill(body, q, err) : error_set(err, -ENOMEM, "out of memory");

	if (r < 0)
		json_decref(body);
	else
		*ret = body;
	return r;
}

int request_digest(char ret[static DIGEST_TEXT_BYTES], const json_t *body, const char *more)
{
	CLEANUP(freep) char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	CLEANUP(digest_freep) struct digest *d = digest_new();

	if (!text || !d)
		return -ENOMEM;
	digest_add(d, text, strlen(text));
	digest_add(d, more, strlen(more));
	digest_text(d, ret);
	return 0;
}
