/* SPDX-License-Identifier: MIT */
#include "ctl/private_config.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <yaml.h>

#include "daemon/config.h"
#include "lib/base/buf.h"
#include "lib/base/files.h"

#define OLLAMA_URL        "http://127.0.0.1:11434"
#define OLLAMA_PORT       "11434"
#define CONFIG_BYTES_MAX  (256 * 1024)
#define WRITTEN_BYTES_MAX (1024 * 1024)

char *private_text(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	return text;
}

/* --- from options ------------------------------------------------------------- */

bool private_config_is_url(const char *endpoint)
{
	return endpoint && (strstr(endpoint, "://") || strncmp(endpoint, "unix:", 5) == 0);
}

char *private_state(const char *given)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (given)
		return strdup(given);
	if (state && *state == '/')
		return private_text("%s/chimerad", state);
	return home && *home ? private_text("%s/.local/state/chimerad", home) : NULL;
}

/* OLLAMA_HOST as Ollama reads it: "host", "host:port", ":port" or a URL; 0.0.0.0 is this host. */
static char *ollama_url(void)
{
	const char *host = getenv("OLLAMA_HOST");
	bool port;

	if (!host || !*host)
		return strdup(OLLAMA_URL);
	if (strstr(host, "://"))
		return strdup(host);
	port = strchr(host, ':') != NULL;
	if (host[0] == ':')
		return private_text("http://127.0.0.1%s", host);
	if (strncmp(host, "0.0.0.0", 7) == 0)
		return private_text("http://127.0.0.1%s", port ? host + 7 : ":" OLLAMA_PORT);
	return private_text("http://%s%s", host, port ? "" : ":" OLLAMA_PORT);
}

static json_t *endpoints_of(const struct private_spec *spec)
{
	CLEANUP(freep) char *url = spec->endpoint ? strdup(spec->endpoint) : ollama_url();
	json_t *list = json_array(), *one;

	if (!spec->endpoint && !spec->model)
		return list;
	one = json_pack("{s:s, s:s}", "name", "local", "url", url ? url : "");
	if (spec->model)
		(void)json_object_set_new(one, "model", json_string(spec->model));
	if (spec->slots)
		(void)json_object_set_new(one, "slots", json_integer(spec->slots));
	(void)json_array_append_new(list, one);
	return list;
}

/* JSON is YAML, and jansson quotes whatever a path holds. */
static int make_new(char **ret, const struct private_spec *spec, const char *state,
                    const char *socket, struct error *err)
{
	CLEANUP(freep) char *reports = private_text("%s/reports", state);
	json_t *config = json_pack("{s:s, s:[s], s:s, s:s, s:o}", "listen", socket, "roots", "/",
	                           "state", state, "reports", reports ? reports : "", "endpoints",
	                           endpoints_of(spec));
	char *text = json_dumps(config, JSON_INDENT(1));

	json_decref(config);
	if (!text)
		return error_set(err, -EINVAL, "--endpoint, --model or --state: not UTF-8");
	*ret = text;
	return 0;
}

/* --- from a file ---------------------------------------------------------------- */

static int on_write(void *arg, unsigned char *bytes, size_t len)
{
	struct buf *b = arg;

	buf_add(b, bytes, len);
	return !b->failed;
}

/* Puts `roots: [/]` in place of what the file says, in the tree that libyaml has of it. */
static bool open_roots(yaml_document_t *doc)
{
	yaml_node_t *root = yaml_document_get_root_node(doc);
	int list = yaml_document_add_sequence(doc, NULL, YAML_FLOW_SEQUENCE_STYLE);
	int slash = yaml_document_add_scalar(doc, NULL, (const yaml_char_t *)"/", 1,
	                                     YAML_DOUBLE_QUOTED_SCALAR_STYLE);
	int key, top = 1; /* the root is the first node */

	if (!root) {
		top = yaml_document_add_mapping(doc, NULL, YAML_BLOCK_MAPPING_STYLE);
	} else if (root->type == YAML_MAPPING_NODE) {
		root = yaml_document_get_root_node(doc); /* adding nodes moves them */
		for (yaml_node_pair_t *p = root->data.mapping.pairs.start;
		     p < root->data.mapping.pairs.top; p++) {
			const yaml_node_t *k = yaml_document_get_node(doc, p->key);

			if (k->type == YAML_SCALAR_NODE &&
			    strcmp((const char *)k->data.scalar.value, "roots") == 0) {
				p->value = list;
				return yaml_document_append_sequence_item(doc, list, slash);
			}
		}
	}
	key = yaml_document_add_scalar(doc, NULL, (const yaml_char_t *)"roots", 5,
	                               YAML_PLAIN_SCALAR_STYLE);
	return list && slash && key && top &&
	       yaml_document_append_sequence_item(doc, list, slash) &&
	       yaml_document_append_mapping_pair(doc, top, key, list);
}

/* yaml_emitter_dump() takes the document with it, also when it fails. */
static bool dump(yaml_document_t *doc, struct buf *to)
{
	yaml_emitter_t emitter;
	bool good;

	if (!yaml_emitter_initialize(&emitter)) {
		yaml_document_delete(doc);
		return false;
	}
	yaml_emitter_set_output(&emitter, on_write, to);
	yaml_emitter_set_unicode(&emitter, 1);
	good = yaml_emitter_open(&emitter) && yaml_emitter_dump(&emitter, doc) &&
	       yaml_emitter_close(&emitter);
	yaml_emitter_delete(&emitter);
	return good && !to->failed;
}

static int make_from(char **ret, const char *path, struct error *err)
{
	CLEANUP(config_freep) struct config *config = NULL;
	CLEANUP(freep) char *text = NULL;
	struct buf written = BUF_INIT(WRITTEN_BYTES_MAX);
	yaml_parser_t parser;
	yaml_document_t doc;
	size_t len = 0;
	bool good = false;
	int r = files_read(&text, &len, NULL, path, CONFIG_BYTES_MAX, err);

	if (r == 0) /* here, where a mistake still has its line */
		r = config_parse(&config, path, text, len, err);
	if (r < 0)
		return r;
	if (!yaml_parser_initialize(&parser))
		return error_set(err, -ENOMEM, "out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (yaml_parser_load(&parser, &doc)) {
		good = open_roots(&doc);
		if (good)
			good = dump(&doc, &written);
		else
			yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
	if (good)
		*ret = TAKE(written.data);
	buf_done(&written);
	return good ? 0 : error_set(err, -EINVAL, "%s: its roots cannot be opened", path);
}

int private_config_make(char **ret, const struct private_spec *spec, const char *state,
                        const char *socket, struct error *err)
{
	return spec->config ? make_from(ret, spec->config, err)
	                    : make_new(ret, spec, state, socket, err);
}
