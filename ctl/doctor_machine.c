/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>

#include "ctl/doctor.h"
#include "ctl/schedule_units.h"
#include "lib/base/clock.h"

#define FREE_BYTES_LEAST  ((uint64_t)100 << 20) /* a large report with its checkpoints */
#define FREE_BYTES_FEW    ((uint64_t)1 << 30)
#define FREE_INODES_LEAST 1000
#define PROGRAM_YEAR      2025 /* no clock that is right says an earlier one */

/* --- the configuration ---------------------------------------------------------- */

void doctor_config(struct checkup *c, const struct doctor_options *o, struct config **ret)
{
	const char *file = config_usual(o->config);
	struct error err = {0};
	int r = config_load_usual(ret, o->config, &err);

	checkup_about(c, "configuration", file);
	if (r == 0 && access(file, F_OK) < 0) {
		checkup_say(
			c, CHECKUP_WARNING,
			"it is not there: the defaults hold, which let the daemon read nothing");
		checkup_mend(c, "man chimerad.yaml  # then write it, with roots: [DIR]");
	} else if (r == 0) {
		checkup_say(c, CHECKUP_OK, "it is good: %zu root%s, %zu endpoint%s",
		            (*ret)->n_roots, (*ret)->n_roots == 1 ? "" : "s", (*ret)->n_endpoints,
		            (*ret)->n_endpoints == 1 ? "" : "s");
	} else if (r == -EACCES) {
		checkup_say(c, CHECKUP_WARNING, "you may not read it");
		checkup_mend(c, "sudo chimeractl doctor");
	} else {
		checkup_say(c, CHECKUP_PROBLEM, "%s", err.text);
		checkup_mend(c, "sudoedit %s  # then chimeractl check %s", file, file);
	}
}

/* --- the disk --------------------------------------------------------------------- */

static void check_room(struct checkup *c, const char *path)
{
	struct statvfs fs;
	uint64_t left;
	bool few_inodes;

	if (statvfs(path, &fs) < 0) {
		if (errno == ENOENT)
			checkup_say(c, CHECKUP_OK, "%s is not there yet", path);
		else
			checkup_say(c, CHECKUP_WARNING, "%s: %s: try sudo chimeractl doctor", path,
			            strerror(errno));
		return;
	}
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	few_inodes = fs.f_files > 0 && fs.f_favail < FREE_INODES_LEAST;
	checkup_say(c,
	            left < FREE_BYTES_LEAST || few_inodes ? CHECKUP_PROBLEM
	            : left < FREE_BYTES_FEW               ? CHECKUP_WARNING
	                                                  : CHECKUP_OK,
	            "%s: %.1f GB free%s", path, (double)left / 1e9,
	            few_inodes ? ", and hardly a file more fits" : "");
	if (left < FREE_BYTES_FEW || few_inodes)
		checkup_mend(c,
		             "du -xsh %s/*  # make room, or let old reports go: retention in "
		             "chimerad.yaml(5)",
		             path);
	if (fs.f_flag & ST_RDONLY) {
		checkup_say(c, CHECKUP_PROBLEM, "%s: its file system is read-only", path);
		checkup_mend(c, "sudo mount -o remount,rw %s", path);
	}
}

void doctor_disk(struct checkup *c, const char *state, const char *reports)
{
	checkup_about(c, "disk", NULL);
	if (!state || !reports) {
		checkup_say(c, CHECKUP_WARNING, "where the state lies is not known from here");
		checkup_mend(c, "sudo chimeractl doctor");
		return;
	}
	check_room(c, state);
	if (strncmp(reports, state, strlen(state)) != 0)
		check_room(c, reports);
}

/* --- gnuplot ------------------------------------------------------------------------ */

/* Where the shell, and execvp() in the daemon, would find it. */
static bool is_on_path(const char *program)
{
	const char *at = getenv("PATH");
	char path[PATH_MAX];

	for (at = at ? at : "/usr/bin:/bin"; *at; at += *at == ':') {
		size_t len = strcspn(at, ":");

		if (snprintf(path, sizeof path, "%.*s/%s", (int)len, at, program) <
		            (int)sizeof path &&
		    access(path, X_OK) == 0)
			return true;
		at += len;
	}
	return false;
}

void doctor_gnuplot(struct checkup *c)
{
	checkup_about(c, "gnuplot", NULL);
	if (is_on_path("gnuplot")) {
		checkup_say(c, CHECKUP_OK, "it is installed: reports have plots");
		return;
	}
	checkup_say(c, CHECKUP_WARNING, "it is not installed, so reports have no plots");
	checkup_mend(c, "sudo apt-get install gnuplot-nox");
}

/* --- the clock ------------------------------------------------------------------------ */

void doctor_clock(struct checkup *c)
{
	time_t now = (time_t)clock_now_s();
	struct timex tx = {0};
	struct tm utc = {0};
	int state = adjtimex(&tx);

	checkup_about(c, "clock", NULL);
	(void)gmtime_r(&now, &utc);
	if (utc.tm_year + 1900 < PROGRAM_YEAR) {
		checkup_say(c, CHECKUP_PROBLEM, "it says that this is the year %d",
		            utc.tm_year + 1900);
		checkup_mend(c, "sudo timedatectl set-ntp true");
	} else if (state >= 0 && (tx.status & STA_UNSYNC)) {
		checkup_say(c, CHECKUP_WARNING,
		            "no time server sets it: nights may get the wrong date");
		checkup_mend(c, "sudo timedatectl set-ntp true");
	} else {
		checkup_say(c, CHECKUP_OK, "%s",
		            state >= 0 ? "a time server sets it" : "it says a year that can be");
	}
}
