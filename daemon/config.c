/* SPDX-License-Identifier: MIT */
#include "daemon/config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "daemon/loopback.h"
#include "lib/base/bind.h"
#include "lib/base/files.h"

#define SECOND        UINT64_C(1000)
#define MINUTE        (60 * SECOND)
#define DAY           (24 * 60 * MINUTE)
#define MIB           (UINT64_C(1024) * 1024)
#define GIB           (1024 * MIB)
#define PATH_BYTES    (PATH_MAX - 1)
#define SOCKET_BYTES  107 /* sun_path less its NUL; libuv would cut a longer one and bind that */
#define PATTERN_BYTES 200
#define DEFAULT_FILE  "/etc/chimerad/chimerad.yaml"

/* In the order of enum model_provider. */
static const char *const provider_names[] = {"detect", "ollama", "openai", "builtin", NULL};
#define BUILTIN 3

static const char *const column_roles[] = {"key", "metric", "covariate", "ignored", NULL};
static const char *const metric_roles[] = {"primary", "guard", "ignore", NULL};
static const char *const directions[] = {"higher", "lower", "none", NULL};

/* What lib/model can reach. The key of an endpoint has its own place, outside of this file. */
static const char *check_url(const char *text)
{
	const char *host = strstr(text, "://");

	if (strncmp(text, "unix:/", 6) == 0)
		return NULL;
	if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
		return "is not http://HOST:PORT, https://HOST or unix:/PATH";
	host += 3;
	if (host[0] == '\0' || host[0] == '/' || host[0] == ':')
		return "names no host";
	if (strchr(host, '@') && strchr(host, '@') < host + strcspn(host, "/"))
		return "must not hold a password; say api_key: {file: PATH}";
	return NULL;
}

/* A credential is a file's name in the directory that systemd made for them. */
static const char *check_credential(const char *text)
{
	return strchr(text, '/') || text[0] == '.' ? "is not the name of a systemd credential"
	                                           : NULL;
}

static const char *check_webhook(const char *text)
{
	bool http = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;

	return http ? check_url(text) : "is not http://HOST or https://HOST";
}

/* Ollama's form: seconds or "30m"; -1 is for ever. */
static const char *check_keep_alive(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (strcmp(text, "-1") == 0 ||
	    (digits > 0 && digits < 10 &&
	     (!text[digits] || (strchr("smh", text[digits]) && !text[digits + 1]))))
		return NULL;
	return "is not a time such as 30m, 3600 (seconds) or -1 (for ever)";
}

/* clang-format off */
#define AT(member)    .offset = offsetof(struct config, member)
#define COUNT(member) .count_offset = offsetof(struct config, member)
#define PATH          .min = 1, .max = PATH_BYTES, .check = bind_check_absolute

static const struct bind_field allow_table[] = {
	{"uids", BIND_UINTS, AT(allow_uids), COUNT(n_allow_uids), .max = UINT32_MAX - 1,
	 .form = "a list of user ids (numbers)"},
	{"gids", BIND_UINTS, AT(allow_gids), COUNT(n_allow_gids), .max = UINT32_MAX - 1,
	 .form = "a list of group ids (numbers)"},
	{0}};

#define ENDPOINT(member) .offset = offsetof(struct config_endpoint, member)
static const struct bind_field timeout_table[] = {
	{"connect",     BIND_DURATION, ENDPOINT(connect_ms),     .min = 1, .max = DAY},
	{"first_token", BIND_DURATION, ENDPOINT(first_token_ms), .min = 1, .max = DAY},
	{"idle",        BIND_DURATION, ENDPOINT(idle_ms),        .min = 1, .max = DAY},
	{"total",       BIND_DURATION, ENDPOINT(total_ms),       .min = 1, .max = DAY},
	{0}};

static const struct bind_field api_key_table[] = {
	{"credential", BIND_STRING, ENDPOINT(api_key_credential), .min = 1, .max = NAME_MAX,
	 .check = check_credential},
	{"file",       BIND_STRING, ENDPOINT(api_key_file), PATH},
	{0}};

static const struct bind_field endpoint_table[] = {
	{"name",       BIND_STRING, ENDPOINT(name), .required = true, .check = bind_check_name},
	{"provider",   BIND_ENUM,   ENDPOINT(provider), .names = provider_names},
	{"url",        BIND_STRING, ENDPOINT(url), .min = 1, .max = 2000, .check = check_url,
	 .hidden = true},
	{"slots",      BIND_UINT,   ENDPOINT(slots), .max = 256},
	{"model",      BIND_STRING, ENDPOINT(model), .min = 1, .max = 200},
	{"timeouts",   BIND_MAP,    .table = timeout_table,
	 .form = "a mapping of connect, first_token, idle and total"},
	{"keep_alive", BIND_STRING, ENDPOINT(keep_alive), .min = 1, .check = check_keep_alive},
	{"api_key",    BIND_MAP,    .table = api_key_table,
	 .form = "{credential: NAME} or {file: PATH}; the key itself never stands here"},
	{0}};

