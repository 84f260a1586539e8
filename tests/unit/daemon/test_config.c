/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/config.h"
#include "lib/base/files.h"
#include "lib/model/model.h"

static int parse(struct config **ret, const char *text, struct error *err)
{
	return config_parse(ret, "c.yaml", text, strlen(text), err);
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

Test(config, everything_has_a_default)
{
	CLEANUP(config_freep) struct config *c = NULL;
	struct error err = {0};

	cr_assert_eq(config_default(&c, &err), 0, "%s", err.text);
	cr_expect_str_eq(c->listen, "/run/chimerad.sock");
	cr_expect_str_eq(c->state, "/var/lib/chimerad");
	cr_expect_str_eq(c->reports, "/var/lib/chimerad/reports");
	cr_expect(ends_with(c->personas, "/share/chimerad/personas"), "%s", c->personas);
	cr_expect(ends_with(c->pipelines, "/share/chimerad/pipelines"), "%s", c->pipelines);
	cr_expect_eq(c->n_roots + c->n_endpoints + c->n_columns + c->n_metrics, 0);
	cr_expect_eq(c->n_allow_uids + c->n_allow_gids, 0);
	cr_expect_null(c->machine);
	cr_expect_eq(c->limits.jobs_queued, 100);
	cr_expect_eq(c->limits.jobs_running, 2);
	cr_expect_eq(c->limits.file_bytes, 67108864);
	cr_expect_eq(c->limits.files, 200000);
	cr_expect_eq(c->limits.memory_bytes, 1073741824);
	cr_expect_eq(c->failed_calls_ms, 15000);
}

static const char full[] =
	"listen: /run/user/1000/chimerad.sock\n"
	"allow: {uids: [0, 1000], gids: [33]}\n"
	"roots: [/srv/benchmarks, /home/ci]\n"
	"state: /srv/state\n"
	"personas: /etc/chimerad/personas\n"
	"pipelines: /etc/chimerad/pipelines\n"
	"endpoints:\n"
	"  - name: local\n"
	"    url: http://127.0.0.1:11434\n"
	"  - {name: rack, provider: openai, url: \"unix:/run/llama.sock\", slots: 4,\n"
	"     model: gemma3, keep_alive: 30m, api_key: {credential: rack-key},\n"
	"     timeouts: {connect: 250ms, first_token: 20m, idle: 90, total: 1h}}\n"
	"  - {name: plain, provider: builtin}\n"
	"limits: {jobs_queued: 5, jobs_running: 1, file_bytes: 1M, files: 9, memory_bytes: 2G}\n"
	"failed_calls: 0\n"
	"machine: rig-3\n"
	"columns: {num_ctx: key, 'gpu_*': covariate, note: ignored}\n"
	"metrics:\n"
	"  tokens_s: primary\n"
	"  ttft*: {unit: ms, direction: lower, role: guard}\n"
	"notify: {webhook: https://example.org, secret: {file: /etc/key},\n"
	"         command: [/bin/tell, -v], timeout: 3s, suspected: true}\n"
	"retention: {days: 90, reviews: 400}\n"
	"quiet: {lock: /run/bench.lock, gpu_pct: 5, wait: 20m}\n";

Test(config, every_key_is_read)
{
	CLEANUP(config_freep) struct config *c = NULL;
	struct error err = {0};

	cr_assert_eq(parse(&c, full, &err), 0, "%s", err.text);
	cr_expect_str_eq(c->listen, "/run/user/1000/chimerad.sock");
	cr_assert_eq(c->n_allow_uids, 2);
	cr_expect_eq(c->allow_uids[1], 1000);
	cr_expect_eq(c->allow_gids[0], 33);
	cr_assert_eq(c->n_roots, 2);
	cr_expect_str_eq(c->roots[1], "/home/ci");
	cr_expect_str_eq(c->reports, "/srv/state/reports");
	cr_expect_str_eq(c->personas, "/etc/chimerad/personas");
	cr_expect_eq(c->limits.file_bytes, 1048576);
	cr_expect_eq(c->limits.memory_bytes, UINT64_C(2147483648));
	cr_expect_eq(c->failed_calls_ms, 0);
	cr_expect_str_eq(c->machine, "rig-3");
	cr_expect_str_eq(c->quiet.lock, "/run/bench.lock");
	cr_expect_eq(c->quiet.gpu_pct, 5);
	cr_expect_eq(c->quiet.wait_ms, 20 * 60 * 1000);
	cr_assert_eq(c->n_columns, 3);
	cr_expect_str_eq(c->columns[1].pattern, "gpu_*");
	cr_expect_str_eq(c->columns[1].role, "covariate");
	cr_assert_eq(c->n_metrics, 2);
	cr_expect_str_eq(c->metrics[0].role, "primary");
	cr_expect_null(c->metrics[0].unit);
	cr_expect_str_eq(c->metrics[1].unit, "ms");
	cr_expect_str_eq(c->metrics[1].direction, "lower");
	cr_expect_str_eq(c->metrics[1].role, "guard");
}

Test(config, endpoints_have_defaults_of_their_own)
{
	CLEANUP(config_freep) struct config *c = NULL;
	const struct model_timeouts usual = MODEL_TIMEOUTS_DEFAULT;
	const struct config_endpoint *e;
	struct error err = {0};

	cr_assert_eq(parse(&c, full, &err), 0, "%s", err.text);
	cr_assert_eq(c->n_endpoints, 3);
	e = &c->endpoints[0];
	cr_expect_str_eq(e->url, "http://127.0.0.1:11434");
	cr_expect_eq(e->provider, PROVIDER_DETECT);
	cr_expect_eq(e->slots, 0);
	cr_expect_eq(e->connect_ms, usual.connect_ms);
	cr_expect_eq(e->first_token_ms, usual.first_token_ms);
	cr_expect_eq(e->idle_ms, usual.idle_ms);
	cr_expect_eq(e->total_ms, usual.total_ms);
	cr_expect_null(e->model);
	e = &c->endpoints[1];
	cr_expect_eq(e->provider, PROVIDER_OPENAI);
	cr_expect_eq(e->slots, 4);
	cr_expect_str_eq(e->api_key_credential, "rack-key");
	cr_expect_null(e->api_key_file);
	cr_expect_eq(e->connect_ms, 250);
	cr_expect_eq(e->first_token_ms, 1200000);
	cr_expect_eq(e->idle_ms, 90000);
	cr_expect_eq(e->total_ms, 3600000);
	cr_expect_eq(c->endpoints[2].provider, PROVIDER_BUILTIN);
	cr_expect_null(c->endpoints[2].url);
}

static const struct {
	const char *text;
	int code;
	const char *message;
} bad[] = {
	{"lisen: /x\n", -EINVAL, "c.yaml:1:1: unknown key \"lisen\"; did you mean \"listen\"?"},
	{"# remark\nroot: [/x]\n", -EINVAL,
         "c.yaml:2:1: unknown key \"root\"; did you mean \"roots\"?"},
	{"roots: [srv]\n", -EINVAL, "c.yaml:1:9: roots: \"srv\" is not an absolute path"},
	{"roots: /srv\n", -EINVAL, "c.yaml:1:8: roots: must be a list of absolute paths"},
	{"roots:\n- /srv\n- /srv\n", -EEXIST, "c.yaml:3:3: roots: \"/srv\" is given twice"},
	{"state: ''\n", -ERANGE, "c.yaml:1:8: state: is empty"},
	{"listen: "
         "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaa\n",
         -ERANGE, "c.yaml:1:9: listen: 108 bytes are outside 1..107"},
	{"allow: {uids: [me]}\n", -EINVAL,
         "c.yaml:1:16: uids: \"me\" is not a whole number from 0"},
	{"allow: {gids: [4294967295]}\n", -ERANGE,
         "c.yaml:1:16: gids: 4294967295 is outside 0..4294967294"},
	{"limits: {file_bytes: 64MB}\n", -EINVAL,
         "c.yaml:1:22: file_bytes: \"64MB\" is not a size such as 65536 (bytes), 64MiB or 2G"},
	{"limits: {jobs_running: 0}\n", -ERANGE, "c.yaml:1:24: jobs_running: 0 is outside 1..64"},
	{"limits:\n  memory_bytes: 1M\n", -ERANGE,
         "c.yaml:2:17: memory_bytes: \"1M\" is outside 16MiB..1024GiB"},
	{"failed_calls: soon\n", -EINVAL,
         "c.yaml:1:15: failed_calls: \"soon\" is not a duration such as 90 (seconds), 250ms, 5m "
         "or 36h"},
	{"endpoints: [{url: 'http://x'}]\n", -ENODATA, "c.yaml:1:13: name: missing"},
	{"endpoints: [{name: a}]\n", -ENODATA, "c.yaml:1:13: url: missing"},
	{"endpoints: [{name: a, url: 'ftp://x'}]\n", -EINVAL,
         "c.yaml:1:28: url: is not http://HOST:PORT, https://HOST or unix:/PATH"},
	{"endpoints: [{name: a, url: 'http://:80'}]\n", -EINVAL, "c.yaml:1:28: url: names no host"},
	{"endpoints: [{name: a, provider: olama, url: 'http://x'}]\n", -EINVAL,
         "c.yaml:1:33: provider: \"olama\" is not one of detect, ollama, openai, builtin; did you "
         "mean \"ollama\"?"},
	{"endpoints:\n- {name: a, provider: builtin}\n- {name: a, provider: builtin}\n", -EEXIST,
         "c.yaml:3:10: name: \"a\" is an earlier endpoint's"},
	{"endpoints: [{name: a, url: 'http://x', api_key: {credential: ../x}}]\n", -EINVAL,
         "c.yaml:1:62: credential: \"../x\" is not the name of a systemd credential"},
	{"endpoints: [{name: a, url: 'http://x', api_key: {credential: b, file: /c}}]\n", -EINVAL,
         "c.yaml:1:49: api_key: has both a credential and a file"},
	{"endpoints: [{name: a, url: 'http://x', keep_alive: 1 hour}]\n", -EINVAL,
         "c.yaml:1:52: keep_alive: \"1 hour\" is not a time such as 30m, 3600 (seconds) or -1 "
         "(for ever)"},
	{"endpoints: [{name: a, url: 'http://x', timeouts: {idle: 0}}]\n", -ERANGE,
         "c.yaml:1:57: idle: \"0\" is outside 1ms..1d"},
	{"columns: {x: kye}\n", -EINVAL,
         "c.yaml:1:14: role: \"kye\" is not one of key, metric, covariate, ignored; did you mean "
         "\"key\"?"},
	{"metrics: {x: {dierction: up}}\n", -EINVAL,
         "c.yaml:1:15: unknown key \"dierction\"; did you mean \"direction\"?"},
	{"metrics: {x: {direction: up}}\n", -EINVAL,
         "c.yaml:1:26: direction: \"up\" is not one of higher, lower, none"},
	{"machine: [a]\n", -EINVAL, "c.yaml:1:10: machine: must be a single value"},
	{"- a\n", -EINVAL, "c.yaml:1:1: must be a mapping of keys to values"},
};

Test(config, every_bad_text_names_its_place)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(config_freep) struct config *c = NULL;
		struct error err = {0};

		cr_expect_eq(parse(&c, bad[i].text, &err), bad[i].code, "%s", bad[i].text);
		cr_expect_null(c);
		cr_expect_str_eq(err.text, bad[i].message, "%s\n   is: %s\nshould be: %s",
		                 bad[i].text, err.text, bad[i].message);
	}
}

