/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "daemon/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_endpoint(const struct config_endpoint *e)
{
	assert(e->name && (e->url || e->provider == 3));
	assert(e->connect_ms && e->first_token_ms && e->idle_ms && e->total_ms);
	assert(!e->api_key_file || !e->api_key_credential);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(config_freep) struct config *c = NULL;
	struct error err = {0};
	int r = config_parse(&c, "fuzz", (const char *)data, size, &err);

	assert((r == 0) == (c != NULL) && (r == 0) == (err.code == 0));
	if (r < 0) {
		assert(err.text[0] && !strchr(err.text, '\n'));
		return 0;
	}
	assert(c->listen[0] == '/' && c->state[0] == '/' && c->reports[0] == '/');
	assert(c->personas[0] == '/' && c->pipelines[0] == '/');
	assert(c->limits.jobs_queued && c->limits.jobs_running && c->limits.memory_bytes);
	for (size_t i = 0; i < c->n_roots; i++)
		assert(c->roots[i][0] == '/');
	for (size_t i = 0; i < c->n_endpoints; i++)
		check_endpoint(&c->endpoints[i]);
	return 0;
}
