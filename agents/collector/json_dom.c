/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_dom.h"

#include <errno.h>
#include <stdio.h>

#include "agents/collector/encoding.h"
#include "lib/base/utf8.h"

#define SHORT_OBJECT 12 /* members; below it, comparing all pairs beats sorting */
#define NAME_SHOWN   60 /* bytes of a name within an error */

struct parser {
	struct str text;
	const char *at, *end;
	struct arena *arena;
	struct json_node *stack; /* finished nodes whose container is still open */
	size_t n, cap;
	unsigned depth;
	struct error *err;
};

static int fail_at(struct parser *p, const char *at, const char *what)
{
	unsigned line, column;

	encoding_place(p->text, (size_t)(at - p->text.at), &line, &column);
	return error_set(p->err, -EINVAL, "line %u column %u: %s", line, column, what);
}

static int out_of_memory(struct parser *p)
{
	return error_set(p->err, -ENOMEM, "out of memory");
}

static int unexpected(struct parser *p, const char *wanted)
{
	char what[80];

	if (p->at == p->end)
		(void)snprintf(what, sizeof what, "ends where %s should be: cut short", wanted);
	else if (*p->at == '/' || *p->at == '#')
		(void)snprintf(what, sizeof what, "a comment, which JSON does not have");
	else
		(void)snprintf(what, sizeof what, "not %s", wanted);
	return fail_at(p, p->at, what);
}

static void skip_blanks(struct parser *p)
{
	while (p->at < p->end &&
	       (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t'))
		p->at++;
}

static int push(struct parser *p, const struct json_node *node)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 256;
		struct json_node *stack = reallocarray(p->stack, cap, sizeof *stack);

		if (!stack)
			return out_of_memory(p);
		p->stack = stack;
		p->cap = cap;
	}
	p->stack[p->n++] = *node;
	return 0;
}

static int push_scalar(struct parser *p, enum dom_type type, const char *from, size_t len)
{
	struct json_node node = {
		.type = (uint8_t)type, .n = (uint32_t)len, .offset = (uint32_t)(from - p->text.at)};

	node.text = arena_strndup(p->arena, from, len);
	return node.text ? push(p, &node) : out_of_memory(p);
}

static int hex4(const char *at, const char *end, uint32_t *ret)
{
	uint32_t value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		char lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			value = value * 16 + (uint32_t)(c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value * 16 + (uint32_t)(lower - 'a' + 10);
		else
			return -1;
	}
	*ret = value;
	return 0;
}

/* At the u of \u; moves to its last byte. Half a surrogate pair becomes U+FFFD. 0: refused. */
static uint32_t escaped_code_point(const char **at, const char *end)
{
	uint32_t c, low;

	if (hex4(*at + 1, end, &c) < 0)
		return 0;
	*at += 4;
	if (c < 0xD800 || c > 0xDFFF)
		return c;
	if (c > 0xDBFF || end - *at < 7 || (*at)[1] != '\\' || (*at)[2] != 'u' ||
	    hex4(*at + 3, end, &low) < 0 || low < 0xDC00 || low > 0xDFFF)
		return 0xFFFD;
	*at += 6;
	return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

/* One escape behind its backslash; returns the bytes written, 0 if there is no such escape. */
static size_t unescape(char ret[static 4], const char **at, const char *end)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known = **at ? strchr(from, **at) : NULL;
	uint32_t c;

	if (known) {
		ret[0] = to[known - from];
		return 1;
	}
	if (**at != 'u')
		return 0;
	c = escaped_code_point(at, end);
	return c ? encoding_put(ret, c) : 0;
}

/* What is unescaped is never longer than its escape. */
static int copy_escaped(struct parser *p, char *to, const char *from, const char *end, size_t *ret)
{
	size_t n = 0;

	for (const char *at = from; at < end; at++) {
		const char *backslash = at;
		char utf8[4];
		size_t len;

		if (*at != '\\') {
			to[n++] = *at;
			continue;
		}
		at++;
		len = unescape(utf8, &at, end);
		if (len == 0)
			return fail_at(p, backslash, "no escape sequence, or \\u0000");
		memcpy(to + n, utf8, len);
		n += len;
	}
	to[n] = '\0';
	*ret = n;
	return 0;
}

