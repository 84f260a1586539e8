/* SPDX-License-Identifier: MIT */
/*
 * loopback - the optional TCP socket: this machine's own address only, and only for requests that
 * no web page of somebody else can have made.
 *
 * The kernel vouches for nobody here: whoever can reach the port may do what a client on the Unix
 * socket may. What is kept out are browsers that a foreign page has sent: by a Host that is not
 * ours (DNS rebinding), an Origin that is not ours, or Sec-Fetch-Site.
 */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/http.h"
#include "lib/base/error.h"

union loopback_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "127.0.0.1:8017" or "[::1]:8017"; port 0: any. NULL, or what is wrong with it, for bind.h. */
const char *loopback_parse(union loopback_address *ret, const char *text);
const char *loopback_check_text(const char *text);

/* A socket that is bound and does not listen yet. */
int loopback_bind(int *ret, const char *text, struct error *err) MUST_USE;

/* -EACCES: it may come from a foreign page. */
int loopback_check(const struct http_request *request, struct error *err) MUST_USE;
