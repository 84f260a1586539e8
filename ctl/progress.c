/* SPDX-License-Identifier: MIT */
#include "ctl/progress.h"

#include "ctl/ctl_json.h"
#include "ctl/terminal.h"
#include "lib/base/clock.h"

#define REDRAW_NS    100000000u /* ten times a second: faster only flickers */
#define SCREEN_BYTES (64 * 1024)

void progress_init(struct progress *p, FILE *to)
{
	const char *term = getenv("TERM");

	*p = (struct progress){.to = to};
	p->live = isatty(fileno(to)) && term && strcmp(term, "dumb") != 0;
	p->colour = terminal_colour(fileno(to));
	p->width = terminal_width(fileno(to));
}

static uint64_t count_of(const json_t *data, const char *key)
{
	double v = json_number_value(json_object_get(data, key));

	return v >= 0 && v < 1e15 ? (uint64_t)v : 0;
}

static struct progress_step *step_of(struct progress *p, const char *id)
{
	struct progress_step *s;

	if (!*id)
		return NULL;
	for (size_t i = 0; i < p->n_steps; i++) {
		if (strncmp(p->steps[i].id, id, sizeof p->steps[i].id - 1) == 0)
			return &p->steps[i];
	}
	if (p->n_steps == PROGRESS_STEPS_MAX)
		return NULL;
	s = &p->steps[p->n_steps++];
	*s = (struct progress_step){.started_ns = clock_mono_ns()};
	(void)snprintf(s->id, sizeof s->id, "%s", id);
	return s;
}

void progress_duration(struct buf *b, double ms)
{
	unsigned long s = ms >= 0 && ms < 1e12 ? (unsigned long)(ms / 1000) : 0;

	if (s < 10)
		buf_printf(b, "%.1f s", ms >= 0 ? ms / 1000 : 0.0);
	else if (s < 60)
		buf_printf(b, "%lu s", s);
	else
		buf_printf(b, "%lu min %02lu s", s / 60, s % 60);
}

static void plain_line(const struct progress *p, const struct progress_step *s)
{
	struct buf b = BUF_INIT(SCREEN_BYTES);

	terminal_add(&b, s->id, PROGRESS_NAME_MAX);
	if (!s->done) {
		buf_puts(&b, ": started");
	} else {
		buf_puts(&b, ": done in ");
		progress_duration(&b, s->wall_ms);
		if (s->calls)
			buf_printf(&b, ", %u model call%s, %llu tokens", s->calls,
			           s->calls == 1 ? "" : "s", (unsigned long long)s->tokens);
	}
	(void)fprintf(p->to, "%s\n", buf_text(&b));
	(void)fflush(p->to);
	buf_done(&b);
}

static void on_step(struct progress *p, struct progress_step *s, const json_t *data)
{
	bool done = strcmp(ctl_json_text(data, "state"), "done") == 0;
	bool news = done ? !s->done : !*s->stage;

	(void)snprintf(s->stage, sizeof s->stage, "%s", ctl_json_text(data, "stage"));
	if (done)
		s->wall_ms = json_number_value(json_object_get(data, "wall_ms"));
	else if (s->done) /* it begins again, after a restart of the daemon */
		*s->what = '\0';
	s->done = done;
	if (!p->live && news)
		plain_line(p, s);
}

static void on_call(struct progress_step *s, const json_t *data)
{
	const char *state = ctl_json_text(data, "state");
	double rate = json_number_value(json_object_get(data, "tokens_per_s"));
	uint64_t *running = &s->running[count_of(data, "n") % PROGRESS_CALLS_MAX];

	*running = count_of(data, "tokens");
	if (rate > 0)
		s->tokens_per_s = rate;
	if (strcmp(state, "done") == 0 || strcmp(state, "failed") == 0) {
		s->calls++;
		s->tokens += *running;
		*running = 0;
	}
}

