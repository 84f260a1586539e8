/* SPDX-License-Identifier: MIT */
/*
 * The script, an object:
 *
 *   dialect   ollama, llama (llama-server) or openai (any other)
 *   model, n_ctx, slots; of Ollama min_ctx (a smaller num_ctx is raised to it) and layers
 *   lock      true: one token at a time, however many slots
 *   say       the answer of chats for which no rule stands; with tokens, first_ms, token_ms,
 *             load_ms, stamps, last (see struct speech)
 *   rules     the first one that fits a request is followed:
 *     path    ("*": any; none: that of a chat), match (a part of the body), times (it fits no more
 *             after that), status, type, body (text or JSON), say ... as above,
 *             send    a list of texts (bytes) and objects: {event} {hex} {text, repeat}
 *                     {event, repeat} {wait_ms} {do: stall, hold, hang_up, reset}
 *             plain   true: no HTTP head;  close  true: not kept alive;  piece  bytes a write
 *             wait_ms, hold  before anything is sent
 */
#include <errno.h>

#include "tests/server/server.h"

static const json_t *rules_of(const struct server *s)
{
	return json_object_get(s->script, "rules");
}

static int read_dialect(struct server *s, struct error *err)
{
	static const char *const names[] = {[DIALECT_OLLAMA] = "ollama",
	                                    [DIALECT_LLAMA] = "llama",
	                                    [DIALECT_OPENAI] = "openai"};
	const char *name = NUL_OR(json_object_get(s->script, "dialect"), "openai");

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], name) == 0) {
			s->dialect = (enum dialect)i;
			return 0;
		}
	}
	return error_set(err, -EINVAL, "dialect: %s is none", name);
}

static json_int_t int_of(const struct server *s, const char *key, json_int_t otherwise)
{
	const json_t *v = json_object_get(s->script, key);

	return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

int server_script(struct server *s, const char *text_or_path, struct error *err)
{
	json_error_t why;
	int r;

	s->script = text_or_path[0] == '{'
	                    ? json_loads(text_or_path, JSON_REJECT_DUPLICATES, &why)
	                    : json_load_file(text_or_path, JSON_REJECT_DUPLICATES, &why);
	if (!s->script)
		return error_set(err, -EINVAL, "%.60s: %d: %s", text_or_path, why.line, why.text);
	r = read_dialect(s, err);
	s->model = NUL_OR(json_object_get(s->script, "model"), "gemma3");
	s->n_ctx = int_of(s, "n_ctx", 8192);
	s->min_ctx = int_of(s, "min_ctx", 0);
	s->layers = int_of(s, "layers", 34);
	s->slots = (unsigned)int_of(s, "slots", 1);
	s->lock = json_is_true(json_object_get(s->script, "lock"));
	s->used = calloc(json_array_size(rules_of(s)) + 1, sizeof *s->used);
	return r < 0 ? r : s->used ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static bool fits(const json_t *rule, unsigned used, const struct request *req)
{
	const char *path = json_string_value(json_object_get(rule, "path"));
	const char *match = json_string_value(json_object_get(rule, "match"));
	const json_t *times = json_object_get(rule, "times");

	if (json_is_integer(times) && used >= json_integer_value(times))
		return false;
	if (path ? strcmp(path, "*") != 0 && strcmp(path, req->path) != 0 : !dialect_is_chat(req))
		return false;
	return !match || strstr(req->body, match);
}

const json_t *script_rule(struct server *s, const struct request *req)
{
	const json_t *rule;
	size_t i;

	json_array_foreach (rules_of(s), i, rule) {
		if (fits(rule, s->used[i], req)) {
			s->used[i]++;
			return rule;
		}
	}
	return NULL;
}

json_t *script_load_options(const struct request *req)
{
	static const char *const names[] = {"num_ctx",  "num_gpu",    "num_batch",
	                                    "main_gpu", "num_thread", "use_mmap"};
	const json_t *options = json_object_get(req->json, "options");
	json_t *load = json_object();

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)json_object_set(load, names[i], json_object_get(options, names[i]));
	(void)json_object_set(load, "shift", json_object_get(req->json, "shift"));
	(void)json_object_set(load, "model", json_object_get(req->json, "model"));
	return load;
}
