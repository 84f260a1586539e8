/* SPDX-License-Identifier: MIT */
/* What is drawn, what gets into a script, and what of an SVG gets onto a page. */
#include <criterion/criterion.h>
#include <errno.h>

#include "agents/writer/plot.h"
#include "agents/writer/plot_svg.h"
#include "tests/unit/writer/checker.h"
#include "tests/unit/writer/fixture.h"

#define EVIL "`rm -rf x`' . system(\"touch /x\") . '<script>alert(1)</script>\n!ls\n@x \\"
#define SVG(inside)                                                                    \
	"<?xml version=\"1.0\"?>\n<svg width=\"500\" height=\"200\" xmlns=\"x\">\n<g " \
	"id=\"c\">" inside "</g>\n</svg>\n"

/* --- from SVG to a page ------------------------------------------------------------------ */

static int reads(const char *svg, char *ret, size_t size)
{
	static const char *const labels[] = {"<b> & \"q\"", "plain"};
	struct plot_svg drawn = {0};
	struct error err = {0};
	int r = plot_svg_read(&drawn, svg, strlen(svg), labels, ARRAY_LEN(labels), &err);

	cr_expect_eq(r, err.code);
	(void)snprintf(ret, size, "%s", r == 0 ? buf_text(&drawn.body) : "");
	if (r == 0) {
		cr_expect_eq(drawn.width, 500);
		cr_expect_eq(drawn.height, 200);
	}
	buf_done(&drawn.body);
	return r;
}

Test(plot_svg, turns_colours_into_classes_and_drops_what_is_empty)
{
	char body[1000];

	cr_assert_eq(reads(SVG("<g stroke='currentColor'></g>"
	                       "<path stroke='rgb(  0,   0, 165)' d='M1,2  L3,4 '/>"
	                       "<polygon fill = 'rgb(0,0,164)' points = '1,2 3,4'/>"),
	                   body, sizeof body),
	             0);
	cr_expect_str_eq(body, "<g><path d=\"M1,2 L3,4\" stroke=\"currentColor\" class=\"k5\"/>\n"
	                       "<polygon points=\"1,2 3,4\" fill=\"currentColor\" class=\"k4\"/>\n"
	                       "</g>\n");
}

Test(plot_svg, puts_labels_in_for_their_tokens_escaped)
{
	char body[1000];

	cr_assert_eq(reads(SVG("<text>@1_____@</text><text> 12.5</text><text>@2@</text>"), body,
	                   sizeof body),
	             0);
	cr_expect(strstr(body, "<text>&lt;b&gt; &amp; &quot;q&quot;</text>"), "%s", body);
	cr_expect(strstr(body, "<text>12.5</text>"));
	cr_expect(strstr(body, "<text>plain</text>"));
}

Test(plot_svg, makes_circles_of_points_and_leaves_out_titles_and_definitions)
{
	char body[1000];

	cr_assert_eq(reads(SVG("<title>x</title><defs><circle id='gpDot' r='1'/><filter id='t'>"
	                       "</filter></defs><use xlink:href='#gpPt6' "
	                       "transform='translate(1,2) scale(2)' color='rgb(0,0,166)'/>"),
	                   body, sizeof body),
	             0);
	cr_expect_str_eq(body, "<g><circle r=\"1\" fill=\"currentColor\" stroke=\"none\" "
	                       "transform=\"translate(1,2) scale(2)\" class=\"k6\"/>\n</g>\n");
}

Test(plot_svg, refuses_what_no_plot_of_ours_has)
{
	static const char *const evil[] = {
		SVG("<script>x</script>"),
		SVG("<path onload='x' d='M1,2'/>"),
		SVG("<path style='fill:url(x)' d='M1,2'/>"),
		SVG("<image xlink:href='http://x/'/>"),
		SVG("<a href='x'><text>x</text></a>"),
		SVG("<use xlink:href='http://x/#y'/>"),
		SVG("<use xlink:href='#gpPt6'>"),
		SVG("<path d='M1,2\" onload=\"x'/>"),
		SVG("<path fill='url(#x)' d='M1'/>"),
		SVG("<path fill='rgb(1,2,3)' d='M1'/>"),
		SVG("<text>&lt;</text>"),
		SVG("<text>@3@</text>"),
		SVG("<text>\xc3\xa4</text>"),
		SVG("<!-- x -->"),
		SVG("<![CDATA[x]]>"),
		SVG("<foreignObject/>"),
		SVG("outside"),
		SVG("<g>"),
		SVG("</g>"),
		SVG("<text"),
		SVG("") "<svg/>",
		"<html width='1' height='1'/>",
		"<svg width='1e9' height='2'/>",
		"<svg width='5000' height='2'></svg>",
		"gnuplot: no such terminal",
		"",
	};
	char body[1000];

	for (size_t i = 0; i < ARRAY_LEN(evil); i++)
		cr_expect_eq(reads(evil[i], body, sizeof body), -EPROTO, "%s", evil[i]);
}

