/* SPDX-License-Identifier: MIT */
#include "ctl/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <sys/un.h>

#include "lib/base/buf.h"

#define REFUSED_BYTES_MAX  (64L * 1024)
#define REPLY_BYTES_MAX    (256L * 1024 * 1024) /* report.html with its plots inline */
#define CONNECT_TIMEOUT_MS 5000L
#define CALL_TIMEOUT_MS    60000L /* the daemon answers at once; this is for one that hangs */
#define TICK_MS            100
#define URL_BYTES          512

struct client {
	CURL *curl;
	char socket[sizeof((struct sockaddr_un *)0)->sun_path];
};

void reply_done(struct reply *r)
{
	free(r->body);
	json_decref(r->json);
	*r = (struct reply){0};
}

int client_find_socket(const char *given, char *ret, size_t size, struct error *err)
{
	const char *path = given ? given : getenv("CHIMERAD_SOCKET");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int n;

	if (path && *path) {
		n = snprintf(ret, size, "%s", path);
	} else {
		n = runtime && *runtime ? snprintf(ret, size, "%s/chimerad.sock", runtime) : -1;
		if (n < 0 || (size_t)n >= size || access(ret, F_OK) != 0)
			n = snprintf(ret, size, "/run/chimerad.sock");
	}
	if (n < 0 || (size_t)n >= sizeof((struct sockaddr_un *)0)->sun_path)
		return error_set(err, -ENAMETOOLONG,
		                 "%.60s...: too long for a socket, which may "
		                 "have 107 bytes: choose a shorter --socket",
		                 path ? path : "");
	return 0;
}

int client_new(struct client **ret, const char *socket, struct error *err)
{
	CLEANUP(client_freep) struct client *c = calloc(1, sizeof *c);

	if (c)
		c->curl = curl_easy_init();
	if (!c || !c->curl)
		return error_set(err, -ENOMEM, "out of memory");
	if (snprintf(c->socket, sizeof c->socket, "%s", socket) >= (int)sizeof c->socket)
		return error_set(err, -ENAMETOOLONG,
		                 "%.60s...: too long for a socket: choose a shorter --socket",
		                 socket);
	*ret = TAKE(c);
	return 0;
}

int client_open(struct client **ret, const struct ctl *ctl, struct error *err)
{
	char socket[256];
	int r = client_find_socket(ctl->socket, socket, sizeof socket, err);

	return r < 0 ? r : client_new(ret, socket, err);
}

void client_free(struct client *c)
{
	if (!c)
		return;
	if (c->curl)
		curl_easy_cleanup(c->curl);
	free(c);
}

static void prepare(struct client *c, const char *method, const char *path)
{
	char url[URL_BYTES];

	(void)snprintf(url, sizeof url, "http://chimerad%s", path);
	curl_easy_reset(c->curl);
	(void)curl_easy_setopt(c->curl, CURLOPT_URL, url); /* libcurl copies it */
	(void)curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->socket);
	(void)curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, method);
	(void)curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http");
	(void)curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
}

static size_t on_body(char *bytes, size_t size, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, bytes, size * n);
	return b->failed ? 0 : size * n;
}

/* libcurl has one code for all that can go wrong with connect(2); the kernel's word is exact. */
static int connect_error(struct client *c, struct error *err)
{
	long sys = 0;

	(void)curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &sys);
	if (sys == EACCES || sys == EPERM)
		return error_set(err, -EACCES,
		                 "%s: permission denied: join the group chimerad, or run your own "
		                 "daemon",
		                 c->socket);
	return error_set(err, -ECONNREFUSED,
	                 "%s: no daemon listens there: start chimerad, or name its --socket",
	                 c->socket);
}

static int transfer_error(struct client *c, CURLcode code, struct error *err)
{
	if (code == CURLE_COULDNT_CONNECT)
		return connect_error(c, err);
	if (code == CURLE_OUT_OF_MEMORY)
		return error_set(err, -ENOMEM, "out of memory");
	return error_set(err, -EIO, "%s: %s", c->socket, curl_easy_strerror(code));
}

