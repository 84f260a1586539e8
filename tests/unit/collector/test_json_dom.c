/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "agents/collector/json_dom.h"

struct document {
	struct arena *arena;
	struct json_node *root;
	struct error err, cut;
	int result;
};

static void document_done(struct document *d)
{
	arena_free(d->arena);
}

static struct document parse(const char *text)
{
	struct document d = {.arena = arena_new(UINT64_C(1) << 28)};

	d.result = json_dom_parse(&d.root, &d.cut, d.arena, str_of(text), &d.err);
	return d;
}

static const char *at(const struct document *d, const char *pointer)
{
	struct json_node node;

	if (!d->root || !json_dom_get(&node, d->root, pointer))
		return "(none)";
	if (json_dom_is_container(&node) || json_dom_is_array(&node))
		return "(container)";
	return arena_strndup(d->arena, node.text, node.n);
}

Test(json_dom, keeps_the_order_of_members_and_the_text_of_numbers)
{
	CLEANUP(document_done)
	struct document d = parse("{\"z\": 1.50, \"a\": -0.0e+01, \"m\": []}");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_assert_eq(d.root->n, 3);
	cr_expect_str_eq(d.root->items[0].key, "z");
	cr_expect_str_eq(d.root->items[1].key, "a");
	cr_expect_str_eq(at(&d, "/z"), "1.50");
	cr_expect_str_eq(at(&d, "/a"), "-0.0e+01");
	cr_expect_eq(d.root->items[2].type, DOM_ARRAY);
	cr_expect_eq(d.root->items[2].n, 0);
}

Test(json_dom, takes_what_python_and_cpp_print_for_no_number)
{
	CLEANUP(document_done)
	struct document d = parse("[NaN, Infinity, -Infinity, nan, -nan, inf, -inf, null, true]");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	for (uint32_t i = 0; i < 7; i++)
		cr_expect_eq(d.root->items[i].type, DOM_NONFINITE);
	cr_expect_eq(d.root->items[7].type, DOM_NULL);
	cr_expect_eq(d.root->items[8].type, DOM_BOOL);
	cr_expect_str_eq(at(&d, "/2"), "-Infinity");
}

Test(json_dom, unescapes_strings)
{
	CLEANUP(document_done)
	struct document d = parse(
		"[\"a\\n\\u00b5\\/\\\"\", \"\\ud83d\\udc8e\", \"\\ud83d!\", \"\\udc8e\"]");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_expect_str_eq(at(&d, "/0"), "a\n\302\265/\"");
	cr_expect_str_eq(at(&d, "/1"), "\360\237\222\216");
	cr_expect_str_eq(at(&d, "/2"), "\357\277\275!", "half a pair is replaced");
	cr_expect_str_eq(at(&d, "/3"), "\357\277\275");
}

Test(json_dom, says_line_and_column)
{
	static const struct {
		const char *text, *error;
	} broken[] = {
		{"{\"a\": ", "line 1 column 7: ends where a value should be: cut short"},
		{"{\"a\": 1", "line 1 column 8: ends where a comma or } should be: cut short"},
		{"[1,\n2", "line 2 column 2: ends where a comma or ] should be: cut short"},
		{"[,]", "line 1 column 2: not a value"},
		{"[1,,]", "line 1 column 4: not a value"},
		{"{,}", "line 1 column 2: not a name in quotes"},
		{"{\"a\" 1}", "line 1 column 6: not a colon"},
		{"{a: 1}", "line 1 column 2: not a name in quotes"},
		{"[01]", "line 1 column 2: no value of JSON"},
		{"[+1]", "line 1 column 2: no value of JSON"},
		{"[1.]", "line 1 column 2: no value of JSON"},
		{"[.5]", "line 1 column 2: no value of JSON"},
		{"[1e]", "line 1 column 2: no value of JSON"},
		{"[tru]", "line 1 column 2: no value of JSON"},
		{"[\"\302\265\", x]", "line 1 column 7: no value of JSON"},
		{"[\"a]", "line 1 column 2: a string that never ends: cut short"},
		{"[\"a\tb\"]", "line 1 column 4: a control character within a string"},
		{"[\"\\x\"]", "line 1 column 3: no escape sequence, or \\u0000"},
		{"[\"\\u0000\"]", "line 1 column 3: no escape sequence, or \\u0000"},
		{"[1, # why\n 2]", "line 1 column 5: a comment, which JSON does not have"},
		{"[1, / 2]", "line 1 column 5: not a value"},
		{"[1,\n /* 2]", "line 2 column 2: a comment that never ends: cut short"},
		{"[\"\xff\"]", "line 1 column 3: not UTF-8"},
		{"", "line 1 column 1: ends where a value should be: cut short"}};

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		CLEANUP(document_done) struct document d = parse(broken[i].text);

		cr_expect_eq(d.result, -EINVAL);
		cr_expect_null(d.root);
		cr_expect_str_eq(d.err.text, broken[i].error);
	}
}

