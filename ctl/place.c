/* SPDX-License-Identifier: MIT */
#include "ctl/place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/client.h"
#include "ctl/ctl_json.h"
#include "ctl/folder.h"
#include "ctl/private_config.h"

/* The folder, resolved. A file stands for the folder that it lies in. */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (real && stat(real, &st) == 0 && !S_ISDIR(st.st_mode))
		*(strrchr(real, '/') + (strrchr(real, '/') == real)) = '\0';
	return real;
}

static int find_path(const char *command, const char *path, char **ret)
{
	*ret = resolve(path);
	return *ret ? CTL_DONE : ctl_fail(CTL_FAILED, "%s: %s: %s", command, path, strerror(errno));
}

/* --- local reviews --------------------------------------------------------- */

/* The one name in the folder that begins so, or is that. -ENOENT, -EEXIST: several begin so. */
static int complete(char *ret, size_t size, const char *reports, const char *prefix)
{
	CLEANUP(folder_closedirp) DIR *dir = opendir(reports);
	size_t n = 0;

	for (const struct dirent *e; dir && (e = readdir(dir));) {
		bool whole = strcmp(e->d_name, prefix) == 0;

		if (e->d_name[0] == '.' || strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		n = whole ? 1 : n + 1;
		(void)snprintf(ret, size, "%s/%s", reports, e->d_name);
		if (whole)
			break;
	}
	return n == 1 ? 0 : n ? -EEXIST : -ENOENT;
}

static int find_local(const char *command, const char *id, const char *socket, char **ret)
{
	CLEANUP(freep) char *state = private_state(NULL);
	CLEANUP(freep) char *reports = state ? private_text("%s/reports", state) : NULL;
	char found[PATH_MAX];
	int r = reports ? complete(found, sizeof found, reports, id) : -ENOENT;

	if (r == -EEXIST)
		return ctl_fail(CTL_FAILED, "%s: %s: several reports in %s begin so", command, id,
		                reports);
	*ret = r == 0 ? resolve(found) : NULL;
	return *ret ? CTL_DONE
	            : ctl_fail(CTL_NO_DAEMON,
	                       "%s: no daemon listens on %s, and no local review is called %s: "
	                       "give the path of a report's folder",
	                       command, socket, id);
}

/* --- the daemon's ------------------------------------------------------------- */

static int ask(struct client *c, const char *command, const char *path, char **ret)
{
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	int r = client_call(c, "GET", path, NULL, NULL, &reply, &err);
	const char *folder;

	if (r < 0)
		return client_fail(command, r, &err);
	if (reply.status >= 400)
		return client_refused(command, &reply);
	folder = ctl_json_text(reply.json, "report");
	if (!*folder)
		return ctl_fail(CTL_FAILED, "%s: job %s is %s and has no report", command,
		                ctl_json_text(reply.json, "id"),
		                ctl_json_text(reply.json, "state"));
	return find_path(command, folder, ret);
}

int place_find(const struct ctl *ctl, const char *command, const char *what, char **ret)
{
	CLEANUP(client_freep) struct client *c = NULL;
	CLEANUP(reply_done) struct reply reply = {0};
	char path[128], socket[256];
	struct error err = {0};
	int r;

	if (strpbrk(what, "/."))
		return find_path(command, what, ret);
	if (client_job_path(path, sizeof path, what, "", &err) < 0)
		return ctl_usage(command, &err);
	r = client_find_socket(ctl->socket, socket, sizeof socket, &err);
	if (r == 0)
		r = client_new(&c, socket, &err);
	if (r == 0)
		r = client_call(c, "GET", "/healthz", NULL, NULL, &reply, &err);
	if (r == -ECONNREFUSED)
		return find_local(command, what, socket, ret);
	return r < 0 ? client_fail(command, r, &err) : ask(c, command, path, ret);
}
