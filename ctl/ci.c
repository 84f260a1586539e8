/* SPDX-License-Identifier: MIT */
#include "ctl/ci.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "lib/base/utf8.h"

#define LIST_BYTES_MAX ((uint64_t)256 << 20)
#define TEXT_BYTES_MAX ((size_t)256 << 20)
#define SUMMARY_BYTES  ((size_t)1000 * 1000) /* GitHub takes 1 MiB of a step */

static int no_memory(struct error *err)
{
	return error_set(err, -ENOMEM, "out of memory");
}

int ci_format_parse(enum ci_format *ret, const char *text, struct error *err)
{
	if (!text)
		*ret = CI_NONE;
	else if (strcmp(text, "junit") == 0)
		*ret = CI_JUNIT;
	else if (strcmp(text, "github") == 0)
		*ret = CI_GITHUB;
	else
		return error_set(err, -EINVAL, "--format is junit or github");
	return 0;
}

/* --- lists --------------------------------------------------------------------- */

int ci_begin(struct ci_list *l, struct error *err)
{
	l->arena = arena_new(LIST_BYTES_MAX);
	return l->arena ? 0 : no_memory(err);
}

void ci_add(struct ci_list *l, const struct ci_entry *e)
{
	if (!e->name || !e->message || !arena_room(l->arena, &l->entries, l->n, &l->cap, sizeof *e))
		l->failed = true;
	else
		l->entries[l->n++] = *e;
}

const char *ci_path(struct ci_list *l, const char *root, const char *path)
{
	char here[PATH_MAX];
	const char *name = strrchr(root, '/');
	struct stat st;
	bool is_file = name && strcmp(name + 1, path) == 0 && stat(root, &st) == 0 &&
	               S_ISREG(st.st_mode);
	const char *whole = is_file ? arena_strdup(l->arena, root)
	                            : arena_printf(l->arena, "%s/%s", root, path);
	size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;

	l->failed |= !whole;
	if (whole && len > 1 && strncmp(whole, here, len) == 0 && whole[len] == '/')
		whole += len + 1;
	return whole;
}

/* Nothing to tell is told, too: no result is what a broken job has. */
static void add_none(struct ci_list *l, const struct fail_on *f)
{
	struct buf kinds = BUF_INIT(1024);

	for (int k = 0; k < FINDING_KIND_COUNT; k++) {
		if (f->kinds[k])
			buf_printf(&kinds, "%s%s", kinds.len ? ", " : "",
			           finding_kind_name((enum finding_kind)k));
	}
	if (f->untestable)
		buf_printf(&kinds, "%suntestable", kinds.len ? ", " : "");
	if (f->no_new_data)
		buf_printf(&kinds, "%sno_new_data", kinds.len ? ", " : "");
	ci_add(l, &(struct ci_entry){.name = arena_printf(l->arena, "no %s", buf_text(&kinds)),
	                             .message = "nothing of the kind"});
	buf_done(&kinds);
}

int ci_end(struct ci_list *l, const struct fail_on *f, struct error *err)
{
	if (l->n == 0)
		add_none(l, f);
	return l->failed ? no_memory(err) : 0;
}

void ci_done(struct ci_list *l)
{
	arena_free(l->arena);
}

/* --- JUnit ------------------------------------------------------------------------ */

/* What XML 1.0 has no way to say becomes a question mark, and so do the marks that end a line or
 * turn its direction. */
static bool may_stay(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) ||
	       (c >= 0xa0 && c != 0xfffe && c != 0xffff && !(c >= 0x2028 && c <= 0x202e) &&
	        !(c >= 0x2066 && c <= 0x2069));
}

static void add_xml(struct buf *b, const char *text)
{
	size_t len = strlen(text), n;
	uint32_t c;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_decode(&c, text + i, len - i);
		if (n == 0 || !may_stay(c)) {
			buf_putc(b, '?');
			n = n ? n : 1;
		} else if (c < 0x20 || strchr("<>&\"'", (int)(c < 0x80 ? c : 'x'))) {
			buf_printf(b, "&#%u;", (unsigned)c);
		} else {
			buf_add(b, text + i, n);
		}
	}
}

static void add_attribute(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, " %s=\"", name);
	add_xml(b, text);
	buf_putc(b, '"');
}

static void add_story(struct buf *b, const struct ci_entry *e)
{
	const char *tag = e->fails ? "failure" : "skipped";

	buf_printf(b, ">\n      <%s", tag);
	if (e->fails)
		add_attribute(b, "type", e->kind);
	add_attribute(b, "message", e->message);
	buf_putc(b, '>');
	add_xml(b, e->message);
	if (e->file) {
		buf_puts(b, "\n");
		add_xml(b, e->file);
	}
	if (e->place) {
		buf_puts(b, e->file ? ": " : "\n");
		add_xml(b, e->place);
	}
	buf_printf(b, "</%s>\n    </testcase>\n", tag);
}

