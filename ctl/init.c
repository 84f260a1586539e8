/* SPDX-License-Identifier: MIT */
/*
 * init - a pipeline to begin with, made from what a tree holds: valid as it is, and what was
 * recognised beside it as comments to edit.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "ctl/command.h"
#include "ctl/explain.h"
#include "ctl/options.h"
#include "lib/base/bind.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/files.h"

#define FILE_BYTES   (256 * 1024) /* what `check` reads */
#define COLUMNS_MAX  100          /* of a kind: the first ones */
#define SUBJECT_KEYS 4            /* in the example of an expectation */
#define NAME_BYTES   65

struct init_options {
	const char *name, *output, *config;
};

/* Double quotes and escapes that YAML and JSON share: foreign text cannot leave its scalar. */
static void add_quoted(struct buf *b, const char *text)
{
	json_t *string = json_string(text ? text : "");
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	buf_puts(b, quoted ? quoted : "\"\"");
	free(quoted);
	json_decref(string);
}

static void add_head(struct buf *b, const struct dossier *d, const char *name, const char *path)
{
	char first[CLOCK_TEXT_BYTES], last[CLOCK_TEXT_BYTES];

	buf_printf(b, "# From %zu artifacts", d->inventory.n_artifacts);
	if (d->runs.n > 0) {
		clock_text(first, d->runs.first_s);
		clock_text(last, d->runs.last_s);
		buf_printf(b, ", %zu run%s, %.10s to %.10s", d->runs.n, d->runs.n == 1 ? "" : "s",
		           first, last);
	}
	buf_printf(b, ".\n# As %s.yaml in the folder of pipelines: chimeractl review -p %s PATH\n",
	           name, name);
	buf_printf(b, "name: %s\ntitle: ", name);
	add_quoted(b, path);
	buf_puts(b,
	         "\nmodel: {name: gemma3}\noptions: {num_ctx: 4096}\nsteps:\n"
	         "  - {id: inventory, stage: ingest, agent: data-collector}\n"
	         "  - {id: analyse, stage: analysis, agent: analyst, needs: [inventory], "
	         "for_each: group}\n"
	         "  - {id: compose, stage: report, agent: report-writer, needs: [analyse], "
	         "for_each: section}\n"
	         "# history: all earlier nights; previous: the last one; accepted: see chimeractl "
	         "accept.\n"
	         "compare: {against: history, q: 0.05, min_effect_pct: 2}\n");
}

/* The first configuration that was measured, as an example in its own words. */
static const struct fact *example(const struct dossier *d)
{
	for (size_t i = 0; i < d->n_facts; i++) {
		const struct fact *f = &d->facts[i];

		if (f->metric && f->n_subject > 0 && f->n_subject <= SUBJECT_KEYS &&
		    f->better != BETTER_NONE &&
		    (f->statistic == STAT_VALUE || f->statistic == STAT_MEDIAN))
			return f;
	}
	return NULL;
}

static void add_expect(struct buf *b, const struct dossier *d)
{
	const struct fact *f = example(d);

	buf_puts(b, "# What a configuration is promised to reach; each review says whether it "
	            "does.\nexpect: []\n");
	if (!f)
		return;
	buf_puts(b, "#  - {metric: ");
	add_quoted(b, f->metric);
	buf_puts(b, ", subject: {");
	for (size_t i = 0; i < f->n_subject; i++) {
		buf_puts(b, i ? ", " : "");
		add_quoted(b, f->subject[i].name);
		buf_puts(b, ": ");
		add_quoted(b, f->subject[i].text);
	}
	buf_printf(b, "}, value: %.6g, ", f->value);
	if (f->unit) {
		buf_puts(b, "unit: ");
		add_quoted(b, f->unit);
		buf_puts(b, ", ");
	}
	buf_puts(b, "tolerance_pct: 5}\n");
}

static void add_metric(struct buf *b, const struct role_note *c)
{
	buf_puts(b, ": {");
	if (c->unit) {
		buf_puts(b, "unit: ");
		add_quoted(b, c->unit);
		buf_puts(b, ", ");
	}
	buf_printf(b, "direction: %s, role: %s}  # ", better_name(c->better),
	           c->restates || c->better == BETTER_NONE ? "guard" : "primary");
	buf_puts(b, c->quantity ? c->quantity : "a quantity that nothing tells");
	buf_puts(b, "\n");
}

/* Metrics, or keys and covariates: what is ignored is seldom missed. */
static void add_columns(struct buf *b, const struct dossier *d, bool metrics)
{
	json_t *told = json_object();
	size_t n = 0;

	for (size_t i = 0; i < d->n_roles; i++) {
		const struct role_note *c = &d->roles[i];

		if ((strcmp(c->role, "metric") == 0) != metrics ||
		    strcmp(c->role, "ignored") == 0 || json_object_get(told, c->column))
			continue;
		(void)json_object_set_new_nocheck(told, c->column, json_true());
		if (n++ == 0)
			buf_puts(b, metrics ? "#metrics:\n" : "#columns:\n");
		if (n > COLUMNS_MAX)
			continue;
		buf_puts(b, "#  ");
		add_quoted(b, c->column);
		if (metrics)
			add_metric(b, c);
		else
			buf_printf(b, ": %s\n", c->role);
	}
	if (n > COLUMNS_MAX)
		buf_printf(b, "# and %d more: chimeractl check --explain lists them all\n",
		           (int)(n - COLUMNS_MAX));
	json_decref(told);
}

