/* SPDX-License-Identifier: MIT */
/*
 * review, watch: one job from its submission to the summary.
 */
#include "ctl/review.h"

#include <errno.h>
#include <stdio.h>

#include "ctl/ctl_json.h"
#include "ctl/folder.h"
#include "ctl/options.h"
#include "ctl/private_daemon.h"
#include "ctl/request.h"
#include "ctl/summary.h"
#include "ctl/terminal.h"
#include "ctl/tune.h"
#include "ctl/watch.h"
#include "lib/base/files.h"

struct review_options {
	struct request request;
	struct private_spec local;
	const char *out, *fail_on, *endpoint, *format;
	bool is_local;
};

/* --- the end ------------------------------------------------------------- */

static int fetch(struct client *c, const char *id, const char *format, struct reply *ret,
                 struct error *err)
{
	char tail[32], path[128];
	int r;

	(void)snprintf(tail, sizeof tail, "/report.%s", format);
	r = client_job_path(path, sizeof path, id, tail, err);
	if (r == 0)
		r = client_call(c, "GET", path, NULL, NULL, ret, err);
	if (r == 0 && ret->status != 200)
		r = error_set(err, -EPROTO, "the daemon has no report.%s of job %s (HTTP %ld)",
		              format, id, ret->status);
	return r;
}

/* Where the daemon's folder is closed to us, what it serves is still ours. */
static int fetch_all(struct client *c, const char *id, const char *out, struct error *err)
{
	static const char *const formats[] = {"md", "html", "json"};
	int r = files_make_dirs(out, err);

	for (size_t i = 0; i < ARRAY_LEN(formats) && r == 0; i++) {
		CLEANUP(reply_done) struct reply reply = {0};
		char name[32];

		(void)snprintf(name, sizeof name, "report.%s", formats[i]);
		r = fetch(c, id, formats[i], &reply, err);
		if (r == 0)
			r = files_write(out, name, reply.body, reply.len, err);
	}
	return r;
}

static int copy_out(struct client *c, const json_t *job, const char *out, struct error *err)
{
	const char *folder = ctl_json_text(job, "report");
	int r = *folder ? folder_copy(folder, out, err) : -EACCES;

	if (r != -EACCES && r != -ENOENT)
		return r;
	(void)fprintf(stderr, "%s cannot be read from here: without its samples and plots\n",
	              *folder ? folder : "the report's folder");
	return fetch_all(c, ctl_json_text(job, "id"), out, err);
}

/* The page is the summary of a workflow's step, where there is such a thing. */
static int print_ci(struct client *c, const char *id, const json_t *report,
                    const struct review_end *end, struct error *err)
{
	CLEANUP(reply_done) struct reply page = {0};
	CLEANUP(ci_done) struct ci_list list = {0};
	int r = ci_of_report(&list, report, end->fail_on, err);

	if (r == 0)
		r = ci_print(&list, end->format, err);
	if (r == 0 && end->format == CI_GITHUB)
		r = fetch(c, id, "md", &page, err);
	return r < 0 || !page.body ? r : ci_summary(page.body, page.len, err);
}

static int check_fail_on(const struct review_end *end, const json_t *report)
{
	char room[128];
	const char *what = end->fail_on ? fail_on_match(end->fail_on, report, room, sizeof room)
	                                : NULL;

	return what ? ctl_fail(CTL_MATCHED, "%s: --fail-on: %s", end->command, what) : CTL_DONE;
}

/* sweep: what goes with it, or NULL. */
static int print_job(const json_t *job, json_t *sweep, struct error *err)
{
	CLEANUP(json_decrefp) json_t *o = json_copy((json_t *)(uintptr_t)job);

	if (!o || (sweep && json_object_set(o, "sweep", sweep) < 0))
		return error_set(err, -ENOMEM, "out of memory");
	(void)json_dumpf(o, stdout, JSON_INDENT(2));
	(void)putchar('\n');
	return 0;
}

