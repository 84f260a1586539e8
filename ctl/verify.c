/* SPDX-License-Identifier: MIT */
/*
 * The order of the checks, and what they share.
 */
#include "ctl/verify.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>

#include "ctl/command.h"
#include "ctl/ctl_json.h"
#include "ctl/options.h"
#include "ctl/terminal.h"
#include "ctl/verify_impl.h"
#include "lib/base/files.h"

#define REPORT_BYTES_MAX ((size_t)1 << 30) /* samples.json of a CSV of 100 MB: 560 MB */
#define ARENA_BYTES_MAX  ((uint64_t)2 << 30)
#define LINES_MAX        200       /* of mismatches printed; all are counted */
#define WORK_MAX         500000000 /* cells looked at: some seconds */

/* --- mismatches ------------------------------------------------------------ */

#define MISMATCH_BYTES 1024

PRINTF_LIKE(4, 0)
static void mismatch(struct verify *v, const char *kind, unsigned long *count, const char *fmt,
                     va_list ap)
{
	char text[MISMATCH_BYTES];

	if (++*count > LINES_MAX)
		return;
	(void)vsnprintf(text, sizeof text, fmt, ap);
	(void)fprintf(v->out, "%s: ", kind);
	terminal_print(v->out, text);
	(void)fputc('\n', v->out);
}

void verify_wrong(struct verify *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mismatch(v, "wrong", &v->result->wrong, fmt, ap);
	va_end(ap);
}

void verify_altered(struct verify *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mismatch(v, "altered", &v->result->altered, fmt, ap);
	va_end(ap);
}

/* --- the report as a tree ----------------------------------------------------- */

const char *verify_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

json_int_t verify_int(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

struct verify_real verify_real(double value)
{
	struct verify_real r;

	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(r.text, sizeof r.text, "%.*g", digits, value);
		if (strtod(r.text, NULL) == value)
			break;
	}
	return r;
}

double verify_number_of(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) : NO_NUMBER;
}

bool verify_number(const json_t *object, const char *key, double *ret)
{
	const json_t *v = json_object_get(object, key);

	if (json_is_number(v))
		*ret = json_number_value(v);
	return json_is_number(v);
}

bool verify_close(double a, double b, double relative)
{
	return a == b || fabs(a - b) <= relative * fmax(fabs(a), fabs(b));
}

const json_t *verify_by_id(const struct verify *v, char letter, const char *id)
{
	return id[0] == letter ? json_object_get(v->ids, id) : NULL;
}

static const json_t *step_into(const json_t *node, const char *token)
{
	char *end;
	unsigned long i;

	if (json_is_object(node))
		return json_object_get(node, token);
	if (!json_is_array(node) || token[0] < '0' || token[0] > '9' ||
	    (token[0] == '0' && token[1]))
		return NULL;
	i = strtoul(token, &end, 10);
	return *end ? NULL : json_array_get(node, i);
}

const json_t *verify_pointer(const json_t *root, const char *pointer)
{
	char token[PATH_MAX];

	while (root && *pointer == '/') {
		size_t n = 0;

		for (pointer++; *pointer && *pointer != '/' && n + 1 < sizeof token; pointer++) {
			bool escape = *pointer == '~' && (pointer[1] == '0' || pointer[1] == '1');

			token[n++] = !escape ? *pointer : *++pointer == '1' ? '/' : '~';
		}
		token[n] = '\0';
		root = step_into(root, token);
	}
	return *pointer ? NULL : root;
}

/* --- the checks ------------------------------------------------------------------ */

static int check_all(struct verify *v, struct error *err)
{
	int r;

	if (strcmp(verify_text(v->report, "schema"), "chimerad.report/1") != 0)
		verify_wrong(v, "report.json: schema chimerad.report/1 expected, \"%.40s\" found",
		             verify_text(v->report, "schema"));
	verify_ids(v);
	verify_references(v);
	r = verify_inventory(v, err);
	if (r == 0)
		r = verify_facts(v, err);
	if (r == 0)
		verify_findings(v);
	if (r == 0)
		r = verify_concurrency(v, err);
	if (r == 0)
		r = verify_sweep(v, err);
	if (r == 0)
		r = verify_numerals(v, err);
	if (r == 0) {
		verify_seal(v);
		verify_files(v);
	}
	return r;
}

static void print_end(const struct verify *v)
{
	const struct verify_result *r = v->result;

	bool good = r->wrong == 0 && r->altered == 0;

	if (!good)
		(void)fprintf(v->out, "in all %lu wrong, %lu altered\n", r->wrong, r->altered);
	if (r->absent)
		(void)fprintf(v->out, "not there: %lu artifacts\n", r->absent);
	if (r->from_samples)
		(void)fprintf(v->out, "recomputed from samples.json alone: %lu facts\n",
		              r->from_samples);
	if (r->not_recomputed)
		(void)fprintf(v->out, "not recomputed: %lu facts\n", r->not_recomputed);
	(void)fprintf(v->out, "%s: %lu facts, %lu numerals, %lu artifacts\n",
	              good ? "verified" : "looked at", r->facts, r->numerals, r->artifacts);
}

static void jsonp(json_t **json)
{
	json_decref(*json);
}

int verify_texts(const struct verify_texts *texts, const struct verify_options *options, FILE *out,
                 struct verify_result *ret, struct error *err)
{
	CLEANUP(jsonp) json_t *report = NULL;
	CLEANUP(jsonp) json_t *samples = NULL;
	CLEANUP(jsonp) json_t *ids = json_object();
	CLEANUP(jsonp) json_t *reviews = json_object();
	CLEANUP(arena_freep) struct arena *arena = arena_new(ARENA_BYTES_MAX);
	struct verify v = {.options = options,
	                   .texts = texts,
	                   .out = out,
	                   .result = ret,
	                   .ids = ids,
	                   .reviews = reviews,
	                   .arena = arena,
	                   .work_left = WORK_MAX};
	json_error_t why;
	int r;

