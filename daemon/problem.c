/* SPDX-License-Identifier: MIT */
#include "daemon/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/error.h"

#define DETAIL_BYTES 1024

const char *problem_title(unsigned status)
{
	static const struct {
		unsigned status;
		const char *title;
	} titles[] = {{200, "OK"},
	              {202, "Accepted"},
	              {303, "See Other"},
	              {304, "Not Modified"},
	              {400, "Bad Request"},
	              {403, "Forbidden"},
	              {404, "Not Found"},
	              {405, "Method Not Allowed"},
	              {408, "Request Timeout"},
	              {409, "Conflict"},
	              {411, "Length Required"},
	              {413, "Content Too Large"},
	              {417, "Expectation Failed"},
	              {429, "Too Many Requests"},
	              {431, "Request Header Fields Too Large"},
	              {500, "Internal Server Error"},
	              {501, "Not Implemented"},
	              {503, "Service Unavailable"},
	              {505, "HTTP Version Not Supported"},
	              {507, "Insufficient Storage"}};

	for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
		if (titles[i].status == status)
			return titles[i].title;
	}
	return "Error";
}

/* A text that was cut within a character loses that character. */
static json_t *text_json(char *text)
{
	size_t len = strlen(text);
	json_t *json = json_stringn(text, len);

	for (int i = 0; i < 3 && !json && len > 0; i++)
		json = json_stringn(text, --len);
	return json ? json : json_string("the reason cannot be written in UTF-8");
}

json_t *problem_new(unsigned status, const char *fmt, ...)
{
	char detail[DETAIL_BYTES];
	json_t *text;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof detail, fmt, ap);
	va_end(ap);
	text = text_json(detail);
	return json_pack("{s:s, s:s, s:i, s:o}", "type", "about:blank", "title",
	                 problem_title(status), "status", (int)status, "detail", text);
}
