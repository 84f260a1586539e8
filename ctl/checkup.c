/* SPDX-License-Identifier: MIT */
#include "ctl/checkup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl_json.h"
#include "ctl/terminal.h"

#define IDENTITY_SHOWN 12 /* characters of a digest: enough to tell two apart */
#define SLOW_MS        10000

static const char *const level_words[] = {"ok", "warning", "problem"};

void checkup_init(struct checkup *c, bool quiet)
{
	*c = (struct checkup){.colour = terminal_colour(STDOUT_FILENO),
	                      .quiet = quiet,
	                      .name = "",
	                      .where = "",
	                      .checks = json_array()};
}

void checkup_done(struct checkup *c)
{
	json_decref(TAKE(c->checks));
}

void checkup_about(struct checkup *c, const char *name, const char *where)
{
	c->name = name;
	c->where = where ? where : "";
	if (c->quiet)
		return;
	terminal_print(stdout, c->name);
	if (*c->where) {
		(void)fputs("  ", stdout);
		terminal_print(stdout, c->where);
	}
	(void)putchar('\n');
}

static void put_line(const struct checkup *c, const char *word, const char *text)
{
	if (c->quiet)
		return;
	(void)printf("  %s%-7s%s  ", c->colour ? terminal_hue(word) : "", word,
	             c->colour ? TERMINAL_PLAIN : "");
	terminal_print(stdout, text);
	(void)putchar('\n');
}

void checkup_say(struct checkup *c, enum checkup_level level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->warnings += level == CHECKUP_WARNING;
	c->problems += level == CHECKUP_PROBLEM;
	put_line(c, level_words[level], text);
	(void)json_array_append_new(c->checks, json_pack("{s:s, s:s, s:s, s:s, s:n}", "about",
	                                                 c->name, "where", c->where, "level",
	                                                 level_words[level], "text", text, "mend"));
}

void checkup_mend(struct checkup *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	put_line(c, "mend", text);
	(void)json_object_set_new(json_array_get(c->checks, json_array_size(c->checks) - 1), "mend",
	                          json_string(text));
}

/* --- a model server --------------------------------------------------------- */

static long long count_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? (long long)json_integer_value(v) : -1;
}

static void say_server(struct checkup *c, const json_t *check)
{
	long long slots = count_of(check, "slots");
	const char *version = ctl_json_text(check, "version");

	checkup_say(c, CHECKUP_OK, "%s%s%s answers, %lld request%s at a time",
	            ctl_json_text(check, "provider"), *version ? " " : "", version, slots,
	            slots == 1 ? "" : "s");
}

static void say_model(struct checkup *c, const json_t *check)
{
	const char *model = ctl_json_text(check, "model"),
		   *digest = ctl_json_text(check, "identity");

	if (strpbrk(digest, "/ ")) /* a file: it says no more than the name */
		digest = "";
	if (*model)
		checkup_say(c, CHECKUP_OK, "model %s is there%s%.*s%s", model, *digest ? " (" : "",
		            IDENTITY_SHOWN, digest, *digest ? ")" : "");
	if (json_is_true(json_object_get(check, "drops_system")))
		checkup_say(c, CHECKUP_WARNING,
		            "its template leaves out the system prompt, so it never hears what the "
		            "personas say: create it anew with the TEMPLATE of its family in the "
		            "Modelfile");
}

static void say_context(struct checkup *c, const json_t *check)
{
	long long asked = count_of(check, "context_asked"), used = count_of(check, "context_used");
	long long trained = count_of(check, "context_trained");

	if (used >= 0 && asked >= 0 && used != asked)
		checkup_say(c, CHECKUP_WARNING,
		            "context of %lld tokens, though %lld were asked for: another program "
		            "or the server's own settings load the model",
		            used, asked);
	else if (used >= 0)
		checkup_say(c, CHECKUP_OK, "context of %lld tokens%s", used,
		            asked >= 0 ? ", as asked" : "");
	if (trained >= 0 && asked > trained)
		checkup_say(c, CHECKUP_WARNING, "the model was made for %lld tokens only", trained);
}

static void say_gpu(struct checkup *c, const json_t *check)
{
	const json_t *share = json_object_get(check, "gpu_pct");
	double pct = json_number_value(share);

	if (!json_is_number(share))
		return;
	if (pct >= 99.5)
		checkup_say(c, CHECKUP_OK, "the whole model is on the GPU");
	else
		checkup_say(c, CHECKUP_WARNING,
		            "%.0f %% of the model is on the GPU, the rest is slow: a smaller "
		            "model or num_ctx, or more free memory of the GPU, mends that",
		            pct);
}

static void say_answer(struct checkup *c, const json_t *check)
{
	const json_t *kept = json_object_get(check, "schema_kept");
	double ttft = json_number_value(json_object_get(check, "ttft_ms"));
	double load = json_number_value(json_object_get(check, "load_ms"));
	double rate = json_number_value(json_object_get(check, "tokens_per_s"));

	if (!kept)
		return;
	if (json_is_true(kept))
		checkup_say(c, CHECKUP_OK, "answers keep to the schema");
	else
		checkup_say(c, CHECKUP_WARNING,
		            "answers do not keep to the schema: more of them will be struck; "
		            "llama-server and Ollama with a GGUF model enforce it");
	checkup_say(c, ttft < SLOW_MS ? CHECKUP_OK : CHECKUP_WARNING,
	            "a short answer began after %.0f ms%s", ttft,
	            load > SLOW_MS / 10 ? ", most of it loading the model" : "");
	if (rate > 0)
		checkup_say(c, CHECKUP_OK, "%.1f tokens a second", rate);
}

static void check_endpoint(struct checkup *c, const json_t *endpoint)
{
	const json_t *check = json_object_get(endpoint, "check");
	const char *error = ctl_json_text(check, "error");
	bool reached = json_object_get(check, "provider") && strcmp(error, "") == 0;

	checkup_about(c, ctl_json_text(endpoint, "name"), ctl_json_text(endpoint, "url"));
	if (!check) {
		checkup_say(c, CHECKUP_OK, "no server: sentences are the built-in ones");
		return;
	}
	if (reached || count_of(check, "context_used") >= 0)
		say_server(c, check);
	if (!reached) {
		checkup_say(c, CHECKUP_PROBLEM, "%s", *error ? error : "it could not be asked");
		return;
	}
	say_model(c, check);
	say_context(c, check);
	say_gpu(c, check);
	say_answer(c, check);
}

void checkup_endpoints(struct checkup *c, const json_t *list)
{
	const json_t *endpoint;
	size_t i;

	json_array_foreach (list, i, endpoint)
		check_endpoint(c, endpoint);
	if (json_array_size(list) > 0)
		return;
	checkup_about(c, "model servers", NULL);
	checkup_say(c, CHECKUP_WARNING,
	            "no endpoint is configured: reports are written in built-in sentences; see "
	            "endpoints in chimerad.yaml(5)");
}
