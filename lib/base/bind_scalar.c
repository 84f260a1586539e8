/* SPDX-License-Identifier: MIT */
#include "lib/base/bind_scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/base/nearest.h"
#include "lib/base/utf8.h"

#define EXACT_MAX 9007199254740992.0 /* 2^53: up to here a double is every whole number */

struct unit {
	const char *suffix;
	uint64_t factor;
};

/* The plain form first, then ascending: the last that divides a value is the one to print. */
static const struct unit durations[] = {{"", 1000},       {"ms", 1},          {"s", 1000},
                                        {"m", 60 * 1000}, {"h", 3600 * 1000}, {"d", 86400 * 1000},
                                        {NULL, 0}};

#define KIB UINT64_C(1024)
static const struct unit sizes[] = {
	{"", 1},         {"B", 1},          {"K", KIB},           {"KiB", KIB},
	{"M", KIB *KIB}, {"MiB", KIB *KIB}, {"G", KIB *KIB *KIB}, {"GiB", KIB *KIB *KIB},
	{NULL, 0}};

const char *bind_shown(char ret[static BIND_SHOWN_BYTES], const char *text, size_t len)
{
	size_t room = BIND_SHOWN_BYTES - sizeof "...";
	size_t n = utf8_cut(text, len, room);

	for (size_t i = 0; i < n; i++)
		ret[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
	memcpy(ret + n, n < len ? "..." : "", n < len ? sizeof "..." : 1);
	return ret;
}

static struct str text_of(const yaml_node_t *node)
{
	return (struct str){bind_chars(node), node->data.scalar.length};
}

static const char *shown(char ret[static BIND_SHOWN_BYTES], const yaml_node_t *node)
{
	return bind_shown(ret, bind_chars(node), node->data.scalar.length);
}

int bind_vcomplain(const struct bind_at *at, int code, const char *fmt, va_list ap)
{
	char what[sizeof at->err->text];

	(void)vsnprintf(what, sizeof what, fmt, ap);
	return error_set(at->err, code, "%s:%zu:%zu: %s%s%s", at->src->name,
	                 at->node->start_mark.line + 1, at->node->start_mark.column + 1,
	                 at->key ? at->key : "", at->key ? ": " : "", what);
}

int bind_complain(const struct bind_at *at, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)bind_vcomplain(at, code, fmt, ap);
	va_end(ap);
	return code;
}

bool bind_is_null(const yaml_node_t *node)
{
	const char *s = bind_chars(node);

	return node->type == YAML_SCALAR_NODE &&
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*s || strcmp(s, "~") == 0 || strcmp(s, "null") == 0);
}

void bind_join(char ret[static BIND_LIST_BYTES], const char *const *words, size_t n)
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t room = BIND_LIST_BYTES - len;
		int more = snprintf(ret + len, room, "%s%s", i ? ", " : "", words[i]);

		if (more < 0 || (size_t)more >= room)
			return; /* cut short, as the message would be */
		len += (size_t)more;
	}
}

/* "\"gruop\" is not one of none, group, section; did you mean \"group\"?" */
static int fail_names(const struct bind_at *at, const char *const *names)
{
	char text[BIND_SHOWN_BYTES], list[BIND_LIST_BYTES];
	const char *meant;
	size_t n = 0;

	while (names[n])
		n++;
	bind_join(list, names, n);
	meant = nearest(text_of(at->node), names, n);
	return bind_complain(at, -EINVAL, "\"%s\" is not one of %s%s%s%s", shown(text, at->node),
	                     list, meant ? "; did you mean \"" : "", meant ? meant : "",
	                     meant ? "\"?" : "");
}

/* The index of the scalar in names, -1: it is none of them. */
static int index_of(const yaml_node_t *node, const char *const *names)
{
	for (int i = 0; names[i]; i++)
		if (strlen(names[i]) == node->data.scalar.length &&
		    strcmp(names[i], bind_chars(node)) == 0)
			return i;
	return -1;
}

int bind_string(const struct bind_at *at, const struct bind_field *f, char **dst)
{
	const char *s = bind_chars(at->node);
	size_t len = at->node->data.scalar.length;
	uint64_t max = f->max ? f->max : BIND_TEXT_MAX;
	char text[BIND_SHOWN_BYTES];
	const char *wrong;
	char *copy;

	if (strlen(s) != len)
		return bind_complain(at, -EINVAL, "contains a NUL byte");
	if (len == 0 && f->min > 0)
		return bind_complain(at, -ERANGE, "is empty");
	if (len < f->min || len > max)
		return bind_complain(at, -ERANGE, "%zu bytes are outside %" PRIu64 "..%" PRIu64,
		                     len, f->min, max);
	if (f->names && index_of(at->node, f->names) < 0)
		return fail_names(at, f->names);
	wrong = f->check ? f->check(s) : NULL;
	if (wrong && f->hidden)
		return bind_complain(at, -EINVAL, "%s", wrong);
	if (wrong)
		return bind_complain(at, -EINVAL, "\"%s\" %s", shown(text, at->node), wrong);
	copy = strdup(s);
	if (!copy)
		return bind_complain(at, -ENOMEM, "out of memory");
	free(*dst);
	*dst = copy;
	return 0;
}

int bind_enum(const struct bind_at *at, const struct bind_field *f, int *dst)
{
	int i = index_of(at->node, f->names);

	if (i < 0)
		return fail_names(at, f->names);
	*dst = i;
	return 0;
}

