/* SPDX-License-Identifier: MIT */
#include "ctl/summary.h"

#include <errno.h>
#include <stdint.h>

#include "ctl/ctl_json.h"
#include "ctl/terminal.h"
#include "lib/base/buf.h"
#include "lib/evidence/plain.h"

#define FINDINGS_SHOWN     8
#define SENTENCE_BYTES_MAX 4096
#define ARENA_BYTES_MAX    (1024 * 1024) /* for the facts of one sentence */
#define SENTENCE_COLUMN    14            /* where those of the findings begin */

const json_t *summary_fact(const json_t *report, const char *id)
{
	const json_t *facts = json_object_get(report, "facts"), *fact;
	unsigned long n = id[0] == 'F' ? strtoul(id + 1, NULL, 10) : 0;
	size_t i;

	fact = n ? json_array_get(facts, n - 1) : NULL; /* ids are dense, as a rule */
	if (fact && strcmp(ctl_json_text(fact, "id"), id) == 0)
		return fact;
	json_array_foreach (facts, i, fact) {
		if (strcmp(ctl_json_text(fact, "id"), id) == 0)
			return fact;
	}
	return NULL;
}

/* A sentence of report.json as the writer had it, so that it reads as on the page. */
struct sentence {
	struct arena *arena;
	struct dossier d; /* the facts that it cites, numbered as they come */
	struct text text;
	const char **ids; /* what they are called in the report */
};

static void take_subject(struct sentence *s, struct fact *f, const json_t *subject)
{
	struct label *labels = arena_calloc(s->arena, json_object_size(subject) + 1,
	                                    sizeof *labels);
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)(uintptr_t)subject, key, value) {
		if (labels)
			labels[f->n_subject++] = (struct label){
				key, json_is_string(value) ? json_string_value(value) : "?"};
	}
	f->subject = labels;
}

static unsigned take_fact(struct sentence *s, const json_t *fact)
{
	const char *id = ctl_json_text(fact, "id");
	struct fact *f = &s->d.facts[s->d.n_facts];

	for (unsigned i = 0; i < s->d.n_facts; i++)
		if (strcmp(s->ids[i], id) == 0)
			return i + 1;
	s->ids[s->d.n_facts++] = id;
	*f = (struct fact){.id = (unsigned)s->d.n_facts,
	                   .label = ctl_json_text(fact, "label"),
	                   .quantity = ctl_json_text(fact, "quantity"),
	                   .unit = ctl_json_text(fact, "unit"),
	                   .value = json_number_value(json_object_get(fact, "value"))};
	(void)statistic_named(&f->statistic, ctl_json_text(fact, "statistic"));
	take_subject(s, f, json_object_get(fact, "subject"));
	return f->id;
}

static enum segment_as as_named(const char *name)
{
	for (int a = AS_VALUE; a <= AS_SIZE; a++)
		if (strcmp(segment_as_name((enum segment_as)a), name) == 0)
			return (enum segment_as)a;
	return AS_VALUE;
}

static int take_sentence(struct sentence *s, const json_t *report, const json_t *text)
{
	size_t n = json_array_size(text), i;
	struct segment *segments = arena_calloc(s->arena, n + 1, sizeof *segments);
	const json_t *one;

	s->d.facts = arena_calloc(s->arena, n + 1, sizeof *s->d.facts);
	s->ids = arena_calloc(s->arena, n + 1, sizeof *s->ids);
	if (!segments || !s->d.facts || !s->ids)
		return -ENOMEM;
	json_array_foreach (text, i, one) {
		const json_t *fact = summary_fact(report, ctl_json_text(one, "f"));

		if (fact)
			segments[i] = (struct segment){.fact = take_fact(s, fact),
			                               .as = as_named(ctl_json_text(one, "as"))};
		else
			segments[i].words = ctl_json_text(one, "t");
	}
	s->text = (struct text){segments, n};
	return 0;
}

char *summary_sentence(const json_t *report, const json_t *text)
{
	struct buf b = BUF_INIT(SENTENCE_BYTES_MAX);
	struct sentence s = {.arena = arena_new(ARENA_BYTES_MAX)};

	buf_puts(&b, "");
	if (s.arena && take_sentence(&s, report, text) == 0)
		plain_text(&b, &s.d, &s.text);
	arena_free(s.arena);
	return b.data;
}

/* What a terminal is told beside the words; nothing elsewhere. */
static void put_colour(FILE *to, const char *sequence)
{
	if (terminal_colour(fileno(to)))
		(void)fputs(sequence, to);
}

