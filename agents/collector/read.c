/* SPDX-License-Identifier: MIT */
/*
 * read - one artifact: its bytes, their digest, and the way of reading that its content asks for.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "agents/collector/encoding.h"
#include "agents/collector/load.h"
#include "agents/collector/reader.h"
#include "agents/collector/schemas.h"

#define LARGE_BYTES (UINT64_C(16) << 20) /* smaller files are held while they are read */

struct collector_reader {
	struct load load;
	struct digest *digest;
};

typedef int read_fn(struct artifact *a, struct str text, struct arena *arena, struct error *err);

static int unusable(struct artifact *a, struct arena *arena, enum artifact_status status,
                    const char *reason)
{
	const char *copy = arena_strdup(arena, reason);

	a->status = status;
	a->reason = copy ? copy : COLLECTOR_NO_MEMORY;
	a->tables = NULL;
	a->n_tables = 0;
	a->prose = NULL;
	return 0;
}

static bool looks_like_json(struct str text)
{
	struct str s = str_trim(text);

	return s.len && (s.at[0] == '{' || s.at[0] == '[');
}

/* Content decides: the first way that takes it. Where none does, the error is that of `blamed`. */
static int read_as(struct artifact *a, struct str text, struct arena *arena, read_fn *const *ways,
                   read_fn *blamed, struct error *err)
{
	struct error why = {0};

	for (; *ways; ways++) {
		int r = (*ways)(a, text, arena, &why);

		if (r != -EINVAL)
			return r < 0 ? error_set(err, r, "%s", why.text) : 0;
		if (*ways == blamed)
			*err = why;
	}
	return -EINVAL;
}

#define WAYS(...) ((read_fn *const[]){__VA_ARGS__, NULL})

static int read_content(struct artifact *a, struct str text, struct arena *arena, struct error *err)
{
	bool json = looks_like_json(text);

	switch (a->format) {
	case FORMAT_MARKDOWN:
		return markdown_read(a, text, arena, err);
	case FORMAT_JSON:
		return read_as(a, text, arena,
		               json ? WAYS(text_read_in_json, json_read)
		                    : WAYS(json_read, text_read, csv_read_clear),
		               json_read, err);
	case FORMAT_CSV:
		return read_as(a, text, arena,
		               json ? WAYS(json_read, csv_read_clear, text_read, csv_read)
		                    : WAYS(csv_read_clear, text_read, csv_read),
		               csv_read, err);
	case FORMAT_TEXT:
	case FORMAT_OTHER:
		break;
	}
	return read_as(a, text, arena,
	               json ? WAYS(text_read_in_json, json_read, text_read, csv_read_clear)
	                    : WAYS(text_read, markdown_read_in_text, csv_read_clear, json_read),
	               text_read, err);
}

static int read_text(struct artifact *a, const struct decoded *text, struct arena *arena,
                     struct error *err)
{
	int r;

	if (str_trim(text->utf8).len == 0)
		return unusable(a, arena, STATUS_UNREADABLE, "blanks only");
	if (text->latin1_line && a->format == FORMAT_JSON) {
		(void)error_set(err, -EINVAL, "line %u: byte 0x%02X is not UTF-8",
		                text->latin1_line, text->latin1_byte);
		return unusable(a, arena, STATUS_UNREADABLE, err->text);
	}
	r = read_content(a, text->utf8, arena, err);
	if (r == -EINVAL && a->format == FORMAT_TEXT)
		return unusable(a, arena, STATUS_SKIPPED, "text of no recognised tool");
	if (r == 0)
		r = schemas_recognise(a, arena, err);
	if (r < 0)
		return r;
	if (text->latin1_line)
		reader_partial(a, arena, "line %u: byte 0x%02X is not UTF-8, read as Latin-1",
		               text->latin1_line, text->latin1_byte);
	return 0;
}

int collector_reader_new(struct collector_reader **ret, const char *const *roots, size_t n_roots,
                         const struct collector_limits *limits, struct error *err)
{
	CLEANUP(collector_reader_freep) struct collector_reader *r = calloc(1, sizeof *r);
	int code;

	if (r)
		r->digest = digest_new();
	if (!r || !r->digest)
		return error_set(err, -ENOMEM, "out of memory");
	code = load_init(&r->load, roots, n_roots, limits, err);
	if (code == 0)
		*ret = TAKE(r);
	return code;
}

void collector_reader_free(struct collector_reader *r)
{
	if (!r)
		return;
	load_done(&r->load);
	digest_free(r->digest);
	free(r);
}

/* The digest of what is read meanwhile, by a thread of its own where there may be one. */
struct digesting_held {
	struct digest *digest;
	struct str bytes;
	pthread_t thread;
	bool beside;
};

static void *digest_held(void *arg)
{
	struct digesting_held *d = arg;

	digest_add(d->digest, d->bytes.at, d->bytes.len);
	return NULL;
}

static void begin_digest(struct digesting_held *d, const struct collector_reader *reader,
                         struct str bytes)
{
	*d = (struct digesting_held){.digest = reader->digest, .bytes = bytes};
	d->beside = bytes.len >= LARGE_BYTES && reader->load.limits.threads > 1 &&
	            pthread_create(&d->thread, NULL, digest_held, d) == 0;
	if (!d->beside)
		(void)digest_held(d);
}

static int end_digest(struct digesting_held *d, struct artifact *a)
{
	if (d->beside)
		(void)pthread_join(d->thread, NULL);
	return digest_again(d->digest, a->digest);
}

