/* SPDX-License-Identifier: MIT */
#include "ctl/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ctl/client.h"
#include "ctl/ctl_json.h"
#include "ctl/folder.h"
#include "ctl/schedule_units.h"
#include "lib/base/bind.h"
#include "lib/base/str.h"

#define OUT_BYTES 65536
#define LOWER     "abcdefghijklmnopqrstuvwxyz"
#define OF_OPTION LOWER "-"

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static void offer(struct buf *out, const char *word, size_t len, const char *typed)
{
	size_t n = strlen(typed);

	if (len && len >= n && memcmp(word, typed, n) == 0) {
		buf_add(out, word, len);
		buf_puts(out, "\n");
	}
}

/* Each option once, in the order of the help. */
static void offer_options(struct buf *out, const char *text, const char *before, const char *typed)
{
	char option[64];

	for (const char *at = text; (at = strstr(at, "--")); at += strspn(at, OF_OPTION)) {
		int n = (int)strspn(at, OF_OPTION);

		if (snprintf(option, sizeof option, "%.*s", n, at) >= (int)sizeof option)
			continue;
		if (n > 2 && !(before && strstr(before, option)))
			offer(out, at, (size_t)n, typed);
	}
}

/* "--format md|html|json": the words between the strokes. */
static void offer_values(struct buf *out, const char *text, const char *option, const char *typed)
{
	const char *at = strstr(text, option);
	size_t n;

	if (!at)
		return;
	at += strlen(option);
	at += *at == ' ' || *at == '=';
	if (at[strspn(at, LOWER)] != '|')
		return;
	for (;; at += n + 1) {
		n = strspn(at, LOWER);
		offer(out, at, n, typed);
		if (at[n] != '|')
			return;
	}
}

/* "add NAME ... | list | remove NAME": the alternatives that begin with a word, one after the
 * other. */
static const char *next_part(const char *usage)
{
	const char *at = strstr(usage, " | ");

	return at ? at + 3 : NULL;
}

static size_t part_word(const char *part)
{
	size_t n = strspn(part, LOWER);

	return n && (part[n] == ' ' || part[n] == '\0') ? n : 0;
}

static void offer_parts(struct buf *out, const char *usage, const char *typed)
{
	for (const char *part = usage; part; part = next_part(part))
		offer(out, part, part_word(part), typed);
}

/* The alternative that begins with the word; of no length: there is none. */
static struct str part_of(const char *usage, const char *word)
{
	for (const char *part = usage; part; part = next_part(part)) {
		size_t n = part_word(part);
		const char *end = next_part(part);

		if (n && strlen(word) == n && memcmp(part, word, n) == 0)
			return (struct str){part, end ? (size_t)(end - part) - 3 : strlen(part)};
	}
	return (struct str){0};
}

/* One that takes no option, though the command has some: those of its help are the others'. */
static bool is_bare(struct str part)
{
	return part.len && !memchr(part.at, '-', part.len);
}

/* "remove NAME" */
static bool takes_name(struct str part)
{
	return part.len > 5 && memcmp(part.at + part.len - 5, " NAME", 5) == 0;
}

/* The place of the command among the words, or of the last word where none comes before it. */
static int command_at(int n_words, char **words)
{
	int i = 0;

	while (i < n_words - 1 && words[i][0] == '-')
		i += strcmp(words[i], "--socket") == 0 ? 2 : 1;
	return i < n_words ? i : n_words - 1;
}

