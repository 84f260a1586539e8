/* SPDX-License-Identifier: MIT */
#include "lib/base/yaml_text.h"

#include <errno.h>

#include "lib/base/str.h"

#define DIRECTIVES_MAX 16 /* one or two are usual: %YAML 1.2 */

struct walk {
	const char *source;
	struct str text;
	yaml_parser_t parser;
	yaml_event_t open[YAML_DEPTH_MAX]; /* the starts of all collections that have not ended */
	size_t depth, documents, anchors;
	struct error *err;
};

static void walk_done(struct walk *w)
{
	while (w->depth > 0)
		yaml_event_delete(&w->open[--w->depth]);
	yaml_parser_delete(&w->parser);
}

static int fail(const struct walk *w, yaml_mark_t at, int code, const char *what)
{
	return error_set(w->err, code, "%s:%zu:%zu: %s", w->source, at.line + 1, at.column + 1,
	                 what);
}

/* libyaml gives a byte offset where it could not even read characters. */
static yaml_mark_t mark_of(struct str text, size_t offset)
{
	yaml_mark_t m = {0};

	for (size_t i = 0; i < offset && i < text.len; i++) {
		if (text.at[i] == '\n') {
			m.line++;
			m.column = 0;
		} else if (((unsigned char)text.at[i] & 0xc0) != 0x80) {
			m.column++;
		}
	}
	return m;
}

static int fail_parse(const struct walk *w, const yaml_parser_t *p)
{
	yaml_mark_t at = p->problem_mark;

	/* libyaml names every problem but some of its own allocations */
	if (p->error == YAML_MEMORY_ERROR || !p->problem)
		return error_set(w->err, -ENOMEM, "%s: out of memory", w->source);
	if (p->error == YAML_READER_ERROR)
		at = mark_of(w->text, p->problem_offset);
	return error_set(w->err, -EINVAL, "%s:%zu:%zu: not YAML: %s%s%s", w->source, at.line + 1,
	                 at.column + 1, p->problem, p->context ? " " : "",
	                 p->context ? p->context : "");
}

static const yaml_char_t *anchor_of(const yaml_event_t *e)
{
	if (e->type == YAML_MAPPING_START_EVENT)
		return e->data.mapping_start.anchor;
	if (e->type == YAML_SEQUENCE_START_EVENT)
		return e->data.sequence_start.anchor;
	return e->type == YAML_SCALAR_EVENT ? e->data.scalar.anchor : NULL;
}

static int walk_alias(const struct walk *w, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;

	for (size_t i = 0; i < w->depth; i++) {
		const yaml_char_t *open = anchor_of(&w->open[i]);

		if (open && strcmp((const char *)open, name) == 0)
			return fail(w, e->start_mark, -ELOOP, "this alias contains itself");
	}
	return 0;
}

/* Takes over the event of a collection's start. */
static int walk_open(struct walk *w, yaml_event_t *e)
{
	if (w->depth == YAML_DEPTH_MAX)
		return fail(w, e->start_mark, -ELOOP, "nested too deeply");
	w->open[w->depth++] = *e;
	*e = (yaml_event_t){0};
	return 0;
}

static int walk_event(struct walk *w, yaml_event_t *e)
{
	if (anchor_of(e) && ++w->anchors > YAML_ANCHORS_MAX)
		return fail(w, e->start_mark, -E2BIG, "too many anchors");

	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++w->documents > 1)
			return fail(w, e->start_mark, -EINVAL,
			            "a second document begins here; a file holds one");
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return walk_open(w, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		yaml_event_delete(&w->open[--w->depth]);
		break;
	case YAML_ALIAS_EVENT:
		return walk_alias(w, e);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_SCALAR_EVENT:
		break;
	}
	return 0;
}

/* Reads the whole text once as events, which cost no memory, before anything is built of it. */
static int walk(struct walk *w)
{
	for (;;) {
		CLEANUP(yaml_event_delete) yaml_event_t e = {0};
		int r;

		if (!yaml_parser_parse(&w->parser, &e))
			return fail_parse(w, &w->parser);
		if (e.type == YAML_STREAM_END_EVENT)
			return 0;
		r = walk_event(w, &e);
		if (r < 0)
			return r;
	}
}

/* libyaml compares each %TAG with all before it: 200 KiB of them took 4.5 s. */
static bool many_directives(struct str text)
{
	const char *end = text.at + text.len, *line = text.at;
	size_t n = 0;

	while (line && line < end) {
		n += *line == '%';
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : NULL;
	}
	return n > DIRECTIVES_MAX;
}

static void feed(yaml_parser_t *p, struct str text)
{
	/* Never leave the encoding to a guess: places are counted in UTF-8. */
	yaml_parser_set_encoding(p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(p, (const unsigned char *)text.at, text.len);
}

static int check(const char *source, struct str text, struct error *err)
{
	CLEANUP(walk_done) struct walk w = {.source = source, .text = text, .err = err};
	const char *nul = memchr(text.at, '\0', text.len);

	if (text.len > YAML_TEXT_MAX)
		return error_set(err, -EFBIG, "%s: %zu bytes, over the limit of %zu", source,
		                 text.len, YAML_TEXT_MAX);
	if (nul)
		return fail(&w, mark_of(text, (size_t)(nul - text.at)), -EINVAL,
		            "contains a NUL byte");
	if (many_directives(text))
		return error_set(err, -E2BIG, "%s:1:1: too many lines that begin with %%", source);
	if (!yaml_parser_initialize(&w.parser))
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	feed(&w.parser, text);
	return walk(&w);
}

int yaml_text_load(yaml_document_t *ret, const char *source, const char *text, size_t len,
                   struct error *err)
{
	CLEANUP(yaml_parser_delete) yaml_parser_t parser = {0};
	bool bom = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
	struct str t = bom ? (struct str){text + 3, len - 3} : (struct str){len ? text : "", len};
	struct walk w = {.source = source, .text = t, .err = err};
	int r = check(source, t, err);

	if (r < 0)
		return r;
	if (!yaml_parser_initialize(&parser))
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	feed(&parser, t);
	if (!yaml_parser_load(&parser, ret))
		return fail_parse(&w, &parser);
	return 0;
}