static int read_large_csv(struct collector_reader *reader, struct artifact *a, int fd,
                          struct arena *arena, struct error *why)
{
	unsigned threads = reader->load.limits.threads ? reader->load.limits.threads : 1;
	int r = csv_read_file(a, fd, a->bytes, threads, reader->digest, arena, why);

	if (digest_again(reader->digest, a->digest) < 0)
		return error_set(why, -ENOMEM, "out of memory");
	return r;
}

/*
 * A large CSV is read without being held as a whole. -EAGAIN: this is no such file, or not an
 * easy one, and *a is as it was: it must be read as all others are.
 */
static int read_large(struct collector_reader *reader, struct artifact *a, int fd,
                      struct arena *arena, struct error *why)
{
	struct artifact before = *a;
	struct arena_mark mark = arena_mark(arena);
	int r;

	if (a->format != FORMAT_CSV || a->bytes < LARGE_BYTES)
		return -EAGAIN;
	r = read_large_csv(reader, a, fd, arena, why);
	if (r == -ENOMEM)
		return r;
	if (r == 0 && load_is_unchanged(a, fd))
		return schemas_recognise(a, arena, why);
	arena_rewind(arena, &mark);
	*a = before;
	*why = (struct error){0};
	return -EAGAIN;
}

static int read_held(struct artifact *a, struct str bytes, struct arena *arena, struct error *why)
{
	CLEANUP(encoding_done) struct decoded text = {0};
	int r;

	if (bytes.len == 0)
		return unusable(a, arena, STATUS_UNREADABLE, "empty, 0 bytes");
	r = encoding_decode(&text, bytes.at, bytes.len, why);
	return r == 0 ? read_text(a, &text, arena, why) : r;
}

int collector_reader_look(struct collector_reader *reader, struct artifact *a)
{
	return load_look(&reader->load, a);
}

int collector_reader_read(struct collector_reader *reader, struct artifact *a, struct arena *arena,
                          struct error *err)
{
	CLEANUP(closep) int fd = -1;
	struct digesting_held digesting;
	struct error why = {0};
	struct str bytes;
	int r;

	if (a->status == STATUS_SKIPPED)
		return 0; /* the scan has said why */
	if (load_open(&reader->load, a, &fd, &why) < 0)
		return unusable(a, arena, a->status, why.text);
	r = read_large(reader, a, fd, arena, &why);
	if (r == -EAGAIN) {
		if (load_file(&reader->load, a, fd, &bytes, &why) < 0)
			return unusable(a, arena, a->status, why.text);
		begin_digest(&digesting, reader, bytes);
		r = read_held(a, bytes, arena, &why);
		if (end_digest(&digesting, a) < 0)
			return error_set(err, -ENOMEM, "%s: out of memory", a->path);
	}
	if (r == -ENOMEM)
		return unusable(a, arena, STATUS_SKIPPED, COLLECTOR_NO_MEMORY);
	return r < 0 ? unusable(a, arena, STATUS_UNREADABLE, why.text) : 0;
}

int collector_read(struct artifact *a, const char *root, const struct collector_limits *limits,
                   struct arena *arena, struct error *err)
{
	CLEANUP(collector_reader_freep) struct collector_reader *reader = NULL;
	unsigned index = a->root;
	int r;

	if (a->status == STATUS_SKIPPED)
		return 0;
	r = collector_reader_new(&reader, &root, 1, limits, err);
	if (r < 0)
		return r == -ENOMEM ? r : unusable(a, arena, STATUS_UNREADABLE, err->text);
	a->root = 0; /* the only one of this reader */
	r = collector_reader_read(reader, a, arena, err);
	a->root = index;
	return r;
}

/* Where an artifact with this digest is in the inventory. */
struct copy_slot {
	uint32_t digits, id; /* some of the digest; 0: nothing here */
};

/* Digits of a digest are as good as random. */
static uint32_t digits_of(const struct artifact *a, size_t first)
{
	uint64_t digits;

	memcpy(&digits, a->digest + sizeof "sha256:" - 1 + first, sizeof digits);
	return (uint32_t)(digits * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

static bool is_copy(const struct artifact *first, const struct artifact *a)
{
	return memcmp(first->digest, a->digest, sizeof a->digest) == 0;
}

/* The first artifact of the same bytes; mostly `a` itself, which then stands for them. */
static const struct artifact *first_of(struct copy_slot *slots, size_t mask,
                                       const struct inventory *inv, const struct artifact *a)
{
	uint32_t digits = digits_of(a, 8); /* others than tell the slot */
	size_t i = digits_of(a, 0) & mask;

	for (; slots[i].id; i = (i + 1) & mask) {
		const struct artifact *other = &inv->artifacts[slots[i].id - 1];

		if (slots[i].digits == digits && is_copy(other, a))
			return other;
	}
	slots[i] = (struct copy_slot){digits, a->id};
	return a;
}

static void mark_copy(struct artifact *a, const struct artifact *first)
{
	if (first == a)
		return;
	a->duplicate_of = first->id;
	a->tables = NULL;
	a->n_tables = 0;
	a->prose = NULL;
}

void collector_finish(struct dossier *d)
{
	struct inventory *inv = &d->inventory;
	CLEANUP(freep) struct copy_slot *slots = NULL;
	size_t n = 16;

	while (n < inv->n_artifacts * 2)
		n *= 2;
	slots = calloc(n, sizeof *slots); /* else copies count twice, which is true if less clear */
	inv->bytes = 0;
	for (size_t i = 0; i < inv->n_artifacts; i++) {
		struct artifact *a = &inv->artifacts[i];

		inv->bytes += a->bytes;
		if (slots && a->digest[0] && a->bytes)
			mark_copy(a, first_of(slots, n - 1, inv, a));
	}
}