static void on_progress(struct progress_step *s, const json_t *data)
{
	s->units_done = count_of(data, "done");
	s->units_total = count_of(data, "total");
	(void)snprintf(s->what, sizeof s->what, "%s", ctl_json_text(data, "what"));
}

void progress_event(struct progress *p, const char *event, const json_t *data)
{
	bool is_step = strcmp(event, "step") == 0;
	struct progress_step *s = step_of(p, ctl_json_text(data, is_step ? "id" : "step"));

	if (!s)
		return;
	p->changed = true;
	if (is_step)
		on_step(p, s, data);
	else if (strcmp(event, "call") == 0)
		on_call(s, data);
	else if (strcmp(event, "progress") == 0)
		on_progress(s, data);
}

void progress_restart(struct progress *p)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		p->steps[i].calls = 0;
		p->steps[i].tokens = 0;
		memset(p->steps[i].running, 0, sizeof p->steps[i].running);
	}
}

static void add_state(struct buf *b, const struct progress_step *s, uint64_t now_ns)
{
	struct buf t = BUF_INIT(64);
	unsigned calls = s->calls;
	uint64_t tokens = s->tokens;

	progress_duration(&t, s->done ? s->wall_ms : (double)(now_ns - s->started_ns) / 1e6);
	buf_printf(b, "%-5s %11s", s->done ? "done" : "runs", buf_text(&t));
	buf_done(&t);
	if (!s->done && s->units_total)
		buf_printf(b, "  %llu of %llu", (unsigned long long)s->units_done,
		           (unsigned long long)s->units_total);
	for (size_t i = 0; i < PROGRESS_CALLS_MAX; i++) {
		calls += s->running[i] > 0;
		tokens += s->running[i];
	}
	if (calls)
		buf_printf(b, "  %u call%s, %llu tokens", calls, calls == 1 ? "" : "s",
		           (unsigned long long)tokens);
	if (s->tokens_per_s > 0)
		buf_printf(b, ", %.1f tok/s", s->tokens_per_s);
}

void progress_line(struct buf *b, const struct progress_step *s, unsigned width, uint64_t now_ns)
{
	struct buf all = BUF_INIT(SCREEN_BYTES);
	size_t columns;

	terminal_add(&all, s->id, PROGRESS_NAME_MAX);
	columns = terminal_columns(buf_text(&all));
	buf_printf(&all, "%*s  ", columns < 14 ? (int)(14 - columns) : 0, "");
	add_state(&all, s, now_ns);
	if (!s->done && *s->what) {
		buf_puts(&all, "  ");
		terminal_add(&all, s->what, 0);
	}
	/* a line that wraps would be two on the screen, and the next redraw would miss one */
	terminal_add(b, buf_text(&all), width - 1);
	buf_done(&all);
}

static void draw(struct progress *p)
{
	struct buf b = BUF_INIT(SCREEN_BYTES);
	uint64_t now = clock_mono_ns();

	if (p->drawn)
		buf_printf(&b, "\033[%zuA", p->drawn);
	for (size_t i = 0; i < p->n_steps; i++) {
		bool faint = p->colour && p->steps[i].done;

		buf_puts(&b, faint ? "\r\033[K\033[2m" : "\r\033[K");
		progress_line(&b, &p->steps[i], p->width, now);
		buf_puts(&b, faint ? "\033[0m\n" : "\n");
	}
	(void)fputs(buf_text(&b), p->to);
	(void)fflush(p->to);
	buf_done(&b);
	p->drawn = p->n_steps;
	p->drawn_ns = now;
	p->changed = false;
}

void progress_tick(struct progress *p)
{
	uint64_t gap = clock_mono_ns() - p->drawn_ns;

	/* the clock of a step runs on without events: a redraw each half second shows it */
	if (p->live && p->n_steps && gap >= (p->changed ? REDRAW_NS : 5 * REDRAW_NS))
		draw(p);
}

void progress_end(struct progress *p)
{
	if (p->live && p->n_steps)
		draw(p);
	p->drawn = 0;
}