Test(config, a_key_written_inline_is_refused_without_showing_it)
{
	static const char *const secrets[] = {
		"endpoints: [{name: a, url: 'http://x', api_key: sk-hunter2}]\n",
		"endpoints: [{name: a, url: 'http://user:hunter2@x/'}]\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		CLEANUP(config_freep) struct config *c = NULL;
		struct error err = {0};

		cr_expect_eq(parse(&c, secrets[i], &err), -EINVAL);
		cr_expect_not_null(strstr(err.text, "file: PATH}"), "%s", err.text);
		cr_expect_null(strstr(err.text, "hunter2"), "%s", err.text);
	}
}

Test(config, a_file_is_read_also_through_a_link)
{
	CLEANUP(config_freep) struct config *c = NULL;
	char dir[] = "/tmp/chimera-config-XXXXXX", path[100], link[100];
	struct error err = {0};

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/real.yaml", dir);
	(void)snprintf(link, sizeof link, "%s/link.yaml", dir);
	cr_assert_eq(files_write(dir, "real.yaml", "machine: m\n", 11, &err), 0);
	cr_assert_eq(symlink(path, link), 0);
	cr_expect_eq(config_load(&c, link, &err), 0, "%s", err.text);
	cr_expect_str_eq(c->machine, "m");
	cr_assert_eq(files_write(dir, "real.yaml", "x: m\n", 5, &err), 0);
	config_free(TAKE(c));
	cr_expect_eq(config_load(&c, link, &err), -EINVAL);
	cr_expect_eq(strncmp(err.text, link, strlen(link)), 0, "%s", err.text);
	cr_expect_eq(files_remove_tree(dir, &err), 0);
	cr_expect_eq(config_load(&c, path, &err), -ENOENT);
	cr_expect_not_null(strstr(err.text, "/real.yaml: No such file or directory"));
}

