/* SPDX-License-Identifier: MIT */
#include "daemon/notices.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "daemon/child.h"
#include "daemon/secret.h"
#include "daemon/store_notices.h"
#include "lib/base/buf.h"
#include "lib/base/clock.h"
#include "lib/base/digest.h"
#include "lib/model/http.h"

#define PAUSE_LEAST_MS INT64_C(1000)
#define PAUSE_MOST_MS  INT64_C(600000)
#define PAUSE_DOUBLED  10 /* times, at most */
#define GIVE_UP_S      INT64_C(259200)
#define GRACE_MS       2000
#define SAID_BYTES     4096
#define WHY_BYTES      256
#define HEADER_BYTES   256

enum channel_state {
	CHANNEL_IDLE,
	CHANNEL_ASKING,
	CHANNEL_DELIVERING,
	CHANNEL_MARKING,
	CHANNEL_WAITING,
};

struct channel {
	struct notices *notices;
	enum notice_channel number;
	enum channel_state state;
	bool again; /* kicked while it was busy */
	uv_timer_t timer;
	struct notice notice; /* the one under way */
	int64_t next_ms;      /* when there will be another, as the store said */
	struct notice_outcome outcome;
	char why[WHY_BYTES];
	struct error err;
	struct http_call *call; /* of DELIVERING: one of these */
	struct child *child;
};

struct notices {
	uv_loop_t *loop;
	struct store_queue *queue;
	const struct log *log;
	struct http *http;
	struct url url;
	char *path, *secret, **command;
	uint64_t timeout_ms;
	struct channel channels[NOTICE_CHANNELS];
	bool wanted[NOTICE_CHANNELS];
	unsigned open; /* timers */
	bool stopping, closing, hurried;
	void (*stopped)(void *arg);
	void *stopped_arg;
};

static void channel_ask(struct channel *c);
static void notices_check_stopped(struct notices *n);

/* --- the end of a delivery ------------------------------------------------------------ */

static int64_t pause_ms(int64_t tries)
{
	int64_t ms = PAUSE_LEAST_MS << (tries < PAUSE_DOUBLED ? tries : PAUSE_DOUBLED);

	return ms < PAUSE_MOST_MS ? ms : PAUSE_MOST_MS;
}

static void mark_work(struct store *s, void *arg)
{
	struct channel *c = arg;

	c->err = (struct error){0};
	(void)!store_notices_mark(s, c->notice.row, &c->outcome, clock_now_ms(), &c->err);
}

static void log_outcome(const struct channel *c)
{
	const struct log *log = c->notices->log;
	const char *name = notice_channel_name(c->number), *job = c->notice.id;

	if (c->outcome.delivered)
		log_info(log, "job=%s: %s told", job, name);
	else if (c->outcome.given_up)
		log_err(log, "job=%s: %s: %s; given up after three days", job, name, c->why);
	else
		log_warning(log, "job=%s: %s: %s; tried again in %" PRId64 " s", job, name, c->why,
		            pause_ms(c->notice.tries) / 1000);
}

static void mark_after(void *arg)
{
	struct channel *c = arg;

	if (c->err.code < 0)
		log_err(c->notices->log, "job=%s: cannot note what became of its notice: %s",
		        c->notice.id, c->err.text);
	notice_done(&c->notice);
	c->state = CHANNEL_IDLE;
	if (c->notices->stopping)
		notices_check_stopped(c->notices);
	else if (c->err.code == 0) /* else it would be delivered over and over */
		channel_ask(c);
}

/* why NULL: it arrived. */
static void channel_done(struct channel *c, const char *why)
{
	struct notices *n = c->notices;
	int64_t now_ms = clock_now_ms();

	c->call = NULL;
	c->child = NULL;
	if (why && n->hurried) { /* perhaps only because we go: the next start tells it */
		notice_done(&c->notice);
		c->state = CHANNEL_IDLE;
		notices_check_stopped(n);
		return;
	}
	(void)snprintf(c->why, sizeof c->why, "%s", why ? why : "");
	c->outcome = (struct notice_outcome){.delivered = !why,
	                                     .given_up = why && now_ms / 1000 - c->notice.made_at >
	                                                                GIVE_UP_S,
	                                     .next_ms = now_ms + pause_ms(c->notice.tries),
	                                     .why = c->why};
	log_outcome(c);
	c->state = CHANNEL_MARKING;
	if (store_queue_run(n->queue, mark_work, mark_after, c) < 0) {
		c->err = (struct error){.code = -ENOMEM, .text = "out of memory"};
		mark_after(c);
	}
}

/* --- the webhook ---------------------------------------------------------------------- */

static bool webhook_on_body(void *arg, const char *bytes, size_t len)
{
	(void)arg; /* the status says it all */
	(void)bytes;
	(void)len;
	return true;
}

static void webhook_on_done(void *arg, const struct http_end *end)
{
	channel_done(arg, end->status == 0 ? NULL : end->why);
}

