/* SPDX-License-Identifier: MIT */
#include "agents/collector/csv_scan.h"

/* "\r\n", "\n" and "\r" end a line. */
static void over_line_end(struct csv_scan *s)
{
	if (s->at < s->end && *s->at == '\r')
		s->at++;
	else {
		s->at++;
		s->line++;
		return;
	}
	s->line++;
	if (s->at < s->end && *s->at == '\n')
		s->at++;
}

bool csv_next_record(struct csv_scan *s)
{
	while (s->at < s->end) {
		const char *p = csv_skip_blanks(s, s->at);

		if (p == s->end) {
			s->at = p;
			break;
		}
		if (*p != '\n' && *p != '\r') {
			s->record_line = s->line;
			return true;
		}
		s->at = p;
		over_line_end(s);
	}
	return false;
}

enum csv_end csv_end_of_cell(struct csv_scan *s)
{
	if (s->at == s->end)
		return CSV_FILE;
	if (*s->at == s->delimiter) {
		s->at++;
		return CSV_DELIMITER;
	}
	over_line_end(s);
	return s->at == s->end ? CSV_FILE : CSV_RECORD;
}

/* From behind the opening quote to the closing one, counting the lines it spans. */
static const char *skip_quoted(struct csv_scan *s, const char *p, bool *doubled)
{
	unsigned from = s->line;

	for (; p < s->end; p++) {
		if (*p == '\n' || (*p == '\r' && (p + 1 == s->end || p[1] != '\n')))
			s->line++;
		if (*p != '"')
			continue;
		if (p + 1 == s->end || p[1] != '"')
			return p;
		*doubled = true;
		p++;
	}
	if (!s->open_quote)
		s->open_quote = from;
	return p;
}

/* Of spaces and tabs only: a line end within quotes is rare, but it is content. */
static struct str trim(const char *from, const char *to)
{
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (from < to && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return (struct str){from, (size_t)(to - from)};
}

enum csv_end csv_next_cell(struct csv_scan *s, struct csv_span *ret)
{
	const char *from = csv_skip_blanks(s, s->at), *close;

	ret->doubled = false;
	if (from == s->end || *from != '"') {
		s->at = csv_skip_plain(s, from);
		ret->raw = trim(from, s->at);
		return csv_end_of_cell(s);
	}
	close = skip_quoted(s, from + 1, &ret->doubled);
	ret->raw = str_trim((struct str){from + 1, (size_t)(close - from - 1)});
	s->at = close < s->end ? csv_skip_plain(s, close + 1) : close;
	if (close < s->end && trim(close + 1, s->at).len > 0) /* "abc"def: as it stands */
		ret->raw = trim(from, s->at);
	return csv_end_of_cell(s);
}

size_t csv_unquote(char *to, const struct csv_span *span)
{
	struct str raw = span->raw;
	size_t n = 0;

	if (!span->doubled) {
		if (raw.len)
			memcpy(to, raw.at, raw.len);
		n = raw.len;
	} else {
		for (size_t i = 0; i < raw.len; i++) {
			to[n++] = raw.at[i];
			if (raw.at[i] == '"' && i + 1 < raw.len && raw.at[i + 1] == '"')
				i++;
		}
	}
	to[n] = '\0';
	return n;
}