static void add_config(struct buf *b, const struct dossier *d)
{
	buf_puts(b,
	         "publish: {formats: [md, html, json]}\n\n"
	         "# What was recognised. Where it is wrong, say so in chimerad.yaml, where these\n"
	         "# belong: the role of a column, and of a metric unit, direction and whether it\n"
	         "# may alarm (primary), is listed only (guard) or is passed over (ignore).\n");
	add_columns(b, d, false);
	add_columns(b, d, true);
}

/* The last part of the path in the letters that a pipeline's name may have. */
static void name_of(char ret[static NAME_BYTES], const char *path)
{
	CLEANUP(freep) char *real = realpath(path, NULL);
	const char *from = real ? strrchr(real, '/') + 1 : "";
	size_t n = 0;

	for (; *from && n < NAME_BYTES - 1; from++) {
		char c = (char)tolower((unsigned char)*from);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			ret[n++] = c;
		else if (n > 0 && ret[n - 1] != '-')
			ret[n++] = '-';
	}
	while (n > 0 && ret[n - 1] == '-')
		n--;
	ret[n] = '\0';
	if (n == 0)
		(void)snprintf(ret, NAME_BYTES, "my-review");
}

/* Never over a file that is there. */
static int write_out(const char *path, const struct buf *b)
{
	FILE *to = fopen(path, "wxe");
	bool written;

	if (!to)
		return ctl_fail(CTL_FAILED, "init: %s: %s%s", path, strerror(errno),
		                errno == EEXIST ? ": remove it, or give another -o FILE" : "");
	written = fwrite(b->data, 1, b->len, to) == b->len;
	if (fclose(to) == 0 && written)
		return CTL_DONE;
	return ctl_fail(CTL_FAILED, "init: %s: cannot write it in full: %s", path, strerror(errno));
}

static int init(const struct init_options *o, size_t n, char **paths)
{
	CLEANUP(explain_freep) struct explained *e = NULL;
	CLEANUP(buf_done) struct buf b = BUF_INIT(FILE_BYTES);
	struct error err = {0};
	char name[NAME_BYTES];

	if (explain_read(&e, (const char *const *)paths, n, o->config, &err) < 0)
		return ctl_fail(CTL_FAILED, "init: %s", err.text);
	if (e->dossier.inventory.n_artifacts == 0)
		return ctl_fail(CTL_FAILED,
		                "init: %s: no artifact is there to begin with: see chimeractl "
		                "check --explain",
		                paths[0]);
	name_of(name, paths[0]);
	add_head(&b, &e->dossier, o->name ? o->name : name, o->name ? o->name : name);
	add_expect(&b, &e->dossier);
	add_config(&b, &e->dossier);
	if (b.failed)
		return ctl_fail(CTL_FAILED, "init: too much for one file: give fewer paths");
	if (o->output)
		return write_out(o->output, &b);
	(void)fputs(b.data, stdout);
	return CTL_DONE;
}

static int run_init(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec table[] = {
		{"name", 0, OPTION_TEXT, offsetof(struct init_options, name)},
		{"output", 'o', OPTION_TEXT, offsetof(struct init_options, output)},
		{"config", 0, OPTION_TEXT, offsetof(struct init_options, config)},
		{0}};
	struct init_options o = {0};
	struct error err = {0};
	int n = options_parse(table, &o, argc, argv, &err);
	const char *bad = n >= 0 && o.name ? bind_check_name(o.name) : NULL;

	(void)ctl;
	if (n == 0)
		n = error_set(&err, -EINVAL, "give the trees to look at");
	if (bad)
		n = error_set(&err, -EINVAL, "--name: \"%.64s\" %s", o.name, bad);
	return n < 0 ? ctl_usage("init", &err) : init(&o, (size_t)n, argv);
}

const struct command init_command = {
	"init",
	"DIR... [--name NAME] [-o FILE] [--config FILE]",
	"write a pipeline to begin with, from what a tree holds",
	"  --name NAME        what it is called (default: the last part of DIR)\n"
	"  -o, --output FILE  write it there, if no such file is there (default: print it)\n"
	"  --config FILE      whose limits, columns and metrics apply\n\n"
	"It is valid as it is. Columns, metrics, units and directions that were recognised are\n"
	"in it as comments to edit.\n",
	"chimeractl init /srv/benchmarks/nightly -o nightly.yaml",
	run_init};