Test(json_dom, long_names_and_strings_come_through_whole)
{
	CLEANUP(document_done)
	struct document d = parse(
		"[{\"mean_time_ms\": \"0123456789abcdef\", \"mean_time_ns\": 1},"
		" {\"mean_time_ms\": \"\", \"mean_time_m\\u0073\\u0021\": 2},"
		" {\"mean_time_\\u006ds\": 3, \"mean_time_ns\": 12345678901234567890}]");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_expect_str_eq(at(&d, "/0/mean_time_ms"), "0123456789abcdef");
	cr_expect_str_eq(at(&d, "/1/mean_time_ms"), "");
	cr_expect_str_eq(at(&d, "/1/mean_time_ms!"), "2");
	cr_expect_str_eq(at(&d, "/2/mean_time_ms"), "3");
	cr_expect_str_eq(at(&d, "/2/mean_time_ns"), "12345678901234567890");
	cr_expect_eq(d.root->items[0].items[0].key, d.root->items[2].items[0].key,
	             "equal names have one address");
}

Test(json_dom, a_name_with_a_quote_is_not_taken_for_another)
{
	CLEANUP(document_done)
	struct document d = parse("[{\"a\\\"b\": 1}, {\"a\"b\": 2}]");

	cr_expect_str_eq(d.err.text, "line 1 column 19: not a colon");
}

Test(json_dom, arrays_of_numbers_are_kept_as_text)
{
	static const char *const expected[] = {"1", "-2.50", "3e-2"};
	CLEANUP(document_done)
	struct document d = parse("[[1, -2.50 ,\n3e-2], [1, null], [1e999], []]");
	struct json_numbers rest;
	struct str number;
	size_t n = 0;

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_assert_eq(d.root->items[0].type, DOM_NUMBERS);
	cr_assert_eq(d.root->items[0].n, 3);
	for (rest = json_dom_numbers(&d.root->items[0]); json_dom_next_number(&rest, &number); n++)
		cr_expect(str_is(number, expected[n]), "%zu", n);
	cr_expect_eq(n, 3);
	cr_expect_str_eq(at(&d, "/0/1"), "-2.50");
	cr_expect_str_eq(at(&d, "/0/3"), "(none)");
	cr_expect_eq(d.root->items[1].type, DOM_ARRAY);
	cr_expect_eq(d.root->items[2].type, DOM_ARRAY, "not finite");
	cr_expect_eq(d.root->items[3].type, DOM_ARRAY);
}

