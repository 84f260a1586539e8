/* SPDX-License-Identifier: MIT */
/* Writes the fixtures' reports below a directory, for a checker that shares no code with us. */
#include <stdio.h>

#include "lib/base/files.h"
#include "tests/unit/writer/fixture.h"

static int publish(const char *top, const char *name, struct fixture *f)
{
	struct report_files r;
	struct error err = {0};
	char dir[512];
	int n = writer_compose(&r, &f->d, &f->meta, &err);

	fixture_done(f);
	(void)snprintf(dir, sizeof dir, "%s/%s", top, name);
	if (n < 0 || files_make_dirs(dir, &err) < 0 ||
	    files_write(dir, "report.md", r.md.data, r.md.len, &err) < 0 ||
	    files_write(dir, "report.html", r.html.data, r.html.len, &err) < 0 ||
	    files_write(dir, "report.json", r.json.data, r.json.len, &err) < 0 ||
	    files_write(dir, "samples.json", r.samples.data, r.samples.len, &err) < 0) {
		(void)fprintf(stderr, "%s: %s\n", name, err.text);
		return 1;
	}
	report_files_done(&r);
	return 0;
}

int main(int argc, char **argv)
{
	struct fixture f;
	int r = 0;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 2;
	}
	fixture_empty(&f);
	r |= publish(argv[1], "empty", &f);
	fixture_full(&f);
	r |= publish(argv[1], "full", &f);
	fixture_large(&f, 60);
	r |= publish(argv[1], "large", &f);
	return r;
}
