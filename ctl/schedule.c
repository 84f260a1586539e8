/* SPDX-License-Identifier: MIT */
/*
 * schedule: reviews that systemd starts, or cron.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/calendar.h"
#include "ctl/options.h"
#include "ctl/private_config.h"
#include "ctl/review.h"
#include "ctl/schedule_impl.h"
#include "ctl/systemctl.h"
#include "ctl/terminal.h"
#include "lib/base/bind.h"
#include "lib/base/clock.h"

/* --- add: what the command line says --------------------------------------------- */

struct add_options {
	const char *at, *after, *pipeline, *subject, *machine, *model, *endpoint, *fail_on;
	bool fresh, no_check;
};

/* "--at: "x": what"; text may be NULL. */
static int check(const char *what, const char *text, const char *(*wrong)(const char *),
                 struct error *err)
{
	const char *bad = text ? wrong(text) : NULL;

	return bad ? error_set(err, -EINVAL, "%s: \"%.100s\" %s", what, text, bad) : 0;
}

static int check_options(const struct add_options *o, const char *name, struct error *err)
{
	const struct {
		const char *what, *text;
		const char *(*wrong)(const char *);
	} texts[] = {{"NAME", name, bind_check_name},
	             {"--at", o->at, calendar_check},
	             {"--after", o->after, scheduled_check_unit},
	             {"-p", o->pipeline, bind_check_name},
	             {"--subject", o->subject, scheduled_check_text},
	             {"--machine", o->machine, scheduled_check_text},
	             {"--model", o->model, scheduled_check_text},
	             {"--endpoint", o->endpoint, scheduled_check_text}};
	struct fail_on ignored;
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = check(texts[i].what, texts[i].text, texts[i].wrong, err);
	if (r == 0 && o->fail_on)
		r = fail_on_parse(&ignored, o->fail_on, err);
	if (r == 0 && !o->at && !o->after)
		r = error_set(err, -EINVAL, "say when: --at CALENDAR, --after UNIT, or both");
	return r;
}

static int copy(char **ret, const char *text, struct error *err)
{
	*ret = text ? strdup(text) : NULL;
	return !text || *ret ? 0 : error_set(err, -ENOMEM, "out of memory");
}

/* Absolute, but not resolved: a link such as "latest" is followed anew each night. */
static int add_path(struct scheduled *s, const char *cwd, const char *path, struct error *err)
{
	const char *below = strcmp(path, ".") == 0 ? "" : path;
	char *whole = path[0] == '/' ? strdup(path)
	                             : private_text("%s%s%s", cwd, *below ? "/" : "", below);

	if (!whole)
		return error_set(err, -ENOMEM, "out of memory");
	s->paths[s->n_paths++] = whole;
	return check("PATH", whole, scheduled_check_text, err);
}

static int add_paths(struct scheduled *s, char **paths, size_t n, struct error *err)
{
	CLEANUP(freep) char *cwd = getcwd(NULL, 0);
	int r = 0;

	s->paths = calloc(n, sizeof *s->paths);
	if (!s->paths)
		return error_set(err, -ENOMEM, "out of memory");
	if (!cwd)
		return error_set(err, -errno, "the working directory: %s", strerror(errno));
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_path(s, cwd, paths[i], err);
	return r;
}

static int add_fail_on(struct scheduled *s, const char *text, struct error *err)
{
	size_t n = 1;

	for (const char *c = text ? text : ""; *c; c++)
		n += *c == ',';
	if (!text)
		return 0;
	s->fail_on = calloc(n, sizeof *s->fail_on);
	if (!s->fail_on)
		return error_set(err, -ENOMEM, "out of memory");
	for (; s->n_fail_on < n; s->n_fail_on++) {
		size_t len = strcspn(text, ",");

		s->fail_on[s->n_fail_on] = strndup(text, len);
		if (!s->fail_on[s->n_fail_on])
			return error_set(err, -ENOMEM, "out of memory");
		text += len + (text[len] == ',');
	}
	return 0;
}

static int make(struct scheduled *s, const struct add_options *o, char **paths, size_t n,
                struct error *err)
{
	const struct {
		char **to;
		const char *from;
	} texts[] = {{&s->pipeline, o->pipeline ? o->pipeline : "nightly-review"},
	             {&s->subject, o->subject},
	             {&s->machine, o->machine},
	             {&s->model, o->model},
	             {&s->endpoint, o->endpoint},
	             {&s->at, o->at},
	             {&s->after, o->after}};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts) && r == 0; i++)
		r = copy(texts[i].to, texts[i].from, err);
	s->fresh = o->fresh;
	if (r == 0)
		r = add_fail_on(s, o->fail_on, err);
	return r < 0 ? r : add_paths(s, paths, n, err);
}

/* --- add: in its place ------------------------------------------------------------- */

/* `cron`: the fields of its line, where there is no systemd to ask; "" where none is needed. */
static int check_times(const struct scheduled *s, char cron[static CALENDAR_CRON_BYTES],
                       struct error *err)
{
	struct calendar c;
	int r = 0;