Test(json_dom, passes_over_comments_and_last_commas)
{
	CLEANUP(document_done)
	struct document asv = parse("{\n    // The version.\n    \"version\": 1, // one\n"
	                            "    /* \"old\": 2, */\n    \"url\": \"http://x\",\n}\n");
	CLEANUP(document_done)
	struct document perf = parse("{\"a\": 1},\n{\"a\": [2, 3,], },\n");

	cr_assert_eq(asv.result, 0, "%s", asv.err.text);
	cr_expect_eq(asv.root->n, 2);
	cr_expect_str_eq(at(&asv, "/url"), "http://x");
	cr_assert_eq(perf.result, 0, "%s", perf.err.text);
	cr_expect_eq(perf.cut.code, 0, "%s", perf.cut.text);
	cr_expect_eq(perf.root->n, 2);
	cr_expect_str_eq(at(&perf, "/1/a/1"), "3");
}

Test(json_dom, digits_of_a_comment_are_no_numbers)
{
	CLEANUP(document_done)
	struct document d = parse("[[1, // was 7\n 3], [/* 8 */4, 5], [6 // 9\n]]");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_expect_eq(d.root->items[0].type, DOM_ARRAY);
	cr_expect_str_eq(at(&d, "/0/1"), "3");
	cr_expect_str_eq(at(&d, "/1/0"), "4");
	cr_expect_str_eq(at(&d, "/2/0"), "6");
}

/* As JSON without blanks, of numbers and members only. */
static void print(struct document *d, const struct json_node *node, char *to, size_t size)
{
	size_t n = 0;

	if (node->type == DOM_NUMBERS) {
		(void)snprintf(to, size, "[%u numbers]", (unsigned)node->n);
		return;
	}
	if (!json_dom_is_container(node)) {
		(void)snprintf(to, size, "%.*s", (int)node->n, node->text);
		return;
	}
	n += (size_t)snprintf(to, size, "%s", node->type == DOM_ARRAY ? "[" : "{");
	for (uint32_t i = 0; i < node->n && n < size; i++) {
		const struct json_node *item = &node->items[i];

		n += (size_t)snprintf(to + n, size - n, "%s%s%s", i ? "," : "",
		                      item->key ? item->key : "", item->key ? ":" : "");
		print(d, item, to + n, size - n);
		n += strlen(to + n);
	}
	(void)snprintf(to + n, size - n, "%s", node->type == DOM_ARRAY ? "]" : "}");
}

Test(json_dom, of_a_text_that_was_cut_what_is_whole_stays)
{
	static const struct {
		const char *text, *kept;
	} cuts[] = {{"{\"context\":{\"n\":1},\"benchmarks\":[{\"a\":1},{\"a\":2},{\"a\":3",
	             "{context:{n:1},benchmarks:[{a:1},{a:2}]}"},
	            {"{\"r\":[{\"b\":1,\"runs\":[{\"v\":1},{\"v\":", "{r:[{b:1,runs:[{v:1}]}]}"},
	            {"{\"a\":1,\"times\":[1,2,3", "{a:1}"},
	            {"{\"a\":{\"b\":1,\"c\":2,", "{a:{b:1,c:2}}"},
	            {"{\"a\":1,\"b\":23", "{a:1}"},
	            {"{\"a\":1,\"b\":23 ", "{a:1,b:23}"},
	            {"{\"a\":1,\"b\":\"x", "{a:1}"},
	            {"{\"a\":1,\"b\":tru", "{a:1}"},
	            {"[{\"a\":1},{\"a\":2,\"t\":[1,", "[{a:1}]"},
	            {"[[1,2],[3,4],[5", "[[2 numbers],[2 numbers]]"},
	            {"[{\"a\":1},2", "[{a:1}]"},
	            {"{\"a\":1}\n{\"a\":2,", "[{a:1}]"}};

	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		CLEANUP(document_done) struct document d = parse(cuts[i].text);
		char kept[200];

		cr_assert_eq(d.result, 0, "%s: %s", cuts[i].text, d.err.text);
		cr_expect_eq(d.cut.code, -EINVAL);
		cr_expect_eq(d.err.code, 0);
		print(&d, d.root, kept, sizeof kept);
		cr_expect_str_eq(kept, cuts[i].kept);
	}
}