/* At the opening quote; leaves p->at behind the closing one. */
static int parse_string(struct parser *p, const char **ret, size_t *ret_len)
{
	const char *from = p->at + 1, *at = from;
	bool escaped = false;
	char *copy;

	for (; at < p->end && *at != '"'; at++) {
		if ((unsigned char)*at < ' ')
			return fail_at(p, at, "a control character within a string");
		if (*at == '\\') {
			escaped = true;
			if (++at == p->end)
				break;
		}
	}
	if (at >= p->end)
		return fail_at(p, p->at, "a string that never ends: cut short");
	copy = arena_strndup(p->arena, from, (size_t)(at - from));
	if (!copy)
		return out_of_memory(p);
	*ret = copy;
	*ret_len = (size_t)(at - from);
	p->at = at + 1;
	return escaped ? copy_escaped(p, copy, from, at, ret_len) : 0;
}

static int parse_string_value(struct parser *p)
{
	struct json_node node = {.type = DOM_STRING, .offset = (uint32_t)(p->at - p->text.at)};
	size_t len = 0;
	int r = parse_string(p, &node.text, &len);

	node.n = (uint32_t)len;
	return r < 0 ? r : push(p, &node);
}

static const char *digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* NULL: no number of JSON begins here. */
static const char *end_of_number(const char *at, const char *end)
{
	const char *from;

	at += at < end && *at == '-';
	from = at;
	at = digits(at, end);
	if (at == from || (*from == '0' && at > from + 1))
		return NULL;
	if (at < end && *at == '.') {
		from = ++at;
		at = digits(at, end);
		if (at == from)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '+' || *at == '-');
		from = at;
		at = digits(at, end);
		if (at == from)
			return NULL;
	}
	return at;
}

static bool is_word_byte(char c)
{
	char lower = (char)(c | 0x20);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' ||
	       c == '-' || c == '_';
}

/* Numbers and the bare words: what stands between two delimiters must be one of them exactly. */
static int parse_word(struct parser *p)
{
	static const struct {
		const char *word;
		enum dom_type type;
	} words[] = {{"null", DOM_NULL},          {"true", DOM_BOOL},
	             {"false", DOM_BOOL},         {"NaN", DOM_NONFINITE},
	             {"nan", DOM_NONFINITE},      {"-nan", DOM_NONFINITE},
	             {"Infinity", DOM_NONFINITE}, {"-Infinity", DOM_NONFINITE},
	             {"inf", DOM_NONFINITE},      {"-inf", DOM_NONFINITE}};
	const char *from = p->at, *end = from;
	struct str word;

	while (end < p->end && is_word_byte(*end))
		end++;
	if (end == from)
		return unexpected(p, "a value");
	word = (struct str){from, (size_t)(end - from)};
	p->at = end;
	if (end_of_number(from, end) == end)
		return push_scalar(p, DOM_NUMBER, from, word.len);
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i].word))
			return push_scalar(p, words[i].type, from, word.len);
	return fail_at(p, from, end == p->end ? "no value, or cut short" : "no value of JSON");
}

static int by_key(const void *a, const void *b)
{
	const struct json_node *const *x = a, *const *y = b;
	int r = strcmp((*x)->key, (*y)->key);

	return r ? r : (*x)->offset < (*y)->offset ? -1 : 1;
}

static int fail_twice(struct parser *p, const struct json_node *second)
{
	const char *at = p->text.at + second->offset;
	size_t left = (size_t)(p->end - at), len = 1;
	char what[NAME_SHOWN + 40];

	while (len < left && at[len] != '"')
		len += at[len] == '\\' ? 2 : 1;
	len = utf8_cut(at + 1, len < left ? len - 1 : 0, NAME_SHOWN);
	(void)snprintf(what, sizeof what, "the name \"%.*s\" comes twice", (int)len, at + 1);
	return fail_at(p, at, what);
}

static int check_names_sorted(struct parser *p, const struct json_node *members, size_t n)
{
	CLEANUP(freep) const struct json_node **sorted = calloc(n, sizeof *sorted);

	if (!sorted)
		return out_of_memory(p);
	for (size_t i = 0; i < n; i++)
		sorted[i] = &members[i];
	qsort(sorted, n, sizeof *sorted, by_key);
	for (size_t i = 1; i < n; i++)
		if (strcmp(sorted[i - 1]->key, sorted[i]->key) == 0)
			return fail_twice(p, sorted[i]);
	return 0;
}

static int check_names(struct parser *p, const struct json_node *members, size_t n)
{
	if (n > SHORT_OBJECT)
		return check_names_sorted(p, members, n);
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(members[k].key, members[i].key) == 0)
				return fail_twice(p, &members[i]);
	return 0;
}