	cron[0] = '\0';
	if (schedule_has_systemd()) {
		if (s->at)
			r = systemctl_check_calendar(s->at, err);
		if (r < 0)
			return error_wrap(err, "--at");
		return s->after ? schedule_check_after(s->after, err) : 0;
	}
	if (s->at && (!calendar_parse(&c, s->at) || !calendar_cron(&c, cron)))
		return error_set(err, -EINVAL,
		                 "--at: \"%s\": no systemd runs here, and cron cannot say that: "
		                 "try \"02:30\" or \"Mon..Fri 06:30\"",
		                 s->at);
	return 0;
}

/* What a crontab, or the benchmark's own script, says. */
static void print_line(const struct ctl *ctl, const char *name, const char *cron)
{
	if (*cron)
		(void)printf("%s  ", cron);
	(void)fputs("chimeractl ", stdout);
	if (ctl->socket) {
		(void)fputs("--socket ", stdout);
		terminal_print(stdout, ctl->socket);
		(void)putchar(' ');
	}
	(void)printf("schedule run %s\n", name);
}

static void say_added(const struct ctl *ctl, const char *name, const struct scheduled *s,
                      const char *cron)
{
	struct schedule_times times;

	if (!schedule_has_systemd()) {
		if (s->at) {
			(void)fputs("no systemd runs here; with crontab -e, add this line:\n",
			            stderr);
			print_line(ctl, name, cron);
		}
		if (s->after) {
			(void)fprintf(stderr,
			              "no systemd runs here; let what %s runs end with this:\n",
			              s->after);
			print_line(ctl, name, "");
		}
		return;
	}
	schedule_times(&times, name);
	(void)printf("%s: %s%s%s%s%s\n", name, s->at ? "next " : "",
	             s->at ? (*times.next ? times.next : s->at) : "", s->at && s->after ? ", " : "",
	             s->after ? "after " : "", s->after ? s->after : "");
}

static int add(const struct ctl *ctl, const struct add_options *o, char **words, size_t n)
{
	CLEANUP(scheduled_freep) struct scheduled *s = calloc(1, sizeof *s);
	CLEANUP(freep) char *text = NULL;
	char cron[CALENDAR_CRON_BYTES];
	struct error err = {0};
	int r = s ? make(s, o, words + 1, n - 1, &err) : -ENOMEM, code;

	if (r == 0) /* before anything is asked or written */
		r = scheduled_text(&text, s, &err);
	if (r == 0)
		r = check_times(s, cron, &err);
	if (r < 0)
		return schedule_fail(r, &err);
	code = o->no_check ? CTL_DONE : schedule_ask_daemon(ctl, s);
	if (code)
		return code;
	(void)umask(022); /* the service's user reads what is written */
	r = schedule_install(words[0], s, &err);
	if (r < 0)
		return schedule_fail(r, &err);
	say_added(ctl, words[0], s, cron);
	return CTL_DONE;
}

static int run_add(const struct ctl *ctl, int argc, char **argv)
{
#define AT(member) offsetof(struct add_options, member)
	static const struct option_spec table[] = {{"at", 0, OPTION_TEXT, AT(at)},
	                                           {"after", 0, OPTION_TEXT, AT(after)},
	                                           {"pipeline", 'p', OPTION_TEXT, AT(pipeline)},
	                                           {"subject", 0, OPTION_TEXT, AT(subject)},
	                                           {"machine", 0, OPTION_TEXT, AT(machine)},
	                                           {"model", 0, OPTION_TEXT, AT(model)},
	                                           {"endpoint", 0, OPTION_TEXT, AT(endpoint)},
	                                           {"fail-on", 0, OPTION_TEXT, AT(fail_on)},
	                                           {"fresh", 0, OPTION_FLAG, AT(fresh)},
	                                           {"no-check", 0, OPTION_FLAG, AT(no_check)},
	                                           {0}};
#undef AT
	struct add_options o = {0};
	struct error err = {0};
	int n = options_parse(table, &o, argc, argv, &err);

	if (n >= 0 && n < 2)
		n = error_set(&err, -EINVAL, "add: give a NAME and the paths to review");
	if (n > 0 && check_options(&o, argv[0], &err) < 0)
		n = -EINVAL;
	return n < 0 ? ctl_usage("schedule", &err) : add(ctl, &o, argv, (size_t)n);
}

/* --- remove, run ------------------------------------------------------------------- */

/* One operand, a NAME; its file into path. */
static int name_operand(const char *what, char path[static SCHEDULE_PATH_BYTES], int argc,
                        char **argv)
{
	static const struct option_spec none[] = {{0}};
	struct error err = {0};
	int n = options_parse(none, NULL, argc, argv, &err);

	if (n >= 0 && n != 1)
		n = error_set(&err, -EINVAL, "%s: give the NAME of one schedule", what);
	if (n > 0)
		n = check("NAME", argv[0], bind_check_name, &err);
	if (n == 0)
		n = schedule_path(path, argv[0], &err);
	if (n < 0)
		return ctl_usage("schedule", &err);
	if (access(path, F_OK) < 0)
		return ctl_fail(CTL_FAILED, "schedule: %s: %s: chimeractl schedule list shows all",
		                path, strerror(errno));
	return CTL_DONE;
}