Test(config, reports_move_with_the_state_unless_they_were_placed)
{
	CLEANUP(config_freep) struct config *c = NULL;
	CLEANUP(config_freep) struct config *placed = NULL;
	struct error err = {0};

	cr_assert_eq(config_default(&c, &err), 0);
	cr_assert_eq(config_set_state(c, "/elsewhere", &err), 0);
	cr_expect_str_eq(c->state, "/elsewhere");
	cr_expect_str_eq(c->reports, "/elsewhere/reports");
	cr_assert_eq(parse(&placed, "reports: /srv/www\n", &err), 0);
	cr_assert_eq(config_set_state(placed, "/elsewhere", &err), 0);
	cr_expect_str_eq(placed->reports, "/srv/www");
}

/* With every key uncommented the example must still be a configuration. */
Test(config, the_example_is_valid_and_names_the_defaults)
{
	const char *source = getenv("CHIMERAD_SOURCE");
	CLEANUP(config_freep) struct config *c = NULL;
	CLEANUP(freep) char *text = NULL;
	struct error err = {0};
	char path[4096];
	size_t len = 0, to = 0;

	if (!source)
		cr_skip_test("CHIMERAD_SOURCE is not set");
	(void)snprintf(path, sizeof path, "%s/examples/chimerad.yaml", source);
	cr_assert_eq(config_load(&c, path, &err), 0, "%s", err.text);
	config_free(TAKE(c));

	/* "#key: value" and "#  below: it" are YAML, "# words" are words */
	cr_assert_eq(files_read(&text, &len, NULL, path, 1 << 20, &err), 0, "%s", err.text);
	for (size_t i = 0; i < len; i++)
		if (text[i] != '#' || (i > 0 && text[i - 1] != '\n') ||
		    (text[i + 1] == ' ' && text[i + 2] != ' '))
			text[to++] = text[i];
	cr_assert_eq(config_parse(&c, "uncommented", text, to, &err), 0, "%s", err.text);
	cr_expect_str_eq(c->listen, "/run/chimerad.sock");
	cr_expect_str_eq(c->state, "/var/lib/chimerad");
	cr_expect_eq(c->limits.jobs_queued, 100);
	cr_expect_eq(c->limits.jobs_running, 2);
	cr_expect_eq(c->limits.file_bytes, 67108864);
	cr_expect_eq(c->limits.files, 200000);
	cr_expect_eq(c->limits.memory_bytes, 1073741824);
	cr_expect_eq(c->failed_calls_ms, 15000);
	cr_expect_gt(c->n_endpoints, 0);
	cr_expect_gt(c->n_roots, 0);
}

