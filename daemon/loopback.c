/* SPDX-License-Identifier: MIT */
#include "daemon/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#define FORM "is not like 127.0.0.1:8017 or [::1]:8017: only this machine itself may be named"

static bool read_port(in_port_t *ret, const char *text)
{
	size_t len = strspn(text, "0123456789");
	unsigned long port = 0;

	if (len == 0 || len > 5 || text[len])
		return false;
	for (size_t i = 0; i < len; i++)
		port = port * 10 + (unsigned long)(text[i] - '0');
	*ret = htons((in_port_t)port);
	return port <= UINT16_MAX;
}

const char *loopback_parse(union loopback_address *ret, const char *text)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len = colon ? (size_t)(colon - text) : 0;

	*ret = (union loopback_address){0};
	if (len == 0 || len >= sizeof host)
		return FORM;
	memcpy(host, text, len);
	host[len] = '\0';
	if (strcmp(host, "[::1]") == 0) {
		ret->v6.sin6_family = AF_INET6;
		ret->v6.sin6_addr = in6addr_loopback;
		return read_port(&ret->v6.sin6_port, colon + 1) ? NULL : FORM;
	}
	ret->v4.sin_family = AF_INET;
	if (inet_pton(AF_INET, host, &ret->v4.sin_addr) != 1 ||
	    ntohl(ret->v4.sin_addr.s_addr) != INADDR_LOOPBACK)
		return FORM;
	return read_port(&ret->v4.sin_port, colon + 1) ? NULL : FORM;
}

const char *loopback_check_text(const char *text)
{
	union loopback_address address;

	return loopback_parse(&address, text);
}

int loopback_bind(int *ret, const char *text, struct error *err)
{
	union loopback_address address;
	const char *wrong = loopback_parse(&address, text);
	CLEANUP(closep) int fd = -1;
	int one = 1;

	if (wrong)
		return error_set(err, -EINVAL, "web: \"%.60s\" %s", text, wrong);
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0 ||
	    bind(fd, &address.any,
	         address.any.sa_family == AF_INET ? sizeof address.v4 : sizeof address.v6) < 0)
		return error_set(err, -errno, "web: %s: %s", text, strerror(errno));
	*ret = fd;
	fd = -1;
	return 0;
}

/* "localhost", "127.0.0.1" or "[::1]", with any port or none: a tunnel may have changed it. */
static bool is_own_host(const char *host)
{
	static const char *const own[] = {"localhost", "127.0.0.1", "[::1]"};
	in_port_t port;

	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		size_t len = strlen(own[i]);

		if (strncasecmp(host, own[i], len) == 0 &&
		    (!host[len] || (host[len] == ':' && read_port(&port, host + len + 1))))
			return true;
	}
	return false;
}

/* A link from elsewhere may be followed to us, which changes nothing. */
static bool navigates(const struct http_request *request)
{
	const char *mode = http_request_header(request, "Sec-Fetch-Mode");

	return strcmp(request->method, "GET") == 0 && mode && strcmp(mode, "navigate") == 0;
}

int loopback_check(const struct http_request *request, struct error *err)
{
	static const char scheme[] = "http://";
	const char *host = http_request_header(request, "Host");
	const char *origin = http_request_header(request, "Origin");
	const char *site = http_request_header(request, "Sec-Fetch-Site");

	if (!host || !is_own_host(host))
		return error_set(err, -EACCES,
		                 "this Host is not served: open it as localhost, 127.0.0.1 or "
		                 "[::1]");
	if (origin && (strncmp(origin, scheme, strlen(scheme)) != 0 ||
	               strcasecmp(origin + strlen(scheme), host) != 0))
		return error_set(err, -EACCES, "requests from pages of another origin are refused");
	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0 &&
	    !navigates(request))
		return error_set(err, -EACCES, "requests from pages of another site are refused");
	return 0;
}
