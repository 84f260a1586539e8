/* SPDX-License-Identifier: MIT */
/*
 * Foreign text on the page: escaped so that it can be nothing but text, cut where it is too long,
 * and split into entries around every character that could not be copied as it is.
 */
#include <errno.h>

#include "agents/writer/glyph.h"
#include "agents/writer/ink_impl.h"

#define MAX_NAME_CHARS  160 /* a longer name says no more to a reader */
#define MAX_PROSE_CHARS 2000
#define MAX_REF_BYTES   1000 /* report.json holds the whole of it */

enum manner { MANNER_PROSE, MANNER_LABEL, MANNER_CODE };

/* One foreign text being printed. */
struct pour {
	enum manner manner;
	const char *ref;
	struct ink_entry entry; /* the piece now open: at and the place it begins */
	bool open, has_digit;
};

size_t ink_longest_run(const char *text, char c)
{
	size_t longest = 0, run = 0;

	for (; *text; text++) {
		run = *text == c ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void piece_close(struct ink *i, struct pour *p)
{
	struct ink_entry *e;

	if (p->open && p->has_digit) {
		e = ink_entry_open(i, INK_NAME, p->ref);
		if (e) {
			e->line = p->entry.line;
			e->column = p->entry.column;
			e->at = p->entry.at;
			e->len = i->out.len - p->entry.at;
		}
	}
	p->open = p->has_digit = false;
}

static void piece_add(struct ink *i, struct pour *p, const char *bytes, size_t len, uint32_t c)
{
	if (!p->open)
		p->entry = (struct ink_entry){
			.line = i->line, .column = i->column, .at = i->out.len};
	p->open = true;
	p->has_digit |= glyph_is_digit(c);
	ink_raw(i, bytes, len);
}

/* Whether Markdown, or a reader of it that makes links by itself, takes c for more than text. */
static bool needs_escape(const struct ink *i, const struct pour *p, uint32_t c, char next)
{
	if (p->manner == MANNER_CODE)
		return c == '|' && i->in_table;
	if (c == ':')
		return next == '/';
	return c > ' ' && c < 0x7f && strchr("\\`*_[]<>|~&#@$", (int)c);
}

static bool is_word_char(char c)
{
	return c & 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Inside a word an underscore is no emphasis: escaping it would only hurt the eye. */
static bool inside_word(const char *before, const char *text, char next)
{
	return before > text && is_word_char(before[-1]) && is_word_char(next);
}

static void pour_char(struct ink *i, struct pour *p, const char *text, const char *from,
                      const char *to, uint32_t c)
{
	if (glyph_is_hazard(c) || (c == GLYPH_REPLACEMENT && to == from + 1)) {
		bool blank = p->manner == MANNER_PROSE && (c == '\n' || c == '\t' || c == '\r');

		piece_close(i, p);
		ink_raw(i, blank ? " " : "\xef\xbf\xbd", blank ? 1 : 3);
		return;
	}
	if (needs_escape(i, p, c, *to) && !(c == '_' && inside_word(from, text, *to))) {
		piece_close(i, p);
		ink_raw(i, "\\", 1);
		ink_raw(i, from, 1);
		return;
	}
	piece_add(i, p, from, (size_t)(to - from), c);
}

static void pour_text(struct ink *i, enum manner manner, const char *text, const char *ref)
{
	struct pour p = {.manner = manner, .ref = ref};
	size_t left = manner == MANNER_PROSE ? MAX_PROSE_CHARS : MAX_NAME_CHARS;
	const char *at = text;

	while (*at && left-- > 0) {
		const char *from = at;
		uint32_t c = glyph_next(&at);

		if (manner == MANNER_PROSE && glyph_is_digit(c)) {
			ink_fail(i, -EPROTO, "a digit among words", text);
			return;
		}
		pour_char(i, &p, text, from, at, c);
	}
	piece_close(i, &p);
	if (*at)
		ink_raw(i, "…", strlen("…"));
}

/* The name as report.json has it, whole characters of at most MAX_REF_BYTES. */
static const char *ref_of(struct ink *i, const char *text)
{
	const char *at = text, *end = text;
	char *cut, *clean;

	while (*at && at - text <= MAX_REF_BYTES) {
		end = at;
		(void)glyph_next(&at);
	}
	cut = arena_strndup(i->arena, text, (size_t)((*at ? end : at) - text));
	clean = cut ? glyph_clean(i->arena, cut) : NULL;
	if (!clean)
		ink_fail(i, -ENOMEM, "no memory for a name", "");
	return clean;
}

void ink_prose(struct ink *i, const char *text)
{
	pour_text(i, MANNER_PROSE, text, NULL);
}

void ink_label(struct ink *i, const char *text)
{
	const char *ref = ref_of(i, text);

	if (ref)
		pour_text(i, MANNER_LABEL, text, ref);
}

/* GFM 6.3: the fence is longer than any run within, a blank keeps it off a backtick at an end. */
struct fence {
	size_t ticks;
	bool pad;
};

static struct fence fence_for(const char *first, const char *second)
{
	size_t a = ink_longest_run(first, '`'), b = ink_longest_run(second, '`');
	size_t len = strlen(first), end = strlen(second);
	char head = len ? first[0] : second[0], tail = end ? second[end - 1] : first[len - 1];
	bool blank = strspn(first, " ") == len && strspn(second, " ") == end;

	/* A text that is cut ends with dots of ours: padding is right for any end. */
	return (struct fence){(a > b ? a : b) + 1,
	                      head == '`' || tail == '`' || (head == ' ' && tail == ' ' && !blank)};
}

static void fence_print(struct ink *i, struct fence f, bool opens)
{
	ink_raw(i, " ", f.pad && !opens);
	for (size_t k = 0; k < f.ticks; k++)
		ink_raw(i, "`", 1);
	ink_raw(i, " ", f.pad && opens);
}

void ink_name(struct ink *i, const char *text)
{
	const char *ref = ref_of(i, text);
	struct fence f;

	if (!text[0]) {
		ink_words(i, "*(empty)*");
		return;
	}
	f = fence_for(text, "");
	if (!ref || f.ticks > MAX_NAME_CHARS) { /* nobody's name; it must not become a page */
		ink_words(i, "*(unprintable)*");
		return;
	}
	fence_print(i, f, true);
	pour_text(i, MANNER_CODE, text, ref);
	fence_print(i, f, false);
}

void ink_pair(struct ink *i, const char *key, const char *value)
{
	const char *ref_key = ref_of(i, key), *ref_value = ref_of(i, value);
	struct fence f = fence_for(key[0] ? key : "=", value[0] ? value : "=");

	if (!ref_key || !ref_value || f.ticks > MAX_NAME_CHARS) {
		ink_words(i, "*(unprintable)*");
		return;
	}
	fence_print(i, f, true);
	pour_text(i, MANNER_CODE, key, ref_key);
	ink_raw(i, "=", 1);
	pour_text(i, MANNER_CODE, value, ref_value);
	fence_print(i, f, false);
}
