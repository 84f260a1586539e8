/* SPDX-License-Identifier: MIT */
#include "daemon/settings.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/resource.h>

#include "lib/evidence/pipeline.h"

#define FILES      4096 /* open at once, where the system allows it: clients, artifacts, servers */
#define POOL_SPARE 8    /* threads that reviews leave to the store, submissions and files */

#define DEFAULT_SOCKET "/run/chimerad.sock"

static int replace(char **text, const char *a, const char *between, const char *b,
                   struct error *err)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", a, between, b) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	free(*text);
	*text = joined;
	return 0;
}

static int choose_socket(struct config *c, const char *named, struct error *err)
{
	const char *own = config_variable("XDG_RUNTIME_DIR");

	if (!named)
		named = config_variable("CHIMERAD_SOCKET");
	if (named)
		return replace(&c->listen, named, "", "", err);
	if (geteuid() != 0 && own && strcmp(c->listen, DEFAULT_SOCKET) == 0)
		return replace(&c->listen, own, "/", "chimerad.sock", err);
	return 0;
}

/* What is published says where it lies: whole, for clients with another working directory. */
static int make_absolute(char **path, struct error *err)
{
	char here[PATH_MAX];

	if ((*path)[0] == '/')
		return 0;
	if (!getcwd(here, sizeof here))
		return error_set(err, -errno, "%s: %s", *path, strerror(errno));
	return replace(path, here, "/", *path, err);
}

int settings_load(struct config **ret, const struct settings_source *from, struct error *err)
{
	CLEANUP(config_freep) struct config *c = NULL;
	int r = config_load_usual(&c, from->config, err);

	if (r == 0 && from->state)
		r = config_set_state(c, from->state, err);
	if (r == 0)
		r = choose_socket(c, from->socket, err);
	if (r == 0)
		r = config_use_data(c, err);
	if (r == 0)
		r = make_absolute(&c->state, err);
	if (r == 0)
		r = make_absolute(&c->reports, err);
	if (r < 0)
		return r;
	*ret = TAKE(c);
	return 0;
}

/* --- --check ------------------------------------------------------------ */

static int check_pipeline(const struct config *c, const struct pipeline_known *known,
                          const char *name, struct error *err)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	char path[PATH_MAX];
	int r = pipeline_load(&p, c->pipelines, name, err);

	(void)snprintf(path, sizeof path, "%s/%s.yaml", c->pipelines, name);
	return r < 0 ? r : pipeline_check_known(path, p->text, strlen(p->text), known, err);
}

static int is_yaml(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 5 && d->d_name[0] != '.' && strcmp(d->d_name + len - 5, ".yaml") == 0;
}

int settings_check(const struct config *config, struct error *err)
{
	CLEANUP(freep) const char **endpoints = config_endpoint_names(config);
	const struct pipeline_known known = {config->personas, endpoints, config->n_endpoints};
	struct dirent **names = NULL;
	int n = scandir(config->pipelines, &names, is_yaml, alphasort), r = 0;

	if (!endpoints)
		r = error_set(err, -ENOMEM, "out of memory");
	if (n < 0)
		return error_set(err, -errno, "%s: %s: install the pipelines, or set CHIMERAD_DATA",
		                 config->pipelines, strerror(errno));
	for (int i = 0; i < n; i++) {
		names[i]->d_name[strlen(names[i]->d_name) - 5] = '\0';
		if (r == 0)
			r = check_pipeline(config, &known, names[i]->d_name, err);
		free(names[i]);
	}
	free(names);
	return r;
}

void settings_size_pool(const struct config *config)
{
	char text[16];

	(void)snprintf(text, sizeof text, "%u", (unsigned)config->limits.jobs_running + POOL_SPARE);
	(void)setenv("UV_THREADPOOL_SIZE", text, 0);
}

size_t settings_allow_files(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return 0;
	if (l.rlim_cur < FILES) {
		l.rlim_cur = l.rlim_max < FILES ? l.rlim_max : FILES;
		(void)setrlimit(RLIMIT_NOFILE, &l);
	}
	return l.rlim_cur < FILES ? (size_t)l.rlim_cur : FILES;
}
