/* SPDX-License-Identifier: MIT */
#include "daemon/api_condition.h"

#include <stdio.h>

#include "lib/base/digest.h"

#define TAG_DIGITS 32 /* of the digest: enough that two answers never share them */

static void copy_header(char *ret, size_t size, const struct http_request *req, const char *name)
{
	const char *value = http_request_header(req, name);

	if (value && strlen(value) < size)
		(void)snprintf(ret, size, "%s", value);
}

void api_condition_read(struct api_condition *ret, const struct http_request *req)
{
	*ret = (struct api_condition){0};
	if (http_request_header(req, "If-None-Match"))
		copy_header(ret->none_match, sizeof ret->none_match, req, "If-None-Match");
	else
		copy_header(ret->modified_since, sizeof ret->modified_since, req,
		            "If-Modified-Since");
}

/* Without memory an answer has no tag. */
static void tag_body(struct http_reply *reply)
{
	CLEANUP(digest_freep) struct digest *d = digest_new();
	char text[DIGEST_TEXT_BYTES];

	if (!d)
		return;
	digest_add(d, reply->body, reply->body_len);
	digest_text(d, text);
	(void)snprintf(reply->etag, sizeof reply->etag, "\"%.*s\"", TAG_DIGITS,
	               text + sizeof "sha256:" - 1);
}

/* Tags are compared weakly: with or without W/. */
static bool has_tag(const char *list, const char *tag)
{
	size_t n = strlen(tag);

	if (strcmp(list, "*") == 0)
		return true;
	for (const char *at = list; (at = strstr(at, tag)); at += n)
		if (at == list || strchr(" ,/", at[-1]))
			return true;
	return false;
}

static bool client_has(const struct api_condition *c, const struct http_reply *reply)
{
	char date[HTTP_DATE_BYTES];

	if (c->none_match[0])
		return reply->etag[0] && has_tag(c->none_match, reply->etag);
	if (!c->modified_since[0] || !reply->modified_s)
		return false;
	http_date(date, reply->modified_s);
	return strcmp(date, c->modified_since) == 0; /* as we have told it */
}

void api_condition_apply(const struct api_condition *c, struct http_reply *reply)
{
	if (reply->status != 200)
		return;
	if (reply->body && !reply->etag[0])
		tag_body(reply);
	if (!client_has(c, reply))
		return;
	http_reply_done(reply);
	reply->status = 304;
	reply->body_len = 0;
}
