/* SPDX-License-Identifier: MIT */
/* What the events tell; progress_draw.c shows it. */
#include "ctl/progress.h"

#include "ctl/ctl_json.h"
#include "ctl/terminal.h"
#include "lib/base/clock.h"

#define LINE_BYTES 4096

void progress_init(struct progress *p, FILE *to)
{
	*p = (struct progress){.to = to};
	p->live = terminal_live(fileno(to));
	p->colour = terminal_colour(fileno(to));
	p->unicode = terminal_unicode();
	p->width = terminal_width(fileno(to));
	p->height = terminal_height(fileno(to));
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
	struct buf b = BUF_INIT(LINE_BYTES);

	terminal_add(&b, s->id, PROGRESS_NAME_MAX);
	if (!s->done) {
		buf_puts(&b, ": started");
	} else {
		buf_puts(&b, ": done in ");
		progress_duration(&b, s->wall_ms);
		if (s->ended)
			buf_printf(&b, ", %u model call%s, %llu tokens", s->ended,
			           s->ended == 1 ? "" : "s", (unsigned long long)s->tokens);
	}
	(void)fprintf(p->to, "%s\n", buf_text(&b));
	(void)fflush(p->to);
	buf_done(&b);
}

void progress_note(struct progress *p, const char *text)
{
	if (strcmp(p->note, text) == 0)
		return;
	(void)snprintf(p->note, sizeof p->note, "%s", text);
	p->note_ns = clock_mono_ns();
	p->note_told = false;
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
	struct progress_call *call = &s->calls[count_of(data, "n") % PROGRESS_CALLS_MAX];
	bool failed = strcmp(state, "failed") == 0;

	call->tokens = count_of(data, "tokens");
	call->state = strcmp(state, "queued") == 0 ? PROGRESS_CALL_QUEUED : PROGRESS_CALL_RUNNING;
	if (!failed && strcmp(state, "done") != 0)
		return;
	s->ended++;
	s->failed += failed;
	s->tokens += call->tokens;
	s->model_s += rate > 0 ? (double)call->tokens / rate : 0;
	*call = (struct progress_call){0};
}

static void on_progress(struct progress_step *s, const json_t *data)
{
	s->units_done = count_of(data, "done");
	s->units_total = count_of(data, "total");
	(void)snprintf(s->what, sizeof s->what, "%s", ctl_json_text(data, "what"));
}

static void on_state(struct progress *p, const json_t *data)
{
	bool queued = strcmp(ctl_json_text(data, "state"), "queued") == 0;

	progress_note(p, queued ? "queued: it begins when reviews before it have ended" : "");
}

void progress_event(struct progress *p, const char *event, const json_t *data)
{
	bool is_step = strcmp(event, "step") == 0;
	struct progress_step *s;

	if (strcmp(event, "state") == 0) {
		on_state(p, data);
		return;
	}
	s = step_of(p, ctl_json_text(data, is_step ? "id" : "step"));
	if (!s)
		return;
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
		struct progress_step *s = &p->steps[i];

		s->ended = s->failed = 0;
		s->tokens = s->rate_tokens = s->rate_ns = 0;
		s->model_s = s->rate = 0;
		memset(s->calls, 0, sizeof s->calls);
	}
}
