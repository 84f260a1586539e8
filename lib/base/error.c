/* SPDX-License-Identifier: MIT */
#include "lib/base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *err, int code, const char *fmt, ...)
{
	va_list ap;

	assert(code < 0);
	if (!err)
		return code;

	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	return code;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
	char inner[sizeof err->text];
	size_t room = sizeof err->text;
	va_list ap;
	int n;

	memcpy(inner, err->text, room);
	va_start(ap, fmt);
	n = vsnprintf(err->text, room, fmt, ap);
	va_end(ap);

	if (n >= 0 && (size_t)n < room &&
	    snprintf(err->text + n, room - (size_t)n, ": %s", inner) < 0)
		err->text[n] = '\0';
	return err->code;
}
