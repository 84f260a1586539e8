/* SPDX-License-Identifier: MIT */
#include "daemon/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LOG_LINE_BYTES 1024 /* a longer message is cut: two problem texts fit */

static int level_of(const char *name)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = {{"err", LOG_LEVEL_ERR},
	              {"warning", LOG_LEVEL_WARNING},
	              {"notice", LOG_LEVEL_NOTICE},
	              {"info", LOG_LEVEL_INFO},
	              {"debug", LOG_LEVEL_DEBUG}};

	for (size_t i = 0; name && i < ARRAY_LEN(levels); i++) {
		if (strcmp(levels[i].name, name) == 0)
			return (int)levels[i].level;
	}
	return LOG_LEVEL_INFO;
}

void log_init(struct log *l)
{
	*l = (struct log){.max = level_of(getenv("CHIMERAD_LOG")),
	                  .prefixed = getenv("JOURNAL_STREAM") != NULL};
}

void log_write(const struct log *l, enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE_BYTES];
	size_t len = 0, end;
	va_list ap;

	if (!l || (int)level > l->max)
		return;
	if (l->prefixed)
		len = (size_t)snprintf(line, sizeof line, "<%d>", (int)level);
	va_start(ap, fmt);
	(void)vsnprintf(line + len, sizeof line - len - 1, fmt, ap);
	va_end(ap);

	end = strlen(line);
	for (size_t i = 0; i < end; i++) {
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	}
	line[end++] = '\n';
	if (write(STDERR_FILENO, line, end) < 0)
		return; /* nowhere left to say so */
}
