/* SPDX-License-Identifier: MIT */
#include "daemon/submit.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/evidence/pipeline.h"
#include "lib/model/model.h"

#define DEFAULT_PIPELINE "nightly-review"
#define PARAMETERS_MAX   64

struct submission {
	const struct config *config;
	unsigned *status;
	struct error *err;
};

/* --- members ------------------------------------------------------------ */

static int check_text(struct submission *s, const char *name, const json_t *v)
{
	const char *text = json_string_value(v);
	size_t len = json_string_length(v);

	if (json_is_null(v))
		return 0;
	if (!text || len == 0 || len > SUBMIT_TEXT_MAX)
		return error_set(s->err, -EINVAL, "%s: must be a text of 1 to %d bytes", name,
		                 SUBMIT_TEXT_MAX);
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return error_set(s->err, -EINVAL, "%s: has control characters", name);
	}
	return 0;
}

static int check_endpoint(struct submission *s, const char *name, const json_t *v)
{
	const char *text = json_string_value(v);
	int r = check_text(s, name, v);

	if (r < 0 || !text || strcmp(text, "builtin") == 0)
		return r;
	for (size_t i = 0; i < s->config->n_endpoints; i++) {
		const struct config_endpoint *e = &s->config->endpoints[i];

		if (strcmp(e->name, text) == 0 || (e->url && strcmp(e->url, text) == 0))
			return 0;
	}
	return error_set(s->err, -EINVAL,
	                 "%s: \"%s\" is no configured endpoint and not builtin: add it to "
	                 "endpoints: in the configuration",
	                 name, text);
}

static int check_fresh(struct submission *s, const char *name, const json_t *v)
{
	return json_is_null(v) || json_is_boolean(v)
	               ? 0
	               : error_set(s->err, -EINVAL, "%s: must be true or false", name);
}

static int check_priority(struct submission *s, const char *name, const json_t *v)
{
	int ignored;

	return !v || model_priority_read(&ignored, v)
	               ? 0
	               : error_set(s->err, -EINVAL, "%s: priority: must be from -9 to 9", name);
}

static int check_parameters(struct submission *s, const char *name, const json_t *v)
{
	const char *key;
	const json_t *value;

	if (json_is_null(v))
		return 0;
	if (!json_is_object(v) || json_object_size(v) > PARAMETERS_MAX)
		return error_set(s->err, -EINVAL, "%s: must be an object of at most %d members",
		                 name, PARAMETERS_MAX);
	for (void *it = json_object_iter((json_t *)(uintptr_t)v); it;
	     it = json_object_iter_next((json_t *)(uintptr_t)v, it)) {
		key = json_object_iter_key(it);
		value = json_object_iter_value(it);
		if (json_is_object(value) || json_is_array(value) ||
		    strlen(key) > SUBMIT_TEXT_MAX || json_string_length(value) > SUBMIT_TEXT_MAX)
			return error_set(s->err, -EINVAL,
			                 "%s: %.60s: must be a text of at most %d bytes, a number, "
			                 "true or false",
			                 name, key, SUBMIT_TEXT_MAX);
	}
	return check_priority(s, name, json_object_get(v, "priority"));
}

/* Resolved on their own, below. */
static int check_paths(struct submission *s, const char *name, const json_t *v)
{
	size_t n = json_array_size(v);

	if (n < 1 || n > SUBMIT_PATHS_MAX)
		return error_set(s->err, -EINVAL, "%s: must be a list of 1 to %d absolute paths",
		                 name, SUBMIT_PATHS_MAX);
	return 0;
}

static const struct {
	const char *name;
	int (*check)(struct submission *s, const char *name, const json_t *v);
} members[] = {{"endpoint", check_endpoint},     {"fresh", check_fresh},
               {"machine", check_text},          {"model", check_text},
               {"parameters", check_parameters}, {"paths", check_paths},
               {"pipeline", check_text},         {"subject", check_text}};

static int check_member(struct submission *s, const char *key, const json_t *value)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (strcmp(members[i].name, key) == 0)
			return members[i].check(s, key, value);
	}
	return error_set(s->err, -EINVAL,
	                 "\"%.60s\": unknown member; there are endpoint, fresh, machine, model, "
	                 "parameters, paths, pipeline, subject",
	                 key);
}

