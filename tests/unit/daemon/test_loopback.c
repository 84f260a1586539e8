/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/loopback.h"

Test(loopback, only_this_machine_may_be_named)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {{"127.0.0.1:8017", true},
	             {"127.9.9.9:1", false},
	             {"[::1]:65535", true},
	             {"127.0.0.1:0", true},
	             {"0.0.0.0:8017", false},
	             {"10.0.0.1:80", false},
	             {"[::]:80", false},
	             {"[::ffff:1.2.3.4]:80", false},
	             {"localhost:80", false},
	             {"127.0.0.1", false},
	             {"127.0.0.1:", false},
	             {"127.0.0.1:65536", false},
	             {"127.0.0.1:8017x", false},
	             {"127.0.0.1:-1", false},
	             {":80", false},
	             {"127.1:80", false},
	             {"[::1]80", false},
	             {"", false},
	             {"127.0.0.1:0000080", false}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cr_expect_eq(loopback_check_text(cases[i].text) == NULL, cases[i].good, "%s",
		             cases[i].text);
}

Test(loopback, a_port_that_is_taken_is_named)
{
	union loopback_address at;
	socklen_t len = sizeof at;
	struct error err = {0};
	char text[32];
	int first, second;

	cr_assert_eq(loopback_bind(&first, "127.0.0.1:0", &err), 0, "%s", err.text);
	cr_assert_eq(listen(first, 1), 0);
	cr_assert_eq(getsockname(first, &at.any, &len), 0);
	(void)snprintf(text, sizeof text, "127.0.0.1:%u", ntohs(at.v4.sin_port));
	cr_expect_eq(loopback_bind(&second, text, &err), -EADDRINUSE);
	cr_expect(strstr(err.text, text), "%s", err.text);
	cr_expect_eq(loopback_bind(&second, "8.8.8.8:1", &err), -EINVAL);
	(void)close(first);
}

static int check(const char *method, const char *host, const char *origin, const char *site,
                 const char *mode)
{
	struct http_header headers[4];
	struct http_request request = {.method = method, .headers = headers};
	struct error err = {0};

	if (host)
		headers[request.n_headers++] = (struct http_header){"host", host};
	if (origin)
		headers[request.n_headers++] = (struct http_header){"Origin", origin};
	if (site)
		headers[request.n_headers++] = (struct http_header){"Sec-Fetch-Site", site};
	if (mode)
		headers[request.n_headers++] = (struct http_header){"Sec-Fetch-Mode", mode};
	return loopback_check(&request, &err);
}

Test(loopback, hosts_that_are_ours)
{
	cr_expect_eq(check("GET", "127.0.0.1:8017", NULL, NULL, NULL), 0);
	cr_expect_eq(check("GET", "LocalHost", NULL, NULL, NULL), 0);
	cr_expect_eq(check("GET", "[::1]:9", NULL, NULL, NULL), 0);
	cr_expect_eq(check("GET", NULL, NULL, NULL, NULL), -EACCES);
	cr_expect_eq(check("GET", "evil.example:8017", NULL, NULL, NULL), -EACCES);
	cr_expect_eq(check("GET", "localhost.evil.example", NULL, NULL, NULL), -EACCES);
	cr_expect_eq(check("GET", "127.0.0.1:80@evil.example", NULL, NULL, NULL), -EACCES);
}

Test(loopback, origins_that_are_ours)
{
	cr_expect_eq(check("POST", "localhost:1", "http://localhost:1", "same-origin", "cors"), 0);
	cr_expect_eq(check("POST", "localhost:1", "http://localhost:2", NULL, NULL), -EACCES);
	cr_expect_eq(check("POST", "localhost:1", "https://localhost:1", NULL, NULL), -EACCES);
	cr_expect_eq(check("POST", "localhost:1", "null", NULL, NULL), -EACCES);
	cr_expect_eq(check("POST", "localhost:1", "http://evil.example", NULL, NULL), -EACCES);
}

Test(loopback, a_link_from_elsewhere_may_be_followed_and_nothing_more)
{
	cr_expect_eq(check("GET", "localhost", NULL, "cross-site", "navigate"), 0);
	cr_expect_eq(check("GET", "localhost", NULL, "none", "navigate"), 0);
	cr_expect_eq(check("GET", "localhost", NULL, "cross-site", "no-cors"), -EACCES);
	cr_expect_eq(check("GET", "localhost", NULL, "same-site", NULL), -EACCES);
	cr_expect_eq(check("POST", "localhost", NULL, "cross-site", "navigate"), -EACCES);
}