/* Of MODEL_TIMEOUTS_DEFAULT: a model may load for minutes before its first token. */
static const struct config_endpoint endpoint_default = {
	.connect_ms = 5 * SECOND, .first_token_ms = 10 * MINUTE, .idle_ms = MINUTE,
	.total_ms = 15 * MINUTE};

static const struct bind_field limit_table[] = {
	{"jobs_queued",  BIND_UINT, AT(limits.jobs_queued),  .min = 1, .max = 100000},
	{"jobs_running", BIND_UINT, AT(limits.jobs_running), .min = 1, .max = 64},
	{"file_bytes",   BIND_SIZE, AT(limits.file_bytes),   .min = 1024, .max = 4 * GIB},
	{"files",        BIND_UINT, AT(limits.files),        .min = 1, .max = 10000000},
	{"memory_bytes", BIND_SIZE, AT(limits.memory_bytes), .min = 16 * MIB, .max = 1024 * GIB},
	{0}};

#define RULE(member) .offset = offsetof(struct config_rule, member)
#define PATTERN      {"pattern", BIND_STRING, RULE(pattern), .min = 1, .max = PATTERN_BYTES}
static const struct bind_field column_table[] = {
	PATTERN,
	{"role",      BIND_STRING, RULE(role), .names = column_roles},
	{0}};

static const struct bind_field metric_table[] = {
	PATTERN,
	{"role",      BIND_STRING, RULE(role), .names = metric_roles},
	{"unit",      BIND_STRING, RULE(unit), .min = 1, .max = 40},
	{"direction", BIND_STRING, RULE(direction), .names = directions},
	{0}};

static const struct bind_field retention_table[] = {
	{"days",    BIND_UINT, AT(retention.days),    .min = 1, .max = 36500},
	{"reviews", BIND_UINT, AT(retention.reviews), .min = 1, .max = 1000000},
	{0}};

static const struct bind_field secret_table[] = {
	{"credential", BIND_STRING, AT(notify.secret_credential), .min = 1, .max = NAME_MAX,
	 .check = check_credential},
	{"file",       BIND_STRING, AT(notify.secret_file), PATH},
	{0}};

static const struct bind_field notify_table[] = {
	{"webhook",   BIND_STRING,   AT(notify.webhook), .min = 1, .max = 2000,
	 .check = check_webhook, .hidden = true},
	{"secret",    BIND_MAP,      .table = secret_table,
	 .form = "{credential: NAME} or {file: PATH}; the secret itself never stands here"},
	{"command",   BIND_STRINGS,  AT(notify.command), COUNT(notify.n_command), .max = 4096,
	 .form = "a list: the absolute path of a program, and its arguments", .max_count = 32},
	{"timeout",   BIND_DURATION, AT(notify.timeout_ms), .min = 100, .max = 10 * MINUTE},
	{"suspected", BIND_BOOL,     AT(notify.suspected)},
	{0}};

static const struct bind_field quiet_table[] = {
	{"lock",    BIND_STRING,   AT(quiet.lock), PATH},
	{"gpu_pct", BIND_UINT,     AT(quiet.gpu_pct), .max = 100},
	{"wait",    BIND_DURATION, AT(quiet.wait_ms), .max = DAY},
	{0}};

static const struct bind_field config_table[] = {
	{"listen",    BIND_STRING,  AT(listen), .min = 1, .max = SOCKET_BYTES,
	 .check = bind_check_absolute},
	{"web",       BIND_STRING,  AT(web), .min = 1, .max = 60, .check = loopback_check_text},
	{"allow",     BIND_MAP,     .table = allow_table, .form = "a mapping of uids and gids"},
	{"roots",     BIND_STRINGS, AT(roots), COUNT(n_roots), PATH,
	 .form = "a list of absolute paths"},
	{"state",     BIND_STRING,  AT(state), PATH},
	{"reports",   BIND_STRING,  AT(reports), PATH},
	{"personas",  BIND_STRING,  AT(personas), PATH},
	{"pipelines", BIND_STRING,  AT(pipelines), PATH},
	{"endpoints", BIND_MAPS,    AT(endpoints), COUNT(n_endpoints), .table = endpoint_table,
	 .form = "a list of endpoints", .element_bytes = sizeof(struct config_endpoint),
	 .element = &endpoint_default, .max_count = 64},
	{"limits",    BIND_MAP,     .table = limit_table},
	{"failed_calls", BIND_DURATION, AT(failed_calls_ms), .max = DAY},
	{"notify",    BIND_MAP,     .table = notify_table,
	 .form = "a mapping of webhook, secret, command, timeout and suspected"},
	{"retention", BIND_MAP,     .table = retention_table,
	 .form = "a mapping of days and reviews"},
	{"machine",   BIND_STRING,  AT(machine), .min = 1, .max = 200},
	{"columns",   BIND_PAIRS,   AT(columns), COUNT(n_columns), .table = column_table,
	 .form = "a mapping of patterns to roles", .element_bytes = sizeof(struct config_rule)},
	{"metrics",   BIND_PAIRS,   AT(metrics), COUNT(n_metrics), .table = metric_table,
	 .form = "a mapping of patterns to {unit, direction, role}",
	 .element_bytes = sizeof(struct config_rule)},
	{"quiet",     BIND_MAP,     .table = quiet_table,
	 .form = "a mapping of lock, gpu_pct and wait"},
	{0}};