Test(plot_svg, refuses_elements_without_end)
{
	char svg[4000] = "<svg width=\"500\" height=\"200\">", body[1000];

	while (strlen(svg) < sizeof svg - 10)
		strncat(svg, "<g>", 4);
	cr_expect_eq(reads(svg, body, sizeof body), -EPROTO);
}

/* --- what is drawn ----------------------------------------------------------------------- */

#define RUNS 12

/* A series of runs with a regression since the ninth, of nasty names. */
static void give_history(struct fixture *f, const char *name)
{
	static struct label subject[1];
	struct chart_run *runs = arena_calloc(f->arena, RUNS, sizeof *runs);
	struct chart_line *line = arena_calloc(f->arena, 1, sizeof *line);
	unsigned last = 0;

	subject[0] = (struct label){name, name};
	cr_assert(runs && line);
	for (size_t i = 0; i < RUNS; i++) {
		struct fact fact = {.label = "median",
		                    .metric = name,
		                    .unit = name,
		                    .better = BETTER_HIGHER,
		                    .subject = subject,
		                    .n_subject = 1,
		                    .statistic = STAT_VALUE,
		                    .value = i < 9 ? 100 + (double)i : 80,
		                    .n = 1};

		last = fixture_fact(f, fact, NULL, 0);
		runs[i] = (struct chart_run){1762646400 + 86400 * (int64_t)i, last};
	}
	*line = (struct chart_line){.key = f->d.findings[0].key,
	                            .runs = runs,
	                            .n = RUNS,
	                            .reference = runs[4].fact,
	                            .since = 9,
	                            .limit = .03};
	f->d.charts.lines = line;
	f->d.charts.n_lines = 1;
}

/* A sweep of one option, and of a front, whose names say EVIL, too. */
static void give_front(struct fixture *f, const char *name)
{
	const struct chart_run *runs = f->d.charts.lines[0].runs;
	struct chart_choice *choices = arena_calloc(f->arena, RUNS / 2, sizeof *choices);
	struct chart_front *front = arena_calloc(f->arena, 1, sizeof *front);
	struct label *subject = arena_calloc(f->arena, 1, sizeof *subject);

	cr_assert(choices && front && subject);
	*subject = (struct label){name, name};
	for (size_t i = 0; i < RUNS / 2; i++)
		choices[i] = (struct chart_choice){subject, 1, runs[i].fact,
		                                   runs[RUNS - 1 - i].fact, i % 2 == 0};
	*front = (struct chart_front){f->d.findings[0].key, choices, RUNS / 2, true};
	f->d.charts.fronts = front;
	f->d.charts.n_fronts = 1;
}

static void give_calls(struct fixture *f, const char *name)
{
	struct report_call *calls = arena_calloc(f->arena, 3, sizeof *calls);

	cr_assert(calls);
	for (size_t i = 0; i < 3; i++) {
		calls[i] = (struct report_call){.step = f->meta.steps[0].id,
		                                .record = MODEL_RECORD_NONE,
		                                .begun_ms = 100 * (double)i};
		calls[i].record.queue_ms = 30;
		calls[i].record.eval_ms = 200;
		calls[i].record.total_ms = 300;
		(void)snprintf(calls[i].record.model, sizeof calls[i].record.model, "%.100s", name);
	}
	f->meta.calls = calls;
	f->meta.n_calls = 3;
}

static void plan(struct plots *ret, struct fixture *f)
{
	struct error err = {0};

	fixture_full(f);
	give_history(f, EVIL);
	give_front(f, EVIL);
	give_calls(f, EVIL);
	cr_assert_eq(plots_plan(ret, f->arena, &f->d, &f->meta, &err), 0, "%s", err.text);
}

static const struct plot *of_kind(const struct plots *p, enum plot_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->at[i].kind == kind)
			return &p->at[i];
	return NULL;
}

Test(plot, a_history_has_its_runs_its_level_with_the_band_and_the_change)
{
	struct plots plots;
	const struct plot *p;
	struct fixture f;

	plan(&plots, &f);
	p = of_kind(&plots, PLOT_HISTORY);
	cr_assert(p);
	cr_expect_str_eq(p->file, "plots/history-a.svg");
	cr_expect_eq(p->finding, f.d.findings[0].id);
	cr_expect_eq(p->n_facts, RUNS, "the level is one of the runs here");
	cr_expect(strstr(p->script, "1762646400 100 \n1762732800 101 \n"));
	cr_expect(strstr(p->script, "1762646400 104 100.88 107.12 \n"), "3 %% about the level");
	cr_expect(strstr(p->script, "from first 1763424000, graph 0"), "since the tenth run");
	fixture_done(&f);
}

