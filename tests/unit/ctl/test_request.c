/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "ctl/client.h"
#include "ctl/request.h"

Test(request, makes_paths_absolute_and_says_only_what_was_said)
{
	const char *paths[] = {"/tmp/../tmp/."};
	struct request q = {.subject = "gpu",
	                    .fresh = true,
	                    .paths = paths,
	                    .n_paths = 1,
	                    .parameters = {{"a=1", "b=x=y"}, 2}};
	struct error err = {0};
	json_t *body = NULL;
	char *text;

	cr_assert(request_json(&body, &q, &err) == 0, "%s", err.text);
	text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	cr_expect_str_eq(text, "{\"fresh\":true,\"parameters\":{\"a\":\"1\",\"b\":\"x=y\"},"
	                       "\"paths\":[\"/tmp\"],\"pipeline\":\"nightly-review\","
	                       "\"subject\":\"gpu\"}");
	free(text);
	json_decref(body);
}

Test(request, names_a_path_that_is_not_there)
{
	const char *paths[] = {"/no/such/place"};
	struct request q = {.paths = paths, .n_paths = 1};
	struct error err = {0};
	json_t *body = NULL;

	cr_expect_eq(request_json(&body, &q, &err), -ENOENT);
	cr_expect_str_eq(err.text, "/no/such/place: No such file or directory");
	cr_expect_null(body);
}

Test(request, refuses_a_parameter_without_a_value)
{
	const char *paths[] = {"/"};
	struct request q = {.paths = paths, .n_paths = 1, .parameters = {{"=1"}, 1}};
	struct error err = {0};
	json_t *body = NULL;

	cr_expect_eq(request_json(&body, &q, &err), -EINVAL);
}

Test(client, takes_no_path_for_a_job_id)
{
	static const char *const bad[] = {"", "../x", "a/b", "a?b", "a b", "\303\244", "a%2fb"};
	struct error err = {0};
	char path[128];

	cr_expect_eq(client_job_path(path, sizeof path, "20261121-02-ab", "/events", &err), 0);
	cr_expect_str_eq(path, "/v1/jobs/20261121-02-ab/events");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_eq(client_job_path(path, sizeof path, bad[i], "", &err), -EINVAL, "%s",
		             bad[i]);
}

Test(client, looks_for_the_socket_where_the_manual_says)
{
	struct error err = {0};
	char path[256], folder[] = "/tmp/ctl-socket-XXXXXX", own[64];

	(void)unsetenv("CHIMERAD_SOCKET");
	(void)setenv("XDG_RUNTIME_DIR", "/no/such/place", 1);
	cr_assert(client_find_socket(NULL, path, sizeof path, &err) == 0);
	cr_expect_str_eq(path, "/run/chimerad.sock");
	cr_assert(mkdtemp(folder));
	(void)snprintf(own, sizeof own, "%s/chimerad.sock", folder);
	(void)setenv("XDG_RUNTIME_DIR", folder, 1);
	cr_assert(symlink("/", own) == 0);
	cr_assert(client_find_socket(NULL, path, sizeof path, &err) == 0);
	cr_expect_str_eq(path, own);
	(void)setenv("CHIMERAD_SOCKET", "/env.sock", 1);
	cr_assert(client_find_socket(NULL, path, sizeof path, &err) == 0);
	cr_expect_str_eq(path, "/env.sock");
	cr_assert(client_find_socket("/given.sock", path, sizeof path, &err) == 0);
	cr_expect_str_eq(path, "/given.sock");
	cr_expect(unlink(own) == 0 && rmdir(folder) == 0);
}

Test(client, says_that_nobody_listens)
{
	struct client *c = NULL;
	struct reply reply = {0};
	struct error err = {0};

	cr_assert(client_new(&c, "/no/such/chimerad.sock", &err) == 0);
	cr_expect_eq(client_call(c, "GET", "/healthz", NULL, NULL, &reply, &err), -ECONNREFUSED);
	cr_expect(strstr(err.text, "/no/such/chimerad.sock"), "%s", err.text);
	client_free(c);
}
