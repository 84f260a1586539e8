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

/* As at SIGHUP: of what holds from the next start the old one's stays, and is a copy. */
static void check_pinned(const struct config *old)
{
	CLEANUP(config_freep) struct config *fresh = NULL;
	struct error err = {0};

	assert(config_default(&fresh, &err) == 0 && config_pin(fresh, old, &err) == 0);
	assert(strcmp(fresh->state, old->state) == 0 && fresh->state != old->state);
	assert(strcmp(fresh->reports, old->reports) == 0);
	assert(fresh->n_endpoints == old->n_endpoints);
	for (size_t i = 0; i < old->n_endpoints; i++) {
		assert(strcmp(fresh->endpoints[i].name, old->endpoints[i].name) == 0);
		assert(fresh->endpoints[i].name != old->endpoints[i].name);
		check_endpoint(&fresh->endpoints[i]);
	}
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
	check_pinned(c);
	return 0;
}