static int finish_good(struct client *c, const json_t *job, const struct review_end *end)
{
	CLEANUP(reply_done) struct reply report = {0};
	struct error err = {0};
	int r = fetch(c, ctl_json_text(job, "id"), "json", &report, &err);

	if (r == 0 && !json_is_object(report.json))
		r = error_set(&err, -EPROTO,
		              "report.json of the daemon is no JSON object: chimeractl doctor "
		              "looks at it");
	if (r == 0 && end->out)
		r = copy_out(c, job, end->out, &err);
	if (r == 0 && end->json && end->takes_up && end->format == CI_NONE)
		r = print_job(job, json_object_get(report.json, "sweep"), &err);
	if (r == 0 && end->format != CI_NONE)
		r = print_ci(c, ctl_json_text(job, "id"), report.json, end, &err);
	if (r < 0)
		return client_fail(end->command, r == -EINVAL ? -EPROTO : r, &err);
	if (!end->json && end->format == CI_NONE)
		summary_print(stdout, report.json,
		              end->out ? end->out : ctl_json_text(job, "report"));
	if (!end->json && end->format == CI_NONE)
		tune_print(stdout, report.json);
	if (end->takes_up && tune_why_not(report.json))
		return ctl_fail(CTL_FAILED, "%s: nothing is ranked: %s", end->command,
		                tune_why_not(report.json));
	return check_fail_on(end, report.json);
}

int review_finish(struct client *c, const json_t *job, const struct review_end *end)
{
	const char *state = ctl_json_text(job, "state");
	const char *why = ctl_json_text(json_object_get(job, "error"), "detail");

	bool good = strcmp(state, "succeeded") == 0;
	struct error err = {0};

	if (end->json && end->format == CI_NONE && !(good && end->takes_up) &&
	    print_job(job, NULL, &err) < 0)
		return client_fail(end->command, err.code, &err);
	if (good)
		return finish_good(c, job, end);
	return ctl_fail(CTL_FAILED, "%s: job %s %s%s%s", end->command, ctl_json_text(job, "id"),
	                state, *why ? ": " : "", why);
}

/* --- following ----------------------------------------------------------- */

static int cancel(struct client *c, const char *id, const char *command)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	char path[128];

	if (client_job_path(path, sizeof path, id, "", &err) < 0 ||
	    client_call(c, "DELETE", path, NULL, NULL, &reply, &err) < 0)
		return ctl_fail(CTL_FAILED,
		                "%s: job %s: not cancelled: %s; try chimeractl cancel %s", command,
		                id, err.text, id);
	if (reply.status >= 400)
		return client_refused(command, &reply);
	return ctl_fail(CTL_FAILED, "%s: cancelled", command);
}

static int leave(const char *id)
{
	return ctl_fail(CTL_FAILED,
	                "left; the review goes on: chimeractl watch %s, or chimeractl cancel %s",
	                id, id);
}

static int follow(struct client *c, const char *id, struct private_daemon *d,
                  const struct review_end *end)
{
	struct progress progress;
	struct error err = {0};
	struct watch w = {.client = c, .progress = &progress, .signal_fd = watch_signals(&err)};
	json_t *job = NULL;
	int r = w.signal_fd, code;

	progress_init(&progress, stderr);
	w.alive = d ? private_daemon_alive : NULL;
	w.arg = d;
	if (r >= 0)
		r = watch_job(&w, id, &job, &err);
	progress_end(&progress);
	watch_signals_end(w.signal_fd);
	if (r == 0)
		code = review_finish(c, job, end);
	else if (r == -EINTR || r == -ECANCELED)
		code = r == -EINTR ? leave(id) : cancel(c, id, end->command);
	else
		code = client_fail(end->command, r == -EINVAL ? -EPROTO : r, &err);
	if (code == CTL_FAILED && r != -EINTR && r != -ECANCELED && d)
		private_daemon_show_log(d);
	json_decref(job);
	return code;
}

/* --- review -------------------------------------------------------------- */