/* clang-format on */

void config_free(struct config *c)
{
	if (!c)
		return;
	bind_free(config_table, c);
	free(c);
}

/* All but `reports`, which depends on `state`. */
static int set_defaults(struct config *c)
{
	c->limits.jobs_queued = 100;
	c->limits.jobs_running = 2;
	c->limits.file_bytes = 64 * MIB;
	c->limits.files = 200000;
	c->limits.memory_bytes = GIB;
	c->failed_calls_ms = 15 * SECOND;
	c->notify.timeout_ms = 10 * SECOND;
	c->quiet.gpu_pct = UINT64_MAX;
	c->quiet.wait_ms = 60 * MINUTE;
	c->listen = strdup("/run/chimerad.sock");
	c->state = strdup("/var/lib/chimerad");
	c->personas = strdup(CHIMERAD_DATA_DIR "/personas");
	c->pipelines = strdup(CHIMERAD_DATA_DIR "/pipelines");
	return c->listen && c->state && c->personas && c->pipelines ? 0 : -ENOMEM;
}

static int check_endpoint(const struct bind_source *src, const struct config *c, size_t i,
                          struct error *err)
{
	const struct config_endpoint *e = &c->endpoints[i];
	char path[64];

	(void)snprintf(path, sizeof path, "endpoints/%zu/name", i);
	for (size_t j = 0; j < i; j++)
		if (strcmp(c->endpoints[j].name, e->name) == 0)
			return bind_fail(src, path, err, -EEXIST, "\"%s\" is an earlier endpoint's",
			                 e->name);
	(void)snprintf(path, sizeof path, "endpoints/%zu/url", i);
	if (!e->url && e->provider != BUILTIN)
		return bind_fail(src, path, err, -ENODATA, "missing");
	(void)snprintf(path, sizeof path, "endpoints/%zu/api_key", i);
	if (e->api_key_file && e->api_key_credential)
		return bind_fail(src, path, err, -EINVAL, "has both a credential and a file");
	return 0;
}

static int check_notify(const struct bind_source *src, const struct config *c, struct error *err)
{
	bool secret = c->notify.secret_file || c->notify.secret_credential;

	if (c->notify.secret_file && c->notify.secret_credential)
		return bind_fail(src, "notify/secret", err, -EINVAL,
		                 "has both a credential and a file");
	if (secret && !c->notify.webhook)
		return bind_fail(src, "notify/secret", err, -EINVAL,
		                 "there is no webhook whose messages it could sign");
	if (c->notify.n_command && c->notify.command[0][0] != '/')
		return bind_fail(src, "notify/command/0", err, -EINVAL, "must be an absolute path");
	return 0;
}

static int check_config(const struct bind_source *src, void *dst, const void *arg,
                        struct error *err)
{
	const struct config *c = dst;
	int r = 0;

	(void)arg;
	for (size_t i = 0; i < c->n_endpoints && r == 0; i++)
		r = check_endpoint(src, c, i, err);
	return r < 0 ? r : check_notify(src, c, err);
}

/* REPORTS below STATE where nobody said otherwise. */
static int default_reports(struct config *c)
{
	char path[PATH_MAX + sizeof "/reports"];

	if (c->reports)
		return 0;
	(void)snprintf(path, sizeof path, "%s/reports", c->state);
	c->reports = strdup(path);
	return c->reports ? 0 : -ENOMEM;
}

