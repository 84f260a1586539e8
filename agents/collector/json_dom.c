/* SPDX-License-Identifier: MIT */
/*
 * json_dom - one pass over the text. Finished nodes lie on a stack until their container closes,
 * which takes them all. Parsing functions return the place behind what they read, or NULL when
 * they failed.
 */
#include "agents/collector/json_dom.h"

#include <errno.h>
#include <stdio.h>

#include "agents/collector/encoding.h"
#include "agents/collector/json_names.h"
#include "agents/collector/json_scan.h"
#include "agents/collector/json_text.h"
#include "agents/collector/json_word.h"
#include "lib/base/utf8.h"

#define NAME_SHOWN        60 /* bytes of a name within an error */
#define RECORDS_DEPTH_MAX 8  /* far from where any depth ends */

/* What a container that the text's end cut off can leave of itself. */
enum kept {
	KEPT_NOTHING,
	KEPT_MEMBERS, /* of an object */
	KEPT_RECORDS  /* an array somewhere within it, with elements that are whole */
};

struct parser {
	struct str text;
	const char *end;
	struct arena *arena;
	struct json_node *stack; /* finished nodes whose container is still open */
	size_t n, cap;
	struct json_names names;
	struct json_name *first; /* of the documents: a guess */
	uint32_t objects;
	unsigned depth;
	struct error *err;
	int failure;         /* negative errno */
	bool cut;            /* it failed because the text ends */
	struct error *twice; /* a name that comes twice in an object; NULL: that is a failure */
	enum kept kept;
	const struct json_records_room *room; /* NULL: all is a tree */
	unsigned arrays;                      /* that are open */
};

static const char *fail_at(struct parser *p, const char *at, const char *what)
{
	unsigned line, column;

	encoding_place(p->text, (size_t)(at - p->text.at), &line, &column);
	p->failure = error_set(p->err, -EINVAL, "line %u column %u: %s", line, column, what);
	return NULL;
}

static const char *fail_cut(struct parser *p, const char *at, const char *what)
{
	p->cut = true;
	return fail_at(p, at, what);
}

static const char *out_of_memory(struct parser *p)
{
	p->failure = error_set(p->err, -ENOMEM, "out of memory");
	return NULL;
}

static const char *unexpected(struct parser *p, const char *at, const char *wanted)
{
	char what[80];

	if (at == p->end) {
		(void)snprintf(what, sizeof what, "ends where %s should be: cut short", wanted);
		return fail_cut(p, at, what);
	}
	if (p->end - at > 1 && *at == '/' && at[1] == '*')
		return fail_cut(p, at, "a comment that never ends: cut short");
	if (*at == '#')
		return fail_at(p, at, "a comment, which JSON does not have");
	(void)snprintf(what, sizeof what, "not %s", wanted);
	return fail_at(p, at, what);
}

static bool grow(struct parser *p)
{
	size_t cap = p->cap ? p->cap * 2 : 256;
	struct json_node *stack = reallocarray(p->stack, cap, sizeof *stack);

	if (!stack) {
		(void)out_of_memory(p);
		return false;
	}
	p->stack = stack;
	p->cap = cap;
	return true;
}

/* Returns `behind`. */
static inline const char *push(struct parser *p, enum dom_type type, const char *at,
                               struct str text, const char *behind)
{
	if (p->n == p->cap && !grow(p))
		return NULL;
	p->stack[p->n++] = (struct json_node){.text = text.at,
	                                      .n = (uint32_t)text.len,
	                                      .offset = (uint32_t)(at - p->text.at),
	                                      .type = (uint8_t)type};
	return behind;
}

static const char *read_escaped(struct parser *p, const char *from, const char *end,
                                struct str *ret)
{
	char *copy = arena_alloc(p->arena, (size_t)(end - from) + 1);
	const char *bad;

	if (!copy)
		return out_of_memory(p);
	bad = json_unescape(copy, &ret->len, from, end);
	if (bad)
		return fail_at(p, bad, "no escape sequence, or \\u0000");
	ret->at = copy;
	return end + 1;
}

/* At the opening quote. */
static inline const char *read_string(struct parser *p, const char *at, struct str *ret)
{
	const char *stop = json_string_stop(at + 1, p->end);

	if (stop < p->end && *stop == '"') {
		*ret = (struct str){at + 1, (size_t)(stop - at) - 1};
		return stop + 1;
	}
	while (stop < p->end && *stop != '"') {
		if (*stop != '\\')
			return fail_at(p, stop, "a control character within a string");
		if (p->end - stop < 2)
			break;
		stop = json_string_stop(stop + 2, p->end);
	}
	if (stop == p->end || *stop != '"')
		return fail_cut(p, at, "a string that never ends: cut short");
	return read_escaped(p, at + 1, stop, ret);
}