Test(json_dom, what_is_broken_in_its_midst_is_refused)
{
	static const char *const broken[] = {"{\"a\":1,\"b\":x}", "[1,2,3", "[{\"a\":1,"};

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		CLEANUP(document_done) struct document d = parse(broken[i]);

		cr_expect_eq(d.result, -EINVAL, "%s", broken[i]);
		cr_expect_null(d.root);
	}
}

Test(json_dom, finds_the_same_name_in_a_long_object)
{
	char text[2048] = "{\"k0\": 0";
	size_t n = strlen(text);

	for (int i = 1; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, ",\n\"k%d\": 0", i);
	(void)snprintf(text + n, sizeof text - n, ", \"k7\": 1}");
	CLEANUP(document_done) struct document d = parse(text);
	cr_expect_eq(d.cut.code, -EEXIST);
	cr_expect_str_eq(d.cut.text, "line 40 column 11: the name \"k7\" comes twice");
	cr_expect_eq(d.root->n, 39);
}

Test(json_dom, of_a_name_that_comes_twice_nothing_stays)
{
	CLEANUP(document_done)
	struct document d = parse("{\"a\": 1, \"b\": {\"c\": 1,\n\"d\": 2, \"c\": 3, \"c\": 4}, "
	                          "\"c\": 5}");
	struct json_node node;

	cr_assert_eq(d.result, 0);
	cr_expect_str_eq(d.cut.text, "line 2 column 9: the name \"c\" comes twice");
	cr_expect_not(json_dom_get(&node, d.root, "/b/c"));
	cr_expect(json_dom_get(&node, d.root, "/b/d"));
	cr_expect(json_dom_get(&node, d.root, "/c"), "it is another object's");
}

Test(json_dom, that_the_text_is_cut_short_goes_before_a_name_that_comes_twice)
{
	CLEANUP(document_done) struct document d = parse("{\"a\":1,\"a\":2,\"b\":3,\"c\":");

	cr_assert_eq(d.result, 0);
	cr_expect_eq(d.cut.code, -EINVAL);
	cr_expect_eq(d.root->n, 1);
}

Test(json_dom, a_name_that_comes_twice_is_a_failure_where_nobody_is_told)
{
	CLEANUP(document_done) struct document d = parse("{}");
	struct error err = {0};

	cr_expect_eq(json_dom_parse(&d.root, NULL, d.arena, str_of("{\"a\": 1,\n\"a\": 2}"), &err),
	             -EINVAL);
	cr_expect_str_eq(err.text, "line 2 column 1: the name \"a\" comes twice");
}

Test(json_dom, limits_the_depth)
{
	char text[2 * JSON_DOM_DEPTH_MAX + 16];
	const size_t deep = JSON_DOM_DEPTH_MAX;

	memset(text, '[', deep);
	memset(text + deep, ']', deep);
	text[2 * deep] = '\0';
	CLEANUP(document_done) struct document fits = parse(text);
	memset(text, '[', deep + 1);
	memset(text + deep + 1, ']', deep + 1);
	text[2 * deep + 2] = '\0';
	CLEANUP(document_done) struct document beyond = parse(text);
	cr_expect_eq(fits.result, 0);
	cr_expect_eq(beyond.result, -EINVAL);
	cr_expect(strstr(beyond.err.text, "line 1 column 513: nested more than 512 deep"), "%s",
	          beyond.err.text);
}

Test(json_dom, several_documents_are_an_array)
{
	CLEANUP(document_done) struct document lines = parse("{\"a\":1}\n{\"a\":2}\n\n{\"a\":3}\n");
	CLEANUP(document_done) struct document one = parse("{\"a\":1}\n");

	cr_assert_eq(lines.result, 0);
	cr_expect_eq(lines.root->type, DOM_ARRAY);
	cr_expect_str_eq(at(&lines, "/2/a"), "3");
	cr_expect_eq(lines.cut.code, 0);
	cr_expect_str_eq(at(&one, "/a"), "1");
}

