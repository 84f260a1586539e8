/* SPDX-License-Identifier: MIT */
#include "ctl/why.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "ctl/command.h"
#include "ctl/ctl_json.h"
#include "ctl/options.h"
#include "ctl/place.h"
#include "ctl/terminal.h"
#include "ctl/why_impl.h"
#include "lib/base/files.h"

#define FILE_BYTES_MAX ((uint64_t)1 << 30)

/* --- reading ------------------------------------------------------------------- */

static int read_json(json_t **ret, const char *folder, const char *name, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	char path[PATH_MAX];
	json_error_t why;
	size_t len = 0;
	int r;

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return error_set(err, -ENAMETOOLONG, "%.80s: path too long", folder);
	r = files_read(&text, &len, NULL, path, FILE_BYTES_MAX, err);
	if (r < 0)
		return r;
	*ret = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(*ret))
		return error_set(err, -EINVAL, "%s/%s:%d: no JSON object: %s", folder, name,
		                 why.line, why.text);
	return 0;
}

static void index_ids(const struct why *w, const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach (list, i, one)
		(void)json_object_set(w->ids, ctl_json_text(one, "id"), one);
}

int why_read(struct why *ret, const char *folder, struct error *err)
{
	struct error none = {0};
	int r;

	*ret = (struct why){.ids = json_object(), .told = json_object()};
	r = ret->ids && ret->told ? read_json(&ret->report, folder, "report.json", err)
	                          : error_set(err, -ENOMEM, "out of memory");
	if (r < 0)
		return r;
	index_ids(ret, json_object_get(ret->report, "facts"));
	index_ids(ret, json_object_get(ret->report, "findings"));
	index_ids(ret, json_object_get(json_object_get(ret->report, "inventory"), "artifacts"));
	r = read_json(&ret->samples, folder, "samples.json", &none);
	return r == -ENOMEM ? error_set(err, r, "out of memory") : 0;
}

void why_done(struct why *w)
{
	json_decref(w->report);
	json_decref(w->samples);
	json_decref(w->ids);
	json_decref(w->told);
}

const json_t *why_by_id(const struct why *w, const char *id)
{
	return id ? json_object_get(w->ids, id) : NULL;
}

void why_put(FILE *to, const char *text)
{
	terminal_print(to, text);
}

/* --- what is asked --------------------------------------------------------------- */

static bool is_id(const char *what, char letter)
{
	return what[0] == letter && what[1] && strspn(what + 1, "0123456789") == strlen(what + 1);
}

int why_print(const struct why *w, const char *what, FILE *to, struct error *err)
{
	const json_t *one = is_id(what, 'F') || is_id(what, 'K') ? why_by_id(w, what) : NULL;

	if (strncmp(what, "report.md:", strlen("report.md:")) == 0)
		return why_place(w, to, what + strlen("report.md:"), err);
	if (!one)
		return why_series(w, to, what, err);
	if (what[0] == 'F')
		why_fact(w, to, one);
	else
		why_finding(w, to, one);
	return 0;
}

/* Its entry in report.json, where it is a fact or finding, and what a person is told of it. */
static int print_json(const struct why *w, const char *what, struct error *err)
{
	CLEANUP(freep) char *told = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&told, &len);
	json_t *entry = (json_t *)(uintptr_t)why_by_id(w, what);
	int r = out ? why_print(w, what, out, err) : error_set(err, -ENOMEM, "out of memory");

	if (out && fclose(out) != 0 && r == 0)
		r = error_set(err, -ENOMEM, "out of memory");
	if (r == 0 &&
	    ctl_json_print(json_pack("{s:s, s:s, s:O?, s:o}", "schema", "chimerad.why/1", "what",
	                             what, "entry", entry, "lines", ctl_json_lines(told, ""))) < 0)
		r = error_set(err, -ENOMEM, "out of memory");
	return r;
}

static int run_explain(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec none[] = {{0}};
	CLEANUP(why_done) struct why w = {0};
	CLEANUP(freep) char *folder = NULL;
	struct error err = {0};
	int code, n = options_parse(none, NULL, argc, argv, &err);

	if (n >= 0 && n != 2)
		n = error_set(&err, -EINVAL,
		              "give a job id (a unique prefix, latest, or a report's folder) and "
		              "what of it: F12, K3, METRIC[@key=value,...] or "
		              "report.md:LINE:COLUMN");
	if (n < 0)
		return ctl_usage("explain", &err);
	code = place_find(ctl, "explain", argv[0], &folder);
	if (code)
		return code;
	n = why_read(&w, folder, &err);
	if (n == 0)
		n = ctl->json ? print_json(&w, argv[1], &err)
		              : why_print(&w, argv[1], stdout, &err);
	if (n < 0)
		return ctl_fail(CTL_FAILED, "explain: %s", err.text);
	return CTL_DONE;
}

const struct command explain_command = {
	"explain",
	"ID WHAT",
	"show what stands behind a figure, a finding or a series of a report",
	"  F12                     a fact: its formula, and the cells it stands on with their "
	"values\n"
	"  K3                      a finding: every gate with value and threshold, and what would\n"
	"                          have flipped it\n"
	"  METRIC[@key=value,...]  the series of a metric: what was found, and why nothing else "
	"was\n"
	"  report.md:LINE:COLUMN   the figure that stands there\n\n"
	"ID may also be the path of a report's folder.\n",
	"chimeractl explain latest K1",
	run_explain};
