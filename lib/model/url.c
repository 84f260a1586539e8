/* SPDX-License-Identifier: MIT */
#include "lib/model/url.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

#define OLLAMA_PORT "11434" /* what OLLAMA_HOST without scheme and port means */

static bool has_prefix(const char *text, const char *prefix)
{
	return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* Blanks and control characters would end up in the request line. */
static bool is_clean(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	}
	return true;
}

static int parse_unix(struct url *ret, const char *path, const char *text, struct error *err)
{
	struct url u = {.base = "http://localhost"};

	if (path[0] != '/')
		return error_set(err, -EINVAL, "url %s: the path of a socket begins with /", text);
	if (strlen(path) >= sizeof u.socket_path)
		return error_set(err, -ENAMETOOLONG,
		                 "url %s: the path of a socket has at most %zu bytes", text,
		                 sizeof u.socket_path - 1);
	(void)snprintf(u.socket_path, sizeof u.socket_path, "%s", path);
	*ret = u;
	return 0;
}

/* A server that listens on every address is reached on loopback. */
static struct str reachable(struct str host)
{
	if (str_is(host, "0.0.0.0"))
		return str_of("127.0.0.1");
	if (str_is(host, "[::]"))
		return str_of("[::1]");
	return host;
}

/* Where the host of "host:port/path" ends: IPv6 stands in brackets. */
static size_t host_len(const char *rest)
{
	const char *bracket = rest[0] == '[' ? strchr(rest, ']') : NULL;
	size_t inside = bracket ? (size_t)(bracket - rest) + 1 : 0;

	return inside + strcspn(rest + inside, ":/");
}

int url_parse(struct url *ret, const char *text, struct error *err)
{
	const char *rest = text, *scheme = "http://", *port = "";
	struct str host;
	struct url u = {0};
	size_t n;
	int len;

	if (!is_clean(text))
		return error_set(err, -EINVAL, "url: has blanks or control characters");
	if (has_prefix(text, "unix:"))
		return parse_unix(ret, text + strlen("unix:"), text, err);
	if (has_prefix(text, "http://") || has_prefix(text, "https://")) {
		scheme = has_prefix(text, "https://") ? "https://" : "http://";
		rest = strstr(text, "//") + 2;
	} else if (strstr(text, "://")) {
		return error_set(err, -EINVAL,
		                 "url %s: must begin with http://, https:// or unix:", text);
	}
	n = strcspn(rest, "/");
	if (memchr(rest, '@', n) || strpbrk(rest, "?#"))
		return error_set(err, -EINVAL,
		                 "url: takes no user, query or fragment; a key goes into api_key");
	n = host_len(rest);
	if (n == 0)
		return error_set(err, -EINVAL, "url %s: has no host", text);
	if (rest == text && rest[n] != ':')
		port = ":" OLLAMA_PORT;
	host = reachable((struct str){rest, n});
	len = snprintf(u.base, sizeof u.base, "%s%.*s%s%s", scheme, (int)host.len, host.at, port,
	               rest + n);
	if (len < 0 || (size_t)len >= sizeof u.base)
		return error_set(err, -ENAMETOOLONG, "url: longer than %zu bytes",
		                 sizeof u.base - 1);
	while (len > 0 && u.base[len - 1] == '/')
		u.base[--len] = '\0';
	*ret = u;
	return 0;
}