static const char *parse_word(struct parser *p, const char *from)
{
	struct str word = json_word_at(from, p->end);
	const char *end = from + word.len;
	enum dom_type type;

	if (end == from)
		return unexpected(p, from, "a value");
	if (json_word_type(word, &type))
		return push(p, type, from, word, end);
	if (end == p->end)
		return fail_cut(p, from, "no value, or cut short");
	return fail_at(p, from, "no value of JSON");
}

static inline const char *parse_scalar(struct parser *p, const char *at)
{
	const char *end;
	struct str text;
	bool plain;

	if (*at == '"') {
		end = read_string(p, at, &text);
		return end ? push(p, DOM_STRING, at, text, end) : NULL;
	}
	end = json_number_end(at, p->end, &plain);
	if (!end || (end < p->end && json_is_word_byte(*end)))
		return parse_word(p, at);
	return push(p, DOM_NUMBER, at, (struct str){at, (size_t)(end - at)}, end);
}

static bool note_twice(struct parser *p, const struct json_node *second)
{
	const char *at = p->text.at + second->offset;
	size_t left = (size_t)(p->end - at), len = 1;
	char what[NAME_SHOWN + 40];
	unsigned line, column;

	while (len < left && at[len] != '"')
		len += at[len] == '\\' ? 2 : 1;
	len = utf8_cut(at + 1, len < left ? len - 1 : 0, NAME_SHOWN);
	(void)snprintf(what, sizeof what, "the name \"%.*s\" comes twice", (int)len, at + 1);
	if (!p->twice)
		return fail_at(p, at, what) != NULL;
	encoding_place(p->text, (size_t)(at - p->text.at), &line, &column);
	(void)error_set(p->twice, -EEXIST, "line %u column %u: %s", line, column, what);
	return true;
}

/* No locator can tell which of the members of one name is meant: none of them stays. */
static void drop_twice(struct parser *p, size_t base, uint32_t object)
{
	size_t n = base;

	for (size_t i = base; i < p->n; i++)
		if (json_name_of(p->stack[i].key)->twice != object)
			p->stack[n++] = p->stack[i];
	p->n = n;
}

/* Of the object whose members lie above `base`. */
static bool check_names(struct parser *p, size_t base)
{
	uint32_t object = ++p->objects; /* fewer than bytes of text */
	bool twice = false;

	for (size_t i = base; i < p->n; i++) {
		struct json_name *name = json_name_of(p->stack[i].key);

		if (name->seen == object) {
			if (!(p->twice && p->twice->code) && !note_twice(p, &p->stack[i]))
				return false;
			name->twice = object;
			twice = true;
		}
		name->seen = object;
	}
	if (twice)
		drop_twice(p, base, object);
	return true;
}

/* The nodes above `base` become the items of one container, which takes their place. */
static bool close_container(struct parser *p, enum dom_type type, size_t base, const char *from)
{
	struct json_node *items = NULL;
	size_t n;

	if (type == DOM_OBJECT && !check_names(p, base))
		return false;
	n = p->n - base;
	if (n) {
		items = arena_alloc(p->arena, n * sizeof *items);
		if (!items)
			return out_of_memory(p);
		memcpy(items, p->stack + base, n * sizeof *items);
	}
	p->n = base;
	if (!push(p, type, from, (struct str){NULL, n}, from))
		return false;
	p->stack[base].items = items;
	return true;
}

/*
 * An array of plain numbers, behind its bracket. NULL: it is none, which is no failure. One with a
 * comment in it is none, since there may be digits in that.
 */
static const char *skip_numbers(struct parser *p, const char *at, uint32_t *ret_n)
{
	const char *from = at;
	uint32_t n = 0;

	for (;;) {
		bool plain;

		at = json_skip_blanks(at, p->end);
		at = json_number_end(at, p->end, &plain);
		if (!at || !plain)
			return NULL;
		n++;
		at = json_skip_blanks(at, p->end);
		if (at == p->end || (*at != ',' && *at != ']'))
			return NULL;
		if (*at++ == ']')
			break;
	}
	*ret_n = n;
	return memchr(from, '/', (size_t)(at - from)) ? NULL : at;
}

static const char *parse_value(struct parser *p, const char *at, struct json_name **guess);

static inline const char *parse_name(struct parser *p, const char *at, struct json_name **guess,
                                     struct json_name **ret)
{
	const char *end;
	struct str text;

