/* SPDX-License-Identifier: MIT */
#include "ctl/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "ctl/terminal.h"

int ctl_fail(enum ctl_exit code, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	(void)fflush(stdout);
	(void)fputs("chimeractl: ", stderr);
	terminal_print(stderr, text);
	(void)fputc('\n', stderr);
	return (int)code;
}

int ctl_usage(const char *name, const struct error *err)
{
	return ctl_fail(CTL_USAGE, "%s: %s: see chimeractl %s --help", name, err->text, name);
}
