/* SPDX-License-Identifier: MIT */
#include "agents/collector/json_word.h"

struct str json_word_at(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && json_is_word_byte(*at))
		at++;
	return (struct str){from, (size_t)(at - from)};
}

bool json_word_type(struct str word, enum dom_type *ret)
{
	static const struct {
		const char *word;
		enum dom_type type;
	} words[] = {{"null", DOM_NULL},          {"true", DOM_BOOL},
	             {"false", DOM_BOOL},         {"NaN", DOM_NONFINITE},
	             {"nan", DOM_NONFINITE},      {"-nan", DOM_NONFINITE},
	             {"Infinity", DOM_NONFINITE}, {"-Infinity", DOM_NONFINITE},
	             {"inf", DOM_NONFINITE},      {"-inf", DOM_NONFINITE}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_is(word, words[i].word)) {
			*ret = words[i].type;
			return true;
		}
	}
	return false;
}