int review_submit(struct client *c, const json_t *body, const char *key, struct private_daemon *d,
                  const struct review_end *end)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	int r = client_call(c, "POST", "/v1/jobs", body, key, &reply, &err);

	if (r < 0)
		return client_fail(end->command, r, &err);
	if (reply.status >= 400)
		return client_refused(end->command, &reply);
	return follow(c, ctl_json_text(reply.json, "id"), d, end);
}

/* A ranking is not measured twice at a time, nor anew where a daemon that was stopped has begun. */
static int submit(struct client *c, const json_t *body, struct private_daemon *d,
                  const struct review_end *end)
{
	CLEANUP(freep) char *id = NULL;
	char key[TUNE_KEY_BYTES];
	struct error err = {0};
	int r;

	if (!end->takes_up)
		return review_submit(c, body, NULL, d, end);
	r = tune_check_pipeline(c, ctl_json_text(body, "pipeline"), &err);
	if (r == -EINVAL)
		return ctl_fail(CTL_REJECTED, "%s: %s", end->command, err.text);
	if (r == 0)
		r = tune_find(&id, c, end->takes_up, &err);
	if (r < 0)
		return client_fail(end->command, r, &err);
	if (id) {
		(void)fprintf(stderr, "job %s measures this already: followed\n", id);
		return follow(c, id, d, end);
	}
	tune_key(key, end->takes_up);
	return review_submit(c, body, key, d, end);
}

static int review_private(const struct review_options *o, const json_t *body,
                          const struct review_end *end)
{
	CLEANUP(private_daemon_stopp) struct private_daemon *d = NULL;
	CLEANUP(client_freep) struct client *c = NULL;
	struct error err = {0};
	int r;

	if (!o->local.config && !o->local.endpoint && !o->local.model)
		(void)fputs("written without a model: to let a local one write, add --model NAME "
		            "(Ollama), --endpoint URL or --config FILE\n",
		            stderr);
	r = private_daemon_start(&d, &o->local, &err);
	if (r == 0)
		r = client_new(&c, private_daemon_socket(d), &err);
	if (r < 0)
		return ctl_fail(CTL_FAILED, "%s: %s", end->command, err.text);
	return submit(c, body, d, end);
}

/* Whether a daemon listens; 0: yes. *ret is its client. */
static int reach(const struct ctl *ctl, struct client **ret, char *socket, size_t size,
                 struct error *err)
{
	CLEANUP(client_freep) struct client *c = NULL;
	CLEANUP(reply_done) struct reply reply = {0};
	int r = client_find_socket(ctl->socket, socket, size, err);

	if (r == 0)
		r = client_new(&c, socket, err);
	if (r == 0)
		r = client_call(c, "GET", "/healthz", NULL, NULL, &reply, err);
	if (r == 0)
		*ret = TAKE(c);
	return r;
}

static int review_somewhere(const struct ctl *ctl, const struct review_options *o,
                            const json_t *body, const struct review_end *end)
{
	CLEANUP(client_freep) struct client *c = NULL;
	struct error err = {0};
	char socket[256];
	int r = o->is_local ? -ECONNREFUSED : reach(ctl, &c, socket, sizeof socket, &err);

	if (r == 0)
		return submit(c, body, NULL, end);
	if (r != -ECONNREFUSED)
		return client_fail(end->command, r, &err);
	if (!o->is_local)
		(void)fprintf(stderr, "no daemon listens on %s: a private one does this review\n",
		              socket);
	return review_private(o, body, end);
}

/* What only a private daemon can do makes the review a local one. */
static int settle_endpoint(struct review_options *o, struct error *err)
{
	bool is_url = private_config_is_url(o->endpoint);
	bool builtin = o->endpoint && strcmp(o->endpoint, "builtin") == 0;

	if (o->local.config || o->local.state || o->local.slots || is_url)
		o->is_local = true;
	if (o->local.config && (is_url || o->local.slots))
		return error_set(err, -EINVAL,
		                 "with --config, --endpoint names one of its endpoints, and slots "
		                 "are said there");
	if (o->is_local && !o->local.config && o->endpoint && !is_url && !builtin)
		return error_set(err, -EINVAL,
		                 "--endpoint %.60s: a local review knows URLs (http://...), "
		                 "builtin, and with --config the names in it",
		                 o->endpoint);
	if (is_url)
		o->local.endpoint = o->endpoint;
	if (!o->local.config && !builtin)
		o->local.model = o->request.model;
	o->request.endpoint = is_url ? NULL : o->endpoint;
	return 0;
}

