/* SPDX-License-Identifier: MIT */
#include "lib/model/about.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>

#include "lib/model/wire.h"

void about_init(struct model_about *a)
{
	*a = (struct model_about){
		.context_trained = -1, .context = -1, .layers = -1, .gpu_share = (double)NAN};
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void copy_text(char *ret, size_t size, const char *text)
{
	(void)snprintf(ret, size, "%.*s", (int)size - 1, text);
	wire_tidy(ret);
}

/* --- Ollama ---------------------------------------------------------------- */

void about_read_version(struct model_about *a, const json_t *doc)
{
	copy_text(a->version, sizeof a->version, text_of(doc, "version"));
}

/* A name without a tag means the latest; letters count alike in both cases. */
static bool is_named(const char *name, const char *wanted)
{
	size_t len = strlen(wanted);

	if (strcasecmp(name, wanted) == 0)
		return true;
	return !strchr(wanted, ':') && strncasecmp(name, wanted, len) == 0 &&
	       strcasecmp(name + len, ":latest") == 0;
}

static const json_t *find_model(const json_t *doc, const char *wanted)
{
	const json_t *list = json_object_get(doc, "models"), *m;
	size_t i;

	json_array_foreach (list, i, m) {
		if (is_named(text_of(m, "name"), wanted) || is_named(text_of(m, "model"), wanted))
			return m;
	}
	return NULL;
}

void about_read_tags(struct model_about *a, const json_t *doc)
{
	const json_t *m = find_model(doc, a->model);

	if (!json_is_array(json_object_get(doc, "models")))
		return;
	if (m) {
		copy_text(a->identity, sizeof a->identity, text_of(m, "digest"));
		return;
	}
	a->status = -ENODEV;
	if (a->model[0])
		(void)snprintf(a->error, sizeof a->error,
		               "model '%.100s' is not on the server; ollama pull %.100s", a->model,
		               a->model);
	else
		(void)snprintf(a->error, sizeof a->error,
		               "endpoint %s: no model is named; use --model NAME", a->endpoint);
}

/*
 * Ollama up to 0.24 makes "{{ .Prompt }}" the template of a model that was imported from a file
 * whose own it does not know, and then leaves the system prompt out without a word. A model with a
 * renderer needs no template; later servers show the file's own.
 */
static bool drops_system(const json_t *doc)
{
	const char *template = text_of(doc, "template");

	return template[0] && !text_of(doc, "renderer")[0] && !strcasestr(template, "system") &&
	       !strcasestr(template, "messages");
}

/* "model_info" is flat: the architecture tells which members have the figures. */
void about_read_show(struct model_about *a, const json_t *doc)
{
	const json_t *info = json_object_get(doc, "model_info");
	const char *architecture = text_of(info, "general.architecture");
	char key[128];

	(void)snprintf(key, sizeof key, "%.80s.context_length", architecture);
	a->context_trained = wire_int(info, key);
	(void)snprintf(key, sizeof key, "%.80s.block_count", architecture);
	a->layers = wire_int(info, key);
	a->layers += a->layers >= 0 && a->layers < INT64_MAX;
	a->drops_system = drops_system(doc);
}

void about_read_ps(struct model_about *a, const json_t *doc)
{
	const json_t *m = find_model(doc, a->model);
	int64_t size = wire_int(m, "size"), vram = wire_int(m, "size_vram");

	a->loaded = m != NULL;
	a->context = wire_int(m, "context_length");
	if (size > 0)
		a->gpu_share = vram < 0 ? 0 : vram < size ? (double)vram / (double)size : 1;
}

/* --- llama-server and its like --------------------------------------------- */

void about_read_props(struct model_about *a, const json_t *doc)
{
	const json_t *now = json_object_get(doc, "default_generation_settings");

	a->context = wire_int(now, "n_ctx");
	a->loaded = true;
	copy_text(a->version, sizeof a->version, text_of(doc, "build_info"));
	copy_text(a->identity, sizeof a->identity, text_of(doc, "model_path"));
}

static const json_t *choose_model(const struct model_about *a, const json_t *list)
{
	const json_t *m;
	size_t i;

	json_array_foreach (list, i, m) {
		if (!a->model[0] || strcmp(text_of(m, "id"), a->model) == 0)
			return m;
	}
	return NULL;
}

/* llama-server serves what it has, whatever name it is asked for; others know their names. */
void about_read_models(struct model_about *a, const json_t *doc)
{
	const json_t *list = json_object_get(doc, "data"), *m = choose_model(a, list), *meta;
	bool any_name = a->identity[0] != '\0'; /* /props has told the file */
	size_t len = strlen(a->identity);

	if (!m && any_name)
		m = json_array_get(list, 0);
	if (!m) {
		a->status = json_array_size(list) ? -ENODEV : 0;
		if (a->status)
			(void)snprintf(a->error, sizeof a->error,
			               "model '%.100s' is not on the server, which has '%.100s'",
			               a->model, text_of(json_array_get(list, 0), "id"));
		return;
	}
	if (!a->model[0])
		copy_text(a->model, sizeof a->model, text_of(m, "id"));
	meta = json_object_get(m, "meta");
	a->context_trained = wire_int(meta, "n_ctx_train");
	if (a->context < 0)
		a->context = wire_int(m, "max_model_len"); /* vLLM */
	(void)snprintf(a->identity + len, sizeof a->identity - len, "%s%.60s %lld %lld",
	               len ? " " : "", text_of(m, "id"), (long long)wire_int(meta, "size"),
	               (long long)wire_int(meta, "n_params"));
	wire_tidy(a->identity);
}