	if (at == p->end || *at != '"')
		return unexpected(p, at, "a name in quotes");
	if (*guess && json_name_is_at(*guess, at + 1, p->end)) {
		*ret = *guess;
		return at + (*guess)->len + 2;
	}
	end = read_string(p, at, &text);
	if (!end)
		return NULL;
	*ret = *guess = json_names_add(&p->names, text.at, text.len, p->arena);
	return *ret ? end : out_of_memory(p);
}

/* With the value's node on the stack, unless nothing is left of it. */
static inline const char *parse_member(struct parser *p, const char *at, struct json_name **guess,
                                       struct json_name **ret)
{
	const char *from = at;
	size_t n = p->n;

	at = parse_name(p, at, guess, ret);
	if (!at)
		return NULL;
	at = json_skip_blanks(at, p->end);
	if (at == p->end || *at != ':')
		return unexpected(p, at, "a colon");
	at = parse_value(p, json_skip_blanks(at + 1, p->end), &(*ret)->inner);
	if (p->n > n) {
		p->stack[n].key = (*ret)->text;
		p->stack[n].offset = (uint32_t)(from - p->text.at);
	}
	return at;
}

/* The last digits of a number, or the last letters of a word, may be missing. */
static void drop_unfinished(struct parser *p, const char *behind)
{
	uint8_t type = p->stack[p->n - 1].type;

	if (behind == p->end && (type == DOM_NUMBER || type == DOM_NONFINITE))
		p->n--;
}

static const char *parse_members(struct parser *p, const char *at, struct json_name **guess)
{
	at = json_skip_blanks(at, p->end);
	while (at == p->end || *at != '}') {
		struct json_name *name = NULL;
		const char *behind;

		behind = parse_member(p, at, guess, &name);
		if (!behind)
			return NULL;
		guess = &name->next;
		at = json_skip_blanks(behind, p->end);
		if (at < p->end && *at == ',') {
			at = json_skip_blanks(at + 1, p->end);
		} else if (at == p->end || *at != '}') {
			drop_unfinished(p, behind);
			return unexpected(p, at, "a comma or }");
		}
	}
	return at + 1;
}

/* The object is cut off: its members that are whole stay. */
static void keep_members(struct parser *p, size_t base, const char *from)
{
	if (!p->cut || p->n == base)
		p->n = base, p->kept = KEPT_NOTHING;
	else if (!close_container(p, DOM_OBJECT, base, from))
		p->n = base, p->cut = false;
	else if (p->kept == KEPT_NOTHING)
		p->kept = KEPT_MEMBERS;
}

static const char *parse_object(struct parser *p, const char *from, struct json_name **guess)
{
	size_t base = p->n;
	const char *at = parse_members(p, from + 1, guess);

	if (at)
		return close_container(p, DOM_OBJECT, base, from) ? at : NULL;
	keep_members(p, base, from);
	return NULL;
}

/* *ret_whole: how many nodes the stack had before an element that failed. */
static const char *parse_elements(struct parser *p, const char *at, struct json_name **guess,
                                  size_t *ret_whole)
{
	p->arrays++;
	at = json_skip_blanks(at, p->end);
	while (at == p->end || *at != ']') {
		const char *behind;

		*ret_whole = p->n;
		behind = parse_value(p, at, guess);
		if (!behind)
			return NULL;
		if (behind < p->end)
			*ret_whole = p->n;
		at = json_skip_blanks(behind, p->end);
		if (at < p->end && *at == ',')
			at = json_skip_blanks(at + 1, p->end);
		else if (at == p->end || *at != ']')
			return unexpected(p, at, "a comma or ]");
	}
	p->arrays--;
	return at + 1;
}

/* The array is cut off: its elements that are whole stay if they are records, not samples. */
static void keep_records(struct parser *p, size_t base, size_t whole, const char *from)
{
	bool records = p->kept == KEPT_RECORDS;

	if (!records)
		p->n = whole;
	for (size_t i = base; i < p->n && !records; i++)
		records = json_dom_is_array(&p->stack[i]) || p->stack[i].type == DOM_OBJECT;
	p->kept = KEPT_NOTHING;
	if (!p->cut || !records)
		p->n = base;
	else if (close_container(p, DOM_ARRAY, base, from))
		p->kept = KEPT_RECORDS;
}

/* At the first row. NULL: they must become a tree, or nothing. */
static const char *read_records(struct parser *p, const char *from, const char *at, bool lines)
{
	struct json_records *records;

	if (!p->room || p->arrays || p->depth > RECORDS_DEPTH_MAX || at == p->end || *at != '{')
		return NULL;
	at = json_records_read(&records, p->room, p->arena, at, p->end, lines);
	if (!at || !push(p, DOM_RECORDS, from, (struct str){NULL, records->n_rows}, at))
		return NULL;
	p->stack[p->n - 1].records = records;
	return at;
}