static void slistp(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static void free_bufp(struct buf *b)
{
	buf_done(b);
}

/* libcurl appends to a copy of the list's head: on failure the old list must still be freed. */
static bool header_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer)
		*list = longer;
	return longer != NULL;
}

static bool headers_make(struct curl_slist **list, const char *key)
{
	char line[320];

	if (!header_add(list, "Content-Type: application/json") || !header_add(list, "Expect:"))
		return false;
	if (!key)
		return true;
	(void)snprintf(line, sizeof line, "Idempotency-Key: %.255s", key);
	return header_add(list, line);
}

int client_call(struct client *c, const char *method, const char *path, const json_t *body,
                const char *key, struct reply *ret, struct error *err)
{
	CLEANUP(freep) char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	CLEANUP(slistp) struct curl_slist *headers = NULL;
	CLEANUP(free_bufp) struct buf answer = BUF_INIT(REPLY_BYTES_MAX);
	CURLcode code;

	if ((body && !text) || !headers_make(&headers, key))
		return error_set(err, -ENOMEM, "out of memory");
	prepare(c, method, path);
	(void)curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, CALL_TIMEOUT_MS);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &answer);
	if (text || strcmp(method, "POST") == 0)
		(void)curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, text ? text : "");
	code = curl_easy_perform(c->curl);
	if (code != CURLE_OK)
		return transfer_error(c, code, err);
	buf_add(&answer, "", 0); /* an empty body is "" too */
	*ret = (struct reply){.body = answer.data, .len = answer.len};
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	ret->json = json_loadb(ret->body, ret->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	answer.data = NULL;
	return 0;
}

/* What the write callback of a download needs. */
struct download {
	struct client *client;
	int fd, failed; /* errno of a write */
	struct buf refused;
};

static size_t on_download(char *bytes, size_t size, size_t n, void *arg)
{
	struct download *d = arg;
	long status = 0;

	(void)curl_easy_getinfo(d->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return on_body(bytes, size, n, &d->refused);
	for (size_t at = 0; at < size * n;) {
		ssize_t w = write(d->fd, bytes + at, size * n - at);

		if (w < 0) {
			d->failed = errno;
			return 0;
		}
		at += (size_t)w;
	}
	return size * n;
}

int client_download(struct client *c, const char *path, int fd, struct reply *ret_refused,
                    struct error *err)
{
	struct download d = {.client = c, .fd = fd, .refused = BUF_INIT(REFUSED_BYTES_MAX)};
	long status = 0;
	CURLcode code;

	prepare(c, "GET", path);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_download);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &d);
	code = curl_easy_perform(c->curl);
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_OK && status != 200) {
		buf_add(&d.refused, "", 0);
		*ret_refused = (struct reply){
			.status = status,
			.body = d.refused.data,
			.len = d.refused.len,
			.json = json_loadb(d.refused.data, d.refused.len, 0, NULL)};
		return 0;
	}
	buf_done(&d.refused);
	if (d.failed)
		return error_set(err, -d.failed, "cannot write: %s", strerror(d.failed));
	return code == CURLE_OK ? 0 : transfer_error(c, code, err);
}

/* What the write callback of an event stream needs. */
struct feed {
	struct client *client;
	struct sse sse;
	int result; /* of sse_feed() */
};