int config_set_state(struct config *c, const char *dir, struct error *err)
{
	char *state = strdup(dir);
	size_t len = strlen(c->state);

	if (!state)
		return error_set(err, -ENOMEM, "%s: out of memory", dir);
	if (strncmp(c->reports, c->state, len) == 0 && strcmp(c->reports + len, "/reports") == 0)
		free(TAKE(c->reports));
	free(c->state);
	c->state = state;
	return default_reports(c) < 0 ? error_set(err, -ENOMEM, "%s: out of memory", dir) : 0;
}

static int copy_text(char **ret, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return -ENOMEM;
	free(*ret);
	*ret = copy;
	return 0;
}

/* *to is a copy of the struct: its texts become its own. */
static int own_texts(struct config_endpoint *to)
{
	char **texts[] = {&to->name,       &to->url,          &to->model,
	                  &to->keep_alive, &to->api_key_file, &to->api_key_credential};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *text = TAKE(*texts[i]);

		if (r == 0)
			r = copy_text(texts[i], text);
	}
	return r;
}

static int pin_endpoints(struct config *to, const struct config *from)
{
	struct config own = {.endpoints = calloc(from->n_endpoints + 1, sizeof *own.endpoints)};
	int r = own.endpoints ? 0 : -ENOMEM;

	for (size_t i = 0; i < from->n_endpoints && r == 0; i++) {
		own.endpoints[i] = from->endpoints[i];
		own.n_endpoints++;
		r = own_texts(&own.endpoints[i]);
	}
	if (r == 0) {
		struct config old = {.endpoints = to->endpoints, .n_endpoints = to->n_endpoints};

		to->endpoints = own.endpoints;
		to->n_endpoints = own.n_endpoints;
		own = old;
	}
	bind_free(config_table, &own);
	return r;
}

int config_pin(struct config *to, const struct config *from, struct error *err)
{
	if (copy_text(&to->listen, from->listen) < 0 || copy_text(&to->web, from->web) < 0 ||
	    copy_text(&to->state, from->state) < 0 || copy_text(&to->reports, from->reports) < 0 ||
	    pin_endpoints(to, from) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	if (to->limits.jobs_running > from->limits.jobs_running)
		to->limits.jobs_running = from->limits.jobs_running; /* the pool has its threads */
	return 0;
}

int config_parse(struct config **ret, const char *source, const char *text, size_t len,
                 struct error *err)
{
	CLEANUP(config_freep) struct config *c = calloc(1, sizeof *c);
	int r;

	if (!c || set_defaults(c) < 0)
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	r = bind_text(source, text, len, config_table, c, check_config, NULL, err);
	if (r < 0)
		return r;
	if (default_reports(c) < 0)
		return error_set(err, -ENOMEM, "%s: out of memory", source);
	*ret = TAKE(c);
	return 0;
}

int config_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                struct error *err)
{
	CLEANUP(config_freep) struct config *c = NULL;
	int r = config_parse(&c, source, text, len, err);

	return r < 0 ? r : bind_tell(source, text, len, config_table, c, fn, arg, err);
}

int config_default(struct config **ret, struct error *err)
{
	return config_parse(ret, "defaults", "", 0, err);
}

int config_load(struct config **ret, const char *path, struct error *err)
{
	/* an administrator may well keep the file elsewhere and a link to it in /etc */
	CLEANUP(freep) char *real = realpath(path, NULL);
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;
	int r;

	if (!real)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	r = files_read(&text, &len, NULL, real, YAML_TEXT_MAX, err);
	return r < 0 ? r : config_parse(ret, path, text, len, err);
}

const char *config_variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

const char *config_usual(const char *named)
{
	const char *other = config_variable("CHIMERAD_CONFIG");

	return named ? named : other ? other : DEFAULT_FILE;
}

int config_load_usual(struct config **ret, const char *named, struct error *err)
{
	const char *file = config_usual(named);
	struct error why = {0};
	int r;

	if (named || config_variable("CHIMERAD_CONFIG"))
		return config_load(ret, file, err);
	r = config_load(ret, file, &why);
	if (r == -ENOENT)
		return config_default(ret, err);
	if (r < 0)
		*err = why;
	return r;
}

static int set_below(char **ret, const char *dir, const char *name, struct error *err)
{
	char *path;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return error_set(err, -ENOMEM, "out of memory");
	free(*ret);
	*ret = path;
	return 0;
}

int config_use_data(struct config *c, struct error *err)
{
	const char *data = config_variable("CHIMERAD_DATA");
	int r = data ? set_below(&c->personas, data, "personas", err) : 0;

	return r < 0 || !data ? r : set_below(&c->pipelines, data, "pipelines", err);
}

const char **config_endpoint_names(const struct config *c)
{
	const char **names = calloc(c->n_endpoints + 1, sizeof *names);

	for (size_t i = 0; names && i < c->n_endpoints; i++)
		names[i] = c->endpoints[i].name;
	return names;
}