static int webhook_start(struct channel *c, struct error *err)
{
	static const struct http_ops ops = {webhook_on_body, webhook_on_done};
	struct notices *n = c->notices;
	size_t len = strlen(c->notice.body);
	char key[HEADER_BYTES], signature[HEADER_BYTES], digest[DIGEST_TEXT_BYTES];
	const char *headers[] = {"User-Agent: chimerad/" CHIMERAD_VERSION, key, NULL, NULL};
	const struct http_request request = {.url = &n->url,
	                                     .path = n->path,
	                                     .headers = headers,
	                                     .body = c->notice.body,
	                                     .body_len = len,
	                                     .connect_ms = n->timeout_ms,
	                                     .total_ms = n->timeout_ms};

	(void)snprintf(key, sizeof key, "Idempotency-Key: %s", c->notice.id);
	if (n->secret) {
		if (digest_hmac(digest, n->secret, strlen(n->secret), c->notice.body, len) < 0)
			return error_set(err, -ENOMEM, "out of memory");
		digest[strcspn(digest, ":")] = '='; /* as others write it */
		(void)snprintf(signature, sizeof signature, "X-Chimerad-Signature: %s", digest);
		headers[2] = signature;
	}
	return http_start(&c->call, n->http, &request, &ops, c, err);
}

/* --- the command ---------------------------------------------------------------------- */

static void command_on_done(void *arg, int status, struct buf *output)
{
	struct channel *c = arg;
	char why[WHY_BYTES];

	if (output->len)
		log_info(c->notices->log, "job=%s: command says: %s", c->notice.id,
		         buf_text(output));
	if (status > 0)
		(void)snprintf(why, sizeof why, "exit code %d", status);
	else
		(void)snprintf(why, sizeof why, "%s",
		               status == -ETIMEDOUT ? "took too long"
		               : status == -EIO     ? "died by a signal"
		                                    : strerror(-status));
	channel_done(c, status == 0 ? NULL : why);
}

static int command_start(struct channel *c, struct error *err)
{
	struct notices *n = c->notices;
	char id[HEADER_BYTES],
		path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
			 "/sbin:/bin",
		lang[] = "LANG=C.UTF-8";
	char *const env[] = {path, lang, id, NULL};
	const struct child_spec spec = {.argv = n->command,
	                                .env = env,
	                                .input = c->notice.body,
	                                .input_len = strlen(c->notice.body),
	                                .output_max = SAID_BYTES,
	                                .deadline_ms = n->timeout_ms,
	                                .grace_ms = GRACE_MS};

	(void)snprintf(id, sizeof id, "CHIMERAD_NOTICE=%s", c->notice.id);
	return child_start(&c->child, n->loop, &spec, command_on_done, c, err);
}

/* --- what is next --------------------------------------------------------------------- */

static void channel_on_timer(uv_timer_t *timer)
{
	struct channel *c = CONTAINER_OF(timer, struct channel, timer);

	c->state = CHANNEL_IDLE;
	channel_ask(c);
}

static void channel_wait(struct channel *c)
{
	int64_t ms = c->next_ms - clock_now_ms();

	uv_update_time(c->notices->loop);
	c->state = CHANNEL_WAITING;
	(void)uv_timer_start(&c->timer, channel_on_timer,
	                     ms < 1 ? 1 : (uint64_t)(ms < PAUSE_MOST_MS ? ms : PAUSE_MOST_MS), 0);
}

static void channel_deliver(struct channel *c)
{
	struct error err = {0};
	int r;

	c->state = CHANNEL_DELIVERING;
	r = c->number == NOTICE_WEBHOOK ? webhook_start(c, &err) : command_start(c, &err);
	if (r < 0)
		channel_done(c, err.text);
}

static void ask_work(struct store *s, void *arg)
{
	struct channel *c = arg;

	c->err = (struct error){0};
	(void)!store_notices_next(s, &c->notice, &c->next_ms, c->number, clock_now_ms(), &c->err);
}

static void ask_after(void *arg)
{
	struct channel *c = arg;
	bool again = c->again;

	c->again = false;
	c->state = CHANNEL_IDLE;
	if (c->err.code < 0)
		log_err(c->notices->log, "cannot look for notices: %s", c->err.text);
	else if (c->notice.row && !c->notices->hurried)
		channel_deliver(c);
	else if (again && !c->notices->stopping)
		channel_ask(c);
	else if (c->next_ms && !c->notices->stopping)
		channel_wait(c);
	if (c->state == CHANNEL_IDLE)
		notice_done(&c->notice);
	notices_check_stopped(c->notices);
}

static void channel_ask(struct channel *c)
{
	struct notices *n = c->notices;

	if (n->stopping)
		return;
	if (c->state != CHANNEL_IDLE && c->state != CHANNEL_WAITING) {
		c->again = true;
		return;
	}
	(void)uv_timer_stop(&c->timer);
	/* without memory the next kick asks */
	c->state = store_queue_run(n->queue, ask_work, ask_after, c) == 0 ? CHANNEL_ASKING
	                                                                  : CHANNEL_IDLE;
}