int bind_bool(const struct bind_at *at, bool *dst)
{
	static const char *const names[] = {"false", "true", NULL};
	int i = index_of(at->node, names);
	char text[BIND_SHOWN_BYTES];

	if (i < 0)
		return bind_complain(at, -EINVAL, "\"%s\" is neither true nor false",
		                     shown(text, at->node));
	*dst = i == 1;
	return 0;
}

/* Decimal digits at *s, at least one; moves on. */
static bool whole(struct str *s, uint64_t *ret)
{
	size_t had = s->len;
	uint64_t v = 0;

	for (; s->len && s->at[0] >= '0' && s->at[0] <= '9'; s->at++, s->len--)
		if (__builtin_mul_overflow(v, UINT64_C(10), &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s->at[0] - '0'), &v))
			return false;
	*ret = v;
	return s->len < had;
}

int bind_uint(const struct bind_at *at, const struct bind_field *f, uint64_t *dst)
{
	struct str s = text_of(at->node);
	uint64_t max = f->max ? f->max : UINT64_MAX;
	char text[BIND_SHOWN_BYTES];
	uint64_t v;

	if (!whole(&s, &v) || s.len)
		return bind_complain(at, -EINVAL, "\"%s\" is not a whole number from 0",
		                     shown(text, at->node));
	if (v < f->min || v > max)
		return bind_complain(at, -ERANGE, "%" PRIu64 " is outside %" PRIu64 "..%" PRIu64, v,
		                     f->min, max);
	*dst = v;
	return 0;
}

static bool in_range(const struct bind_field *f, double v)
{
	return (f->low == 0 && f->high == 0) || (v >= f->low && v <= f->high);
}

int bind_int(const struct bind_at *at, const struct bind_field *f, int64_t *dst)
{
	struct str s = text_of(at->node);
	bool minus = s.len && s.at[0] == '-';
	char text[BIND_SHOWN_BYTES];
	uint64_t v;

	if (minus)
		s.at++, s.len--;
	if (!whole(&s, &v) || s.len || v > (uint64_t)EXACT_MAX)
		return bind_complain(at, -EINVAL, "\"%s\" is not a whole number",
		                     shown(text, at->node));
	if (!in_range(f, minus ? -(double)v : (double)v))
		return bind_complain(at, -ERANGE, "%s%" PRIu64 " is outside %.0f..%.0f",
		                     minus ? "-" : "", v, f->low, f->high);
	*dst = minus ? -(int64_t)v : (int64_t)v;
	return 0;
}

int bind_double(const struct bind_at *at, const struct bind_field *f, double *dst)
{
	const char *s = bind_chars(at->node);
	char text[BIND_SHOWN_BYTES];
	char *end;
	double v;

	errno = 0;
	v = strtod(s, &end);
	/* strtod() also takes blanks in front, hexadecimal, "nan" and "infinity" */
	if (!*s || s[strspn(s, "0123456789.eE+-")] || end != s + at->node->data.scalar.length ||
	    !isfinite(v))
		return bind_complain(at, -EINVAL, "\"%s\" is not a number", shown(text, at->node));
	if (!in_range(f, v))
		return bind_complain(at, -ERANGE, "%g is outside %g..%g", v, f->low, f->high);
	*dst = v;
	return 0;
}

/* A whole number with one of the suffixes behind it, or none. */
static bool measured(const yaml_node_t *node, const struct unit *units, uint64_t *ret)
{
	struct str s = text_of(node);
	uint64_t v;

	if (!whole(&s, &v))
		return false;
	for (; units->suffix; units++)
		if (str_is(s, units->suffix))
			return !__builtin_mul_overflow(v, units->factor, ret);
	return false;
}

/* As a person would write it: in the largest unit that holds it whole. */
static void print_measured(char ret[static 32], uint64_t v, const struct unit *units)
{
	const struct unit *best = &units[1];

	for (const struct unit *u = best; u->suffix; u++)
		if (v % u->factor == 0 && (v > 0 || u == best))
			best = u;
	(void)snprintf(ret, 32, "%" PRIu64 "%s", v / best->factor, best->suffix);
}

static int bind_measured(const struct bind_at *at, const struct bind_field *f, uint64_t *dst,
                         const struct unit *units, const char *what)
{
	uint64_t max = f->max ? f->max : UINT64_MAX;
	char text[BIND_SHOWN_BYTES], from[32], to[32];
	uint64_t v;

	if (!measured(at->node, units, &v))
		return bind_complain(at, -EINVAL, "\"%s\" is not %s", shown(text, at->node), what);
	if (v < f->min || v > max) {
		print_measured(from, f->min, units);
		print_measured(to, max, units);
		return bind_complain(at, -ERANGE, "\"%s\" is outside %s..%s", shown(text, at->node),
		                     from, to);
	}
	*dst = v;
	return 0;
}

int bind_duration(const struct bind_at *at, const struct bind_field *f, uint64_t *dst)
{
	return bind_measured(at, f, dst, durations,
	                     "a duration such as 90 (seconds), 250ms, 5m or 36h");
}

int bind_size(const struct bind_at *at, const struct bind_field *f, uint64_t *dst)
{
	return bind_measured(at, f, dst, sizes, "a size such as 65536 (bytes), 64MiB or 2G");
}
