/* SPDX-License-Identifier: MIT */
#include "lib/model/http.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/queue.h>

#include "lib/base/buf.h"

/*
 * Whoever wants a call gone calls call_doom(); only http_on_kick() and drain(), which libcurl
 * never has on its stack, end one. So nothing is freed under libcurl's feet.
 */
#define REFUSAL_MAX      (64U << 10) /* of an answer that is not 2xx */
#define KEEPALIVE_IDLE_S 30L         /* a server that reads a prompt sends nothing for minutes */
#define KEEPALIVE_GAP_S  15L
#define CONNECTIONS_MAX  32L /* kept open between calls */
#define WHY_BYTES        128

struct http_call {
	TAILQ_ENTRY(http_call) link;
	struct http *http;
	CURL *easy;
	struct curl_slist *headers;
	struct http_ops ops;
	void *arg;
	int doom; /* negative errno once it must end */
	struct buf refusal;
	char curl_text[CURL_ERROR_SIZE];
};

struct http {
	TAILQ_HEAD(, http_call) calls;
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t timer; /* libcurl's one timer */
	uv_timer_t kick;  /* runs http_on_kick() soon, from the loop */
	unsigned open;    /* libuv handles whose close callback has not run */
	bool closing;
};

struct http_sock {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
};

static void call_doom(struct http_call *c, int code);
static void drain(struct http *h);
static void kick(struct http *h);

/* --- libuv tells libcurl ------------------------------------------------ */

static void http_unref(struct http *h)
{
	if (--h->open == 0)
		free(h);
}

static void http_on_closed(uv_handle_t *handle)
{
	http_unref(handle->data);
}

static void http_on_sock_closed(uv_handle_t *handle)
{
	struct http_sock *s = handle->data;
	struct http *h = s->http;

	free(s);
	http_unref(h);
}

static void doom_all(struct http *h, int code)
{
	struct http_call *c;

	for (c = TAILQ_FIRST(&h->calls); c; c = TAILQ_NEXT(c, link))
		call_doom(c, code);
}

static void socket_action(struct http *h, curl_socket_t fd, int flags)
{
	int running;

	/* After a failure the state of all transfers is uncertain, says the manual. */
	if (curl_multi_socket_action(h->multi, fd, flags, &running) != CURLM_OK)
		doom_all(h, -EIO);
	drain(h); /* also when none runs any more: the last one may have failed just now */
}

static void http_on_poll(uv_poll_t *poll, int status, int events)
{
	struct http_sock *s = poll->data;
	int flags = 0;

	/*
	 * status < 0 is EPOLLERR, and libuv has stopped the handle. Passing CURL_CSELECT_ERR would
	 * turn a keep-alive connection that the server has closed into CURLE_SEND_ERROR; with 0
	 * libcurl looks for itself and sends the request again on a fresh connection.
	 */
	if (status == 0) {
		flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
		flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
	}
	socket_action(s->http, s->fd, flags);
}

static void http_on_timer(uv_timer_t *timer)
{
	socket_action(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* --- libcurl tells libuv ------------------------------------------------ */

static struct http_sock *sock_new(struct http *h, curl_socket_t fd)
{
	struct http_sock *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	if (uv_poll_init_socket(h->loop, &s->poll, fd) < 0) {
		free(s); /* a failed init leaves nothing to close */
		return NULL;
	}
	s->poll.data = s;
	s->http = h;
	s->fd = fd;
	h->open++;
	(void)curl_multi_assign(h->multi, fd, s);
	return s;
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http *h = arg;
	struct http_sock *s = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			uv_close((uv_handle_t *)&s->poll, http_on_sock_closed);
		return 0;
	}
	if (!s)
		s = sock_new(h, fd);
	if (!s)
		return -1;
	events |= what & CURL_POLL_IN ? UV_READABLE : 0;
	events |= what & CURL_POLL_OUT ? UV_WRITABLE : 0;
	/* libcurl knows only -1 as a failure */
	return uv_poll_start(&s->poll, events, http_on_poll) < 0 ? -1 : 0;
}

static int want_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (timeout_ms < 0)
		return uv_timer_stop(&h->timer);
	return uv_timer_start(&h->timer, http_on_timer, (uint64_t)timeout_ms, 0);
}

static long status_code(const struct http_call *c)
{
	long code = 0;

	(void)curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &code);
	return code;
}

static size_t http_on_write(char *bytes, size_t one, size_t len, void *arg)
{
	struct http_call *c = arg;

	(void)one; /* always 1 */
	if (status_code(c) / 100 != 2) {
		size_t room = REFUSAL_MAX - c->refusal.len;

		buf_add(&c->refusal, bytes, len < room ? len : room);
		return len <= room ? len : CURL_WRITEFUNC_ERROR; /* enough to know why */
	}
	if (!c->doom && !c->ops.on_body(c->arg, bytes, len))
		c->doom = -ECANCELED;
	return c->doom ? CURL_WRITEFUNC_ERROR : len;
}

