/* SPDX-License-Identifier: MIT */
/*
 * report: the report of a job, as it is or as a person reads it.
 */
#include <errno.h>
#include <stdio.h>

#include "ctl/ci.h"
#include "ctl/client.h"
#include "ctl/options.h"
#include "ctl/pager.h"
#include "ctl/place.h"
#include "ctl/pretty.h"
#include "ctl/private_config.h"
#include "ctl/terminal.h"
#include "lib/base/files.h"

#define REPORT_BYTES_MAX   ((size_t)256 << 20) /* as the daemon's */
#define MARKDOWN_BYTES_MAX ((size_t)4 << 20)   /* far more than the 300 lines that it has */
#define SHOWN_BYTES_MAX    ((size_t)64 << 20)

struct report_options {
	const char *format, *out, *fail_on;
	struct fail_on kinds;
	enum ci_format ci;
	bool said; /* --format was given */
};

static int write_out(const char *path, const char *text, size_t len)
{
	FILE *to = path ? fopen(path, "we") : stdout;
	bool good;

	if (!to)
		return ctl_fail(CTL_FAILED, "report: %s: %s", path, strerror(errno));
	good = fwrite(text, 1, len, to) == len;
	if ((path ? fclose(to) : fflush(to)) != 0 || !good)
		return ctl_fail(CTL_FAILED, "report: %s: %s", path ? path : "standard output",
		                strerror(errno));
	return CTL_DONE;
}

/* What is wrong with the options; 0: nothing. The format that the daemon is asked for is set. */
static int settle_format(struct report_options *o, struct error *err)
{
	static const char *const served[] = {"md", "html", "json"};

	for (size_t i = 0; i < ARRAY_LEN(served); i++) {
		if (strcmp(o->format, served[i]) == 0)
			return o->fail_on ? error_set(err, -EINVAL,
			                              "--fail-on is for --format junit or github")
			                  : 0;
	}
	if (ci_format_parse(&o->ci, o->format, err) < 0)
		return error_set(err, -EINVAL, "--format is md, html, json, junit or github");
	o->format = "json";
	return o->fail_on ? fail_on_parse(&o->kinds, o->fail_on, err) : 0;
}

static int write_ci(const struct report_options *o, const struct reply *report)
{
	CLEANUP(ci_done) struct ci_list list = {0};
	CLEANUP(buf_done) struct buf b = {0};
	const struct fail_on *f = o->fail_on ? &o->kinds : NULL;
	struct error err = {0};
	const char *what;
	char room[128];
	int code;

	if (ci_of_report(&list, report->json, f, &err) < 0 || ci_text(&b, &list, o->ci) < 0)
		return ctl_fail(CTL_FAILED, "report: out of memory");
	code = write_out(o->out, b.data, b.len);
	what = !code && f ? fail_on_match(f, report->json, room, sizeof room) : NULL;
	return what ? ctl_fail(CTL_MATCHED, "report: --fail-on: %s", what) : code;
}

/* --- for a person ------------------------------------------------------------ */

/* Whether a person reads it, who has not asked for the file. */
static bool for_a_person(const struct ctl *ctl, const struct report_options *o)
{
	return !o->said && !o->out && !ctl->json && isatty(STDOUT_FILENO);
}

static int show(const struct reply *reply)
{
	const struct pretty p = {.width = terminal_width(STDOUT_FILENO),
	                         .colour = terminal_colour(STDOUT_FILENO),
	                         .unicode = terminal_unicode()};
	CLEANUP(buf_done) struct buf text = BUF_INIT(SHOWN_BYTES_MAX);
	CLEANUP(pager_endp) struct pager *pager = NULL;
	struct error err = {0};

	if (reply->len > MARKDOWN_BYTES_MAX)
		return ctl_fail(CTL_FAILED,
		                "report: too long for a terminal: write it to a file with -o FILE");
	if (pretty_markdown(&text, &p, reply->body, reply->len, &err) < 0)
		return ctl_fail(CTL_FAILED, "report: %s: --format md prints it as it is", err.text);
	pager = pager_begin();
	(void)fwrite(buf_text(&text), 1, text.len, pager_stream(pager));
	return CTL_DONE;
}

