/* SPDX-License-Identifier: MIT */
#include "ctl/options.h"

#include <errno.h>

struct reader {
	const struct option_spec *table;
	void *dst;
	int argc, at; /* at: the word being read */
	char **argv;
};

static int set_uint(unsigned *dst, const char *name, const char *value, struct error *err)
{
	unsigned v = 0;

	for (const char *c = value; *c; c++) {
		if (*c < '0' || *c > '9' || v > 100000)
			return error_set(err, -EINVAL, "--%s: \"%.40s\" is not a number", name,
			                 value);
		v = v * 10 + (unsigned)(*c - '0');
	}
	if (v == 0)
		return error_set(err, -EINVAL, "--%s: must be at least 1", name);
	*dst = v;
	return 0;
}

static int set_value(const struct reader *r, const struct option_spec *o, const char *value,
                     struct error *err)
{
	void *slot = (char *)r->dst + o->offset;
	struct option_texts *texts = slot;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)slot = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)slot = value;
		return 0;
	case OPTION_UINT:
		return set_uint(slot, o->name, value, err);
	case OPTION_TEXTS:
		if (texts->n == OPTION_TEXTS_MAX)
			return error_set(err, -EINVAL, "--%s: given more than %d times", o->name,
			                 OPTION_TEXTS_MAX);
		texts->at[texts->n++] = value;
		return 0;
	}
	return -EINVAL; /* not reached: the list above is complete */
}

/* `inline_value` is what stood in the same word, or NULL. */
static int take(struct reader *r, const struct option_spec *o, const char *inline_value,
                struct error *err)
{
	if (o->type == OPTION_FLAG && inline_value)
		return error_set(err, -EINVAL, "--%s takes no value", o->name);
	if (o->type != OPTION_FLAG && !inline_value) {
		if (r->at + 1 >= r->argc)
			return error_set(err, -EINVAL, "--%s needs a value", o->name);
		inline_value = r->argv[++r->at];
	}
	return set_value(r, o, inline_value, err);
}

static int read_long(struct reader *r, const char *word, struct error *err)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);

	for (const struct option_spec *o = r->table; o->name; o++) {
		if (strlen(o->name) == len && memcmp(o->name, word, len) == 0)
			return take(r, o, equals ? equals + 1 : NULL, err);
	}
	return error_set(err, -EINVAL, "unknown option --%.40s", word);
}

static int read_letters(struct reader *r, const char *word, struct error *err)
{
	for (const char *c = word; *c; c++) {
		const struct option_spec *o = r->table;
		int rc;

		while (o->name && o->letter != *c)
			o++;
		if (!o->name)
			return error_set(err, -EINVAL, "unknown option -%.40s", c);
		if (o->type != OPTION_FLAG)
			return take(r, o, c[1] ? c + 1 : NULL, err);
		rc = take(r, o, NULL, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int options_parse(const struct option_spec *table, void *dst, int argc, char **argv,
                  struct error *err)
{
	struct reader r = {table, dst, argc, 0, argv};
	bool only_operands = false;
	int operands = 0, rc = 0;

	for (; r.at < argc && rc == 0; r.at++) {
		char *word = argv[r.at];

		if (only_operands || word[0] != '-' || !word[1])
			argv[operands++] = word;
		else if (strcmp(word, "--") == 0)
			only_operands = true;
		else if (word[1] == '-')
			rc = read_long(&r, word + 2, err);
		else
			rc = read_letters(&r, word + 1, err);
	}
	return rc < 0 ? rc : operands;
}
