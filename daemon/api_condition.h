/* SPDX-License-Identifier: MIT */
/*
 * api_condition - conditional GET (RFC 9110, 13): who has an answer already is told so, and no
 * more.
 */
#pragma once

#include "daemon/http.h"

#define API_TAGS_MAX 512 /* bytes of If-None-Match; a longer one is not looked at */

struct api_condition {
	char none_match[API_TAGS_MAX];        /* If-None-Match; "": none */
	char modified_since[HTTP_DATE_BYTES]; /* If-Modified-Since, only where the other is not */
};

void api_condition_read(struct api_condition *ret, const struct http_request *req);

/* Tags an answer of status 200 that has a body or a file; 304 in its place where the client has it.
 */
void api_condition_apply(const struct api_condition *c, struct http_reply *reply);
