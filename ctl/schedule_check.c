/* SPDX-License-Identifier: MIT */
/*
 * schedule: would the daemon take this review? What mends it if not?
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/ctl_json.h"
#include "ctl/schedule_impl.h"

#define MEND_BYTES   2048
#define SERVICE_USER "chimerad"

int schedule_connect(const struct ctl *ctl, struct client **ret)
{
	struct error err = {0};
	int r = client_open(ret, ctl, &err);

	return r < 0 ? client_fail("schedule", r, &err) : CTL_DONE;
}

int schedule_fail(int r, const struct error *err)
{
	return ctl_fail(r == -EINVAL ? CTL_USAGE : CTL_FAILED, "schedule: %s", err->text);
}

/* --- the mend ----------------------------------------------------------------- */

static bool is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* What the service's sandbox hides, and the line that shows it. */
static bool hidden(struct buf *ret, const char *path)
{
	static const struct {
		const char *dir, *why, *instead;
	} places[] = {{"/home", "ProtectHome=yes", "ProtectHome=read-only"},
	              {"/root", "ProtectHome=yes", "ProtectHome=read-only"},
	              {"/run/user", "ProtectHome=yes", "ProtectHome=read-only"},
	              {"/tmp", "PrivateTmp=yes", "PrivateTmp=no"},
	              {"/var/tmp", "PrivateTmp=yes", "PrivateTmp=no"}};

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (!is_below(path, places[i].dir))
			continue;
		buf_printf(ret,
		           "the service sees nothing of %s (%s): keep results elsewhere, or "
		           "systemctl edit chimerad.service, add [Service] and %s, and systemctl "
		           "restart chimerad.service",
		           places[i].dir, places[i].why, places[i].instead);
		return true;
	}
	return false;
}

/* For a shell, whatever is in it: these commands are copied. */
static void add_quoted(struct buf *b, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._-+:@%,";

	if (!text[strspn(text, plain)]) {
		buf_puts(b, text);
		return;
	}
	buf_putc(b, '\'');
	for (; *text; text++)
		buf_printf(b, *text == '\'' ? "'\\''" : "%c", *text);
	buf_putc(b, '\'');
}

/* Whether others may use it: r and x of a directory on the way only need the x. */
static bool is_open(const char *path, bool last)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return true; /* not seen from here either: nothing to say */
	if (!last)
		return st.st_mode & S_IXOTH;
	return (st.st_mode & S_IROTH) && (!S_ISDIR(st.st_mode) || (st.st_mode & S_IXOTH));
}

/* The first directory on the way that is closed to others, else the end of it. */
static void closed(struct buf *ret, const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof part)
		return;
	for (size_t i = 1; i <= len; i++) {
		bool last = i == len;

		if (!last && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (is_open(part, last))
			continue;
		buf_printf(ret, "setfacl %s u:" SERVICE_USER ":%s ", last ? "-R -m" : "-m",
		           last ? "rX" : "x");
		add_quoted(ret, part);
		return;
	}
}

void schedule_mend(struct buf *ret, const char *path, bool sandboxed)
{
	CLEANUP(freep) char *whole = realpath(path, NULL);

	if (!whole && errno != EACCES) /* closed to us, too: as it was given */
		return;
	if (!sandboxed || !hidden(ret, whole ? whole : path))
		closed(ret, whole ? whole : path);
}

/* --- the question --------------------------------------------------------------- */

static int refused(const char *path, const struct reply *reply)
{
	struct buf mend = BUF_INIT(MEND_BYTES);
	const char *detail = ctl_json_text(reply->json, "detail");
	bool of_path = strncmp(detail, "paths:", 6) == 0;
	int code;

	if (of_path)
		schedule_mend(&mend, path, schedule_has_systemd());
	if (mend.len == 0 || mend.failed)
		code = client_refused("schedule", reply);
	else
		code = ctl_fail(CTL_REJECTED, "schedule: %s; %s", detail, buf_text(&mend));
	buf_done(&mend);
	return code;
}

/* One path at a time: so it is known which one is refused. */
static int ask(struct client *c, const struct scheduled *s, size_t i)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct request q = scheduled_request(s);
	struct error err = {0};
	json_t *body = NULL;
	int r;

	q.paths += i;
	q.n_paths = 1;
	r = request_json(&body, &q, &err);
	if (r < 0)
		return schedule_fail(r, &err);
	r = client_call(c, "POST", "/v1/jobs?dry_run=true", body, NULL, &reply, &err);
	json_decref(body);
	if (r < 0)
		return client_fail("schedule", r, &err);
	return reply.status >= 400 ? refused(s->paths[i], &reply) : CTL_DONE;
}

int schedule_ask_daemon(const struct ctl *ctl, const struct scheduled *s)
{
	CLEANUP(client_freep) struct client *c = NULL;
	int code = schedule_connect(ctl, &c);

	for (size_t i = 0; i < s->n_paths && code == CTL_DONE; i++)
		code = ask(c, s, i);
	return code;
}