static void add_case(struct buf *b, const struct ci_entry *e)
{
	buf_printf(b, "    <testcase classname=\"chimerad%s%s\"", e->kind ? "." : "",
	           e->kind ? e->kind : "");
	add_attribute(b, "name", e->name);
	if (e->file)
		add_attribute(b, "file", e->file);
	if (e->line)
		buf_printf(b, " line=\"%ld\"", e->line);
	if (e->kind)
		add_story(b, e);
	else
		buf_puts(b, "/>\n");
}

static void add_junit(struct buf *b, const struct ci_list *l)
{
	size_t failures = 0, skipped = 0;

	for (size_t i = 0; i < l->n; i++) {
		failures += l->entries[i].fails;
		skipped += !l->entries[i].fails && l->entries[i].kind;
	}
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
	add_attribute(b, "name", l->title);
	buf_printf(b, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\"",
	           l->n, failures, skipped, l->seconds);
	if (l->time)
		add_attribute(b, "timestamp", l->time);
	buf_puts(b, ">\n");
	if (l->verdict) {
		buf_puts(b, "    <properties>\n      <property name=\"verdict\"");
		add_attribute(b, "value", l->verdict);
		buf_puts(b, "/>\n    </properties>\n");
	}
	for (size_t i = 0; i < l->n; i++)
		add_case(b, &l->entries[i]);
	buf_puts(b, "  </testsuite>\n</testsuites>\n");
}

/* --- GitHub ------------------------------------------------------------------------- */

/* As the runner's toolkit does; a property ends at a comma or a colon, too. */
static void add_escaped(struct buf *b, const char *text, const char *escaped)
{
	size_t len = strlen(text), n;
	uint32_t c;

	for (size_t i = 0; i < len; i += n) {
		n = utf8_decode(&c, text + i, len - i);
		if (n == 1 && strchr(escaped, (int)c))
			buf_printf(b, "%%%02X", (unsigned)c);
		else if (n == 0 || !may_stay(c))
			buf_putc(b, '?');
		else
			buf_add(b, text + i, n);
		n = n ? n : 1;
	}
}

static void add_data(struct buf *b, const char *text)
{
	add_escaped(b, text, "%\r\n");
}

static void add_property(struct buf *b, const char *text)
{
	add_escaped(b, text, "%\r\n:,");
}

static void add_annotation(struct buf *b, const struct ci_entry *e)
{
	buf_puts(b, e->fails ? "::error " : "::notice ");
	if (e->file) {
		buf_puts(b, "file=");
		add_property(b, e->file);
		buf_puts(b, ",");
	}
	if (e->line)
		buf_printf(b, "line=%ld,", e->line);
	buf_puts(b, "title=");
	add_property(b, e->kind ? e->kind : e->name);
	buf_puts(b, "::");
	add_data(b, e->message);
	if (e->place) {
		buf_puts(b, "%0A");
		add_data(b, e->place);
	}
	buf_putc(b, '\n');
}

/* --- out ------------------------------------------------------------------------------ */

int ci_text(struct buf *ret, const struct ci_list *l, enum ci_format format)
{
	struct buf b = BUF_INIT(TEXT_BYTES_MAX);

	if (format == CI_JUNIT)
		add_junit(&b, l);
	for (size_t i = 0; format == CI_GITHUB && i < l->n; i++)
		add_annotation(&b, &l->entries[i]);
	if (b.failed) {
		buf_done(&b);
		return -ENOMEM;
	}
	*ret = b;
	return 0;
}

int ci_print(const struct ci_list *l, enum ci_format format, struct error *err)
{
	CLEANUP(buf_done) struct buf b = {0};

	if (ci_text(&b, l, format) < 0)
		return no_memory(err);
	if (fwrite(b.data, 1, b.len, stdout) != b.len)
		return error_set(err, -EIO, "standard output: cannot write: %s", strerror(errno));
	return 0;
}

int ci_summary(const char *md, size_t len, struct error *err)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	CLEANUP(closep) int fd = -1;

	if (!path || !*path)
		return 0;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s", path, strerror(errno));
	while (len > SUMMARY_BYTES || (len > 0 && md[len - 1] != '\n'))
		len--;
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, md + done, len - done);

		if (n < 0 && errno != EINTR)
			return error_set(err, -errno, "%s: %s", path, strerror(errno));
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}
