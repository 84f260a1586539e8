/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "ctl/private_config.h"
#include "daemon/config.h"
#include "lib/base/files.h"

static struct config *made(const struct private_spec *spec)
{
	struct config *config = NULL;
	struct error err = {0};
	char *text = NULL;

	cr_assert(private_config_make(&text, spec, "/s \"x\": #", "/t/s.sock", &err) == 0, "%s",
	          err.text);
	cr_assert(config_parse(&config, "made", text, strlen(text), &err) == 0, "%s\n%s", err.text,
	          text);
	free(text);
	return config;
}

Test(private_config, asks_no_model_server_unless_told)
{
	struct private_spec spec = {.slots = 3};
	struct config *c = made(&spec);

	cr_expect_eq(c->n_endpoints, 0);
	cr_expect_eq(c->n_roots, 1);
	cr_expect_str_eq(c->roots[0], "/");
	cr_expect_str_eq(c->listen, "/t/s.sock");
	cr_expect_str_eq(c->state, "/s \"x\": #");
	config_free(c);
}

Test(private_config, a_model_alone_is_at_ollamas_place)
{
	static const struct {
		const char *host, *url;
	} all[] = {{"", "http://127.0.0.1:11434"},
	           {"0.0.0.0", "http://127.0.0.1:11434"},
	           {"0.0.0.0:8080", "http://127.0.0.1:8080"},
	           {":8080", "http://127.0.0.1:8080"},
	           {"rack7", "http://rack7:11434"},
	           {"rack7:99", "http://rack7:99"},
	           {"https://rack7", "https://rack7"}};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct private_spec spec = {.model = "gemma3:4b", .slots = 2};
		struct config *c;

		(void)setenv("OLLAMA_HOST", all[i].host, 1);
		c = made(&spec);
		cr_assert_eq(c->n_endpoints, 1);
		cr_expect_str_eq(c->endpoints[0].name, "local");
		cr_expect_str_eq(c->endpoints[0].url, all[i].url);
		cr_expect_str_eq(c->endpoints[0].model, "gemma3:4b");
		cr_expect_eq(c->endpoints[0].slots, 2);
		config_free(c);
	}
}

Test(private_config, a_url_is_an_endpoint)
{
	struct private_spec spec = {.endpoint = "http://127.0.0.1:8081"};
	struct config *c = made(&spec);

	cr_assert_eq(c->n_endpoints, 1);
	cr_expect_str_eq(c->endpoints[0].url, "http://127.0.0.1:8081");
	config_free(c);
	cr_expect(private_config_is_url("unix:/run/llama.sock"));
	cr_expect_not(private_config_is_url("gpu0"));
}

Test(private_config, a_persons_own_is_kept_but_for_the_roots)
{
	static const char *const texts[] = {
		"endpoints:\n  - {name: gpu0, url: \"http://gpu0:8080\"}\nroots: [/srv/bench]\n",
		"endpoints:\n  - {name: gpu0, url: \"http://gpu0:8080\"}\n"};
	char folder[] = "/tmp/ctl-config-XXXXXX", path[64];
	struct error err = {0};

	cr_assert(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/c.yaml", folder);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct private_spec spec = {.config = path};
		struct config *c;

		cr_assert(files_write(folder, "c.yaml", texts[i], strlen(texts[i]), &err) == 0);
		c = made(&spec);
		cr_assert_eq(c->n_endpoints, 1);
		cr_expect_str_eq(c->endpoints[0].name, "gpu0");
		cr_expect_eq(c->n_roots, 1);
		cr_expect_str_eq(c->roots[0], "/");
		config_free(c);
	}
	cr_expect(files_remove_tree(folder, &err) == 0);
}

Test(private_config, a_mistake_in_a_persons_own_is_told_with_its_place)
{
	static const char wrong[] = "machine: m\nrootz: [/]\n";
	char folder[] = "/tmp/ctl-config-XXXXXX", path[64], *text = NULL;
	struct private_spec spec = {.config = path};
	struct error err = {0};

	cr_assert(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/c.yaml", folder);
	cr_assert(files_write(folder, "c.yaml", wrong, strlen(wrong), &err) == 0);
	cr_expect_lt(private_config_make(&text, &spec, "/s", "/t", &err), 0);
	cr_expect(strstr(err.text, "c.yaml:2:"), "%s", err.text);
	cr_expect_null(text);
	cr_expect(files_remove_tree(folder, &err) == 0);
}