static int check_members(struct submission *s, json_t *body)
{
	void *it;

	if (!json_is_object(body))
		return error_set(s->err, -EINVAL, "the body must be a JSON object");
	for (it = json_object_iter(body); it; it = json_object_iter_next(body, it)) {
		int r = check_member(s, json_object_iter_key(it), json_object_iter_value(it));

		if (r < 0)
			return r;
	}
	if (!json_object_get(body, "paths"))
		return error_set(s->err, -EINVAL, "paths: is missing: which directories to review");
	return 0;
}

/* --- paths -------------------------------------------------------------- */

static bool lies_below(const char *path, const char *root)
{
	size_t len = strlen(root);

	return strcmp(root, "/") == 0 ||
	       (strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0'));
}

/* 1: it lies below a root; 0: it does not; -ENOMEM. */
static int is_allowed(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->n_roots; i++) {
		CLEANUP(freep) char *root = realpath(config->roots[i], NULL);

		if (root && lies_below(path, root))
			return 1;
		if (!root && errno == ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

/* A root that the path would lie below, if only the service saw it: its unit may hide it. */
static const char *unseen_root(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->n_roots; i++)
		if (lies_below(path, config->roots[i]) && access(config->roots[i], F_OK) < 0)
			return config->roots[i];
	return NULL;
}

static int not_allowed(struct submission *s, const char *path)
{
	const char *unseen = unseen_root(s->config, path);

	*s->status = 403;
	if (unseen)
		return error_set(s->err, -EACCES,
		                 "paths: %s: the service does not see its root %s (%s): mount or "
		                 "create it, or let the unit see it",
		                 path, unseen, strerror(errno));
	if (s->config->n_roots == 0)
		return error_set(s->err, -EACCES,
		                 "paths: %s: no roots are configured: list the directories that "
		                 "may be reviewed under roots: in the configuration",
		                 path);
	return error_set(s->err, -EACCES,
	                 "paths: %s: lies below none of the configured roots: add it to roots: in "
	                 "the configuration, or give a path below them",
	                 path);
}

/* What lies outside the roots gets one answer, whether it exists or not. */
static int not_found(struct submission *s, const char *path, int code)
{
	CLEANUP(freep) char *prefix = strdup(path);
	char *slash;

	while (prefix && (slash = strrchr(prefix, '/'))) {
		CLEANUP(freep) char *whole = NULL;

		slash[slash == prefix] = '\0'; /* the last one stays: "/" */
		whole = realpath(prefix, NULL);
		if (whole && is_allowed(s->config, whole) == 0)
			return not_allowed(s, path);
		if (whole || strcmp(prefix, "/") == 0)
			break;
	}
	*s->status = code == -EACCES ? 403 : 400;
	return error_set(s->err, code, "paths: %s: %s", path,
	                 code == -EACCES ? "the daemon may not read it" : strerror(-code));
}

static int check_readable(struct submission *s, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return not_found(s, path, -errno);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return error_set(s->err, -EINVAL, "paths: %s: is no directory and no file", path);
	if (eaccess(path, S_ISDIR(st.st_mode) ? R_OK | X_OK : R_OK) < 0) {
		*s->status = 403;
		return error_set(s->err, -EACCES, "paths: %s: the daemon (uid %u) may not read it",
		                 path, (unsigned)geteuid());
	}
	return 0;
}

static int resolve_path(struct submission *s, const json_t *path, json_t *into)
{
	const char *text = json_string_value(path);
	CLEANUP(freep) char *whole = NULL;
	int r;

	if (!text || json_string_length(path) >= PATH_MAX)
		return error_set(s->err, -EINVAL, "paths: each must be a text below %d bytes",
		                 PATH_MAX);
	if (text[0] != '/')
		return error_set(s->err, -EINVAL, "paths: \"%.200s\" is not absolute", text);
	whole = realpath(text, NULL);
	if (!whole)
		return not_found(s, text, -errno);
	r = is_allowed(s->config, whole);
	if (r <= 0)
		return r < 0 ? error_set(s->err, r, "out of memory") : not_allowed(s, text);
	r = check_readable(s, whole);
	if (r < 0)
		return r;
	errno = 0;
	if (json_array_append_new(into, json_string(whole)) == 0)
		return 0;
	/* A link may lead to a name that no JSON can hold. */
	return errno == ENOMEM
	               ? error_set(s->err, -ENOMEM, "out of memory")
	               : error_set(s->err, -EILSEQ, "paths: %s: its name is not UTF-8", text);
}

static int resolve_paths(struct submission *s, json_t *body)
{
	json_t *resolved = json_array(), *path;
	size_t i;
	int r = resolved ? 0 : error_set(s->err, -ENOMEM, "out of memory");

	json_array_foreach (json_object_get(body, "paths"), i, path) {
		if (r == 0)
			r = resolve_path(s, path, resolved);
	}
	if (r < 0) {
		json_decref(resolved);
		return r;
	}
	return json_object_set_new(body, "paths", resolved) < 0
	               ? error_set(s->err, -ENOMEM, "out of memory")
	               : 0;
}

/* --- the whole ---------------------------------------------------------- */

static bool is_configured(const struct config *config, const char *endpoint)
{
	for (size_t i = 0; i < config->n_endpoints; i++)
		if (strcmp(config->endpoints[i].name, endpoint) == 0)
			return true;
	return false;
}

/* What is measured of an agent on another server than it names would be told of the wrong one. */
static int check_agents(struct submission *s, const json_t *body, const struct pipeline *p)
{
	if (json_is_string(json_object_get(body, "endpoint")) || !s->config->n_endpoints)
		return 0; /* all are asked of that one, or nobody of any */
	for (size_t i = 0; i < p->n_agents; i++)
		if (p->agents[i].endpoint && !is_configured(s->config, p->agents[i].endpoint))
			return error_set(s->err, -EINVAL,
			                 "pipeline: agent %s: \"%.64s\" is no configured "
			                 "endpoint: add it to endpoints: in the configuration",
			                 p->agents[i].name, p->agents[i].endpoint);
	return 0;
}

static int check_pipeline(struct submission *s, json_t *body)
{
	const char *name = json_string_value(json_object_get(body, "pipeline"));
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	int r;

	if (!name) {
		name = DEFAULT_PIPELINE;
		if (json_object_set_new(body, "pipeline", json_string(name)) < 0)
			return error_set(s->err, -ENOMEM, "out of memory");
	}
	r = pipeline_load(&p, s->config->pipelines, name, s->err);
	if (r < 0)
		return error_wrap(s->err, "pipeline");
	return check_agents(s, body, p);
}

/* null says the same as leaving it out: two bodies that mean the same are then the same. */
static void drop_nulls(json_t *body)
{
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (json_is_null(json_object_get(body, members[i].name)))
			(void)json_object_del(body, members[i].name);
	}
}

static int copy_text(char **ret, const json_t *body, const char *name)
{
	const char *text = json_string_value(json_object_get(body, name));

	*ret = text ? strdup(text) : NULL;
	return !text || *ret ? 0 : -ENOMEM;
}

static int fill_job(struct submission *s, struct job *job, const json_t *body)
{
	job->request = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	if (!job->request || copy_text(&job->pipeline, body, "pipeline") < 0 ||
	    copy_text(&job->subject, body, "subject") < 0 ||
	    copy_text(&job->machine, body, "machine") < 0)
		return error_set(s->err, -ENOMEM, "out of memory");
	return 0;
}

static int load(json_t **ret, const char *body, size_t len, struct error *err)
{
	json_error_t bad = {0};

	*ret = json_loadb(body, len, JSON_REJECT_DUPLICATES, &bad);
	if (*ret)
		return 0;
	/* jansson says nothing of some of its allocations */
	if (json_error_code(&bad) == json_error_out_of_memory || !bad.text[0])
		return error_set(err, -ENOMEM, "out of memory");
	return error_set(err, -EINVAL, "the body is no JSON: line %d, column %d: %s", bad.line,
	                 bad.column, bad.text);
}

int submit_parse(struct job *ret, unsigned *ret_status, const struct config *config,
                 const char *body, size_t len, struct error *err)
{
	struct submission s = {config, ret_status, err};
	json_t *json = NULL;
	int r = load(&json, body, len, err);

	*ret_status = 400;
	if (r == 0)
		r = check_members(&s, json);
	if (r == 0) {
		drop_nulls(json);
		r = check_pipeline(&s, json);
	}
	if (r == 0)
		r = resolve_paths(&s, json);
	if (r == 0)
		r = fill_job(&s, ret, json);
	json_decref(json);
	if (r == -ENOMEM)
		*ret_status = 503;
	return r;
}
