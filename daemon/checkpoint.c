/* SPDX-License-Identifier: MIT */
#include "daemon/checkpoint.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#define ANSWERS_MAX 4096 /* far above any pipeline; a bound for what the store may hand us */

/* One table for both directions, so that they cannot drift apart. */
enum kind { KIND_TEXT, KIND_REAL, KIND_INT, KIND_UINT, KIND_BOOL };
struct member {
	const char *name;
	enum kind kind;
	size_t at, size;
};
#define AT(field) offsetof(struct model_record, field)
#define TEXT(field)                                                                        \
	{                                                                                  \
#field, KIND_TEXT, AT(field), sizeof(((struct model_record *)NULL)->field) \
	}
#define REAL(field)                             \
	{                                       \
#field, KIND_REAL, AT(field), 0 \
	}
#define INT(field)                             \
	{                                      \
#field, KIND_INT, AT(field), 0 \
	}

static const struct member members[] = {
	TEXT(endpoint),
	TEXT(provider),
	TEXT(model),
	TEXT(finish),
	TEXT(error),
	REAL(options.temperature),
	REAL(options.top_p),
	REAL(options.min_p),
	REAL(options.repeat_penalty),
	INT(options.top_k),
	INT(options.num_ctx),
	INT(options.num_gpu),
	INT(options.num_predict),
	INT(options.seed),
	INT(prompt_tokens),
	INT(output_tokens),
	REAL(queue_ms),
	REAL(ttft_ms),
	REAL(load_ms),
	REAL(prompt_eval_ms),
	REAL(eval_ms),
	REAL(total_ms),
	REAL(tokens_per_s),
	{"attempts", KIND_UINT, AT(attempts), 0},
	{"truncated", KIND_BOOL, AT(truncated), 0},
	{"cached", KIND_BOOL, AT(cached), 0},
};

/* Messages are cut to their field, perhaps within a character: what is left of that goes too. */
static json_t *text_print(const char *text)
{
	size_t len = strlen(text);
	json_t *v = json_stringn(text, len);

	for (size_t cut = 1; !v && cut <= 3 && cut <= len; cut++)
		v = json_stringn(text, len - cut);
	return v ? v : json_string("");
}

static json_t *member_print(const struct member *m, const struct model_record *record)
{
	const char *at = (const char *)record + m->at;
	unsigned u;
	int64_t i;
	double d;
	bool b;

	switch (m->kind) {
	case KIND_TEXT:
		return text_print(at);
	case KIND_REAL:
		memcpy(&d, at, sizeof d);
		return isfinite(d) ? json_real(d) : json_null();
	case KIND_INT:
		memcpy(&i, at, sizeof i);
		return json_integer(i);
	case KIND_UINT:
		memcpy(&u, at, sizeof u);
		return json_integer(u);
	case KIND_BOOL:
		memcpy(&b, at, sizeof b);
		return json_boolean(b);
	}
	return NULL;
}

static void member_parse(const struct member *m, struct model_record *record, const json_t *v)
{
	char *at = (char *)record + m->at;
	double d = json_is_number(v) ? json_number_value(v) : (double)NAN;
	int64_t i = json_is_integer(v) ? json_integer_value(v) : -1;
	unsigned u = i > 0 && i < 1000 ? (unsigned)i : 0;
	bool b = json_is_true(v);

	switch (m->kind) {
	case KIND_TEXT:
		(void)snprintf(at, m->size, "%s", json_is_string(v) ? json_string_value(v) : "");
		break;
	case KIND_REAL:
		memcpy(at, &d, sizeof d);
		break;
	case KIND_INT:
		memcpy(at, &i, sizeof i);
		break;
	case KIND_UINT:
		memcpy(at, &u, sizeof u);
		break;
	case KIND_BOOL:
		memcpy(at, &b, sizeof b);
		break;
	}
}

static json_t *record_print(const struct model_record *record)
{
	json_t *o = json_object();

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		(void)json_object_set_new(o, members[i].name, member_print(&members[i], record));
	return o;
}