	*ret = (struct verify_result){0};
	if (!ids || !reviews || !arena)
		return error_set(err, -ENOMEM, "out of memory");
	report = json_loadb(texts->json, texts->json_len, JSON_REJECT_DUPLICATES, &why);
	if (!report)
		return error_set(err, -EINVAL, "report.json:%d:%d: %s", why.line, why.column,
		                 why.text);
	if (texts->samples)
		samples = json_loadb(texts->samples, texts->samples_len, JSON_REJECT_DUPLICATES,
		                     &why);
	v.report = report;
	v.samples = samples;
	if (!json_is_object(samples))
		verify_wrong(&v, "samples.json: %s",
		             texts->samples ? "not a JSON object" : "missing");
	r = check_all(&v, err);
	verify_inventory_done(&v);
	if (r == 0)
		print_end(&v);
	return r;
}

/* --- files ------------------------------------------------------------------------ */

static int read_beside(const char *folder, const char *name, char **ret, size_t *ret_len,
                       struct error *err)
{
	char path[PATH_MAX];
	int r;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	r = files_read(ret, ret_len, NULL, path, REPORT_BYTES_MAX, err);
	return r == -ENOENT ? 0 : r;
}

int verify_report(const char *path, const struct verify_options *options, FILE *out,
                  struct verify_result *ret, struct error *err)
{
	CLEANUP(freep) char *real = realpath(path, NULL);
	CLEANUP(freep) char *json = NULL, *md = NULL, *samples = NULL;
	CLEANUP(freep) char *folder = real ? strdup(real) : NULL;
	struct verify_texts texts = {0};
	int r;

	if (!real)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	if (!folder)
		return error_set(err, -ENOMEM, "out of memory");
	*(strrchr(folder, '/') + (strrchr(folder, '/') == folder)) = '\0';
	r = files_read(&json, &texts.json_len, NULL, real, REPORT_BYTES_MAX, err);
	if (r == 0)
		r = read_beside(folder, "report.md", &md, &texts.md_len, err);
	if (r == 0)
		r = read_beside(folder, "samples.json", &samples, &texts.samples_len, err);
	if (r < 0)
		return r;
	texts.json = json;
	texts.md = md;
	texts.samples = samples;
	texts.folder = folder;
	return verify_texts(&texts, options, out, ret, err);
}

/* --- the command -------------------------------------------------------------------- */

struct command_options {
	struct option_texts roots;
	const char *reports;
	bool partial;
};

/* `told`: a line for each mismatch, as verify_report() prints them. */
static json_t *result_json(const struct verify_result *r, const char *told)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "schema",
	                 "chimerad.verify/1", "facts", (json_int_t)r->facts, "not_recomputed",
	                 (json_int_t)r->not_recomputed, "numerals", (json_int_t)r->numerals,
	                 "artifacts", (json_int_t)r->artifacts, "absent", (json_int_t)r->absent,
	                 "from_samples", (json_int_t)r->from_samples, "wrong",
	                 ctl_json_lines(told, "wrong: "), "altered",
	                 ctl_json_lines(told, "altered: "));
}

static int verify_to_json(const char *path, const struct verify_options *options,
                          struct verify_result *ret, struct error *err)
{
	CLEANUP(freep) char *told = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&told, &len);
	int r = out ? verify_report(path, options, out, ret, err)
	            : error_set(err, -ENOMEM, "out of memory");

	if (out && fclose(out) != 0 && r == 0)
		r = error_set(err, -ENOMEM, "out of memory");
	if (r == 0 && ctl_json_print(result_json(ret, told)) < 0)
		r = error_set(err, -ENOMEM, "out of memory");
	return r;
}

static int run_verify(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"root", 0, OPTION_TEXTS, offsetof(struct command_options, roots)},
		{"reports", 0, OPTION_TEXT, offsetof(struct command_options, reports)},
		{"partial", 0, OPTION_FLAG, offsetof(struct command_options, partial)},
		{0}};
	struct command_options o = {0};
	struct verify_options options;
	struct verify_result result;
	struct error err = {0};
	int n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL, "give one report.json");
	if (n < 0)
		return ctl_usage("verify", &err);
	options = (struct verify_options){o.roots.at, o.roots.n, o.reports, o.partial};
	n = ctl->json ? verify_to_json(argv[0], &options, &result, &err)
	              : verify_report(argv[0], &options, stdout, &result, &err);
	if (n < 0)
		return ctl_fail(CTL_FAILED, "verify: %s", err.text);
	return result.wrong || result.altered ? CTL_MISMATCH : CTL_DONE;
}

const struct command verify_command = {
	"verify",
	"REPORT.json [--root DIR]... [--reports DIR] [--partial]",
	"recompute a report from the artifacts",
	"  --root DIR     where the first root lies now; again for the second, and so on\n"
	"  --reports DIR  where the reviews lie that this one cites (default: beside it)\n"
	"  --partial      what is not there any more is counted, and not wrong: of its facts\n"
	"                 samples.json is left to look at\n\n"
	"Reads the artifacts again, recomputes every fact from its cells, checks the inventory, "
	"all\n"
	"references, every numeral of the report.md beside it, the seal, and the digests of "
	"report.html,\n"
	"the plots and whatever else was published with it.\n\n"
	"\"wrong:\" is a figure or a claim that does not hold, \"altered:\" a file that is not "
	"the one\n"
	"that was published.\n"
	"The exit code is 4 when there is any of either.\n",
	"chimeractl verify /var/lib/chimerad/reports/latest/report.json",
	run_verify};
