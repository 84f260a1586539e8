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
	const struct json_node *node = d->root ? json_dom_get(d->root, pointer) : NULL;

	return !node ? "(none)" : json_dom_is_container(node) ? "(container)" : node->text;
}

Test(json_dom, keeps_the_order_of_members_and_the_text_of_numbers)
{
	CLEANUP(document_done)
	struct document d = parse("{\"z\": 1.50, \"a\": -0.0e+01, \"m\": []}");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_assert_eq(d.root->n, 3);
	cr_expect_str_eq(d.root->items[0].key, "z");
	cr_expect_str_eq(d.root->items[1].key, "a");
	cr_expect_str_eq(d.root->items[0].text, "1.50");
	cr_expect_str_eq(d.root->items[1].text, "-0.0e+01");
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
	cr_expect_str_eq(d.root->items[2].text, "-Infinity");
}

Test(json_dom, unescapes_strings)
{
	CLEANUP(document_done)
	struct document d = parse(
		"[\"a\\n\\u00b5\\/\\\"\", \"\\ud83d\\udc8e\", \"\\ud83d!\", \"\\udc8e\"]");

	cr_assert_eq(d.result, 0, "%s", d.err.text);
	cr_expect_str_eq(d.root->items[0].text, "a\n\302\265/\"");
	cr_expect_str_eq(d.root->items[1].text, "\360\237\222\216");
	cr_expect_str_eq(d.root->items[2].text, "\357\277\275!", "half a pair is replaced");
	cr_expect_str_eq(d.root->items[3].text, "\357\277\275");
}

Test(json_dom, says_line_and_column)
{
	static const struct {
		const char *text, *error;
	} broken[] = {
		{"{\n \"a\": 1,\n \"a\": 2\n}", "line 3 column 2: the name \"a\" comes twice"},
		{"{\"a\": ", "line 1 column 7: ends where a value should be: cut short"},
		{"{\"a\": 1", "line 1 column 8: ends where a comma or } should be: cut short"},
		{"[1,\n2", "line 2 column 2: ends where a comma or ] should be: cut short"},
		{"[1,]", "line 1 column 4: not a value"},
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
		{"[1, // why\n 2]", "line 1 column 5: a comment, which JSON does not have"},
		{"[\"\xff\"]", "line 1 column 3: not UTF-8"},
		{"", "line 1 column 1: ends where a value should be: cut short"}};

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		CLEANUP(document_done) struct document d = parse(broken[i].text);

		cr_expect_eq(d.result, -EINVAL);
		cr_expect_null(d.root);
		cr_expect_str_eq(d.err.text, broken[i].error);
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
	cr_expect_str_eq(d.err.text, "line 40 column 11: the name \"k7\" comes twice");
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
	cr_expect(strstr(beyond.err.text, "nested too deeply"), "%s", beyond.err.text);
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

	(void)snprintf(seen->text + len, sizeof seen->text - len, "%zu:%s ", row, node->text);
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
