/* SPDX-License-Identifier: MIT */
#include "agents/analyst/file_sweeps.h"

#include "agents/analyst/words.h"

#define OPTIONS_MAX 6
#define FILES_LEAST 3

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "a/b/model_tp1_qps4.0.json": top "a/", directory "b", name "model", tp 1, qps 4.0, rest
 * "*_*.json" */
struct file_name {
	const char *family; /* what the files of one sweep share */
	const char *top, *directory, *slash, *name, *dash, *rest;
	struct label options[OPTIONS_MAX];
	size_t n_options;
};

struct member {
	const struct series *series;
	const struct group *group;
	struct file_name name;
};

struct family {
	struct member *members;
	size_t n, cap;
};

/* --- names ------------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "12", "4.0" */
static size_t number_length(const char *s)
{
	size_t n = 0;

	while (is_digit(s[n]))
		n++;
	if (n && s[n] == '.' && is_digit(s[n + 1]))
		for (n++; is_digit(s[n]);)
			n++;
	return n;
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (is_letter(s[n]))
		n++;
	return n;
}

static bool is_option_word(const char *s, size_t n)
{
	char word[WORD_BYTES];
	struct words w;

	if (n == 0 || n >= sizeof word)
		return false;
	memcpy(word, s, n);
	word[n] = '\0';
	w = words_of(word);
	return name_is_option(word) ||
	       words_are_any(&w, LIST("qps", "rps", "concurrency", "conc", "batchsize", "nproc"));
}

/* "tp2", "ctx=4096", "4.0qps" as a whole token: its length, 0: it is none. */
static size_t option_at(struct work *w, const char *s, struct label *ret)
{
	size_t word = word_length(s), gap = word && s[word] == '=' ? 1 : 0;
	size_t number = number_length(s + word + gap), all = word + gap + number;
	const char *at_word = s, *at_number = s + word + gap;

	if (!word) {
		at_number = s;
		at_word = s + number;
		word = word_length(at_word);
		all = number + word;
	}
	if (!number || !is_option_word(at_word, word) || is_digit(s[all]) || is_letter(s[all]))
		return 0;
	ret->name = work_printf(w, "%.*s", (int)word, at_word);
	ret->text = work_printf(w, "%.*s", (int)number, at_number);
	return all;
}

static bool starts_token(const char *base, const char *at)
{
	return at == base || at[-1] == '_' || at[-1] == '-' || at[-1] == '.';
}

/* What stands for the options in the pattern; the name before them is cut off. */
static bool read_options(struct work *w, struct file_name *ret, const char *base)
{
	const char *words = "", *rest = "", *at = base;

	while (*at && ret->n_options < OPTIONS_MAX) {
		struct label *option = &ret->options[ret->n_options];
		size_t n = starts_token(base, at) ? option_at(w, at, option) : 0;

		if (!n) {
			if (ret->n_options)
				rest = work_printf(w, "%s%c", rest ? rest : "", *at);
			at++;
			continue;
		}
		if (!ret->n_options++) {
			bool named = at > base;

			ret->name = work_printf(w, "%.*s", (int)(at - base - named), base);
			ret->dash = named ? work_printf(w, "%c", at[-1]) : "";
		}
		words = work_printf(w, "%s/%s", words ? words : "",
		                    option->name ? option->name : "");
		rest = work_printf(w, "%s*", rest ? rest : "");
		at += n;
	}
	ret->family = words ? words : "";
	ret->rest = work_printf(w, "%s%s", rest ? rest : "", at);
	return ret->n_options > 0;
}

static bool read_name(struct work *w, struct file_name *ret, const struct series *s)
{
	const char *slash = strrchr(s->path, '/'), *base = slash ? slash + 1 : s->path;
	const char *shape = strchr(s->key, '#'), *above = slash;
	const char *machine = s->views[s->present]->machine;

	if (!read_options(w, ret, base))
		return false;
	while (above > s->path && above[-1] != '/')
		above--;
	ret->top = work_printf(w, "%.*s", slash ? (int)(above - s->path) : 0, s->path);
	ret->directory = slash ? work_printf(w, "%.*s", (int)(slash - above), above) : "";
	ret->slash = slash ? "/" : "";
	ret->family = work_printf(w, "%s\x1f%s\x1f%s\x1f%s\x1f%s", ret->top ? ret->top : "",
	                          machine ? machine : "", ret->family ? ret->family : "",
	                          ret->rest ? ret->rest : "", shape ? shape : "");
	return !w->failed;
}

/* --- families -----------------------------------------------------------------------------------
 */

static bool same_metrics(const struct group *a, const struct group *b)
{
	if (a->n_metrics != b->n_metrics)
		return false;
	for (size_t m = 0; m < a->n_metrics; m++) {
		const struct group_metric *x = &a->metrics[m], *y = &b->metrics[m];

		if (strcmp(x->name, y->name) != 0 || x->better != y->better ||
		    x->derived != y->derived || (x->unit != NULL) != (y->unit != NULL) ||
		    (x->unit && strcmp(x->unit, y->unit) != 0))
			return false;
	}
	return true;
}

static void add_member(struct work *w, struct family *f, const struct member *m)
{
	if (f->n && !same_metrics(f->members[0].group, m->group))
		return; /* another tool's, or another version's: not comparable cell by cell */
	if (f->n < MAX_CONFIGURATIONS &&
	    work_grow(w, &f->members, f->n, &f->cap, sizeof *f->members))
		f->members[f->n++] = *m;
}

static const struct group *group_of_one(const struct work *w, const struct series *s)
{
	const struct group *g = series_group(w, s);

	return g && g->n_configurations == 1 && !g->configurations[0].failed &&
	                       s->views[s->present]->artifact->format != FORMAT_MARKDOWN
	               ? g
	               : NULL;
}