/* --- the end of a call -------------------------------------------------- */

static bool was_connected(const struct http_call *c)
{
	curl_off_t us = 0;

	(void)curl_easy_getinfo(c->easy, CURLINFO_PRETRANSFER_TIME_T, &us);
	return us > 0;
}

static int status_of(const struct http_call *c, CURLcode rc)
{
	long code = status_code(c);

	if (c->doom)
		return c->doom;
	if (code && code / 100 != 2)
		return -EREMOTEIO; /* even if its body was cut: the status says enough */
	if (rc == CURLE_OK)
		return 0;
	if (rc == CURLE_OUT_OF_MEMORY)
		return -ENOMEM;
	if (!was_connected(c))
		return -ECONNREFUSED;
	return rc == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -ECONNRESET;
}

/* "connection refused", where there is an errno; else what libcurl says. */
static void say_why(const struct http_call *c, int status, CURLcode rc, char ret[static WHY_BYTES])
{
	long os_errno = 0;

	(void)curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os_errno);
	ret[0] = '\0';
	if (status == 0)
		return;
	if (status == -EREMOTEIO)
		(void)snprintf(ret, WHY_BYTES, "HTTP status %ld", status_code(c));
	else if (c->doom)
		(void)snprintf(ret, WHY_BYTES, "%s", strerror(-c->doom));
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		(void)snprintf(ret, WHY_BYTES, "%s in time",
		               status == -ECONNREFUSED ? "no connection" : "no answer");
	else if (rc == CURLE_COULDNT_CONNECT && os_errno)
		(void)snprintf(ret, WHY_BYTES, "%s", strerror((int)os_errno));
	else
		(void)snprintf(ret, WHY_BYTES, "%.120s",
		               c->curl_text[0] ? c->curl_text : curl_easy_strerror(rc));
	ret[0] = (char)(ret[1] && islower((unsigned char)ret[1]) ? tolower((unsigned char)ret[0])
	                                                         : ret[0]);
}

static void call_free(struct http_call *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->easy);
	curl_slist_free_all(c->headers);
	buf_done(&c->refusal);
	free(c);
}
DEFINE_CLEANUP(struct http_call *, call_free)

static void call_end(struct http_call *c, CURLcode rc)
{
	struct http *h = c->http;
	char why[WHY_BYTES];
	struct http_end end = {.status = status_of(c, rc),
	                       .http_status = status_code(c),
	                       .body = buf_text(&c->refusal),
	                       .body_len = c->refusal.len,
	                       .why = why};

	say_why(c, end.status, rc, why);
	TAILQ_REMOVE(&h->calls, c, link);
	(void)curl_multi_remove_handle(h->multi,
	                               c->easy); /* in mid-answer: closes the connection */
	c->ops.on_done(c->arg, &end);
	call_free(c);
	if (h->closing)
		kick(h); /* it may have been the last */
}

static void call_doom(struct http_call *c, int code)
{
	if (c->doom == 0)
		c->doom = code;
	kick(c->http);
}

static void drain(struct http *h)
{
	const CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct http_call *c;
		CURLcode rc = m->data.result; /* *m dies with the easy handle */

		if (m->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
		call_end(c, rc);
	}
}

static struct http_call *first_doomed(struct http *h)
{
	struct http_call *c;

	for (c = TAILQ_FIRST(&h->calls); c; c = TAILQ_NEXT(c, link)) {
		if (c->doom)
			return c;
	}
	return NULL;
}

static void http_on_kick(uv_timer_t *timer)
{
	struct http *h = timer->data;
	struct http_call *c;

	while ((c = first_doomed(h))) /* on_done() may have changed the list: start over */
		call_end(c, CURLE_OK);

	if (h->closing && TAILQ_EMPTY(&h->calls) && h->multi) {
		curl_multi_cleanup(h->multi); /* may still call want_socket() and want_timer() */
		h->multi = NULL;
		uv_close((uv_handle_t *)&h->timer, http_on_closed);
		uv_close((uv_handle_t *)&h->kick, http_on_closed);
	}
}

static void kick(struct http *h)
{
	if (h->multi)
		(void)uv_timer_start(&h->kick, http_on_kick, 0, 0);
}

/* --- public ------------------------------------------------------------- */

