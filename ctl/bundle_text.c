/* SPDX-License-Identifier: MIT */
/*
 * README.txt and MANIFEST of a bundle, and what its roots are called in it.
 */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "ctl/bundle_impl.h"
#include "ctl/ctl_json.h"
#include "ctl/terminal.h"

#define TEXT_BYTES_MAX ((size_t)256 << 20)
#define PREFIX         (sizeof "sha256:" - 1)

/* --- roots ------------------------------------------------------------------ */

/* A word of a shell, whatever is in it. */
static char *quoted(struct arena *arena, const char *text)
{
	struct buf b = BUF_INIT(5 * (PATH_MAX + 2));
	char *word;

	buf_putc(&b, '\'');
	for (const char *c = text; *c; c++) {
		if (*c == '\'')
			buf_puts(&b, "'\\''");
		else
			buf_putc(&b, *c);
	}
	buf_putc(&b, '\'');
	word = b.failed ? NULL : arena_strdup(arena, b.data);
	buf_done(&b);
	return word;
}

static bool is_plain(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                         "0123456789._/-")] == '\0';
}

static bool set_root(struct bundle *b, struct bundle_root *root, size_t i, const char *said)
{
	CLEANUP(freep) char *real = realpath(said, NULL);
	struct stat st;

	root->path = arena_strdup(b->arena, real ? real : said);
	root->is_file = real && stat(real, &st) == 0 && S_ISREG(st.st_mode);
	root->name = root->is_file
	                     ? arena_printf(b->arena, "artifacts/%zu/%s", i, strrchr(real, '/') + 1)
	                     : arena_printf(b->arena, "artifacts/%zu", i);
	if (!root->path || !root->name)
		return false;
	b->commands[i] = is_plain(root->name) ? root->name : quoted(b->arena, root->name);
	return b->commands[i] != NULL;
}

int bundle_roots(struct bundle *b, const struct option_texts *given, struct bundle_root **ret,
                 struct error *err)
{
	const json_t *stated = json_object_get(json_object_get(b->report, "inventory"), "roots");
	size_t n = json_array_size(stated);
	CLEANUP(freep) struct bundle_root *roots = calloc(n + 1, sizeof *roots);

	b->commands = arena_calloc(b->arena, n + 1, sizeof *b->commands);
	if (!roots || !b->commands)
		return bundle_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		const char *said = json_string_value(json_array_get(stated, i));

		said = i < given->n ? given->at[i] : said ? said : "";
		if (!set_root(b, &roots[i], i, said))
			return bundle_no_memory(err);
	}
	b->n_roots = n;
	*ret = TAKE(roots);
	return 0;
}

/* --- README.txt --------------------------------------------------------------- */

static void add_what(struct buf *t, const struct bundle *b)
{
	const json_t *job = json_object_get(b->report, "job");
	const json_t *baseline = json_object_get(b->report, "baseline");

	buf_puts(t, "A review of benchmark artifacts by chimerad, with what it stands on.\n\n"
	            "Review:    ");
	terminal_add(t, b->id, 0);
	buf_puts(t, ", ");
	terminal_add(t, ctl_json_text(job, "title"), 0);
	buf_puts(t, ", finished ");
	terminal_add(t, ctl_json_text(job, "finished_at"), 0);
	buf_puts(t, "\nVerdict:   ");
	terminal_add(t, ctl_json_text(job, "verdict"), 0);
	buf_puts(t, "\nSeal:      ");
	terminal_add(t, ctl_json_text(b->report, "seal"), 0);
	if (*ctl_json_text(baseline, "job")) {
		buf_puts(t, "\nBaseline:  ");
		terminal_add(t, ctl_json_text(baseline, "job"), 0);
		buf_puts(t, ", finished ");
		terminal_add(t, ctl_json_text(baseline, "finished_at"), 0);
	}
	buf_puts(t, "\n\n");
}

static void add_how(struct buf *t, const struct bundle *b)
{
	const json_t *roots = json_object_get(json_object_get(b->report, "inventory"), "roots");

	buf_puts(t, "To recompute every figure from the artifacts, say in this directory:\n\n"
	            "  chimeractl verify ");
	buf_printf(t, "reports/%s/report.json", b->id);
	for (size_t i = 0; i < b->n_roots; i++) {
		buf_puts(t, " --root ");
		terminal_add(t, b->commands[i], 0);
	}
	buf_puts(t, b->partial ? " --partial\n\n" : "\n\n");
	buf_puts(t, "MANIFEST has the SHA-256 digest of every other file here; report.json has "
	            "those of the\n"
	            "artifacts, too, and of the other files of the review, and its seal is a "
	            "digest over\n"
	            "report.md, samples.json and report.json without the seal. To check the files "
	            "alone: sha256sum -c MANIFEST\n\n");
	for (size_t i = 0; i < b->n_roots; i++) {
		const char *said = json_string_value(json_array_get(roots, i));

		terminal_add(t, b->commands[i], 0);
		buf_puts(t, " was ");
		terminal_add(t, said ? said : "", 0);
		buf_putc(t, '\n');
	}
}

static void add_left_out(struct buf *t, const struct bundle *b)
{
	if (b->n_left)
		buf_puts(t, "\nNot in here:\n\n");
	for (size_t i = 0; i < b->n_left; i++) {
		const struct bundle_left *l = &b->left[i];

		buf_puts(t, "  ");
		terminal_add(t, l->id ? l->id : "review", 0);
		buf_putc(t, ' ');
		terminal_add(t, l->path, 0);
		buf_puts(t, ": ");
		terminal_add(t, l->why, 0);
		buf_putc(t, '\n');
	}
	if (b->partial && !b->n_left)
		buf_puts(t, "\nFiles below the roots that are no artifacts are not in here.\n");
}

static char *take_text(struct buf *t)
{
	char *text = t->failed ? NULL : TAKE(t->data);

	buf_done(t);
	return text;
}

char *bundle_readme(const struct bundle *b)
{
	struct buf t = BUF_INIT(TEXT_BYTES_MAX);

	add_what(&t, b);
	add_how(&t, b);
	add_left_out(&t, b);
	return take_text(&t);
}

/* --- MANIFEST ------------------------------------------------------------------- */

/* As sha256sum writes it: a backslash before the line tells of those in the name. */
static void add_line(struct buf *t, const char *digest, const char *name)
{
	bool escape = strpbrk(name, "\\\n\r") != NULL;

	buf_printf(t, "%s%s  ", escape ? "\\" : "", digest + PREFIX);
	for (const char *c = name; *c; c++) {
		if (escape && strchr("\\\n\r", *c))
			buf_printf(t, "\\%c", *c == '\n' ? 'n' : *c == '\r' ? 'r' : '\\');
		else
			buf_putc(t, *c);
	}
	buf_putc(t, '\n');
}

char *bundle_manifest(const struct bundle *b, const char *readme_digest)
{
	struct buf t = BUF_INIT(TEXT_BYTES_MAX);

	add_line(&t, readme_digest, "README.txt");
	for (size_t i = 0; i < b->n_files; i++)
		add_line(&t, b->files[i].digest, b->files[i].name);
	return take_text(&t);
}