static const char *parse_array(struct parser *p, const char *from, struct json_name **guess)
{
	size_t base = p->n, whole = base;
	uint32_t n;
	const char *at = skip_numbers(p, from + 1, &n);

	if (at)
		return push(p, DOM_NUMBERS, from, (struct str){from + 1, n}, at);
	at = read_records(p, from, json_skip_blanks(from + 1, p->end), false);
	if (at || p->failure)
		return at;
	at = parse_elements(p, from + 1, guess, &whole);
	if (at)
		return close_container(p, DOM_ARRAY, base, from) ? at : NULL;
	keep_records(p, base, whole, from);
	return NULL;
}

static const char *parse_value(struct parser *p, const char *at, struct json_name **guess)
{
	if (at == p->end)
		return unexpected(p, at, "a value");
	if (*at != '{' && *at != '[')
		return parse_scalar(p, at);
	if (++p->depth > JSON_DOM_DEPTH_MAX)
		return fail_at(p, at, "nested more than 512 deep");
	at = *at == '{' ? parse_object(p, at, guess) : parse_array(p, at, guess);
	p->depth--;
	return at;
}

static bool opens(char c)
{
	return c == '{' || c == '[';
}

/* Text before the JSON: fio and others say a few words first. */
static const char *skip_greeting(const char *from, const char *end)
{
	const char *at = from;

	while (at < end && !opens(*at)) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (!at)
			return from;
		at++;
	}
	return at < end ? at : from;
}

/* perf ends each line of JSON with a comma. */
static const char *skip_between(const char *at, const char *end)
{
	const char *behind;

	at = json_skip_blanks(at, end);
	if (at == end || *at != ',')
		return at;
	behind = json_skip_blanks(at + 1, end);
	return behind == end || opens(*behind) ? behind : at;
}

/* Returns how many are whole, one behind the other on the stack. */
static size_t parse_documents(struct parser *p, const char *at, bool *ret_more)
{
	size_t n = 0;

	while (at < p->end || n == 0) {
		p->depth = 0;
		*ret_more = n == 0 || opens(*at);
		at = parse_value(p, at, &p->first);
		if (!at)
			break;
		n++;
		at = skip_between(at, p->end);
	}
	return n;
}

static int parse_text(struct parser *p, struct error *ret_cut, struct error *err)
{
	const char *at = json_skip_blanks(p->text.at, p->end);
	struct error cut = {0};
	bool more = false;
	size_t n;

	p->err = &cut;
	at = skip_greeting(at, p->end);
	n = read_records(p, at, at, true) ? 1 : 0;
	if (n == 0 && !p->failure)
		n = parse_documents(p, at, &more);
	if (p->failure == -ENOMEM || (p->failure && !(ret_cut && (n || p->kept))))
		return error_set(err, p->failure, "%s", cut.text);
	if (ret_cut)
		*ret_cut = cut.code ? cut : *p->twice;
	p->err = err;
	p->failure = 0;
	p->n = n ? n : 1; /* without the pieces of a later one */
	if (n > 1 || (n && cut.code && more))
		(void)close_container(p, DOM_ARRAY, 0, at);
	return p->failure;
}

int json_dom_parse_records(struct json_node **ret, struct error *ret_cut, struct arena *arena,
                           const struct json_records_room *room, struct str text, struct error *err)
{
	struct error twice = {0};
	struct parser p = {.text = text,
	                   .end = text.at + text.len,
	                   .arena = arena,
	                   .err = err,
	                   .twice = ret_cut ? &twice : NULL,
	                   .room = room};
	struct json_node *root = arena_alloc(arena, sizeof *root);
	int r;

	if (text.len >= UINT32_MAX)
		return error_set(err, -EINVAL, "more than 4 GiB of JSON: write several files");
	if (!root || json_names_init(&p.names) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	r = grow(&p) ? parse_text(&p, ret_cut, err) : p.failure;
	if (r == 0) {
		*root = p.stack[0];
		*ret = root;
	}
	json_names_done(&p.names);
	free(p.stack);
	return r;
}

int json_dom_parse(struct json_node **ret, struct error *ret_cut, struct arena *arena,
                   struct str text, struct error *err)
{
	struct parser p = {.text = text, .err = err};
	size_t valid = encoding_valid_prefix(text.at, text.len);

	if (valid < text.len)
		return fail_at(&p, text.at + valid, "not UTF-8") ? 0 : p.failure;
	return json_dom_parse_records(ret, ret_cut, arena, NULL, text, err);
}
