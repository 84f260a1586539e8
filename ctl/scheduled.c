/* SPDX-License-Identifier: MIT */
#include "ctl/scheduled.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "ctl/calendar.h"
#include "lib/base/bind.h"
#include "lib/base/buf.h"
#include "lib/base/digest.h"
#include "lib/base/files.h"
#include "lib/evidence/pipeline.h"

#define TEXT_BYTES     256 /* the daemon's limits: daemon/submit.h */
#define PATHS_MAX      64
#define FILE_BYTES_MAX (64 * 1024)
#define UNIT_BYTES_MAX 240 /* of NAME_MAX, with room for ".d" */
#define DIGEST_SHOWN   12

/* Of C1, and the line ends of Unicode, which YAML folds. */
static bool is_control(const unsigned char *c)
{
	return c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) ||
	       (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9));
}

const char *scheduled_check_text(const char *text)
{
	for (const char *c = text; *c; c++) {
		if (is_control((const unsigned char *)c))
			return "has control characters";
	}
	return *text ? NULL : "is empty";
}

static const char *check_path(const char *text)
{
	const char *bad = bind_check_absolute(text);

	return bad ? bad : scheduled_check_text(text);
}

static const char *check_kind(const char *text)
{
	struct fail_on ignored;
	struct error err = {0};

	return fail_on_parse(&ignored, text, &err) < 0
	               ? "is no kind of finding: chimeractl schedule --help lists them"
	               : NULL;
}

const char *scheduled_check_unit(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789:_.\\@-";
	static const char suffix[] = ".service";
	size_t len = strlen(text), tail = sizeof suffix - 1;

	if (len <= tail || len > UNIT_BYTES_MAX || text[strspn(text, allowed)] ||
	    strcmp(text + len - tail, suffix) != 0 || strchr(".-@", text[0]))
		return "is not the name of a service such as bench.service";
	return NULL;
}

/* clang-format off */
#define AT(member)    .offset = offsetof(struct scheduled, member)
#define COUNT(member) .count_offset = offsetof(struct scheduled, member)
#define TEXT          .min = 1, .max = TEXT_BYTES, .check = scheduled_check_text

static const struct bind_field review_table[] = {
	{"pipeline", BIND_STRING,  AT(pipeline), .check = bind_check_name},
	{"paths",    BIND_STRINGS, AT(paths), COUNT(n_paths), .required = true, .min = 1,
	 .max = PATH_MAX - 1, .check = check_path, .max_count = PATHS_MAX,
	 .form = "a list of absolute paths"},
	{"subject",  BIND_STRING,  AT(subject), TEXT},
	{"machine",  BIND_STRING,  AT(machine), TEXT},
	{"model",    BIND_STRING,  AT(model), TEXT},
	{"endpoint", BIND_STRING,  AT(endpoint), TEXT},
	{"fresh",    BIND_BOOL,    AT(fresh)},
	{"fail_on",  BIND_STRINGS, AT(fail_on), COUNT(n_fail_on), .min = 1, .check = check_kind,
	 .max_count = 32, .form = "a list of kinds of findings"},
	{"at",       BIND_STRING,  AT(at), .check = calendar_check},
	{"after",    BIND_STRING,  AT(after), .check = scheduled_check_unit},
	{0}};
/* clang-format on */

void scheduled_free(struct scheduled *s)
{
	if (!s)
		return;
	bind_free(review_table, s);
	free(s);
}

static int check_whole(const struct bind_source *src, void *dst, const void *arg, struct error *err)
{
	const struct scheduled *s = dst;

	(void)arg;
	return s->n_paths ? 0
	                  : bind_fail(src, "paths", err, -EINVAL,
	                              "is empty: say which directories to review");
}

int scheduled_parse(struct scheduled **ret, const char *source, const char *text, size_t len,
                    struct error *err)
{
	CLEANUP(scheduled_freep) struct scheduled *s = calloc(1, sizeof *s);
	int r;

	if (!s)
		return error_set(err, -ENOMEM, "out of memory");
	r = bind_text(source, text, len, review_table, s, check_whole, NULL, err);
	if (r == 0)
		*ret = TAKE(s);
	return r;
}

int scheduled_tell(const char *source, const char *text, size_t len, bind_told_fn *fn, void *arg,
                   struct error *err)
{
	CLEANUP(scheduled_freep) struct scheduled *s = NULL;
	int r = scheduled_parse(&s, source, text, len, err);

	return r < 0 ? r : bind_tell(source, text, len, review_table, s, fn, arg, err);
}

static int check_named(const struct bind_source *src, void *dst, const void *pipelines,
                       struct error *err)
{
	CLEANUP(pipeline_freep) struct pipeline *p = NULL;
	const struct scheduled *s = dst;
	struct error why = {0};
	int r = s->pipeline ? pipeline_load(&p, pipelines, s->pipeline, &why) : 0;

	return r < 0 ? bind_fail(src, "pipeline", err, r, "%s", why.text) : 0;
}

int scheduled_check_known(const char *source, const char *text, size_t len, const char *pipelines,
                          struct error *err)
{
	CLEANUP(scheduled_freep) struct scheduled *s = calloc(1, sizeof *s);

	if (!s)
		return error_set(err, -ENOMEM, "out of memory");
	return bind_text(source, text, len, review_table, s, check_named, pipelines, err);
}

