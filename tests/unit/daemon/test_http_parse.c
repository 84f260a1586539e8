/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "daemon/http_parse.h"
#include "lib/base/buf.h"

/* Feeds in pieces of n bytes; returns 0 while unfinished, 200 when whole, else the refusal. */
static unsigned feed(struct http_parse *p, const char *text, size_t len, size_t n, size_t *ret_used)
{
	size_t at = 0;

	http_parse_init(p);
	while (at < len && p->state == HTTP_PARSE_MORE) {
		size_t used = 0, piece = len - at < n ? len - at : n;

		(void)http_parse_feed(p, text + at, piece, &used);
		cr_assert(used <= piece);
		cr_assert(p->state != HTTP_PARSE_MORE || used == piece);
		at += used;
	}
	*ret_used = at;
	return p->state == HTTP_PARSE_DONE ? 200 : p->state == HTTP_PARSE_BAD ? p->status : 0;
}

#define HOST "Host: x\r\n"

static const struct {
	const char *text;
	unsigned status;
} cases[] = {
	{"GET /healthz HTTP/1.1\r\n" HOST "\r\n", 200},
	{"GET / HTTP/1.0\r\n\r\n", 200},
	{"POST /v1/jobs HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 200},
	{"GET / HTTP/1.1\r\n" HOST, 0},
	{"GET / HTTP/1.1\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
	{"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
	{"GET / HTTP/9.9\r\n" HOST "\r\n", 505},
	{"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
	{"\x16\x03\x01 garbage", 400},
	{"CONNECT x:80 HTTP/1.1\r\n" HOST "\r\n", 501},
	{"GET / HTTP/1.1\r\n" HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 501},
	{"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n\r\n", 413},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 417},
	{"POST / HTTP/1.1\r\n" HOST "Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n", 400},
};

Test(http_parse, answers_alike_however_the_bytes_are_cut)
{
	static struct http_parse p;
	size_t used;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t n = 1; n < 40; n += 6) {
			unsigned status = feed(&p, cases[i].text, strlen(cases[i].text), n, &used);

			cr_expect_eq(status, cases[i].status, "%s in %zu: %u", cases[i].text, n,
			             status);
			http_parse_done(&p);
		}
	}
}

Test(http_parse, hands_over_what_was_sent)
{
	static const char text[] = "POST /v1/jobs?a=1 HTTP/1.1\r\n" HOST
				   "Idempotency-Key: night 1\r\nEmpty:\r\nContent-Length: 4\r\n\r\n"
				   "{1}\n"
				   "GET / HTTP/1.1\r\n";
	static struct http_parse p;
	struct http_request r;
	size_t used;

	for (size_t n = 1; n < sizeof text; n++) {
		cr_assert_eq(feed(&p, text, sizeof text - 1, n, &used), 200);
		http_parse_request(&p, &r);
		cr_expect_str_eq(r.method, "POST");
		cr_expect_str_eq(r.target, "/v1/jobs?a=1");
		cr_expect_str_eq(http_request_header(&r, "idempotency-key"), "night 1");
		cr_expect_str_eq(http_request_header(&r, "Empty"), "");
		cr_expect(!http_request_header(&r, "Absent"));
		cr_expect_str_eq(r.body, "{1}\n");
		cr_expect(r.keep_alive);
		cr_expect_str_eq(text + used, "GET / HTTP/1.1\r\n", "the next request stays");
		http_parse_done(&p);
	}
}

Test(http_parse, heads_above_16_KiB_are_refused_and_others_not)
{
	static struct http_parse p;
	struct buf b = BUF_INIT(1 << 20);
	size_t used;

	buf_puts(&b, "GET / HTTP/1.1\r\n" HOST "X: ");
	while (b.len < HTTP_HEAD_MAX - 4)
		buf_putc(&b, 'x');
	buf_puts(&b, "\r\n\r\n");
	cr_assert_eq(b.len, HTTP_HEAD_MAX);
	cr_expect_eq(feed(&p, b.data, b.len, 4096, &used), 200);
	memset(b.data + b.len - 4, 'x', 4);
	cr_expect_eq(feed(&p, b.data, b.len, 4096, &used), 0);
	buf_puts(&b, "xxxx");
	cr_expect_eq(feed(&p, b.data, b.len, 4096, &used), 431);
	buf_done(&b);

	buf_puts(&b, "GET / HTTP/1.1\r\n" HOST);
	for (int i = 0; i < HTTP_HEADERS_MAX; i++)
		buf_printf(&b, "X%d: y\r\n", i);
	buf_puts(&b, "\r\n");
	cr_expect_eq(feed(&p, b.data, b.len, 1, &used), 431);
	buf_done(&b);
}
