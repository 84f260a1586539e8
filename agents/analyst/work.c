/* SPDX-License-Identifier: MIT */
#include "agents/analyst/work.h"

#include <stdio.h>

void *work_alloc(struct work *w, size_t n, size_t size)
{
	void *p = w->failed ? NULL : arena_calloc(w->arena, n, size);

	if (!p)
		w->failed = true;
	return p;
}

char *work_printf(struct work *w, const char *fmt, ...)
{
	va_list ap;
	char *p = NULL;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0)
		p = work_alloc(w, (size_t)n + 1, 1);
	va_start(ap, fmt);
	if (p)
		(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

bool work_grow(struct work *w, void *array, size_t n, size_t *cap, size_t size)
{
	if (!w->failed && !arena_room(w->arena, array, n, cap, size))
		w->failed = true;
	return !w->failed;
}