static const struct command *find(const struct command *const *commands, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static void offer_commands(struct buf *out, const struct command *const *commands, size_t n,
                           const char *typed)
{
	static const char globals[] = "--socket --json --version --help";

	if (*typed == '-') {
		offer_options(out, globals, NULL, typed);
		return;
	}
	for (size_t i = 0; i < n; i++)
		offer(out, commands[i]->name, strlen(commands[i]->name), typed);
}

/* What the word behind an option is the name of. */
static enum complete_names names_behind(const char *option)
{
	if (strcmp(option, "-p") == 0 || strcmp(option, "--pipeline") == 0)
		return COMPLETE_PIPELINES;
	return strcmp(option, "--endpoint") == 0 ? COMPLETE_ENDPOINTS : COMPLETE_NONE;
}

enum complete_names complete_words(struct buf *out, const struct command *const *commands, size_t n,
                                   int n_words, char **words)
{
	int at = command_at(n_words, words);
	const char *typed = n_words > 0 ? words[n_words - 1] : "", *before;
	const struct command *c;

	if (at >= n_words - 1) {
		offer_commands(out, commands, n, typed);
		return COMPLETE_NONE;
	}
	c = find(commands, n, words[at]);
	if (!c)
		return COMPLETE_NONE;
	if (*typed == '-') {
		bool bare = is_bare(part_of(c->usage, words[at + 1]));

		offer_options(out, bare ? "" : c->usage, NULL, typed);
		offer_options(out, bare ? "" : c->help, c->usage, typed);
		offer_options(out, "--help", NULL, typed);
		return COMPLETE_NONE;
	}
	if (at == n_words - 2)
		offer_parts(out, c->usage, typed);
	if (at == n_words - 3 && takes_name(part_of(c->usage, words[at + 1])))
		return COMPLETE_SCHEDULES;
	before = words[n_words - 2];
	if (before[0] == '-') {
		offer_values(out, strstr(c->usage, before) ? c->usage : c->help, before, typed);
		return names_behind(before);
	}
	return at == n_words - 2 && begins(c->usage, "ID") ? COMPLETE_JOBS : COMPLETE_NONE;
}

static void offer_schedules(struct buf *out, const char *typed)
{
	char dir[SCHEDULE_PATH_BYTES];
	struct error err = {0};
	CLEANUP(folder_closedirp)
	DIR *all = schedule_path(dir, "", &err) == 0 ? opendir(dir) : NULL;

	for (const struct dirent *e; all && (e = readdir(all));) {
		if (!bind_check_name(e->d_name))
			offer(out, e->d_name, strlen(e->d_name), typed);
	}
}

/* The member of each object of a list that the daemon sends. */
static void offer_names(struct buf *out, const char *named, const char *path, const char *member,
                        const char *typed)
{
	CLEANUP(client_freep) struct client *c = NULL;
	CLEANUP(reply_done) struct reply reply = {0};
	struct error err = {0};
	char socket[512];
	const json_t *item;
	size_t i;

	if (client_find_socket(named, socket, sizeof socket, &err) < 0 ||
	    client_new(&c, socket, &err) < 0 ||
	    client_call(c, "GET", path, NULL, NULL, &reply, &err) < 0)
		return;
	json_array_foreach (reply.json, i, item) {
		const char *name = ctl_json_text(item, member);

		offer(out, name, strlen(name), typed);
	}
}

/* What --socket says; NULL: nothing. */
static const char *socket_of(int n_words, char **words)
{
	static const char option[] = "--socket";
	size_t len = strlen(option);

	for (int i = 0, n = command_at(n_words, words); i < n; i++) {
		if (strncmp(words[i], option, len) == 0 && words[i][len] == '=')
			return words[i] + len + 1;
		if (strcmp(words[i], option) == 0 && i + 1 < n)
			return words[i + 1];
	}
	return NULL;
}

int complete_run(const struct command *const *commands, size_t n, int n_words, char **words)
{
	static const struct {
		const char *path, *member;
	} lists[] = {[COMPLETE_JOBS] = {"/v1/jobs", "id"},
	             [COMPLETE_PIPELINES] = {"/v1/pipelines", "name"},
	             [COMPLETE_ENDPOINTS] = {"/v1/endpoints", "name"}};
	CLEANUP(buf_done) struct buf out = BUF_INIT(OUT_BYTES);
	const char *typed = n_words > 0 ? words[n_words - 1] : "";
	enum complete_names names = complete_words(&out, commands, n, n_words, words);

	if (names == COMPLETE_JOBS)
		offer(&out, "latest", strlen("latest"), typed);
	if (names == COMPLETE_SCHEDULES)
		offer_schedules(&out, typed);
	else if (names != COMPLETE_NONE)
		offer_names(&out, socket_of(n_words, words), lists[names].path, lists[names].member,
		            typed);
	if (!out.failed)
		(void)fputs(buf_text(&out), stdout);
	return CTL_DONE;
}
