/* SPDX-License-Identifier: MIT */
#include "agents/ids.h"

#include <ctype.h>

#include "lib/claims/sentence.h"

size_t ids_find(const unsigned *ids, size_t n, unsigned id)
{
	size_t i = 0;

	while (i < n && ids[i] != id)
		i++;
	return i;
}

static unsigned to_dossier(const unsigned *ids, size_t n, unsigned id)
{
	return id && id <= n ? ids[id - 1] : 0;
}

static unsigned to_question(const unsigned *ids, size_t n, unsigned id)
{
	size_t i = ids_find(ids, n, id);

	return i < n ? (unsigned)i + 1 : 0;
}

typedef unsigned turn_fn(const unsigned *ids, size_t n, unsigned id);

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t id_length(const char *text, size_t len)
{
	size_t n = 1;

	if (text[0] != 'F' && text[0] != 'K')
		return 0;
	while (n < len && text[n] >= '0' && text[n] <= '9')
		n++;
	return n == 1 || (n < len && is_word(text[n])) ? 0 : n;
}

static void turn(struct buf *ret, const struct claims_scope *s, const char *text, size_t len,
                 turn_fn *to)
{
	for (size_t i = 0; i < len;) {
		size_t n = i > 0 && is_word(text[i - 1]) ? 0 : id_length(text + i, len - i);
		bool fact = text[i] == 'F';

		if (n)
			buf_printf(ret, "%c%u", text[i],
			           to(fact ? s->facts : s->findings,
			              fact ? s->n_facts : s->n_findings,
			              id_read((struct str){text + i, n}, text[i])));
		else
			buf_putc(ret, text[i]);
		i += n ? n : 1;
	}
}

void ids_to_dossier(struct buf *ret, const struct claims_scope *scope, const char *text, size_t len)
{
	turn(ret, scope, text, len, to_dossier);
}

void ids_to_question(struct buf *ret, const struct claims_scope *scope, const char *text,
                     size_t len)
{
	turn(ret, scope, text, len, to_question);
}
