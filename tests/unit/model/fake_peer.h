/* SPDX-License-Identifier: MIT */
/*
 * fake_peer - a model server that says what the test tells it to.
 *
 * It lives on the loop under test, so there are no threads and no sleeps: when the loop has
 * nothing left to do, the conversation is over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum fake_act {
	FAKE_END,      /* of the script: the connection stays open */
	FAKE_SAY,      /* bytes */
	FAKE_BYTEWISE, /* bytes, each in a turn of the loop of its own */
	FAKE_HANG_UP,
	FAKE_RESET, /* a hard RST, with what was said but not read yet lost */
};

struct fake_step {
	enum fake_act act;
	const char *bytes;
	uint64_t after_ms;
};

#define SAY(text)                 \
	{                         \
		FAKE_SAY, text, 0 \
	}
#define SAY_AFTER(ms, text)        \
	{                          \
		FAKE_SAY, text, ms \
	}
#define BYTEWISE(text)                 \
	{                              \
		FAKE_BYTEWISE, text, 0 \
	}
#define HANG_UP                       \
	{                             \
		FAKE_HANG_UP, NULL, 0 \
	}
#define HANG_UP_AFTER(ms)              \
	{                              \
		FAKE_HANG_UP, NULL, ms \
	}
#define RESET_AFTER(ms)              \
	{                            \
		FAKE_RESET, NULL, ms \
	}
#define OK_CLOSE             "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define REFUSE(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define ANSWER(name, ...)    static const struct fake_step name[] = {__VA_ARGS__, {0}}

#define FAKE_PATHS 64

struct fake_peer {
	/* Played for POST requests in turn, the last one again and again. */
	const struct fake_step *const *scripts;
	size_t n_scripts;
	/* Played for GET path; a GET that is not listed gets a 404. */
	struct {
		const char *path;
		const struct fake_step *script;
	} gets[4];
	/* NULL, or called with the path of each request that has come, before its script. */
	void (*at_request)(void *arg, const char *path);
	void *arg;
	/* For assertions. */
	unsigned connections, posts, busy, busiest;
	unsigned hung_up; /* connections that the client ended before the script did */
	char paths[FAKE_PATHS][32];
	size_t n_paths;
	char head[2048], body[65536]; /* of the last POST */
	char order[64];               /* first letter of the user message of each POST, in order */

	bool is_tcp;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_pipe_t pipe;
		uv_tcp_t tcp;
	} listener;
	char url[128];
};

/* socket_path NULL: a TCP port of 127.0.0.1, chosen by the kernel. Sets p->url. */
void fake_peer_start(struct fake_peer *p, uv_loop_t *loop, const char *socket_path);
void fake_peer_stop(struct fake_peer *p); /* stops listening; open connections play on */