Test(config, a_running_daemon_keeps_where_things_lie)
{
	static const char other[] = "listen: /run/other\nstate: /srv/other\nroots: [/srv/new]\n"
				    "endpoints: [{name: new, url: \"http://h:1\"}]\n"
				    "limits: {jobs_running: 3, jobs_queued: 7}\n";
	CLEANUP(config_freep) struct config *began = NULL;
	CLEANUP(config_freep) struct config *fresh = NULL;
	struct error err = {0};

	cr_assert_eq(config_parse(&began, "f", full, sizeof full - 1, &err), 0, "%s", err.text);
	cr_assert_eq(config_parse(&fresh, "f", other, sizeof other - 1, &err), 0, "%s", err.text);
	cr_assert_eq(config_pin(fresh, began, &err), 0, "%s", err.text);
	cr_expect_str_eq(fresh->listen, "/run/user/1000/chimerad.sock");
	cr_expect_str_eq(fresh->state, "/srv/state");
	cr_expect_str_eq(fresh->reports, began->reports);
	cr_assert_eq(fresh->n_endpoints, 3);
	cr_expect_str_eq(fresh->endpoints[1].api_key_credential, "rack-key");
	cr_expect_str_eq(fresh->roots[0], "/srv/new");
	cr_expect_eq(fresh->limits.jobs_running, 1);
	cr_expect_eq(fresh->limits.jobs_queued, 7);
	fresh->limits.jobs_running = 3;
	cr_assert_eq(config_pin(began, fresh, &err), 0, "%s", err.text);
	cr_expect_eq(began->limits.jobs_running, 1, "fewer are possible at once");
}
