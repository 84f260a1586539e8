/* SPDX-License-Identifier: MIT */
#include "lib/base/tar.h"

#include <stdbool.h>

#define BLOCK         512
#define EXTENDED_NAME "PaxHeader"

/* POSIX.1-1988, as every tar since then reads it. */
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

static void set_octal(char *field, size_t size, uint64_t value)
{
	field[size - 1] = '\0';
	for (size_t i = size - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
}

static uint64_t clamped(int64_t mtime_s)
{
	return mtime_s < 0 ? 0 : mtime_s > TAR_BYTES_MAX ? TAR_BYTES_MAX : (uint64_t)mtime_s;
}

/* Its sum counts the sum's own field as blanks. */
static void seal(struct header *h)
{
	const unsigned char *bytes = (const unsigned char *)h;
	unsigned sum = 0;

	memset(h->sum, ' ', sizeof h->sum);
	for (size_t i = 0; i < sizeof *h; i++)
		sum += bytes[i];
	set_octal(h->sum, sizeof h->sum - 1, sum);
}

static void write_header(FILE *to, const char *name, char type, uint64_t bytes, int64_t mtime_s)
{
	struct header h = {.type = type, .magic = "ustar", .version = {'0', '0'}};
	size_t len = strnlen(name, sizeof h.name);

	memcpy(h.name, name, len); /* one of exactly a hundred bytes has no NUL behind it */
	set_octal(h.mode, sizeof h.mode, type == '5' ? 0755 : 0644);
	set_octal(h.uid, sizeof h.uid, 0);
	set_octal(h.gid, sizeof h.gid, 0);
	set_octal(h.size, sizeof h.size, bytes);
	set_octal(h.mtime, sizeof h.mtime, clamped(mtime_s));
	seal(&h);
	(void)fwrite(&h, sizeof h, 1, to);
}

/* Of a record like "12 path=a/b\n": the length counts its own digits. */
static size_t record_length(const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + sizeof " =\n" - 1, len = rest + 1;
	int digits;

	while (digits = snprintf(NULL, 0, "%zu", len), len != rest + (size_t)digits)
		len = rest + (size_t)digits;
	return len;
}

static bool fits(const char *name)
{
	for (const char *c = name; *c; c++) {
		if ((unsigned char)*c >= 0x80)
			return false;
	}
	return strlen(name) <= sizeof(((struct header *)0)->name);
}

static void write_extended(FILE *to, const char *key, const char *value, int64_t mtime_s)
{
	size_t len = record_length(key, value);

	write_header(to, EXTENDED_NAME, 'x', len, mtime_s);
	(void)fprintf(to, "%zu %s=%s\n", len, key, value);
	tar_pad(to, len);
}

static void write_member(FILE *to, const char *name, char type, uint64_t bytes, int64_t mtime_s)
{
	if (!fits(name))
		write_extended(to, "path", name, mtime_s);
	write_header(to, name, type, bytes, mtime_s);
}

void tar_directory(FILE *to, const char *name, int64_t mtime_s)
{
	write_member(to, name, '5', 0, mtime_s);
}

void tar_file(FILE *to, const char *name, uint64_t bytes, int64_t mtime_s)
{
	write_member(to, name, '0', bytes, mtime_s);
}

void tar_pad(FILE *to, uint64_t bytes)
{
	static const char zeros[BLOCK];

	if (bytes % BLOCK)
		(void)fwrite(zeros, 1, BLOCK - (size_t)(bytes % BLOCK), to);
}

void tar_end(FILE *to)
{
	static const char zeros[2 * BLOCK];

	(void)fwrite(zeros, 1, sizeof zeros, to);
}
