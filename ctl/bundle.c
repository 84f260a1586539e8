/* SPDX-License-Identifier: MIT */
#include "ctl/bundle.h"

#include <errno.h>
#include <stdio.h>

#include "ctl/ctl_json.h"
#include "ctl/place.h"
#include "ctl/terminal.h"

#define MEGABYTE     ((uint64_t)1000000)
#define DEFAULT_MB   1000
#define LEFT_PRINTED 10

struct bundle_options {
	struct option_texts roots;
	const char *out, *reports;
	unsigned max_mb;
};

static uint64_t bytes_of(const struct bundle *b)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < b->n_files; i++)
		sum += b->files[i].bytes;
	return sum;
}

static int print_json(const struct bundle *b, const char *out)
{
	json_t *left = json_array();

	for (size_t i = 0; i < b->n_left; i++)
		(void)json_array_append_new(left, json_pack("{s:s?, s:s, s:s}", "artifact",
		                                            b->left[i].id, "path", b->left[i].path,
		                                            "reason", b->left[i].why));
	return ctl_json_print(json_pack("{s:s, s:s, s:I, s:I, s:b, s:o}", "schema",
	                                "chimerad.bundle/1", "file", out, "files",
	                                (json_int_t)b->n_files, "bytes", (json_int_t)bytes_of(b),
	                                "partial", b->partial, "left_out", left));
}

static void print_text(const struct bundle *b, const char *out)
{
	terminal_print(stdout, out);
	(void)printf(": %zu files, %llu bytes\n", b->n_files, (unsigned long long)bytes_of(b));
	for (size_t i = 0; i < b->n_left && i < LEFT_PRINTED; i++) {
		(void)printf("left out: ");
		terminal_print(stdout, b->left[i].id ? b->left[i].id : "review");
		(void)putchar(' ');
		terminal_print(stdout, b->left[i].path);
		(void)printf(": %s\n", b->left[i].why);
	}
	if (b->n_left > LEFT_PRINTED)
		(void)printf("left out: %zu more, listed in its README.txt\n",
		             b->n_left - LEFT_PRINTED);
}

static int bundle(const struct ctl *ctl, const struct bundle_options *o, const char *folder)
{
	const struct bundle_spec spec = {folder, &o->roots, o->reports,
	                                 (uint64_t)(o->max_mb ? o->max_mb : DEFAULT_MB) * MEGABYTE};
	CLEANUP(bundle_done) struct bundle b = {0};
	char name[BUNDLE_NAME_BYTES + sizeof ".tar"];
	struct error err = {0};
	const char *out = o->out;
	int r = bundle_plan(&b, &spec, &err);

	(void)snprintf(name, sizeof name, "chimerad-%.80s.tar", b.id ? b.id : "");
	out = out ? out : name;
	if (r == 0)
		r = bundle_write(&b, out, &err);
	if (r < 0)
		return ctl_fail(CTL_FAILED, "bundle: %s", err.text);
	if (!ctl->json)
		print_text(&b, out);
	else if (print_json(&b, out) < 0)
		return ctl_fail(CTL_FAILED, "bundle: out of memory");
	return CTL_DONE;
}

static int run_bundle(const struct ctl *ctl, int argc, char **argv)
{
#define AT(member) offsetof(struct bundle_options, member)
	static const struct option_spec table[] = {{"output", 'o', OPTION_TEXT, AT(out)},
	                                           {"root", 0, OPTION_TEXTS, AT(roots)},
	                                           {"reports", 0, OPTION_TEXT, AT(reports)},
	                                           {"max-mb", 0, OPTION_UINT, AT(max_mb)},
	                                           {0}};
#undef AT
	CLEANUP(freep) char *folder = NULL;
	struct bundle_options o = {0};
	struct error err = {0};
	int code, n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL,
		              "give one job id (a unique prefix, or latest) or a report's folder");
	if (n < 0)
		return ctl_usage("bundle", &err);
	code = place_find(ctl, "bundle", argv[0], &folder);
	return code ? code : bundle(ctl, &o, folder);
}

const struct command bundle_command = {
	"bundle",
	"ID [-o FILE.tar] [--root DIR]... [--reports DIR] [--max-mb N]",
	"pack a report with what it stands on, as a proof that stands alone",
	"  -o, --output FILE  the archive (default chimerad-ID.tar)\n"
	"  --root DIR         where the first root lies now; again for the second, and so on\n"
	"  --reports DIR      where the reviews lie that this one cites (default: beside it)\n"
	"  --max-mb N         so much beside the report at most, in MB (default 1000): what has\n"
	"                     no room is left out, and named\n\n"
	"ID may also be the path of a report's folder. The archive holds the report with its\n"
	"samples, the artifacts that it read, if they are still what they were, the earlier\n"
	"reviews that it cites, a digest of each file, and a README.txt: how to check it.\n",
	"chimeractl bundle latest -o tonight.tar",
	run_bundle};
