/* SPDX-License-Identifier: MIT */
#include "daemon/endpoints.h"

#include <errno.h>

#include "daemon/secret.h"

struct endpoints {
	struct model_endpoint *list;
	char **keys;
	size_t n;
};

static void endpoints_done(struct endpoints *e)
{
	for (size_t i = 0; e->keys && i < e->n; i++)
		secret_free(e->keys[i]);
	free(e->keys);
	free(e->list);
}

static int read_key(char **ret, const struct config_endpoint *from, struct error *err)
{
	int r = secret_read(ret, from->api_key_credential, from->api_key_file, err);

	return r < 0 ? error_wrap(err, "endpoint %s: api key", from->name) : r;
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
