/* SPDX-License-Identifier: MIT */
/*
 * The tar of a bundle: written beside its place, then put there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "ctl/bundle_impl.h"
#include "lib/base/files.h"
#include "lib/base/tar.h"

#define NAME_BYTES (PATH_MAX + BUNDLE_NAME_BYTES)

struct writer {
	const struct bundle *b;
	FILE *to;
};

static void fclosep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

static const char *name_in(const struct writer *w, const char *name, char room[static NAME_BYTES])
{
	(void)snprintf(room, NAME_BYTES, "chimerad-%s/%s", w->b->id, name);
	return room;
}

static void write_text(const struct writer *w, const char *name, const char *text)
{
	char room[NAME_BYTES];

	tar_file(w->to, name_in(w, name, room), strlen(text), w->b->made_s);
	(void)fputs(text, w->to);
	tar_pad(w->to, strlen(text));
}

static int write_file(const struct writer *w, const struct bundle_file *f, struct error *err)
{
	CLEANUP(closep) int fd = bundle_open(f);
	char room[NAME_BYTES], digest[DIGEST_TEXT_BYTES] = "";
	int r = fd < 0 ? fd : 0;

	if (r == 0) {
		tar_file(w->to, name_in(w, f->name, room), f->bytes, f->mtime_s);
		r = bundle_read(fd, f->bytes, w->to, digest);
		tar_pad(w->to, f->bytes);
	}
	if (r == 0 && strcmp(digest, f->digest) != 0)
		r = -EAGAIN;
	return r < 0 ? error_set(err, r, "%s: %s", f->name,
	                         r == -EAGAIN ? "changed meanwhile: try again" : strerror(-r))
	             : 0;
}

static int write_members(const struct writer *w, struct error *err)
{
	CLEANUP(freep) char *readme = bundle_readme(w->b);
	CLEANUP(freep) char *manifest = NULL;
	CLEANUP(digest_freep) struct digest *d = digest_new();
	char digest[DIGEST_TEXT_BYTES], room[NAME_BYTES], root[64];
	int r = 0;

	if (readme && d) {
		digest_add(d, readme, strlen(readme));
		digest_text(d, digest);
		manifest = bundle_manifest(w->b, digest);
	}
	if (!manifest)
		return bundle_no_memory(err);
	write_text(w, "MANIFEST", manifest);
	write_text(w, "README.txt", readme);
	for (size_t i = 0; i < w->b->n_roots; i++) {
		(void)snprintf(root, sizeof root, "artifacts/%zu", i);
		tar_directory(w->to, name_in(w, root, room), w->b->made_s);
	}
	for (size_t i = 0; i < w->b->n_files && r == 0; i++)
		r = write_file(w, &w->b->files[i], err);
	tar_end(w->to);
	return r;
}

static int write_all(const struct bundle *b, const char *path, int fd, struct error *err)
{
	CLEANUP(fclosep) FILE *to = fdopen(fd, "w");
	const struct writer w = {b, to};
	int r;

	if (!to) {
		closep(&fd);
		return bundle_no_memory(err);
	}
	r = write_members(&w, err);
	if (r < 0)
		return r;
	if (fflush(to) != 0 || ferror(to) || fsync(fileno(to)) < 0)
		return error_set(err, errno ? -errno : -EIO, "%s: %s", path,
		                 strerror(errno ? errno : EIO));
	return 0;
}

int bundle_write(const struct bundle *b, const char *out, struct error *err)
{
	char temp[PATH_MAX];
	int fd, r;

	if (snprintf(temp, sizeof temp, "%s.new", out) >= (int)sizeof temp)
		return error_set(err, -ENAMETOOLONG, "%.80s: path too long", out);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return error_set(err, -errno, "%s: %s", temp, strerror(errno));
	errno = 0;
	r = write_all(b, temp, fd, err);
	if (r == 0 && rename(temp, out) < 0)
		r = error_set(err, -errno, "%s: %s", out, strerror(errno));
	if (r < 0)
		(void)unlink(temp);
	return r;
}