static const char *or_none(const char *text)
{
	return text ? text : "";
}

/* What a private daemon measures depends on more than what it is sent. */
static int key_prefix(char ret[static TUNE_KEY_BYTES], const json_t *body,
                      const struct private_spec *local, struct error *err)
{
	CLEANUP(freep)
	char *where = private_text("%s %s %s", or_none(local->config), or_none(local->endpoint),
	                           or_none(local->model));

	return where ? tune_key_prefix(ret, body, where, err)
	             : error_set(err, -ENOMEM, "out of memory");
}

/* `tune` is a review, of the pipeline sweep where none is named, that ends in a ranking. */
static int run(const struct ctl *ctl, const char *command, int argc, char **argv)
{
#define AT(member) offsetof(struct review_options, member)
	static const struct option_spec table[] = {
		{"pipeline", 'p', OPTION_TEXT, AT(request.pipeline)},
		{"output", 'o', OPTION_TEXT, AT(out)},
		{"local", 0, OPTION_FLAG, AT(is_local)},
		{"fail-on", 0, OPTION_TEXT, AT(fail_on)},
		{"format", 0, OPTION_TEXT, AT(format)},
		{"config", 0, OPTION_TEXT, AT(local.config)},
		{"endpoint", 0, OPTION_TEXT, AT(endpoint)},
		{"slots", 0, OPTION_UINT, AT(local.slots)},
		{"model", 0, OPTION_TEXT, AT(request.model)},
		{"subject", 0, OPTION_TEXT, AT(request.subject)},
		{"machine", 0, OPTION_TEXT, AT(request.machine)},
		{"fresh", 0, OPTION_FLAG, AT(request.fresh)},
		{"state", 0, OPTION_TEXT, AT(local.state)},
		{0}};
#undef AT
	struct review_options o = {0};
	struct fail_on kinds;
	struct review_end end = {.command = command, .json = ctl->json};
	struct error err = {0};
	json_t *body = NULL;
	char prefix[TUNE_KEY_BYTES];
	bool is_tune = strcmp(command, "tune") == 0;
	int code, n = options_parse(table, &o, argc, argv, &err);

	if (n == 0)
		n = error_set(&err, -EINVAL, "give the paths to review");
	if (n > 0 && o.fail_on && fail_on_parse(&kinds, o.fail_on, &err) < 0)
		n = -EINVAL;
	if (n > 0 && ci_format_parse(&end.format, o.format, &err) < 0)
		n = -EINVAL;
	if (n > 0 && settle_endpoint(&o, &err) < 0)
		n = -EINVAL;
	if (n < 0)
		return ctl_usage(command, &err);
	if (is_tune && !o.request.pipeline)
		o.request.pipeline = "sweep";
	o.request.paths = (const char *const *)argv;
	o.request.n_paths = (size_t)n;
	if (request_json(&body, &o.request, &err) < 0)
		return ctl_fail(CTL_REJECTED, "%s: %s", command, err.text);
	end.out = o.out;
	end.fail_on = o.fail_on ? &kinds : NULL;
	if (is_tune && key_prefix(prefix, body, &o.local, &err) == 0)
		end.takes_up = prefix;
	code = err.code < 0 ? ctl_fail(CTL_FAILED, "%s: %s", command, err.text)
	                    : review_somewhere(ctl, &o, body, &end);
	json_decref(body);
	return code;
}

static int run_review(const struct ctl *ctl, int argc, char **argv)
{
	return run(ctl, "review", argc, argv);
}

static int run_tune(const struct ctl *ctl, int argc, char **argv)
{
	return run(ctl, "tune", argc, argv);
}