static CURLM *multi_new(struct http *h)
{
	CURLM *multi = curl_multi_init();
	bool ok = multi && !curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, want_socket) &&
	          !curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, h) &&
	          !curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, want_timer) &&
	          !curl_multi_setopt(multi, CURLMOPT_TIMERDATA, h) &&
	          !curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_MAX);

	if (!ok)
		curl_multi_cleanup(multi);
	return ok ? multi : NULL;
}

int http_new(struct http **ret, uv_loop_t *loop, struct error *err)
{
	CLEANUP(freep) struct http *h = calloc(1, sizeof *h);

	if (!h)
		return error_set(err, -ENOMEM, "out of memory");
	TAILQ_INIT(&h->calls);
	h->loop = loop;
	h->multi = multi_new(h);
	if (!h->multi)
		return error_set(err, -ENOMEM, "out of memory");
	(void)uv_timer_init(loop, &h->timer);
	(void)uv_timer_init(loop, &h->kick);
	h->timer.data = h;
	h->kick.data = h;
	h->open = 2;
	*ret = TAKE(h);
	return 0;
}

void http_close(struct http *h)
{
	if (!h || h->closing)
		return;
	h->closing = true;
	doom_all(h, -ECANCELED);
	kick(h);
}

static long clamp_ms(uint64_t ms)
{
	return ms < LONG_MAX ? (long)ms : LONG_MAX;
}

static int add_header(struct http_call *c, const char *line)
{
	struct curl_slist *longer = curl_slist_append(c->headers, line);

	if (!longer)
		return -ENOMEM;
	c->headers = longer;
	return 0;
}

static int add_headers(struct http_call *c, const struct http_request *req)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT(4096);

	if (add_header(c, "Expect:")) /* or a long prompt waits a second for "100 Continue" */
		return -ENOMEM;
	if (req->body && add_header(c, "Content-Type: application/json"))
		return -ENOMEM;
	for (size_t i = 0; req->headers && req->headers[i]; i++)
		if (add_header(c, req->headers[i]))
			return -ENOMEM;
	if (!req->api_key)
		return 0;
	buf_printf(&key, "Authorization: Bearer %s", req->api_key);
	return key.failed ? -ENAMETOOLONG : add_header(c, buf_text(&key));
}

static int easy_setup(struct http_call *c, const struct http_request *req)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT(1024);
	CURLcode rc = CURLE_OK;

	buf_printf(&url, "%s%s", req->url->base, req->path);
	if (url.failed)
		return -ENAMETOOLONG;
#define SET(option, value) rc = rc ? rc : curl_easy_setopt(c->easy, option, value)
	SET(CURLOPT_URL, buf_text(&url));
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PROXY, ""); /* http_proxy in the environment is not for the server next door */
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_FAILONERROR, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	SET(CURLOPT_TCP_KEEPINTVL, KEEPALIVE_GAP_S);
	SET(CURLOPT_CONNECTTIMEOUT_MS, clamp_ms(req->connect_ms));
	SET(CURLOPT_TIMEOUT_MS, clamp_ms(req->total_ms));
	SET(CURLOPT_HTTPHEADER, c->headers);
	SET(CURLOPT_WRITEFUNCTION, http_on_write);
	SET(CURLOPT_WRITEDATA, c);
	SET(CURLOPT_PRIVATE, c);
	SET(CURLOPT_ERRORBUFFER, c->curl_text);
	if (req->url->socket_path[0])
		SET(CURLOPT_UNIX_SOCKET_PATH, req->url->socket_path);
	if (req->body) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len); /* before the copy */
		SET(CURLOPT_COPYPOSTFIELDS, req->body);
	}
#undef SET
	return rc ? -ENOMEM : 0;
}

int http_start(struct http_call **ret, struct http *h, const struct http_request *req,
               const struct http_ops *ops, void *arg, struct error *err)
{
	CLEANUP(call_freep) struct http_call *c = NULL;
	int r;

	if (h->closing)
		return error_set(err, -ESHUTDOWN, "%s: the model client is closing", req->path);
	c = calloc(1, sizeof *c);
	if (!c)
		return error_set(err, -ENOMEM, "out of memory");
	c->http = h;
	c->ops = *ops;
	c->arg = arg;
	c->refusal.max = REFUSAL_MAX;
	c->easy = curl_easy_init();
	r = c->easy ? add_headers(c, req) : -ENOMEM;
	r = r ? r : easy_setup(c, req);
	if (r == 0 && curl_multi_add_handle(h->multi, c->easy) != CURLM_OK)
		r = -ENOMEM;
	if (r < 0)
		return error_set(err, r, "%s%s: %s", req->url->base, req->path, strerror(-r));
	TAILQ_INSERT_TAIL(&h->calls, c, link);
	*ret = TAKE(c);
	return 0;
}

void http_cancel(struct http_call *c)
{
	call_doom(c, -ECANCELED);
}
