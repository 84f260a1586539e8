/* SPDX-License-Identifier: MIT */
#include "lib/model/watchdog.h"

#include <stdint.h>
#include <string.h>

#define BLANKS_JSON  64  /* between tokens of JSON nobody needs more */
#define BLANKS_PROSE 256 /* a wide Markdown table may have many */
#define SAME_MAX     30
#define SPECIALS_MAX 8

/*
 * An answer goes in circles when its last bytes repeat a piece of at most a quarter of them: a
 * sentence said four times shows in the short window, a paragraph said four times in the long one.
 */
#define WINDOW_SHORT 512
#define WINDOW_LONG  4096
#define REPEATS      4

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool too_blank(struct watchdog *w, const char *p, size_t len)
{
	size_t max = w->json ? BLANKS_JSON : BLANKS_PROSE;

	for (size_t i = 0; i < len; i++) {
		w->blanks = is_blank(p[i]) && !w->in_string ? w->blanks + 1 : 0;
		if (w->blanks > max)
			return true;
		if (!w->json)
			continue;
		if (w->in_string && (w->escaped || p[i] == '\\'))
			w->escaped = !w->escaped;
		else if (p[i] == '"')
			w->in_string = !w->in_string;
	}
	return false;
}

/*
 * Chunks count as the same whatever the blanks around them, as Ollama counts: after more than
 * thirty of them it ends the stream without a word, as if it had broken off.
 */
static bool too_same(struct watchdog *w, const char *answer, size_t from, size_t len)
{
	bool same;

	while (from < len && is_blank(answer[from]))
		from++;
	while (len > from && is_blank(answer[len - 1]))
		len--;
	same = len - from == w->same_len &&
	       memcmp(answer + w->same_at, answer + from, len - from) == 0;
	w->same = same ? w->same + 1 : 1;
	w->same_at = from;
	w->same_len = len - from;
	return w->same >= SAME_MAX;
}

static unsigned count(const char *p, size_t len, const char *what)
{
	size_t n = strlen(what);
	const char *end = p + len;
	unsigned found = 0;

	while ((p = memmem(p, (size_t)(end - p), what, n))) {
		found++;
		p += n;
	}
	return found;
}

/* Those that end within the new bytes, however the chunks are cut. */
static unsigned count_new(const char *answer, size_t from, size_t len, const char *what)
{
	size_t back = strlen(what) - 1;
	size_t start = from > back ? from - back : 0;

	return count(answer + start, len - start, what);
}

/* The shortest period of p[0..n), by the failure function of Knuth, Morris and Pratt. */
static size_t period(const char *p, size_t n)
{
	uint16_t fail[WINDOW_LONG];
	size_t k = 0;

	fail[0] = 0;
	for (size_t i = 1; i < n; i++) {
		while (k > 0 && p[i] != p[k])
			k = fail[k - 1];
		if (p[i] == p[k])
			k++;
		fail[i] = (uint16_t)k;
	}
	return n - k;
}

static bool circles(const char *answer, size_t len, size_t window, size_t *due)
{
	if (len < window || len < *due)
		return false;
	*due = len + window / REPEATS;
	return period(answer + len - window, window) <= window / REPEATS;
}

const char *watchdog_feed(struct watchdog *w, const char *answer, size_t from, size_t len)
{
	w->specials += count_new(answer, from, len, "<unused") +
	               count_new(answer, from, len, "<pad>");
	if (w->specials > SPECIALS_MAX)
		return "tokens that no text has";
	if (too_blank(w, answer + from, len - from))
		return "nothing but whitespace";
	if (too_same(w, answer, from, len))
		return "the same words over and over";
	if (circles(answer, len, WINDOW_SHORT, &w->short_due) ||
	    circles(answer, len, WINDOW_LONG, &w->long_due))
		return "a text that goes round in circles";
	return NULL;
}