int scheduled_load(struct scheduled **ret, const char *path, struct error *err)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;
	int r = files_read(&text, &len, NULL, path, FILE_BYTES_MAX, err);

	return r < 0 ? r : scheduled_parse(ret, path, text, len, err);
}

/* --- writing ---------------------------------------------------------------- */

/* A text of JSON is one of YAML, and jansson quotes whatever it holds. */
static void add_json(struct buf *b, json_t *value)
{
	CLEANUP(freep) char *text = json_dumps(value, JSON_ENCODE_ANY);

	json_decref(value);
	if (text)
		buf_puts(b, text);
	else
		b->failed = true; /* not UTF-8, or no memory */
}

static void add_member(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_printf(b, "%s: ", key);
	add_json(b, json_string(value));
	buf_putc(b, '\n');
}

static void add_list(struct buf *b, const char *key, char *const *values, size_t n)
{
	if (n == 0)
		return;
	buf_printf(b, "%s:\n", key);
	for (size_t i = 0; i < n; i++) {
		buf_puts(b, "  - ");
		add_json(b, json_string(values[i]));
		buf_putc(b, '\n');
	}
}

static void add_all(struct buf *b, const struct scheduled *s)
{
	buf_puts(b, "# A review that chimeractl schedule added; see chimeractl(1). What it reads "
	            "and writes\n# may be changed here; at and after were made into units: to "
	            "change them, remove it\n# and add it again.\n");
	add_member(b, "pipeline", s->pipeline);
	add_list(b, "paths", s->paths, s->n_paths);
	add_member(b, "subject", s->subject);
	add_member(b, "machine", s->machine);
	add_member(b, "model", s->model);
	add_member(b, "endpoint", s->endpoint);
	if (s->fresh)
		buf_puts(b, "fresh: true\n");
	add_list(b, "fail_on", s->fail_on, s->n_fail_on);
	add_member(b, "at", s->at);
	add_member(b, "after", s->after);
}

int scheduled_text(char **ret, const struct scheduled *s, struct error *err)
{
	CLEANUP(scheduled_freep) struct scheduled *again = NULL;
	struct buf b = BUF_INIT(FILE_BYTES_MAX);
	int r;

	add_all(&b, s);
	r = b.failed ? error_set(err, -EINVAL,
	                         "a text is not UTF-8, or all of it is too long: give fewer or "
	                         "shorter paths")
	             : scheduled_parse(&again, "review", b.data, b.len, err);
	if (r == 0)
		*ret = TAKE(b.data);
	buf_done(&b);
	return r;
}

/* --- what it asks for ------------------------------------------------------- */

struct request scheduled_request(const struct scheduled *s)
{
	struct request q = {.pipeline = s->pipeline,
	                    .subject = s->subject,
	                    .machine = s->machine,
	                    .model = s->model,
	                    .endpoint = s->endpoint,
	                    .fresh = s->fresh,
	                    .n_paths = s->n_paths,
	                    .paths_as_given = true};

	memcpy(&q.paths, &s->paths, sizeof q.paths); /* char ** to const char *const * */
	return q;
}

bool scheduled_fail_on(struct fail_on *ret, const struct scheduled *s)
{
	struct fail_on all = {0}, one;
	struct error err = {0};

	for (size_t i = 0; i < s->n_fail_on; i++) {
		if (fail_on_parse(&one, s->fail_on[i], &err) < 0)
			continue; /* not reached: the table has checked it */
		for (size_t k = 0; k < FINDING_KIND_COUNT; k++)
			all.kinds[k] |= one.kinds[k];
		all.untestable |= one.untestable;
		all.no_new_data |= one.no_new_data;
	}
	*ret = all;
	return s->n_fail_on > 0;
}

/* --- its key ---------------------------------------------------------------- */

void scheduled_key_prefix(char ret[static SCHEDULED_KEY_BYTES], const char *name)
{
	(void)snprintf(ret, SCHEDULED_KEY_BYTES, "schedule/%.64s/", name);
}

static bool is_invocation(const char *text)
{
	return text && strlen(text) == 32 && !text[strspn(text, "0123456789abcdef")];
}

/* The due time as one word of at most 63 bytes. */
static void due_word(char ret[static 64], const struct scheduled *s,
                     const struct scheduled_due *due)
{
	struct calendar c;

	if (is_invocation(due->invocation)) {
		(void)snprintf(ret, 64, "after-%s", due->invocation);
		return;
	}
	if (s->at && calendar_parse(&c, s->at) && calendar_due(&c, &due->now, ret))
		return;
	if (due->triggered && *due->triggered)
		(void)snprintf(ret, 64, "%s", due->triggered);
	else
		(void)strftime(ret, 64, "%Y-%m-%d", &due->now);
	for (char *c2 = ret; *c2; c2++) {
		if (*c2 <= ' ' || *c2 > '~')
			*c2 = '_';
	}
}

int scheduled_key(char ret[static SCHEDULED_KEY_BYTES], const char *name, const struct scheduled *s,
                  const struct scheduled_due *due, const json_t *body, struct error *err)
{
	char digest[DIGEST_TEXT_BYTES], word[64];
	size_t used;

	if (request_digest(digest, body, "") < 0)
		return error_set(err, -ENOMEM, "out of memory");
	due_word(word, s, due);
	scheduled_key_prefix(ret, name);
	used = strlen(ret);
	(void)snprintf(ret + used, SCHEDULED_KEY_BYTES - used, "%s/%.*s", word, DIGEST_SHOWN,
	               digest + sizeof "sha256:" - 1);
	return 0;
}
