/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "ctl/ci.h"
#include "ctl/command.h"
#include "ctl/compare.h"
#include "ctl/ctl_json.h"
#include "ctl/options.h"

#define SUMMARY_BYTES_MAX ((size_t)64 << 20)

struct compare_options {
	const char *config, *fail_on, *format;
	enum ci_format ci;
	bool json;
};

/* As a block of code by indentation, which nothing in it can end. */
static int add_summary(const struct compared_sides *c, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	CLEANUP(buf_done) struct buf md = BUF_INIT(SUMMARY_BYTES_MAX);
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (to)
		compare_print(c, to);
	if (!to || fclose(to) != 0)
		return error_set(err, -ENOMEM, "out of memory");
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		buf_puts(&md, "    ");
		buf_add(&md, line, n);
		buf_putc(&md, '\n');
		line += n + (line[n] == '\n');
	}
	return ci_summary(buf_text(&md), md.len, err);
}

static int print_ci(const struct compare_options *o, const struct fail_on *f,
                    const struct compared_sides *c)
{
	CLEANUP(ci_done) struct ci_list list = {0};
	struct error err = {0};
	int r = ci_of_sides(&list, c, o->fail_on ? f : NULL, &err);

	if (r == 0)
		r = ci_print(&list, o->ci, &err);
	if (r == 0 && o->ci == CI_GITHUB)
		r = add_summary(c, &err);
	return r < 0 ? ctl_fail(CTL_FAILED, "compare: %s", err.text) : CTL_DONE;
}

static int print(const struct compare_options *o, const struct fail_on *f,
                 const struct compared_sides *c)
{
	if (o->ci != CI_NONE)
		return print_ci(o, f, c);
	if (!o->json)
		compare_print(c, stdout);
	else if (ctl_json_print(compare_json(c)) < 0)
		return ctl_fail(CTL_FAILED, "compare: out of memory");
	return CTL_DONE;
}

static int compare(const struct compare_options *o, const struct fail_on *f, char **sides)
{
	CLEANUP(compare_freep) struct compared_sides *c = NULL;
	char room[256];
	const char *what;
	struct error err = {0};
	int code;

	if (compare_read(&c, sides[0], sides[1], o->config, &err) < 0)
		return ctl_fail(CTL_FAILED, "compare: %s", err.text);
	code = print(o, f, c);
	what = code == CTL_DONE && o->fail_on ? compare_match(c, f, room, sizeof room) : NULL;
	return what ? ctl_fail(CTL_MATCHED, "compare: --fail-on: %s", what) : code;
}

static int run_compare(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"config", 0, OPTION_TEXT, offsetof(struct compare_options, config)},
		{"fail-on", 0, OPTION_TEXT, offsetof(struct compare_options, fail_on)},
		{"format", 0, OPTION_TEXT, offsetof(struct compare_options, format)},
		{"json", 0, OPTION_FLAG, offsetof(struct compare_options, json)},
		{0}};
	struct compare_options o = {.json = ctl->json};
	struct fail_on f = {0};
	struct error err = {0};
	int n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && n != 2)
		n = error_set(&err, -EINVAL,
		              "give two directories, files or report.json, BASE and NEW");
	if (n >= 0 && o.fail_on)
		n = fail_on_parse(&f, o.fail_on, &err);
	if (n >= 0 && ci_format_parse(&o.ci, o.format, &err) < 0)
		n = -EINVAL;
	return n < 0 ? ctl_usage("compare", &err) : compare(&o, &f, argv);
}

const struct command compare_command = {
	"compare",
	"BASE NEW [--fail-on KIND[,KIND]] [--format junit|github] [--config FILE] [--json]",
	"compare two trees of artifacts or two reports, repetitions against repetitions",
	"  --fail-on KIND  exit with 3 where there is a regression, improvement, changed, new,\n"
	"                  vanished or untestable series\n"
	"  --format junit|github  print a JUnit XML, or the annotations of a GitHub workflow\n"
	"  --config FILE   whose limits, machine, columns and metrics apply (default:\n"
	"                  $CHIMERAD_CONFIG, else /etc/chimerad/chimerad.yaml)\n"
	"  --json          the same for scripts\n\n"
	"A series changed when the Mann-Whitney test says so (p by Benjamini and Hochberg up to\n"
	"0.05; for --fail-on by Holm), the interval of the change lies beyond 2 %, and in four of\n"
	"five pairs the one is larger. Repetitions must be runs of their own: those of one "
	"session\n"
	"share its noise.\n",
	"chimeractl compare results/main results/branch --fail-on regression",
	run_compare};
