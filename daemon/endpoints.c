/* SPDX-License-Identifier: MIT */
#include "daemon/endpoints.h"

#include <errno.h>
#include <stdio.h>

#include "lib/base/files.h"

#define KEY_BYTES_MAX 4096 /* an API key with its newline; the longest in use have some 200 */

struct endpoints {
	struct model_endpoint *list;
	char **keys;
	size_t n;
};

static void endpoints_done(struct endpoints *e)
{
	for (size_t i = 0; e->keys && i < e->n; i++) {
		if (e->keys[i])
			explicit_bzero(e->keys[i], strlen(e->keys[i]));
		free(e->keys[i]);
	}
	free(e->keys);
	free(e->list);
}

static int key_path(char *ret, size_t size, const struct config_endpoint *from, struct error *err)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	int n;

	if (from->api_key_file) {
		n = snprintf(ret, size, "%s", from->api_key_file);
	} else if (dir) {
		n = snprintf(ret, size, "%s/%s", dir, from->api_key_credential);
	} else {
		return error_set(
			err, -ENOENT,
			"credential %s: the service manager gave none: add LoadCredential= "
			"to the unit, or name a file",
			from->api_key_credential);
	}
	return n < 0 || (size_t)n >= size
	               ? error_set(err, -ENAMETOOLONG, "the path of the key is too long")
	               : 0;
}

static int read_key(char **ret, const struct config_endpoint *from, struct error *err)
{
	char path[4096];
	size_t len;
	int r;

	if (!from->api_key_file && !from->api_key_credential)
		return 0;
	r = key_path(path, sizeof path, from, err);
	if (r == 0)
		r = files_read(ret, &len, NULL, path, KEY_BYTES_MAX, err);
	if (r < 0)
		return error_wrap(err, "endpoint %s: api key", from->name);
	(*ret)[strcspn(*ret, "\r\n")] = '\0';
	return 0;
}

static struct model_endpoint endpoint_of(const struct config_endpoint *from, const char *key)
{
	return (struct model_endpoint){
		.name = from->name,
		.provider = (enum model_provider)from->provider,
		.url = from->url,
		.model = from->model,
		.api_key = key,
		.keep_alive = from->keep_alive,
		.slots = (unsigned)from->slots,
		.timeouts = {from->connect_ms, from->first_token_ms, from->idle_ms, from->total_ms},
	};
}

int endpoints_model(struct model **ret, uv_loop_t *loop, const struct config *config,
                    struct error *err)
{
	CLEANUP(endpoints_done) struct endpoints e = {.n = config->n_endpoints};

	e.list = calloc(e.n + 1, sizeof *e.list);
	e.keys = calloc(e.n + 1, sizeof *e.keys);
	if (!e.list || !e.keys)
		return error_set(err, -ENOMEM, "no memory for the endpoints");
	for (size_t i = 0; i < e.n; i++) {
		int r = read_key(&e.keys[i], &config->endpoints[i], err);

		if (r < 0)
			return r;
		e.list[i] = endpoint_of(&config->endpoints[i], e.keys[i]);
	}
	return model_new(ret, loop, e.list, e.n, err);
}
