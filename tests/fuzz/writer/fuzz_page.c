/* SPDX-License-Identifier: MIT */
/*
 * Bytes become the names, words, units and values of a dossier. Whatever they are: the report is
 * composed, every numeral of it holds, and no markup of theirs reaches the HTML.
 */
#include <assert.h>
#include <math.h>
#include <stdint.h>

#include "tests/unit/writer/checker.h"
#include "tests/unit/writer/fixture.h"

#define MAX_TEXT 400

/* The next piece of the input up to a NUL; "" at its end. */
static char *next_text(struct arena *a, const uint8_t **data, size_t *size)
{
	size_t n = 0;
	char *text;

	while (n < *size && n < MAX_TEXT && (*data)[n])
		n++;
	text = arena_strndup(a, (const char *)*data, n);
	assert(text);
	n += n < *size;
	*data += n;
	*size -= n;
	return text;
}

/* Words hold no digit of any script: the bytes of an ASCII text without digits. */
static char *without_digits(char *text)
{
	for (char *s = text; *s; s++)
		if ((*s >= '0' && *s <= '9') || (unsigned char)*s >= 0x80)
			*s = 'x';
	return text;
}

static double next_value(const uint8_t **data, size_t *size)
{
	double v = 1;

	if (*size >= sizeof v) {
		memcpy(&v, *data, sizeof v);
		*data += sizeof v;
		*size -= sizeof v;
	}
	return isfinite(v) ? v : 7.5;
}

/* Replaces what the fixture made with what the input says, where it says something. */
static void poison(struct fixture *f, const uint8_t *data, size_t size)
{
	struct artifact *a = f->d.inventory.artifacts;
	struct group *g = &f->d.groups[0];

	f->d.facts[0].value = next_value(&data, &size);
	f->d.facts[1].value = next_value(&data, &size);
	f->d.facts[0].label = next_text(f->arena, &data, &size);
	f->d.facts[0].unit = next_text(f->arena, &data, &size);
	a[0].path = g->title = next_text(f->arena, &data, &size);
	g->where = next_text(f->arena, &data, &size);
	g->metrics[0].name = next_text(f->arena, &data, &size);
	f->d.facts[0].metric = g->metrics[0].name;
	f->meta.title = next_text(f->arena, &data, &size);
	f->meta.machine = next_text(f->arena, &data, &size);
	a[1].reason = next_text(f->arena, &data, &size);
	f->d.roles[0].why = next_text(f->arena, &data, &size);
	((struct segment *)(uintptr_t)f->d.comments[0].text.segments)[0].words = without_digits(
		next_text(f->arena, &data, &size));
	((struct segment *)(uintptr_t)f->d.findings[7].text.segments)[0].name = next_text(
		f->arena, &data, &size);
}

static unsigned count(const struct buf *b, const char *text)
{
	unsigned n = 0;

	for (const char *at = b->data; (at = strstr(at, text)); at++)
		n++;
	return n;
}

/* Every tag's links lead to this page. In text "href=" is a word like any other. */
static bool links_are_own(const struct buf *html)
{
	const char *end;

	for (const char *tag = html->data; (tag = strchr(tag, '<')); tag = end) {
		end = tag + strcspn(tag, ">");
		for (const char *at = tag; (at = memmem(at, (size_t)(end - at), "href=", 5)); at++)
			if (strncmp(at, "href=\"#", 7) != 0)
				return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = {0};
	struct report_files r;
	struct fixture f;

	fixture_full(&f);
	poison(&f, data, size);
	assert(writer_compose(&r, &f.d, &f.meta, &err) == 0);
	assert(checker_numerals(&r.md, &r.json) > 0);
	assert(count(&r.html, "<script") == 1 && !count(&r.html, "<img") &&
	       links_are_own(&r.html) && !count(&r.html, "<!-- raw"));
	assert(count(&r.html, "<a ") == count(&r.html, "</a>") &&
	       count(&r.html, "<details>") == count(&r.html, "</details>"));
	report_files_done(&r);
	fixture_done(&f);
	return 0;
}