static void print_verdict(FILE *to, const char *verdict)
{
	static const struct {
		const char *verdict, *words;
	} all[] = {{"worse", "worse than before"},
	           {"better", "better than before"},
	           {"mixed", "mixed: some of it worse, some better"},
	           {"same", "the same as before, as far as can be told"},
	           {"cannot_tell", "cannot tell: too little to compare with"},
	           {"no_new_data", "no new data since the last review"}};
	const char *words = *verdict ? verdict : "none";

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (strcmp(all[i].verdict, verdict) == 0)
			words = all[i].words;
	}
	(void)fputs("\nVerdict: ", to);
	put_colour(to, "\033[1m");
	put_colour(to, terminal_hue(verdict));
	terminal_print(to, words);
	put_colour(to, TERMINAL_PLAIN);
	(void)fputc('\n', to);
}

/* On a terminal in lines that end between words; elsewhere as one, for grep. */
static void put_sentence(FILE *to, const char *text, size_t indent)
{
	if (isatty(fileno(to)))
		terminal_wrap(to, text, indent, terminal_width(fileno(to)));
	else
		terminal_print(to, text);
	(void)fputc('\n', to);
}

static void print_counts(FILE *to, const json_t *report)
{
	static const char *const names[] = {"series", "tested", "untestable", "new", "vanished"};
	const json_t *compared = json_object_get(report, "compared");
	const json_t *smallest = json_object_get(compared, "smallest_change_pct");
	const json_t *files = json_object_get(json_object_get(report, "inventory"), "artifacts");
	struct buf b = BUF_INIT(SENTENCE_BYTES_MAX);

	buf_puts(&b, "Compared:");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		buf_printf(&b, "%s %lld %s", i ? "," : "",
		           (long long)json_integer_value(json_object_get(compared, names[i])),
		           names[i]);
	if (json_is_number(smallest)) {
		buf_puts(&b, "; in half of those tested a change of ");
		plain_figure(&b, json_number_value(smallest), 1, NUMBER_PERCENT);
		buf_puts(&b, " % would have been noticed");
	}
	put_sentence(to, buf_text(&b), strlen("Compared: "));
	buf_done(&b);
	(void)fprintf(to, "Read: %zu artifacts, %zu facts, %zu findings\n", json_array_size(files),
	              json_array_size(json_object_get(report, "facts")),
	              json_array_size(json_object_get(report, "findings")));
}

static void print_finding(FILE *to, const json_t *report, const json_t *finding)
{
	CLEANUP(freep)
	char *sentence = summary_sentence(report, json_object_get(finding, "text"));
	const char *severity = ctl_json_text(finding, "severity");
	struct buf head = BUF_INIT(SENTENCE_BYTES_MAX);

	buf_printf(&head, "%-5.5s%-7.7s", ctl_json_text(finding, "id"), severity);
	(void)fputs("  ", to);
	put_colour(to, terminal_hue(severity));
	terminal_print(to, buf_text(&head));
	put_colour(to, TERMINAL_PLAIN);
	put_sentence(to, sentence ? sentence : "", SENTENCE_COLUMN);
	buf_done(&head);
}

static void print_findings(FILE *to, const json_t *report)
{
	const json_t *findings = json_object_get(report, "findings"), *finding;
	size_t i, n = json_array_size(findings);

	json_array_foreach (findings, i, finding) {
		if (i == FINDINGS_SHOWN)
			break;
		print_finding(to, report, finding);
	}
	if (n > FINDINGS_SHOWN)
		(void)fprintf(to, "  and %zu more in the report\n", n - FINDINGS_SHOWN);
}

/* Where a person goes on from here; a script has the report. */
static void print_way_on(FILE *to, const json_t *report, const char *folder)
{
	const json_t *first = json_array_get(json_object_get(report, "findings"), 0);

	if (!isatty(fileno(to)) || !first)
		return;
	(void)fputs("Why:    chimeractl explain ", to);
	terminal_print(to, folder);
	(void)fputc(' ', to);
	terminal_print(to, ctl_json_text(first, "id"));
	(void)fputc('\n', to);
}

void summary_print(FILE *to, const json_t *report, const char *folder)
{
	print_verdict(to, ctl_json_text(json_object_get(report, "job"), "verdict"));
	print_counts(to, report);
	print_findings(to, report);
	if (!*folder)
		return;
	(void)fputs("Report: ", to);
	terminal_print(to, folder);
	(void)fputs("/report.md (and .html, .json)\n", to);
	print_way_on(to, report, folder);
}