/* --- the sweep ----------------------------------------------------------------------------------
 */

static bool vary(const struct family *f, const char *(*text)(const struct file_name *, size_t),
                 size_t k)
{
	for (size_t i = 1; i < f->n; i++)
		if (strcmp(text(&f->members[i].name, k), text(&f->members[0].name, k)) != 0)
			return true;
	return false;
}

static const char *directory_of(const struct file_name *n, size_t k)
{
	(void)k;
	return n->directory;
}

static const char *name_of(const struct file_name *n, size_t k)
{
	(void)k;
	return n->name;
}

static const char *option_of(const struct file_name *n, size_t k)
{
	return n->options[k].text;
}

static void fill_subject(struct work *w, struct group_configuration *c, const struct group *g,
                         const struct file_name *n)
{
	struct label *subject = work_alloc(w, g->n_keys, sizeof *subject);

	for (size_t k = 0; subject && k < g->n_keys; k++) {
		const char *key = g->keys[k], *text = "";

		if (strcmp(key, "directory") == 0)
			text = n->directory;
		else if (strcmp(key, "name") == 0)
			text = n->name;
		for (size_t i = 0; i < n->n_options; i++)
			if (strcmp(key, n->options[i].name) == 0)
				text = n->options[i].text;
		if (*text)
			subject[c->n_subject++] = (struct label){key, text};
	}
	c->subject = subject;
}

/* Keys that differ; false: no option does, and files that differ by name are no sweep. */
static bool list_keys(struct work *w, struct group *g, const struct family *f)
{
	const struct file_name *first = &f->members[0].name;
	const char **keys = work_alloc(w, first->n_options + 2, sizeof *keys);
	size_t n_options = 0;

	if (!keys)
		return false;
	if (vary(f, directory_of, 0))
		keys[g->n_keys++] = "directory";
	if (vary(f, name_of, 0))
		keys[g->n_keys++] = "name";
	for (size_t i = 0; i < first->n_options; i++) {
		if (!vary(f, option_of, i))
			continue;
		keys[g->n_keys++] = first->options[i].name;
		n_options++;
	}
	g->keys = keys;
	return n_options > 0;
}

/* The path of all of its files, with stars for what differs. */
static const char *title_of(struct work *w, const struct family *f)
{
	const struct file_name *n = &f->members[0].name;

	return work_printf(w, "%s%s%s%s%s%s", n->top, vary(f, directory_of, 0) ? "*" : n->directory,
	                   n->slash, vary(f, name_of, 0) ? "*" : n->name, n->dash, n->rest);
}

static void fill(struct work *w, struct group *g, const struct family *f)
{
	const struct group *first = f->members[0].group;

	g->n_configurations = f->n;
	g->configurations = work_alloc(w, f->n, sizeof *g->configurations);
	g->cells = work_alloc(w, f->n * g->n_metrics, sizeof *g->cells);
	g->metrics = work_alloc(w, g->n_metrics, sizeof *g->metrics);
	if (w->failed)
		return;
	memcpy(g->metrics, first->metrics, g->n_metrics * sizeof *g->metrics);
	for (size_t i = 0; i < f->n; i++) {
		const struct group *from = f->members[i].group;

		g->configurations[i].n_rows = from->configurations[0].n_rows;
		fill_subject(w, &g->configurations[i], g, &f->members[i].name);
		memcpy(&g->cells[i * g->n_metrics], from->cells, g->n_metrics * sizeof *g->cells);
	}
}

static void build(struct work *w, const struct family *f, bool part)
{
	struct file_sweep sweep = {.series = f->members[0].series,
	                           .group = *f->members[0].group,
	                           .part = part,
	                           .names_differ = vary(f, name_of, 0)};
	struct group *g = &sweep.group;

	g->id = 0;
	g->n_keys = 0;
	if (f->n < FILES_LEAST || !list_keys(w, g, f))
		return;
	g->title = title_of(w, f);
	fill(w, g, f);
	group_rank(w, g, sweep.series);
	if (!w->failed &&
	    work_grow(w, &w->file_sweeps, w->n_file_sweeps, &w->cap_file_sweeps, sizeof sweep))
		w->file_sweeps[w->n_file_sweeps++] = sweep;
}

/* What the names before the options say is other work: each of them is ranked by itself. */
static void build_parts(struct work *w, const struct family *f)
{
	struct strmap names = {.arena = w->arena};
	struct family *parts = work_alloc(w, f->n, sizeof *parts);
	size_t at;

	if (!f->n || !vary(f, name_of, 0))
		return;
	for (size_t i = 0; i < f->n && !w->failed; i++) {
		if (strmap_add(&names, str_of(f->members[i].name.name), &at) < 0)
			w->failed = true;
		else
			add_member(w, &parts[at], &f->members[i]);
	}
	for (size_t i = 0; i < names.n && !w->failed; i++)
		build(w, &parts[i], true);
}

void file_sweeps_find(struct work *w)
{
	struct strmap names = {.arena = w->arena};
	struct family *families = work_alloc(w, w->n_series, sizeof *families);
	size_t at;

	for (size_t i = 0; i < w->n_series && !w->failed; i++) {
		const struct series *s = &w->series[i];
		struct member m = {.series = s, .group = group_of_one(w, s)};

		if (!m.group || !read_name(w, &m.name, s))
			continue;
		if (strmap_add(&names, str_of(m.name.family), &at) < 0)
			w->failed = true;
		else
			add_member(w, &families[at], &m);
	}
	for (size_t i = 0; i < names.n && !w->failed; i++) {
		build_parts(w, &families[i]);
		build(w, &families[i], false);
	}
}
