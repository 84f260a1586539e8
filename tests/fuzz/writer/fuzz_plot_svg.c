/* SPDX-License-Identifier: MIT */
/*
 * Whatever stands where gnuplot's SVG is expected: either it is refused, or what comes out has the
 * elements and attributes of a plot.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "agents/writer/plot_svg.h"
#include "lib/base/util.h"

/* The tag that begins here: values, like text, may hold any words, but they hold no "=". */
static void check_tag(const char *at)
{
	static const char *const refused[] = {" on", " href", " xlink:href", " style", " id="};
	const char *end = strchr(at, '>');

	assert(end);
	for (const char *is = at; (is = memchr(is, '=', (size_t)(end - is))); is++) {
		const char *name = is;

		while (name > at && *name != ' ')
			name--;
		for (size_t i = 0; i < ARRAY_LEN(refused); i++)
			assert(strncmp(name, refused[i], strlen(refused[i])) != 0);
	}
}

/* Tags of the result begin with one of these, or end one. */
static void check_tags(const char *body)
{
	static const char *const tags[] = {"<g",    "<path", "<polygon", "<polyline",
	                                   "<rect", "<text", "<circle",  "</"};

	for (const char *at = body; (at = strchr(at, '<')); at++) {
		bool known = false;

		for (size_t i = 0; i < ARRAY_LEN(tags); i++)
			known |= strncmp(at, tags[i], strlen(tags[i])) == 0;
		assert(known);
		check_tag(at);
	}
	assert(!strstr(body, "&#"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const labels[] = {"<one>", "\"two\" & more"};
	struct plot_svg drawn = {0};
	struct error err = {0};
	int r = plot_svg_read(&drawn, (const char *)data, size, labels, ARRAY_LEN(labels), &err);

	assert((r == 0) == (err.code == 0));
	if (r < 0) {
		assert(!drawn.body.data);
		return 0;
	}
	assert(drawn.width && drawn.height);
	check_tags(buf_text(&drawn.body));
	buf_done(&drawn.body);
	return 0;
}
