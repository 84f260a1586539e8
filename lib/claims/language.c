/* SPDX-License-Identifier: MIT */
#include "lib/claims/language.h"

#define LONG_SENTENCE 8 /* words; English ones of that length hold a word of `english` */

/* Articles, prepositions and verbs that every other sentence has. No word of theirs is English. */
static const char *const foreign[] = {
	/* German, Dutch, the languages of the north */
	"der", "das", "und", "ist", "nicht", "mit", "fur", "von", "dem", "ein", "eine", "einer",
	"einem", "wurde", "werden", "sind", "auf", "durch", "nach", "wie", "auch", "sich", "wird",
	"zu", "zum", "zur", "bei", "als", "oder", "aber", "het", "een", "niet", "voor", "wordt",
	"och", "att", "som", "ikke", "det", "eller", "zwei", "drei", "vier", "funf", "sechs",
	"sieben", "acht", "neun", "zehn", "doppelt", "schneller", "langsamer", "hoher", "niedriger",
	/* French */
	"le", "les", "une", "est", "dans", "avec", "sont", "pas", "que", "qui", "du", "aux",
	"cette", "ce", "mais", "sur", "nous", "vous", "deux", "trois", "quatre", "cinq", "sept",
	"huit", "neuf", "rapide", "lent", "moins",
	/* Spanish, Portuguese, Italian */
	"el", "los", "del", "por", "para", "una", "las", "es", "su", "muy", "esta", "este", "pero",
	"uma", "nao", "dos", "das", "il", "che", "di", "della", "nella", "sono", "gli", "tres",
	"cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "rapido", "lento",
	/* Polish, Czech */
	"nie", "jest", "przez", "oraz", "ktory", "jsou", "nebo", "ktery"};

static const char *const english[] = {
	"the",    "a",     "an",    "of",   "to",   "in",    "is",    "and",   "for",
	"on",     "with",  "that",  "this", "at",   "by",    "from",  "it",    "are",
	"was",    "be",    "as",    "or",   "not",  "can",   "may",   "could", "so",
	"if",     "but",   "when",  "has",  "have", "which", "its",   "their", "while",
	"before", "after", "where", "how",  "what", "no",    "these", "into"};

bool language_is_foreign(const struct sentence *s)
{
	size_t theirs = 0, ours = 0, i;

	for (i = 0; i < s->n; i++) {
		theirs += words_have(foreign, ARRAY_LEN(foreign), s->tokens[i].folded);
		ours += words_have(english, ARRAY_LEN(english), s->tokens[i].folded);
	}
	return theirs ? theirs >= ours || theirs > 1 : !ours && s->n >= LONG_SENTENCE;
}
