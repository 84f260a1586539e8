/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>

#include "ctl/doctor.h"
#include "ctl/folder.h"
#include "ctl/schedule_units.h"
#include "ctl/systemctl.h"
#include "lib/base/bind.h"

#define UNIT_BYTES    320
#define WORD_BYTES    64
#define SCHEDULES_MAX 32 /* that are asked for: each is a program that runs */

struct unit {
	char load[WORD_BYTES], active[WORD_BYTES], file[WORD_BYTES], reload[WORD_BYTES],
		result[WORD_BYTES];
};

/* false: systemctl does not answer, and that has been said. */
static bool look(struct checkup *c, const char *name, struct unit *ret)
{
	static const char asked[] = "LoadState,ActiveState,UnitFileState,NeedDaemonReload,Result";
	char output[PROGRAM_OUTPUT_BYTES];
	struct error err = {0};

	*ret = (struct unit){0};
	if (systemctl_show(output, name, asked, &err) < 0) {
		checkup_say(c, CHECKUP_PROBLEM, "%s", err.text);
		return false;
	}
	systemctl_value(ret->load, sizeof ret->load, output, "LoadState");
	systemctl_value(ret->active, sizeof ret->active, output, "ActiveState");
	systemctl_value(ret->file, sizeof ret->file, output, "UnitFileState");
	systemctl_value(ret->reload, sizeof ret->reload, output, "NeedDaemonReload");
	systemctl_value(ret->result, sizeof ret->result, output, "Result");
	return true;
}

static bool is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

/* Whether it is there at all; what is wrong with any unit is said. */
static bool check_loaded(struct checkup *c, const char *name, const struct unit *u)
{
	if (!is(u->load, "loaded")) {
		checkup_say(c, CHECKUP_PROBLEM, "%s: systemd says %s", name,
		            *u->load ? u->load : "nothing of it");
		checkup_mend(c, "sudo systemctl daemon-reload  # after meson install");
		return false;
	}
	if (is(u->reload, "yes")) {
		checkup_say(c, CHECKUP_WARNING, "%s: its file has changed since systemd read it",
		            name);
		checkup_mend(c, "sudo systemctl daemon-reload");
	}
	return true;
}

static void check_enabled(struct checkup *c, const char *name, const char *what)
{
	struct unit u;

	if (!look(c, name, &u) || !check_loaded(c, name, &u))
		return;
	if (is(u.active, "active") && is(u.file, "enabled")) {
		checkup_say(c, CHECKUP_OK, "%s: %s, also after a start of the machine", name, what);
		return;
	}
	checkup_say(c, is(u.active, "active") ? CHECKUP_WARNING : CHECKUP_PROBLEM, "%s: %s, %s",
	            name, *u.active ? u.active : "unknown", *u.file ? u.file : "not enabled");
	checkup_mend(c, "sudo systemctl enable --now %s", name);
}

/* true: it has not failed. */
static bool check_service(struct checkup *c, const char *name, const char *failed, struct unit *ret)
{
	if (!look(c, name, ret) || !check_loaded(c, name, ret))
		return false;
	if (is(ret->active, "failed")) {
		checkup_say(c, CHECKUP_PROBLEM, "%s: %s (%s)", name, failed, ret->result);
		checkup_mend(c, "journalctl -u %s -n 20", name);
		return false;
	}
	checkup_say(c, CHECKUP_OK, "%s: %s", name, *ret->active ? ret->active : "never started");
	return true;
}

/* The socket alone starts it when somebody connects: what it had accepted would wait for that. */
static void check_daemon(struct checkup *c, const char *failed)
{
	static const char name[] = "chimerad.service";
	struct unit u;

	if (!check_service(c, name, failed, &u) || !is(u.file, "disabled"))
		return;
	checkup_say(c, CHECKUP_WARNING,
	            "%s: after a start of the machine, accepted jobs wait until somebody connects",
	            name);
	checkup_mend(c, "sudo systemctl enable --now %s", name);
}

static void check_schedules(struct checkup *c)
{
	char dir[SCHEDULE_PATH_BYTES], name[UNIT_BYTES];
	struct error err = {0};
	struct unit u;
	CLEANUP(folder_closedirp)
	DIR *all = schedule_path(dir, "", &err) == 0 ? opendir(dir) : NULL;
	size_t n = 0;

	for (const struct dirent *e; all && (e = readdir(all)) && n < SCHEDULES_MAX;) {
		CLEANUP(scheduled_freep) struct scheduled *s = NULL;
		char path[SCHEDULE_PATH_BYTES];

		if (bind_check_name(e->d_name) || schedule_path(path, e->d_name, &err) < 0)
			continue;
		n++;
		if (scheduled_load(&s, path, &err) < 0) {
			checkup_say(c, CHECKUP_PROBLEM, "%s", err.text);
			checkup_mend(c, "sudoedit %s  # then chimeractl check %s", path, path);
			continue;
		}
		(void)snprintf(name, sizeof name, "chimerad-review@%s.timer", e->d_name);
		if (s->at)
			check_enabled(c, name, "the timer runs");
		(void)snprintf(name, sizeof name, "chimerad-review@%s.service", e->d_name);
		(void)check_service(c, name, "its last run failed, or found what fail_on names",
		                    &u);
	}
}

void doctor_units(struct checkup *c, bool answers)
{
	checkup_about(c, "systemd", NULL);
	if (!schedule_has_systemd()) {
		checkup_say(c, CHECKUP_OK,
		            "it does not run here: chimeractl schedule prints lines for cron");
		return;
	}
	check_enabled(c, "chimerad.socket", "it listens");
	check_daemon(c, answers ? "another daemon answers, its own failed" : "the daemon failed");
	check_schedules(c);
}
