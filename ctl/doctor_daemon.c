/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/ctl_json.h"
#include "ctl/doctor.h"
#include "ctl/request.h"
#include "ctl/schedule_impl.h"

#define SERVICE_GROUP "chimerad"
#define MEND_BYTES    2048
#define ROOTS_MAX     64 /* a configuration has a few */

/* --- the socket --------------------------------------------------------------- */

static void say_not_allowed(struct checkup *c, const char *socket)
{
	struct stat st;
	const struct group *g = stat(socket, &st) == 0 ? getgrgid(st.st_gid) : NULL;

	checkup_say(c, CHECKUP_PROBLEM, "you may not connect: it is %s's%s%s",
	            st.st_uid == 0 ? "root" : "another user", g ? " and the group " : "",
	            g ? g->gr_name : "");
	if (g && strcmp(g->gr_name, SERVICE_GROUP) == 0)
		checkup_mend(c, "sudo usermod -aG " SERVICE_GROUP " $USER  # then log in anew");
	else
		checkup_mend(c, "sudo chimeractl doctor");
}

static void say_nobody(struct checkup *c, const char *socket)
{
	checkup_say(c, CHECKUP_PROBLEM,
	            access(socket, F_OK) == 0 ? "nobody listens there: the daemon has ended"
	                                      : "it is not there: no daemon runs");
	if (schedule_has_systemd())
		checkup_mend(c, "sudo systemctl enable --now chimerad");
	else
		checkup_mend(c,
		             "sudo chimerad  # or as yourself: chimerad --state DIR --socket PATH");
}

static void say_socket(struct checkup *c, const char *socket)
{
	struct stat st;

	if (stat(socket, &st) < 0)
		return;
	if (st.st_mode & S_IRWXO)
		checkup_say(c, CHECKUP_WARNING, "everybody may connect (mode %03o)",
		            st.st_mode & 0777u);
	else
		checkup_say(c, CHECKUP_OK, "you may connect (mode %03o)", st.st_mode & 0777u);
	if (!getgrnam(SERVICE_GROUP)) {
		checkup_say(c, CHECKUP_WARNING,
		            "there is no group " SERVICE_GROUP
		            ": only root and the user of the daemon may connect");
		checkup_mend(c, "sudo groupadd --system " SERVICE_GROUP
		                "  # and start the daemon anew");
	}
}

/* --- what it says --------------------------------------------------------------- */

/* NULL: it refused, or broke off; that has been said. */
static json_t *get(struct checkup *c, struct client *client, const char *path)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	const char *detail;

	if (client_call(client, "GET", path, NULL, NULL, &reply, &err) < 0) {
		checkup_say(c, CHECKUP_PROBLEM, "%s: %s", path, err.text);
		return NULL;
	}
	detail = ctl_json_text(reply.json, "detail");
	if (reply.status >= 400 || !reply.json) {
		checkup_say(c, CHECKUP_PROBLEM, "%s: %s (HTTP %ld)", path,
		            *detail ? detail : "no JSON", reply.status);
		return NULL;
	}
	return TAKE(reply.json);
}

static void check_store(struct checkup *c, struct client *client)
{
	json_t *jobs = get(c, client, "/v1/jobs");

	if (jobs)
		checkup_say(c, CHECKUP_OK, "its store answers%s",
		            json_array_size(jobs) ? "" : "; there is no job yet");
	else
		checkup_mend(c, "journalctl -u chimerad.service -n 20");
	json_decref(jobs);
}

/* Files of a directory that cannot be used say so themselves. */
static void check_catalogue(struct checkup *c, struct client *client, const char *what)
{
	char path[64];
	json_t *list;
	const json_t *one;
	size_t i, bad = 0;

	(void)snprintf(path, sizeof path, "/v1/%s", what);
	list = get(c, client, path);
	json_array_foreach (list, i, one) {
		const char *error = ctl_json_text(one, "error");

		if (!*error)
			continue;
		bad++;
		checkup_say(c, CHECKUP_PROBLEM, "%s", error);
		checkup_mend(c, "chimeractl check %.*s", (int)strcspn(error, ":"), error);
	}
	if (list && bad == 0)
		checkup_say(c, json_array_size(list) ? CHECKUP_OK : CHECKUP_WARNING, "%zu %s",
		            json_array_size(list), what);
	json_decref(list);
}

/* The daemon looks itself, in its sandbox and as its user. */
static void check_root(struct checkup *c, struct client *client, const char *root)
{
	CLEANUP(reply_done) struct reply reply = {0};
	CLEANUP(buf_done) struct buf mend = BUF_INIT(MEND_BYTES);
	const struct request q = {.paths = &root, .n_paths = 1, .paths_as_given = true};
	struct error err = {0};
	json_t *body = NULL;
	int r = request_json(&body, &q, &err);

	if (r == 0)
		r = client_call(client, "POST", "/v1/jobs?dry_run=true", body, NULL, &reply, &err);
	json_decref(body);
	if (r < 0 || reply.status < 400) {
		checkup_say(c, r < 0 ? CHECKUP_PROBLEM : CHECKUP_OK, "%s%s", root,
		            r < 0 ? err.text : ": it can read that");
		return;
	}
	checkup_say(c, CHECKUP_PROBLEM, "%s", ctl_json_text(reply.json, "detail"));
	schedule_mend(&mend, root, schedule_has_systemd());
	if (mend.len && !mend.failed)
		checkup_mend(c, "%s", buf_text(&mend));
}

static void check_roots(struct checkup *c, struct client *client, const json_t *roots)
{
	const json_t *root;
	size_t i;

	checkup_about(c, "roots", NULL);
	if (json_is_array(roots) && json_array_size(roots) == 0) {
		checkup_say(
			c, CHECKUP_WARNING,
			"there are none: the daemon may read nothing; say roots: [/srv/benchmarks] "
			"in its configuration");
		checkup_mend(c, "sudoedit /etc/chimerad/chimerad.yaml  # then systemctl reload "
		                "chimerad");
	}
	json_array_foreach (roots, i, root) {
		if (i < ROOTS_MAX && json_is_string(root))
			check_root(c, client, json_string_value(root));
	}
}

/* --- all of it -------------------------------------------------------------------- */

int doctor_daemon(struct checkup *c, struct client *client, const char *socket, json_t **ret_where)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	int r = client_call(client, "GET", "/readyz", NULL, NULL, &reply, &err);

	checkup_about(c, "chimerad", socket);
	if (r == -EACCES) {
		say_not_allowed(c, socket);
		return CTL_REJECTED;
	}
	if (r < 0) {
		if (r == -ECONNREFUSED)
			say_nobody(c, socket);
		else
			checkup_say(c, CHECKUP_PROBLEM, "%s", err.text);
		return r == -ECONNREFUSED ? CTL_NO_DAEMON : CTL_FAILED;
	}
	say_socket(c, socket);
	if (reply.status >= 400)
		checkup_say(c, CHECKUP_PROBLEM, "it takes no jobs: %s",
		            ctl_json_text(reply.json, "detail"));
	else
		checkup_say(c, CHECKUP_OK, "it answers, and takes jobs");
	check_store(c, client);
	check_catalogue(c, client, "pipelines");
	check_catalogue(c, client, "personas");
	*ret_where = get(c, client, "/healthz");
	check_roots(c, client, json_object_get(*ret_where, "roots"));
	return CTL_DONE;
}

void doctor_servers(struct checkup *c, struct client *client, const struct doctor_options *o)
{
	json_t *list = get(c, client, doctor_endpoints_path(o));

	if (list)
		checkup_endpoints(c, list);
	json_decref(list);
}
