/* SPDX-License-Identifier: MIT */
#include "tests/bench/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define BUFFER_BYTES (1 << 20)
#define DIGITS_MAX   24

static void part_name(char ret[static 4096], const char *path)
{
	(void)snprintf(ret, 4096, "%s.part", path);
}

int out_open(struct out *o, const char *path, uint64_t seed, struct error *err)
{
	char part[4096];

	part_name(part, path);
	*o = (struct out){.random = seed, .fd = -1};
	o->data = malloc(BUFFER_BYTES);
	if (!o->data)
		return error_set(err, -ENOMEM, "out of memory");
	o->fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (o->fd < 0) {
		int code = -errno;

		free(TAKE(o->data));
		return error_set(err, code, "%s: %s", part, strerror(-code));
	}
	return 0;
}

static void flush(struct out *o)
{
	size_t done = 0;

	while (done < o->n && o->code == 0) {
		ssize_t n = write(o->fd, o->data + done, o->n - done);

		if (n < 0 && errno != EINTR)
			o->code = -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	o->n = 0;
}

int out_close(struct out *o, const char *path, struct error *err)
{
	char part[4096];

	part_name(part, path);
	flush(o);
	free(TAKE(o->data));
	if (close(o->fd) < 0 && o->code == 0)
		o->code = -errno;
	if (o->code == 0 && rename(part, path) < 0)
		o->code = -errno;
	return o->code < 0 ? error_set(err, o->code, "%s: %s", path, strerror(-o->code)) : 0;
}

void out_bytes(struct out *o, const char *bytes, size_t n)
{
	if (o->n + n > BUFFER_BYTES)
		flush(o);
	memcpy(o->data + o->n, bytes, n);
	o->n += n;
	o->bytes += n;
}

void out_text(struct out *o, const char *text)
{
	out_bytes(o, text, strnlen(text, OUT_MAX));
}

void out_uint(struct out *o, uint64_t n)
{
	out_fixed(o, n, 0);
}

void out_fixed(struct out *o, uint64_t scaled, unsigned decimals)
{
	char digits[DIGITS_MAX];
	size_t at = sizeof digits;

	for (unsigned i = 0; i < decimals; i++, scaled /= 10)
		digits[--at] = (char)('0' + scaled % 10);
	if (decimals)
		digits[--at] = '.';
	do
		digits[--at] = (char)('0' + scaled % 10);
	while (scaled /= 10);
	out_bytes(o, digits + at, sizeof digits - at);
}

/* splitmix64 */
static uint64_t next(struct out *o)
{
	uint64_t z = o->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint32_t out_random(struct out *o, uint32_t below)
{
	return (uint32_t)((next(o) >> 32) * below >> 32);
}

uint64_t out_noisy(struct out *o, uint64_t center)
{
	uint64_t r = next(o);
	uint64_t sum = (r & 0xffff) + (r >> 16 & 0xffff) + (r >> 32 & 0xffff) + (r >> 48);

	return center - center / 8 + (uint64_t)((unsigned __int128)center * sum >> 20);
}
