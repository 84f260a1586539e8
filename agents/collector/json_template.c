/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_template.h"

#define DEPTH_MAX      16
#define NAME_BYTES_MAX 1000

/* A template in the making. */
struct making {
	struct json_templates *all;
	struct json_step steps[JSON_STEPS_MAX];
};

static const char *make_members(struct making *m, const char *at, struct json_path *path,
                                unsigned depth);

/* Behind the name. *ret is NULL where it makes no template. */
static const char *make_name(struct making *m, const char *at, struct json_path *parent,
                             struct json_path **ret)
{
	struct json_templates *all = m->all;
	const char *end = all->values.end, *stop;
	const struct json_name *name;

	*ret = NULL;
	if (at == end || *at != '"')
		return at;
	stop = json_string_stop(at + 1, end);
	if (stop == end || *stop != '"' || stop - at > NAME_BYTES_MAX)
		return at;
	name = json_names_add(&all->names, at + 1, (size_t)(stop - at) - 1, all->arena);
	if (name)
		*ret = json_paths_look_up(&all->paths, parent, name->text);
	if (*ret && (*ret)->round == all->n)
		*ret = NULL; /* twice in one object */
	else if (*ret)
		(*ret)->round = all->n;
	return stop + 1;
}

static const char *make_leaf(struct making *m, const char *at, struct json_path *path, bool object)
{
	struct json_values *v = &m->all->values;

	if (v->n == JSON_STEPS_MAX)
		return NULL;
	m->steps[v->n] = (struct json_step){path, object};
	return json_value_read(v, at, (uint32_t)v->n, object);
}

/* At the value. *objects counts those that are objects. */
static const char *make_value(struct making *m, const char *at, struct json_path *path,
                              unsigned depth, size_t *objects)
{
	const char *end = m->all->values.end, *inner;

	if (at == end)
		return NULL;
	if (*at != '{')
		return make_leaf(m, at, path, false);
	++*objects;
	inner = json_skip_blanks(at + 1, end);
	if (inner < end && *inner == '}')
		return make_leaf(m, at, path, true);
	return depth == DEPTH_MAX ? NULL : make_members(m, inner, path, depth + 1);
}

/* At the first name; returns what is behind the brace. */
static const char *make_members(struct making *m, const char *at, struct json_path *path,
                                unsigned depth)
{
	const char *end = m->all->values.end;
	size_t members = 0, objects = 0;

	for (;;) {
		struct json_path *below;

		at = json_skip_blanks(make_name(m, at, path, &below), end);
		if (!below || at == end || *at != ':')
			return NULL;
		at = make_value(m, json_skip_blanks(at + 1, end), below, depth, &objects);
		members++;
		at = at ? json_skip_blanks(at, end) : end;
		if (at == end || (*at != ',' && *at != '}'))
			return NULL;
		if (*at++ == '}')
			break;
		at = json_skip_blanks(at, end);
	}
	/* objects alone may be a table that is keyed by their names */
	return depth && members > 1 && objects == members ? NULL : at;
}

static const char *keep(struct json_template *ret, const struct making *m, const char *row,
                        const char *behind)
{
	struct arena *arena = m->all->arena;
	const struct json_values *v = &m->all->values;
	size_t n = v->n;

	*ret = (struct json_template){.row = row, .n = (uint32_t)n};
	ret->steps = arena_calloc(arena, n, sizeof *ret->steps);
	ret->from = arena_calloc(arena, n, sizeof *ret->from);
	ret->to = arena_calloc(arena, n, sizeof *ret->to);
	if (!ret->steps || !ret->from || !ret->to)
		return NULL;
	memcpy(ret->steps, m->steps, n * sizeof *ret->steps);
	json_template_accept(ret, v, row, behind);
	return behind;
}

const char *json_template_make(struct json_template *ret, struct json_templates *all,
                               const char *at)
{
	struct making m = {.all = all};
	const char *behind;

	json_values_clear(&all->values);
	all->n++;
	behind = make_members(&m, json_skip_blanks(at + 1, all->values.end), &all->paths.root, 0);
	return behind ? keep(ret, &m, at, behind) : NULL;
}

/* How many bytes are the same. */
static inline size_t common(const char *a, const char *b, size_t most)
{
	size_t n = 0;

	for (; most - n >= 8; n += 8) {
		uint64_t differ = json_word(a + n) ^ json_word(b + n);

		if (differ)
			return n + json_first(differ);
	}
	while (n < most && a[n] == b[n])
		n++;
	return n;
}

/* The bytes of the name at the quote; names of templates have no escapes. */
static size_t name_len(const char *quote, const char *end)
{
	return (size_t)(json_string_stop(quote + 1, end) - quote) + 1;
}

/* The same names and signs as between two values of the last row, with other blanks between. */
static const char *match_gap(const char *at, const char *end, const char *model,
                             const char *model_end)
{
	for (;;) {
		size_t len;

		model = json_skip_blanks(model, model_end);
		if (model == model_end)
			return at;
		at = json_skip_blanks(at, end);
		len = *model == '"' ? name_len(model, model_end) : 1;
		if ((size_t)(end - at) < len || memcmp(at, model, len) != 0)
			return NULL;
		at += len;
		model += len;
	}
}

/* Steps that end before `stop` are as they were. */
static bool pass_same(const struct json_template *t, struct json_values *v, uint32_t *step,
                      const char *stop, ptrdiff_t shift, bool all)
{
	for (; *step < t->n && t->row + t->to[*step] < stop; ++*step)
		if (all && !json_value_read(v, t->row + t->from[*step] + shift, *step,
		                            t->steps[*step].object))
			return false;
	return true;
}

const char *json_template_follow(const struct json_template *t, struct json_values *v,
                                 const char *at, bool all)
{
	const char *old = t->row, *old_end = t->row + t->len;
	uint32_t i = 0;

	json_values_clear(v);
	for (;;) {
		size_t left = (size_t)(v->end - at), most = (size_t)(old_end - old);
		const char *stop = old + common(at, old, left < most ? left : most), *to;
		ptrdiff_t shift = at - old;

		if (!pass_same(t, v, &i, stop, shift, all))
			return NULL;
		if (stop == old_end)
			return stop + shift;
		old = i ? t->row + t->to[i - 1] : t->row;
		to = i < t->n ? t->row + t->from[i] : old_end;
		at = i < t->n && to <= stop ? to + shift : match_gap(old + shift, v->end, old, to);
		if (!at || i == t->n)
			return at;
		at = json_value_read(v, json_skip_blanks(at, v->end), i, t->steps[i].object);
		if (!at)
			return NULL;
		old = t->row + t->to[i++];
	}
}

void json_template_accept(struct json_template *t, const struct json_values *v, const char *row,
                          const char *behind)
{
	uint32_t step = 0, shift = 0; /* modulo 2^32, as offsets are */

	for (size_t i = 0; i <= v->n; i++) {
		const struct json_value *value = &v->all[i];
		uint32_t next = i < v->n ? value->step : t->n;

		for (; shift && step < next; step++) {
			t->from[step] += shift;
			t->to[step] += shift;
		}
		if (i == v->n)
			break;
		t->from[next] = (uint32_t)(value->at - row);
		shift = t->from[next] + value->len - t->to[next];
		t->to[next] += shift;
		step = next + 1;
	}
	t->row = row;
	t->len = (uint32_t)(behind - row);
}