static int run_watch(const struct ctl *ctl, int argc, char **argv)
{
	static const struct option_spec none[] = {{0}};
	CLEANUP(client_freep) struct client *c = NULL;
	CLEANUP(reply_done) struct reply reply = {0};
	struct review_end end = {.command = "watch", .json = ctl->json};
	char path[128], socket[256];
	struct error err = {0};
	int r, n = options_parse(none, NULL, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL, "give one job id (a unique prefix, or latest)");
	if (n > 0)
		n = client_job_path(path, sizeof path, argv[0], "", &err);
	if (n < 0)
		return ctl_usage("watch", &err);
	r = reach(ctl, &c, socket, sizeof socket, &err);
	if (r == 0) /* a prefix, or latest, becomes the whole id: it must not change under us */
		r = client_call(c, "GET", path, NULL, NULL, &reply, &err);
	if (r < 0)
		return client_fail("watch", r, &err);
	if (reply.status >= 400)
		return client_refused("watch", &reply);
	return follow(c, ctl_json_text(reply.json, "id"), NULL, &end);
}

/* Of review and tune. */
#define OPTIONS_SHARED                                                                             \
	"  --fail-on KIND[,KIND]   exit with 3 when the report holds such a finding, suspected "   \
	"or\n"                                                                                     \
	"                          confirmed: regression, gap, outlier ... or untestable, or "     \
	"the\n"                                                                                    \
	"                          verdict no_new_data\n"                                          \
	"  --format junit|github   print a JUnit XML, or the annotations of a GitHub workflow, "   \
	"with\n"                                                                                   \
	"                          the findings of these kinds (default: regression)\n"            \
	"  --subject NAME          compare with the last review of this subject\n"                 \
	"  --machine NAME          the machine measured, where the artifacts do not say it\n"      \
	"  --fresh                 read every file again, also what has not changed\n"             \
	"  --local                 by a private daemon that ends with the review; so it is too "   \
	"when\n"                                                                                   \
	"                          no daemon is there, and with the options below\n"               \
	"  --state DIR             its state, which holds the history for the next local review\n" \
	"                          (default $XDG_STATE_HOME/chimerad or "                          \
	"~/.local/state/chimerad)\n"                                                               \
	"  --config FILE           its configuration\n"                                            \
	"  --endpoint URL          a model server that writes; NAME: one of the configuration;\n"  \
	"                          builtin: no model at all\n"                                     \
	"  --model NAME            the model that writes; alone: on $OLLAMA_HOST, else on\n"       \
	"                          127.0.0.1:11434\n"                                              \
	"  --slots N               requests that the model server takes at once\n"

const struct command review_command = {
	"review",
	"PATH... [-p PIPELINE] [-o DIR] [--local] [--fail-on KIND[,KIND]] [--format junit|github] "
	"...",
	"review artifacts, show the progress, print the summary",
	"  -p, --pipeline NAME     what to run (default nightly-review)\n"
	"  -o, --output DIR        copy the report's files there\n" OPTIONS_SHARED,
	"chimeractl review --local examples/nightly -o /tmp/report --fail-on regression",
	run_review};
const struct command watch_command = {"watch",
                                      "ID",
                                      "follow a job to its end and print the summary",
                                      "",
                                      "chimeractl watch latest",
                                      run_watch};

const struct command tune_command = {
	"tune",
	"PATH... [-p PIPELINE] [-o DIR] [--local] ...",
	"measure the option matrix of a sweep and rank it",
	"  -p, --pipeline NAME     whose matrix (default sweep)\n"
	"  -o, --output DIR        copy the report's files and tuned.yaml there\n" OPTIONS_SHARED
	"\n"
	"Reviews the artifacts like chimeractl review and asks the first question of each\n"
	"step with every combination of the pipeline's matrix: all of them once, the better\n"
	"half again, and so on until its runs. It goes on where it was when the daemon is\n"
	"stopped, and the same command again follows it. Fails where nothing could be ranked.\n"
	"tuned.yaml beside the report holds the best options for a pipeline, and those that could\n"
	"not be told apart from them.\n",
	"chimeractl tune examples/nightly --model gemma3",
	run_tune};