int checkpoint_print(char **ret, const struct checkpoint *c, struct error *err)
{
	json_t *answers = json_array(), *records = json_array(), *o;

	for (size_t i = 0; i < c->n_answers; i++)
		(void)json_array_append_new(
			answers, json_pack("{sIss%}", "ask", (json_int_t)c->answers[i].ask, "text",
		                           c->answers[i].text, c->answers[i].len));
	for (size_t i = 0; i < c->n_records; i++)
		(void)json_array_append_new(records, record_print(&c->records[i]));
	o = json_pack("{sssIsfsososo}", "evidence", c->evidence, "started_at",
	              (json_int_t)c->started_at_s, "wall_ms", c->wall_ms, "why", text_print(c->why),
	              "answers", answers, "records", records);
	*ret = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return *ret ? 0 : error_set(err, -ENOMEM, "checkpoint: out of memory");
}

static int parse_lists(struct checkpoint *c, const json_t *o)
{
	const json_t *answers = json_object_get(o, "answers"), *v;
	const json_t *records = json_object_get(o, "records");
	size_t i, m;
	int r = 0;

	json_array_foreach (answers, i, v) {
		const json_t *ask = json_object_get(v, "ask"), *text = json_object_get(v, "text");

		if (r < 0 || !json_is_integer(ask) || !json_is_string(text) || i >= ANSWERS_MAX)
			return -EINVAL;
		r = checkpoint_add_answer(c, (size_t)json_integer_value(ask),
		                          json_string_value(text), json_string_length(text));
	}
	json_array_foreach (records, i, v) {
		struct model_record record = {0};

		if (r < 0 || i >= ANSWERS_MAX)
			return -EINVAL;
		for (m = 0; m < ARRAY_LEN(members); m++)
			member_parse(&members[m], &record, json_object_get(v, members[m].name));
		r = checkpoint_add_record(c, &record);
	}
	return r;
}

static void json_freep(json_t **o)
{
	json_decref(*o);
}

int checkpoint_parse(struct checkpoint *ret, const char *text, struct error *err)
{
	CLEANUP(json_freep) json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	struct checkpoint c = {0};
	const char *evidence, *why;
	json_int_t started;

	if (!o || json_unpack(o, "{sssIsFss}", "evidence", &evidence, "started_at", &started,
	                      "wall_ms", &c.wall_ms, "why", &why) < 0)
		return error_set(
			err, -EINVAL,
			"a checkpoint in the store is damaged: chimeractl retry begins anew");
	(void)snprintf(c.evidence, sizeof c.evidence, "%s", evidence);
	(void)snprintf(c.why, sizeof c.why, "%s", why);
	c.started_at_s = started;
	if (parse_lists(&c, o) < 0) {
		checkpoint_done(&c);
		return error_set(
			err, -EINVAL,
			"a checkpoint in the store is damaged: chimeractl retry begins anew");
	}
	*ret = c;
	return 0;
}

void checkpoint_done(struct checkpoint *c)
{
	for (size_t i = 0; i < c->n_answers; i++)
		free(c->answers[i].text);
	free(c->answers);
	free(c->records);
	*c = (struct checkpoint){0};
}

int checkpoint_add_answer(struct checkpoint *c, size_t ask, const char *text, size_t len)
{
	struct checkpoint_answer *more = reallocarray(c->answers, c->n_answers + 1,
	                                              sizeof *c->answers);
	char *copy;

	if (!more)
		return -ENOMEM;
	c->answers = more;
	copy = strndup(text, len);
	if (!copy)
		return -ENOMEM;
	c->answers[c->n_answers++] = (struct checkpoint_answer){
		.ask = ask, .text = copy, .len = strlen(copy)};
	return 0;
}

int checkpoint_add_record(struct checkpoint *c, const struct model_record *record)
{
	struct model_record *more = reallocarray(c->records, c->n_records + 1, sizeof *c->records);

	if (!more)
		return -ENOMEM;
	c->records = more;
	c->records[c->n_records++] = *record;
	return 0;
}
