/* SPDX-License-Identifier: MIT */
/* Old answers: what they depend on, and that the file may be lost at any time. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/answer_cache.h"

static char dir[] = "/tmp/chimera.XXXXXX", path[64];
static json_t *schema;
static struct answer_question q;
static struct error err;

static void start(void)
{
	cr_assert(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/" ANSWER_CACHE_FILE, dir);
	schema = json_pack("{s:s}", "type", "object");
	q = (struct answer_question){.identity = "abc",
	                             .system = "You are.",
	                             .user = "What?",
	                             .schema = schema,
	                             .options = MODEL_OPTIONS_NONE};
	err = (struct error){0};
}

static void done(void)
{
	char journal[96];

	json_decref(schema);
	(void)snprintf(journal, sizeof journal, "%s-journal", path);
	(void)unlink(journal);
	(void)unlink(path);
	cr_expect_eq(rmdir(dir), 0);
}

TestSuite(answers, .init = start, .fini = done);

static struct answer_cache *open_cache(void)
{
	struct answer_cache *c = NULL;

	cr_assert_eq(answer_cache_open(&c, dir, &err), 0, "%s", err.text);
	return c;
}

static void expect_kept(struct answer_cache *c, const char *key, const char *wanted)
{
	char *text = NULL;

	cr_expect_eq(answer_cache_get(c, &text, key, &err), wanted != NULL, "%s", err.text);
	if (wanted && text)
		cr_expect_str_eq(text, wanted);
	free(text);
}

Test(answers, are_there_after_a_restart)
{
	struct answer_cache *c = open_cache();

	expect_kept(c, "sha256:1", NULL);
	cr_expect_eq(answer_cache_put(c, "sha256:1", "first", &err), 0, "%s", err.text);
	cr_expect_eq(answer_cache_put(c, "sha256:1", "second", &err), 0);
	cr_expect_eq(answer_cache_put(c, "sha256:2", "", &err), 0);
	answer_cache_close(c);
	c = open_cache();
	expect_kept(c, "sha256:1", "second");
	expect_kept(c, "sha256:2", "");
	expect_kept(c, "sha256:3", NULL);
	answer_cache_close(c);
}

Test(answers, a_damaged_file_costs_what_is_in_it)
{
	struct answer_cache *c = open_cache();
	char junk[4096];
	int fd;

	cr_assert_eq(answer_cache_put(c, "sha256:1", "x", &err), 0);
	answer_cache_close(c);
	memset(junk, 'x', sizeof junk);
	fd = open(path, O_WRONLY);
	cr_assert_geq(fd, 0);
	for (off_t at = 0; at < 64 * 1024; at += (off_t)sizeof junk)
		cr_assert_eq(pwrite(fd, junk, sizeof junk, at), (ssize_t)sizeof junk);
	(void)close(fd);
	c = open_cache();
	expect_kept(c, "sha256:1", NULL);
	cr_expect_eq(answer_cache_put(c, "sha256:1", "again", &err), 0, "%s", err.text);
	expect_kept(c, "sha256:1", "again");
	answer_cache_close(c);
}

Test(answers, damage_within_is_thrown_away_when_it_is_found)
{
	struct answer_cache *c = open_cache();
	char junk[4096] = {0};
	char *text = NULL;
	int fd;

	cr_assert_eq(answer_cache_put(c, "sha256:1", "x", &err), 0);
	answer_cache_close(c);
	fd = open(path, O_WRONLY);
	for (off_t at = 16384; at < 4 * 16384;
	     at += (off_t)sizeof junk) /* all but the first page */
		cr_assert_eq(pwrite(fd, junk, sizeof junk, at), (ssize_t)sizeof junk);
	(void)close(fd);
	c = open_cache();
	cr_expect_eq(answer_cache_get(c, &text, "sha256:1", &err), -EBADMSG, "%s", err.text);
	expect_kept(c, "sha256:1", NULL);
	cr_expect_eq(answer_cache_put(c, "sha256:1", "x", &err), 0);
	answer_cache_close(c);
	c = open_cache();
	cr_expect_eq(answer_cache_put(c, "sha256:1", "x", &err), 0);
	expect_kept(c, "sha256:1", "x");
	answer_cache_close(c);
}

static void expect_other(const char *what, const char *first)
{
	char key[DIGEST_TEXT_BYTES];

	cr_assert_eq(answer_key(key, &q), 0);
	cr_expect_str_neq(key, first, "%s does not count", what);
}

Test(answers, depend_on_everything_that_was_asked)
{
	struct answer_question same = q;
	char first[DIGEST_TEXT_BYTES], key[DIGEST_TEXT_BYTES];

	cr_assert_eq(answer_key(first, &q), 0);
	cr_assert_eq(answer_key(key, &same), 0);
	cr_expect_str_eq(key, first);
	q.identity = "abd", expect_other("the model", first), q = same;
	q.agent = "a", expect_other("the agent", first), q = same;
	q.system = "You are.What?", q.user = "", expect_other("where a text ends", first), q = same;
	q.options.seed = 1, expect_other("the seed", first), q = same;
	q.options.temperature = 0.2, expect_other("the temperature", first), q = same;
	q.options.num_ctx = 4096, expect_other("the context", first), q = same;
	cr_assert_eq(json_object_set_new(schema, "x", json_true()), 0);
	expect_other("the schema", first);
}