Test(plot, nothing_foreign_gets_into_a_script)
{
	static const char *const never[] = {"`",       "system", "rm -rf", "touch",
	                                    "<script", "!",      "\\",     "alert"};
	struct plots plots;
	struct fixture f;

	plan(&plots, &f);
	cr_assert_geq(plots.n, 3);
	for (size_t i = 0; i < plots.n; i++) {
		const struct plot *p = &plots.at[i];

		for (size_t k = 0; k < ARRAY_LEN(never); k++)
			cr_expect(!strstr(p->script, never[k]), "%s: %s", p->file, never[k]);
		cr_expect_gt(p->n_labels, 0, "%s", p->file);
		cr_expect(strstr(p->script, "'@1"), "%s", p->file);
	}
	fixture_done(&f);
}

Test(plot, a_timeline_tells_waiting_from_generation)
{
	struct plots plots;
	const struct plot *p;
	struct fixture f;

	plan(&plots, &f);
	p = of_kind(&plots, PLOT_TIMELINE);
	cr_assert(p);
	cr_expect(strstr(p->script, "'waiting'"));
	cr_expect(strstr(p->script, "'generation'"));
	cr_expect(!strstr(p->script, "'loading'"), "no call told that");
	cr_expect_eq(p->n_facts, 0);
	fixture_done(&f);
}

Test(plot, two_runs_or_one_call_are_no_picture)
{
	struct error err = {0};
	struct plots plots;
	struct fixture f;

	fixture_empty(&f);
	cr_assert_eq(plots_plan(&plots, f.arena, &f.d, &f.meta, &err), 0);
	cr_expect_eq(plots.n, 0);
	fixture_done(&f);
}

/* --- on the page ------------------------------------------------------------------------- */

Test(plot, what_was_drawn_is_on_the_page_and_in_the_report_and_what_was_not_is_in_neither)
{
	struct report_files r;
	struct error err = {0};
	struct plots plots;
	struct fixture f;

	plan(&plots, &f);
	for (size_t i = 0; i < plots.n; i++)
		if (plots.at[i].kind == PLOT_HISTORY)
			cr_assert_eq(plot_take(&plots.at[i], f.arena, SVG("<text>@1@</text>"),
			                       strlen(SVG("<text>@1@</text>")), &err),
			             0, "%s", err.text);
	f.meta.plots = &plots;
	f.meta.plots_why = "some are missing, as gnuplot took too long";
	cr_assert_eq(writer_compose(&r, &f.d, &f.meta, &err), 0, "%s", err.text);
	cr_expect_gt(checker_numerals(&r.md, &r.json), 0);
	cr_expect(strstr(r.md.data, "](plots/history-a.svg)"));
	cr_expect(!strstr(r.md.data, "plots/timeline"));
	cr_expect(strstr(r.md.data, "**Plots:** some are missing, as gnuplot took too long"));
	cr_expect(strstr(r.html.data,
	                 "<figure>\n<svg class=\"plot\" role=\"img\" viewBox=\"0 0 500 200\">"));
	cr_expect(!strstr(r.html.data, "<script>alert"));
	cr_expect(!strstr(r.html.data, "<img"));
	cr_expect(strstr(r.json.data, "\"file\": \"plots/history-a.svg\""));
	cr_expect(strstr(r.json.data, "\"kind\": \"plot\""));
	cr_expect(!strstr(r.json.data, "plots/timeline"));
	report_files_done(&r);
	fixture_done(&f);
}

Test(plot, a_file_of_its_own_brings_its_style)
{
	struct buf b = BUF_INIT(100000);
	struct error err = {0};
	struct plots plots;
	struct fixture f;

	plan(&plots, &f);
	cr_assert_eq(plot_take(&plots.at[0], f.arena, SVG("<text>1</text>"),
	                       strlen(SVG("<text>1</text>")), &err),
	             0);
	plot_write(&b, &plots.at[0], &f.d, true);
	cr_expect(strstr(b.data, "xmlns=\"http://www.w3.org/2000/svg\""));
	cr_expect(strstr(b.data, "@media(prefers-color-scheme:dark)"));
	cr_expect(strstr(b.data, "<title>") && strstr(b.data, "<desc>"));
	cr_expect(!strstr(b.data, "<script"));
	buf_done(&b);
	fixture_done(&f);
}
