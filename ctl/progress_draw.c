/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "ctl/progress.h"
#include "ctl/terminal.h"
#include "lib/base/clock.h"

#define REDRAW_NS    100000000u  /* ten times a second: faster only flickers */
#define RATE_NS      1000000000u /* what tokens a second are counted over */
#define NOTE_NS      500000000u  /* what passes sooner is not worth a line */
#define SCREEN_BYTES (256 * 1024)
#define PART_BYTES   256
#define ID_COLUMNS   12

/* --- one step -------------------------------------------------------------- */

static void add_part(struct buf *b, const struct progress *p, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* A part of a line, unless the terminal ends before it does. */
static void add_part(struct buf *b, const struct progress *p, const char *fmt, ...)
{
	char part[PART_BYTES];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(part, sizeof part, fmt, ap);
	va_end(ap);
	if (terminal_columns(buf_text(b)) + terminal_columns(part) < p->width)
		buf_puts(b, part);
}

/* Of all calls together while they run; once they have ended, of one at a time. */
static double tokens_per_s(const struct progress_step *s, unsigned running)
{
	if (running && s->rate > 0)
		return s->rate;
	return s->model_s > 0 ? (double)s->tokens / s->model_s : 0;
}

static void add_units(struct buf *b, const struct progress *p, const struct progress_step *s)
{
	CLEANUP(buf_done) struct buf what = BUF_INIT(PART_BYTES);

	if (!s->units_total)
		return;
	if (!s->done)
		add_part(b, p, "  %llu of %llu", (unsigned long long)s->units_done,
		         (unsigned long long)s->units_total);
	else
		add_part(b, p, "  %llu", (unsigned long long)s->units_total);
	terminal_add(&what, s->what, 0);
	add_part(b, p, " %s", buf_text(&what));
}

static void add_calls(struct buf *b, const struct progress *p, const struct progress_step *s)
{
	unsigned running = 0, queued = 0;
	uint64_t tokens = s->tokens;
	double rate;

	for (size_t i = 0; i < PROGRESS_CALLS_MAX; i++) {
		running += s->calls[i].state == PROGRESS_CALL_RUNNING;
		queued += s->calls[i].state == PROGRESS_CALL_QUEUED;
		tokens += s->calls[i].tokens;
	}
	if (s->ended + running + queued == 0)
		return;
	rate = tokens_per_s(s, running);
	add_part(b, p, "  %u call%s done", s->ended, s->ended == 1 ? "" : "s");
	if (s->failed)
		add_part(b, p, ", %u failed", s->failed);
	if (running)
		add_part(b, p, ", %u run%s", running, running == 1 ? "s" : "");
	if (queued)
		add_part(b, p, ", %u queued", queued);
	if (rate > 0)
		add_part(b, p, ", %.1f tok/s", rate);
	add_part(b, p, ", %llu tokens", (unsigned long long)tokens);
}

static const char *mark(const struct progress *p, const struct progress_step *s, uint64_t now_ns)
{
	static const char *const dots[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
	static const char *const bars[] = {"|", "/", "-", "\\"};
	uint64_t turn = (now_ns - s->started_ns) / REDRAW_NS;

	if (s->done)
		return p->unicode ? "✓" : "+";
	return p->unicode ? dots[turn % ARRAY_LEN(dots)] : bars[turn / 2 % ARRAY_LEN(bars)];
}

void progress_line(struct buf *b, const struct progress *p, const struct progress_step *s,
                   uint64_t now_ns)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT(SCREEN_BYTES);
	CLEANUP(buf_done) struct buf elapsed = BUF_INIT(PART_BYTES);
	size_t columns;

	buf_printf(&all, "%s ", mark(p, s, now_ns));
	terminal_add(&all, s->id, PROGRESS_NAME_MAX);
	columns = terminal_columns(buf_text(&all)) - 2;
	buf_printf(&all, "%*s", columns < ID_COLUMNS ? (int)(ID_COLUMNS - columns) : 0, "");
	progress_duration(&elapsed, s->done ? s->wall_ms : (double)(now_ns - s->started_ns) / 1e6);
	add_part(&all, p, "  %s %10s", s->done ? "done" : "runs", buf_text(&elapsed));
	add_units(&all, p, s);
	add_calls(&all, p, s);
	/* a line that wraps would be two on the screen, and the next redraw would miss one */
	terminal_add(b, buf_text(&all), p->width - 1);
}

/* --- the screen ------------------------------------------------------------- */

static void look_at_rate(struct progress_step *s, uint64_t now)
{
	uint64_t tokens = s->tokens, gap = now - s->rate_ns;

	for (size_t i = 0; i < PROGRESS_CALLS_MAX; i++)
		tokens += s->calls[i].tokens;
	if (gap < RATE_NS)
		return;
	/* the first look, and a replay of what was missed, tell no rate */
	s->rate = s->rate_ns && gap < 3 * (uint64_t)RATE_NS && tokens > s->rate_tokens
	                  ? (double)(tokens - s->rate_tokens) * 1e9 / (double)gap
	                  : 0;
	s->rate_ns = now;
	s->rate_tokens = tokens;
}

/* Takes the text's memory; adds it to the screen where another one stands there: then true. */
static bool put_row(struct progress *p, struct buf *screen, size_t at, struct buf *line)
{
	struct progress_row *row = &p->rows[at];
	bool same = at < p->n_rows && row->text && strcmp(row->text, buf_text(line)) == 0;

	if (!same) {
		buf_puts(screen, "\r\033[K");
		buf_puts(screen, buf_text(line));
		free(row->text);
		row->text = line->failed ? NULL : TAKE(line->data);
	}
	buf_putc(screen, '\n');
	buf_done(line);
	return !same;
}

static bool put_step(struct progress *p, struct buf *screen, size_t at,
                     const struct progress_step *s, uint64_t now)
{
	struct buf line = BUF_INIT(SCREEN_BYTES), plain = BUF_INIT(SCREEN_BYTES);

	progress_line(&plain, p, s, now);
	buf_printf(&line, "%s", p->colour && s->done ? "\033[2m" : "");
	buf_puts(&line, buf_text(&plain));
	buf_puts(&line, p->colour && s->done ? "\033[0m" : "");
	p->rows[at].columns = terminal_columns(buf_text(&plain));
	buf_done(&plain);
	return put_row(p, screen, at, &line);
}

static bool put_note(struct progress *p, struct buf *screen, size_t at)
{
	struct buf line = BUF_INIT(SCREEN_BYTES);

	terminal_add(&line, p->note, p->width - 1);
	p->rows[at].columns = terminal_columns(buf_text(&line));
	return put_row(p, screen, at, &line);
}

static bool note_shows(const struct progress *p)
{
	return *p->note && clock_mono_ns() - p->note_ns >= NOTE_NS;
}

/* Where not all fit the screen, the last ones: what has scrolled away cannot be redrawn. */
static void draw(struct progress *p)
{
	CLEANUP(buf_done) struct buf screen = BUF_INIT(SCREEN_BYTES);
	size_t note = note_shows(p), room = p->height - 1 > note ? p->height - 1 - note : 1;
	size_t shown = p->n_steps < room ? p->n_steps : room, rows = 0;
	uint64_t now = clock_mono_ns();
	bool changed = false;

	if (p->drawn)
		buf_printf(&screen, "\033[%zuA", p->drawn);
	for (size_t i = p->n_steps - shown; i < p->n_steps; i++) {
		look_at_rate(&p->steps[i], now);
		changed |= put_step(p, &screen, rows++, &p->steps[i], now);
	}
	if (note)
		changed |= put_note(p, &screen, rows++);
	if (rows < p->drawn)
		buf_puts(&screen, "\033[J");
	if (changed || rows != p->drawn) {
		(void)fputs(buf_text(&screen), p->to);
		(void)fflush(p->to);
	}
	p->drawn = p->n_rows = rows;
	p->drawn_ns = now;
}

void progress_tick(struct progress *p)
{
	bool note = note_shows(p);

	if (!p->live && note && !p->note_told) {
		p->note_told = true;
		terminal_print(p->to, p->note);
		(void)fputc('\n', p->to);
		(void)fflush(p->to);
	}
	/* the clocks of running steps go on without events */
	if (p->live && (p->n_steps || note) && clock_mono_ns() - p->drawn_ns >= REDRAW_NS)
		draw(p);
}

/* Terminals break lines that have become too long: then they are more lines to go up. */
void progress_resize(struct progress *p)
{
	size_t lines = 0;

	p->width = terminal_width(fileno(p->to));
	p->height = terminal_height(fileno(p->to));
	for (size_t i = 0; i < p->n_rows; i++) {
		size_t columns = p->rows[i].columns;

		lines += columns ? (columns + p->width - 1) / p->width : 1;
	}
	p->drawn = p->drawn ? lines : 0;
	p->n_rows = 0; /* what stands there is known no more */
}

void progress_end(struct progress *p)
{
	if (p->live && (p->n_steps || p->drawn))
		draw(p);
	for (size_t i = 0; i < PROGRESS_ROWS_MAX; i++)
		free(TAKE(p->rows[i].text));
	p->drawn = p->n_rows = 0;
}
