/* SPDX-License-Identifier: MIT */
#include "agents/writer/plot.h"

#include <errno.h>

#include "agents/writer/html_frame.h"
#include "agents/writer/plot_impl.h"
#include "lib/evidence/plain.h"
#include "plot_assets.h"

#define TITLE_BYTES ((size_t)16 << 10)

int plots_plan(struct plots *ret, struct arena *arena, const struct dossier *d,
               const struct report_meta *meta, struct error *err)
{
	struct sketch s = {.arena = arena, .d = d, .meta = meta, .plots = ret};

	ret->n = 0;
	plot_histories(&s);
	plot_shifts(&s);
	plot_fronts(&s);
	plot_timeline(&s);
	plot_sweeps(&s);
	buf_done(&s.script);
	if (!s.failed)
		return 0;
	ret->n = 0;
	return error_set(err, -ENOMEM, "no memory for the plots");
}

int plot_take(struct plot *p, struct arena *arena, const char *svg, size_t len, struct error *err)
{
	struct plot_svg drawn;
	int r = plot_svg_read(&drawn, svg, len, p->labels, p->n_labels, err);
	const char *body;

	if (r < 0)
		return r;
	body = arena_strndup(arena, buf_text(&drawn.body), drawn.body.len);
	if (body) {
		p->body = body;
		p->body_len = drawn.body.len;
		p->width = drawn.width;
		p->height = drawn.height;
	}
	buf_done(&drawn.body);
	return body ? 0 : error_set(err, -ENOMEM, "no memory for a plot");
}

void plot_title(struct buf *to, const struct plot *p, const struct dossier *d)
{
	plain_text(to, d, &p->title);
}

/* What the finding says, for those who do not see the picture. */
static void write_description(struct buf *to, const struct plot *p, const struct dossier *d)
{
	const struct finding *f = dossier_finding(d, p->finding);
	struct buf b = BUF_INIT(TITLE_BYTES);

	plot_title(&b, p, d);
	buf_puts(to, "<title>");
	html_escape(to, buf_text(&b));
	buf_puts(to, "</title>\n");
	buf_done(&b);
	b = (struct buf)BUF_INIT(TITLE_BYTES);
	if (f)
		plain_text(&b, d, &f->text);
	if (b.len) {
		buf_puts(to, "<desc>");
		html_escape(to, buf_text(&b));
		buf_puts(to, "</desc>\n");
	}
	buf_done(&b);
}

void plot_write(struct buf *to, const struct plot *p, const struct dossier *d, bool alone)
{
	buf_puts(to, "<svg class=\"plot\" role=\"img\"");
	if (alone)
		buf_printf(to, " xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\"",
		           p->width, p->height);
	buf_printf(to, " viewBox=\"0 0 %u %u\">\n", p->width, p->height);
	write_description(to, p, d);
	if (alone) {
		buf_puts(to, "<style>\n");
		plot_style(to);
		buf_puts(to, "</style>\n<rect class=\"k0\" width=\"100%\" height=\"100%\" "
		             "fill=\"currentColor\"/>\n");
	}
	buf_add(to, p->body, p->body_len);
	buf_puts(to, "</svg>\n");
}

void plot_style(struct buf *to)
{
	buf_puts(to, plot_css);
}