void notices_kick(struct notices *n)
{
	for (size_t i = 0; n && i < NOTICE_CHANNELS; i++)
		if (n->wanted[i])
			channel_ask(&n->channels[i]);
}

/* --- the end -------------------------------------------------------------------------- */

static void notices_on_closed(uv_handle_t *handle)
{
	struct channel *c = CONTAINER_OF((uv_timer_t *)handle, struct channel, timer);
	struct notices *n = c->notices;

	if (--n->open == 0 && n->stopped)
		n->stopped(n->stopped_arg);
}

static void notices_check_stopped(struct notices *n)
{
	if (!n->stopping || n->closing)
		return;
	for (size_t i = 0; i < NOTICE_CHANNELS; i++) {
		if (n->channels[i].state != CHANNEL_IDLE && n->channels[i].state != CHANNEL_WAITING)
			return;
	}
	n->closing = true;
	http_close(TAKE(n->http));
	for (size_t i = 0; i < NOTICE_CHANNELS; i++)
		uv_close((uv_handle_t *)&n->channels[i].timer, notices_on_closed);
}

void notices_stop(struct notices *n, void (*stopped)(void *arg), void *arg)
{
	n->stopping = true;
	n->stopped = stopped;
	n->stopped_arg = arg;
	notices_check_stopped(n);
}

void notices_hurry(struct notices *n)
{
	n->hurried = true;
	for (size_t i = 0; i < NOTICE_CHANNELS; i++) {
		struct channel *c = &n->channels[i];

		if (c->call)
			http_cancel(c->call);
		if (c->child)
			child_cancel(c->child);
	}
}

void notices_free(struct notices *n)
{
	if (!n)
		return;
	for (size_t i = 0; n->command && n->command[i]; i++)
		free(n->command[i]);
	free(n->command);
	secret_free(n->secret);
	free(n->path);
	free(n);
}

/* --- the beginning -------------------------------------------------------------------- */

/* "https://host/hook/?to=me": url.h knows no query, and drops a slash at the end. */
static int set_url(struct notices *n, const char *webhook, struct error *err)
{
	size_t len = strcspn(webhook, "?");
	CLEANUP(freep) char *base = strndup(webhook, len);
	bool slash = len > 0 && webhook[len - 1] == '/';

	if (!base || asprintf(&n->path, "%s%s", slash ? "/" : "", webhook + len) < 0) {
		n->path = NULL;
		return error_set(err, -ENOMEM, "out of memory");
	}
	return url_parse(&n->url, base, err);
}

static int set_webhook(struct notices *n, const struct config *c, struct error *err)
{
	int r;

	if (!c->notify.webhook)
		return 0;
	r = set_url(n, c->notify.webhook, err);
	if (r == 0)
		r = secret_read(&n->secret, c->notify.secret_credential, c->notify.secret_file,
		                err);
	n->wanted[NOTICE_WEBHOOK] = true;
	return r < 0 ? error_wrap(err, "notify: webhook") : 0;
}

static int set_command(struct notices *n, const struct config *c, struct error *err)
{
	if (!c->notify.n_command)
		return 0;
	n->command = calloc(c->notify.n_command + 1, sizeof *n->command);
	for (size_t i = 0; n->command && i < c->notify.n_command; i++) {
		n->command[i] = strdup(c->notify.command[i]);
		if (!n->command[i])
			return error_set(err, -ENOMEM, "out of memory");
	}
	n->wanted[NOTICE_COMMAND] = true;
	return n->command ? 0 : error_set(err, -ENOMEM, "out of memory");
}

static int set_store(const struct notices *n, const struct config *c, struct store *s,
                     struct error *err)
{
	struct store_notices_settings settings = {.suspected = c->notify.suspected};

	memcpy(settings.channels, n->wanted, sizeof settings.channels);
	return store_notices_start(s, &settings, err);
}

static void init_channels(struct notices *n)
{
	for (size_t i = 0; i < NOTICE_CHANNELS; i++) {
		n->channels[i].notices = n;
		n->channels[i].number = (enum notice_channel)i;
		(void)uv_timer_init(n->loop, &n->channels[i].timer); /* cannot fail */
	}
	n->open = NOTICE_CHANNELS;
}

DEFINE_CLEANUP(struct notices *, notices_free)

int notices_new(struct notices **ret, uv_loop_t *loop, const struct config *config, struct store *s,
                struct store_queue *queue, const struct log *log, struct error *err)
{
	CLEANUP(notices_freep) struct notices *n = calloc(1, sizeof *n);
	int r;

	if (!n)
		return error_set(err, -ENOMEM, "out of memory");
	n->loop = loop;
	n->queue = queue;
	n->log = log;
	n->timeout_ms = config->notify.timeout_ms;
	r = set_webhook(n, config, err);
	if (r == 0)
		r = set_command(n, config, err);
	if (r == 0)
		r = set_store(n, config, s, err);
	if (r == 0)
		r = http_new(&n->http, loop, err); /* last: from here on there are handles */
	if (r < 0)
		return r;
	init_channels(n);
	*ret = TAKE(n);
	return 0;
}