static int run_remove(const struct ctl *ctl, int argc, char **argv)
{
	char path[SCHEDULE_PATH_BYTES];
	struct error err = {0};
	int r, code = name_operand("remove", path, argc, argv);

	(void)ctl;
	if (code)
		return code;
	r = schedule_uninstall(argv[0], &err);
	if (r < 0)
		return schedule_fail(r, &err);
	if (!schedule_has_systemd())
		(void)fprintf(stderr, "take its line out of the crontab, too\n");
	return CTL_DONE;
}

/* Why it was started, and when it is now. */
static void find_due(struct scheduled_due *ret, struct schedule_times *times, const char *name,
                     const struct scheduled *s)
{
	time_t now = (time_t)clock_now_s();
	const char *unit = getenv("MONITOR_UNIT"); /* systemd.exec(5): of OnSuccess= */
	struct calendar ignored;

	*ret = (struct scheduled_due){0};
	(void)localtime_r(&now, &ret->now);
	if (s->after && unit && strcmp(unit, s->after) == 0)
		ret->invocation = getenv("MONITOR_INVOCATION_ID");
	if (!s->at || calendar_parse(&ignored, s->at))
		return;
	schedule_times(times, name);
	ret->triggered = times->last;
}

static int run_scheduled(const struct ctl *ctl, const char *name, const struct scheduled *s)
{
	CLEANUP(client_freep) struct client *c = NULL;
	struct request q = scheduled_request(s);
	struct review_end end = {.command = "schedule", .json = ctl->json};
	char key[SCHEDULED_KEY_BYTES];
	struct schedule_times times;
	struct scheduled_due due;
	struct fail_on kinds;
	struct error err = {0};
	json_t *body = NULL;
	int code, r = request_json(&body, &q, &err);

	find_due(&due, &times, name, s);
	if (r == 0)
		r = scheduled_key(key, name, s, &due, body, &err);
	end.fail_on = scheduled_fail_on(&kinds, s) ? &kinds : NULL;
	code = r < 0 ? schedule_fail(r, &err) : schedule_connect(ctl, &c);
	if (code == CTL_DONE)
		code = review_submit(c, body, key, NULL, &end);
	json_decref(body);
	return code;
}

int schedule_run(const struct ctl *ctl, int argc, char **argv)
{
	CLEANUP(scheduled_freep) struct scheduled *s = NULL;
	char path[SCHEDULE_PATH_BYTES];
	struct error err = {0};
	int code = name_operand("run", path, argc, argv);

	if (code)
		return code;
	if (scheduled_load(&s, path, &err) < 0)
		return ctl_fail(CTL_FAILED, "schedule: %s", err.text);
	return run_scheduled(ctl, argv[0], s);
}

/* --- the command ------------------------------------------------------------------- */

static int run_schedule(const struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct ctl *ctl, int argc, char **argv);
	} parts[] = {{"add", run_add},
	             {"list", schedule_list},
	             {"remove", run_remove},
	             {"run", schedule_run}};
	struct error err = {0};

	for (size_t i = 0; argc > 0 && i < ARRAY_LEN(parts); i++) {
		if (strcmp(argv[0], parts[i].name) == 0)
			return parts[i].run(ctl, argc - 1, argv + 1);
	}
	(void)error_set(&err, -EINVAL, "say add, list, remove or run");
	return ctl_usage("schedule", &err);
}

const struct command schedule_command = {
	"schedule",
	"add NAME --at CALENDAR [-p PIPELINE] PATH... | list | remove NAME | run NAME",
	"review artifacts every night",
	"add asks the daemon whether it can read each PATH, writes /etc/chimerad/reviews/NAME, "
	"and\n"
	"starts chimerad-review@NAME.timer; without systemd it prints the line for cron.\n\n"
	"  --at CALENDAR        when, as in systemd.time(7): 02:30, \"Mon..Fri 06:30\"\n"
	"  --after UNIT         when this benchmark unit has ended well; with --at, both\n"
	"  -p, --pipeline NAME  what to run (default nightly-review)\n"
	"  --subject NAME       compare with the last review of this subject\n"
	"  --machine NAME       the machine measured, where the artifacts do not say it\n"
	"  --model NAME         the model that writes\n"
	"  --endpoint NAME      the model server that writes, or builtin\n"
	"  --fail-on KIND,...   the unit fails on such a finding: regression, improvement, "
	"changed,\n"
	"                       environment, best, outlier, high_variance, trend, gap, new,\n"
	"                       vanished, expectation_missed, expectation_met, contradiction,\n"
	"                       concurrency; also untestable, no_new_data\n"
	"  --fresh              read every file again, also what has not changed\n"
	"  --no-check           do not ask the daemon: it may not run yet\n\n"
	"list shows when each runs next, and the verdict of its last review. run is what the "
	"timer\n"
	"starts: it waits for the review, and exits as chimeractl review does; what was due is\n"
	"reviewed once, however often it is run.\n",
	"chimeractl schedule add nightly --at 02:30 /srv/benchmarks",
	run_schedule};