/* The nodes above `base` become the items of one container, which takes their place. */
static int close_container(struct parser *p, enum dom_type type, size_t base, const char *from)
{
	struct json_node node = {.type = (uint8_t)type,
	                         .n = (uint32_t)(p->n - base),
	                         .offset = (uint32_t)(from - p->text.at)};
	int r = type == DOM_OBJECT && node.n ? check_names(p, p->stack + base, node.n) : 0;

	if (r < 0)
		return r;
	node.items = arena_calloc(p->arena, node.n, sizeof *node.items);
	if (!node.items)
		return out_of_memory(p);
	if (node.n)
		memcpy(node.items, p->stack + base, node.n * sizeof *node.items);
	p->n = base;
	return push(p, &node);
}

static int parse_value(struct parser *p);

static int parse_member(struct parser *p)
{
	const char *from = p->at, *key;
	size_t len;
	int r;

	if (p->at == p->end || *p->at != '"')
		return unexpected(p, "a name in quotes");
	r = parse_string(p, &key, &len);
	if (r < 0)
		return r;
	skip_blanks(p);
	if (p->at == p->end || *p->at != ':')
		return unexpected(p, "a colon");
	p->at++;
	skip_blanks(p);
	r = parse_value(p);
	if (r < 0)
		return r;
	p->stack[p->n - 1].key = key;
	p->stack[p->n - 1].offset = (uint32_t)(from - p->text.at);
	return 0;
}

static int parse_container(struct parser *p, enum dom_type type)
{
	const char *from = p->at++;
	char close = type == DOM_OBJECT ? '}' : ']';
	size_t base = p->n;

	skip_blanks(p);
	if (p->at < p->end && *p->at == close) {
		p->at++;
		return close_container(p, type, base, from);
	}
	for (;;) {
		int r = type == DOM_OBJECT ? parse_member(p) : parse_value(p);

		if (r < 0)
			return r;
		skip_blanks(p);
		if (p->at < p->end && *p->at == close) {
			p->at++;
			return close_container(p, type, base, from);
		}
		if (p->at == p->end || *p->at != ',')
			return unexpected(p, type == DOM_OBJECT ? "a comma or }" : "a comma or ]");
		p->at++;
		skip_blanks(p);
	}
}

static int parse_value(struct parser *p)
{
	int r;

	if (p->at == p->end)
		return unexpected(p, "a value");
	if (*p->at == '"')
		return parse_string_value(p);
	if (*p->at != '{' && *p->at != '[')
		return parse_word(p);
	if (++p->depth > JSON_DOM_DEPTH_MAX)
		return fail_at(p, p->at, "nested too deeply");
	r = parse_container(p, *p->at == '{' ? DOM_OBJECT : DOM_ARRAY);
	p->depth--;
	return r;
}

static bool opens(char c)
{
	return c == '{' || c == '[';
}

/* Text before the JSON: fio and others say a few words first. */
static void skip_greeting(struct parser *p)
{
	const char *at = p->at;

	if (at == p->end || opens(*at))
		return;
	while (at < p->end && !opens(*at)) {
		at = memchr(at, '\n', (size_t)(p->end - at));
		if (!at)
			return;
		at++;
	}
	if (at < p->end)
		p->at = at;
}

static int parse_documents(struct parser *p, struct error *ret_cut)
{
	struct error cut = {0};
	struct error *err = p->err;
	const char *from;
	bool more = true; /* a second document begins, whole or not */
	size_t n = 0;

	skip_blanks(p);
	skip_greeting(p);
	for (from = p->at; p->at < p->end || n == 0; skip_blanks(p), n++) {
		int r;

		p->err = n && ret_cut ? &cut : err;
		p->depth = 0;
		more = n == 0 || opens(*p->at);
		r = parse_value(p);
		if (r < 0 && (r == -ENOMEM || p->err == err))
			return p->err == err ? r : error_set(err, r, "%s", cut.text);
		if (r < 0)
			break;
	}
	p->err = err;
	p->n = n; /* without the pieces of a broken one */
	if (ret_cut)
		*ret_cut = cut;
	return n > 1 || (cut.code && more) ? close_container(p, DOM_ARRAY, 0, from) : 0;
}

int json_dom_parse(struct json_node **ret, struct error *ret_cut, struct arena *arena,
                   struct str text, struct error *err)
{
	struct parser p = {.text = text, .at = text.at, .arena = arena, .err = err};
	struct json_node *root;
	size_t valid = encoding_valid_prefix(text.at, text.len);
	int r;

	p.end = text.at + text.len;
	if (text.len >= UINT32_MAX)
		return error_set(err, -EINVAL, "more than 4 GiB of JSON");
	if (valid < text.len)
		return fail_at(&p, text.at + valid, "not UTF-8");
	root = arena_alloc(arena, sizeof *root);
	r = root ? parse_documents(&p, ret_cut) : out_of_memory(&p);
	if (r == 0) {
		*root = p.stack[0];
		*ret = root;
	}
	free(p.stack);
	return r;
}