Test(json_dom, keeps_the_documents_before_a_broken_one)
{
	CLEANUP(document_done) struct document d = parse("{\"a\":1}\n{\"a\":2}\n{\"a\":");
	CLEANUP(document_done) struct document first = parse("{\"a\":1}\n{\"a\":");
	CLEANUP(document_done) struct document junk = parse("{\"a\":1}\nDone.\n");
	struct error err;

	cr_assert_eq(d.result, 0);
	cr_expect_eq(d.root->n, 2);
	cr_expect_str_eq(d.cut.text, "line 3 column 6: ends where a value should be: cut short");
	cr_expect_str_eq(at(&first, "/0/a"), "1", "still JSON Lines");
	cr_expect_str_eq(at(&junk, "/a"), "1", "one document with a word behind it");
	cr_expect_neq(junk.cut.code, 0);
	cr_expect_eq(json_dom_parse(&d.root, NULL, d.arena, str_of("{} {"), &err), -EINVAL);
}

Test(json_dom, passes_over_a_greeting)
{
	CLEANUP(document_done)
	struct document d = parse("fio: this platform does not ...\nnote: x\n{\"a\": 1}\n");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_expect_str_eq(at(&d, "/a"), "1");
}

Test(json_dom, follows_pointers)
{
	CLEANUP(document_done)
	struct document d = parse("{\"a/b\": {\"m~n\": [10, {\"\": 11}]}, \"*\": 12, \"1\": 13}");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_expect_str_eq(at(&d, "/a~1b/m~0n/0"), "10");
	cr_expect_str_eq(at(&d, "/a~1b/m~0n/1/"), "11");
	cr_expect_str_eq(at(&d, "/1"), "13");
	cr_expect_str_eq(at(&d, ""), "(container)");
	cr_expect_str_eq(at(&d, "/a~1b/m~0n/2"), "(none)");
	cr_expect_str_eq(at(&d, "/a~1b/m~0n/00"), "(none)");
	cr_expect_str_eq(at(&d, "/a~1b/m~0n/-"), "(none)");
	cr_expect_str_eq(at(&d, "/1/x"), "(none)");
	cr_expect_str_eq(at(&d, "1"), "(none)");
}

struct seen {
	char text[200];
	int stop_at;
	int n;
};

static int note(void *arg, const struct json_node *node, size_t row)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	(void)snprintf(seen->text + len, sizeof seen->text - len, "%zu:%.*s ", row, (int)node->n,
	               node->text);
	return ++seen->n == seen->stop_at ? 7 : 0;
}

Test(json_dom, resolves_stars_in_order_with_the_row_of_the_first)
{
	CLEANUP(document_done)
	struct document d = parse("{\"runs\": [{\"t\": [1, 2]}, {\"x\": 0}, {\"t\": [3]}],"
	                          " \"by\": {\"b\": {\"v\": 4}, \"a\": {\"v\": 5}}}");
	struct seen all = {0}, keyed = {0}, plain = {0}, stopped = {.stop_at = 2}, none = {0};

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_expect_eq(json_dom_resolve(d.root, "/runs/*/t/*", note, &all), 0);
	cr_expect_str_eq(all.text, "1:1 1:2 3:3 ");
	cr_expect_eq(json_dom_resolve(d.root, "/by/*/v", note, &keyed), 0);
	cr_expect_str_eq(keyed.text, "1:4 2:5 ");
	cr_expect_eq(json_dom_resolve(d.root, "/runs/2/t/0", note, &plain), 0);
	cr_expect_str_eq(plain.text, "0:3 ");
	cr_expect_eq(json_dom_resolve(d.root, "/runs/*/t/*", note, &stopped), 7);
	cr_expect_eq(json_dom_resolve(d.root, "/runs/*/nothing", note, &none), -ENOENT);
	cr_expect_eq(json_dom_resolve(d.root, "runs", note, &none), -EINVAL);
	cr_expect_eq(none.n, 0);
}