static size_t on_stream(char *bytes, size_t size, size_t n, void *arg)
{
	struct feed *f = arg;
	long status = 0;

	(void)curl_easy_getinfo(f->client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		f->result = sse_feed(&f->sse, bytes, size * n);
	return f->result ? 0 : size * n;
}

static int stream_end(struct client *c, CURLM *multi, struct feed *f, struct error *err)
{
	CURLcode code = CURLE_OK;
	int left;

	for (CURLMsg *m; (m = curl_multi_info_read(multi, &left));)
		code = m->data.result;
	if (f->result == -EMSGSIZE)
		return error_set(err, -EMSGSIZE,
		                 "%s: an event is longer than chimerad writes any: does another "
		                 "program listen there?",
		                 c->socket);
	if (f->result)
		return f->result;
	return code == CURLE_OK ? 0 : transfer_error(c, code, err);
}

static int stream_run(struct client *c, CURLM *multi, const struct client_stream *s, struct feed *f,
                      struct error *err)
{
	int running = 1, r;

	for (;;) {
		struct curl_waitfd wake = {.fd = s->wake_fd, .events = CURL_WAIT_POLLIN};
		CURLMcode m = curl_multi_perform(multi, &running);

		if (m == CURLM_OK && running == 0)
			return stream_end(c, multi, f, err);
		if (m == CURLM_OK)
			m = curl_multi_poll(multi, &wake, s->wake_fd >= 0, TICK_MS, NULL);
		if (m != CURLM_OK)
			return error_set(err, -EIO, "%s: %s", c->socket, curl_multi_strerror(m));
		r = wake.revents ? s->on_wake(s->arg) : 0;
		if (r == 0)
			r = s->on_tick(s->arg);
		if (r)
			return r;
	}
}

int client_events(struct client *c, const char *path, const struct client_stream *stream,
                  long *ret_status, struct error *err)
{
	struct feed f = {.client = c, .sse = SSE_INIT(stream->on_event, stream->arg)};
	CURLM *multi = curl_multi_init();
	int r;

	if (!multi)
		return error_set(err, -ENOMEM, "out of memory");
	prepare(c, "GET", path);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_stream);
	(void)curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &f);
	if (curl_multi_add_handle(multi, c->curl) == CURLM_OK)
		r = stream_run(c, multi, stream, &f, err);
	else
		r = error_set(err, -ENOMEM, "out of memory");
	(void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, ret_status);
	(void)curl_multi_remove_handle(multi, c->curl);
	(void)curl_multi_cleanup(multi);
	sse_done(&f.sse);
	if (r == 0 && *ret_status != 200)
		r = error_set(err, -EPROTO, "%s: no event stream (HTTP %ld)", path, *ret_status);
	return r;
}

int client_job_path(char *ret, size_t size, const char *id, const char *tail, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-";

	if (!*id || strlen(id) > 64 || id[strspn(id, allowed)])
		return error_set(err, -EINVAL, "\"%.64s\" is not a job id: see chimeractl list",
		                 id);
	if (snprintf(ret, size, "/v1/jobs/%s%s", id, tail) >= (int)size)
		return error_set(err, -EINVAL,
		                 "\"%.64s\" is too long a job id: see chimeractl list", id);
	return 0;
}

void client_add_encoded(struct buf *b, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *text; text++) {
		if (strchr(plain, *text))
			buf_putc(b, *text);
		else
			buf_printf(b, "%%%02X", (unsigned char)*text);
	}
}

int client_fail(const char *command, int r, const struct error *err)
{
	enum ctl_exit code = r == -ECONNREFUSED ? CTL_NO_DAEMON
	                     : r == -EACCES     ? CTL_REJECTED
	                     : r == -EINVAL     ? CTL_USAGE
	                                        : CTL_FAILED;

	return ctl_fail(code, "%s: %s", command, err->text);
}

int client_refused(const char *command, const struct reply *r)
{
	bool ours = r->status < 500 || r->status == 503 || r->status == 507;
	const char *detail = json_string_value(json_object_get(r->json, "detail"));

	if (!detail)
		detail = json_string_value(json_object_get(r->json, "title"));
	return ctl_fail(ours ? CTL_REJECTED : CTL_FAILED, "%s: %s (HTTP %ld)", command,
	                detail ? detail : "the daemon did not say why; its log may", r->status);
}

int client_simple(const struct ctl *ctl, const char *command, const char *method, const char *path,
                  struct reply *ret)
{
	return client_request(ctl, command, method, path, NULL, ret);
}

int client_request(const struct ctl *ctl, const char *command, const char *method, const char *path,
                   const json_t *body, struct reply *ret)
{
	CLEANUP(client_freep) struct client *c = NULL;
	struct error err = {0};
	int r = client_open(&c, ctl, &err);

	if (r == 0)
		r = client_call(c, method, path, body, NULL, ret, &err);
	if (r < 0)
		return client_fail(command, r, &err);
	return ret->status >= 400 ? client_refused(command, ret) : CTL_DONE;
}