/* --- where it is --------------------------------------------------------------- */

/* Of a report's folder on this machine: a local review's, or the path that was given. */
static int read_here(const struct ctl *ctl, const char *what, const char *format, struct reply *ret)
{
	CLEANUP(freep) char *folder = NULL;
	CLEANUP(freep) char *path = NULL;
	struct error err = {0};
	int code = place_find(ctl, "report", what, &folder);

	if (code)
		return code;
	path = private_text("%s/report.%s", folder, format);
	if (!path)
		return ctl_fail(CTL_FAILED, "report: out of memory");
	if (files_read(&ret->body, &ret->len, NULL, path, REPORT_BYTES_MAX, &err) < 0)
		return ctl_fail(CTL_FAILED, "report: %s", err.text);
	ret->json = json_loadb(ret->body, ret->len, JSON_REJECT_DUPLICATES, NULL);
	return CTL_DONE;
}

static int fetch(const struct ctl *ctl, const char *what, const char *format, struct reply *ret)
{
	CLEANUP(client_freep) struct client *c = NULL;
	char tail[32], path[128];
	struct error err = {0};
	int r;

	if (strpbrk(what, "/."))
		return read_here(ctl, what, format, ret);
	(void)snprintf(tail, sizeof tail, "/report.%.4s", format);
	if (client_job_path(path, sizeof path, what, tail, &err) < 0)
		return ctl_usage("report", &err);
	r = client_open(&c, ctl, &err);
	if (r == 0)
		r = client_call(c, "GET", path, NULL, NULL, ret, &err);
	if (r == -ECONNREFUSED)
		return read_here(ctl, what, format, ret);
	if (r < 0)
		return client_fail("report", r, &err);
	return ret->status >= 400 ? client_refused("report", ret) : CTL_DONE;
}

static int run_report(const struct ctl *ctl, int argc, char **argv)
{
#define AT(member) offsetof(struct report_options, member)
	static const struct option_spec table[] = {{"format", 0, OPTION_TEXT, AT(format)},
	                                           {"output", 'o', OPTION_TEXT, AT(out)},
	                                           {"fail-on", 0, OPTION_TEXT, AT(fail_on)},
	                                           {0}};
#undef AT
	struct report_options o = {0};
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	int code, n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL,
		              "give one job id (a unique prefix, or latest), or a report's folder");
	o.said = o.format != NULL;
	o.format = o.said ? o.format : ctl->json ? "json" : "md";
	if (n > 0 && settle_format(&o, &err) < 0)
		n = -EINVAL;
	if (n < 0)
		return ctl_usage("report", &err);
	code = fetch(ctl, argv[0], o.format, &reply);
	if (code)
		return code;
	if (for_a_person(ctl, &o))
		return show(&reply);
	return o.ci != CI_NONE ? write_ci(&o, &reply) : write_out(o.out, reply.body, reply.len);
}

const struct command report_command = {
	"report",
	"ID [--format md|html|json|junit|github] [-o FILE] [--fail-on KIND[,KIND]]",
	"print the report of a finished job",
	"ID may also be the path of a report's folder; without a daemon, local reviews are looked\n"
	"through. At a terminal the report is laid out for it and shown by $PAGER (default less\n"
	"-FRX); elsewhere, and with an option, it is printed as it is.\n\n"
	"  --format FORMAT    md (default), html or json; junit: a JUnit XML, github: the\n"
	"                     annotations of a workflow, with the findings of some kinds\n"
	"  --fail-on KIND     these kinds (default: regression), as review has it\n"
	"  -o, --output FILE  write it there instead of standard output\n",
	"chimeractl report latest --format html -o tonight.html",
	run_report};
