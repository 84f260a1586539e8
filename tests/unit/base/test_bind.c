/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <errno.h>

#include "lib/base/bind.h"

struct tool {
	char *name, *colour;
	uint64_t size;
};

struct rule {
	char *pattern, *role, *unit;
};

struct thing {
	char *name;
	uint64_t count, wait_ms, bytes, *ids;
	int64_t level;
	double weight;
	bool loud;
	int mode;
	struct {
		uint64_t words;
	} limits;
	char **tags;
	struct tool *tools;
	struct rule *rules;
	size_t n_tags, n_ids, n_tools, n_rules;
};

static const char *const modes[] = {"plain", "stern", NULL};
static const char *const colours[] = {"red", "green", NULL};

/* clang-format off */
#define TOOL(m)  .offset = offsetof(struct tool, m)
#define RULE(m)  .offset = offsetof(struct rule, m)
#define AT(m)    .offset = offsetof(struct thing, m)
#define COUNT(m) .count_offset = offsetof(struct thing, m)

static const struct bind_field tool_table[] = {
	{"name",   BIND_STRING, TOOL(name), .required = true, .check = bind_check_name},
	{"colour", BIND_STRING, TOOL(colour), .names = colours},
	{"size",   BIND_UINT,   TOOL(size)},
	{0}};
static const struct bind_field rule_table[] = {
	{"pattern", BIND_STRING, RULE(pattern), .min = 1},
	{"role",    BIND_STRING, RULE(role), .names = modes},
	{"unit",    BIND_STRING, RULE(unit), .min = 1},
	{0}};
static const struct bind_field limit_table[] = {
	{"words", BIND_UINT, .offset = 0, .min = 1, .max = 9},
	{0}};
static const struct bind_field table[] = {
	{"name",   BIND_STRING,   AT(name), .min = 1, .max = 8},
	{"count",  BIND_UINT,     AT(count), .min = 1, .max = 100},
	{"level",  BIND_INT,      AT(level), .low = -5, .high = 5},
	{"weight", BIND_DOUBLE,   AT(weight), .low = 0, .high = 2},
	{"loud",   BIND_BOOL,     AT(loud)},
	{"mode",   BIND_ENUM,     AT(mode), .names = modes},
	{"wait",   BIND_DURATION, AT(wait_ms), .min = 250, .max = 3600 * 1000},
	{"bytes",  BIND_SIZE,     AT(bytes), .max = (uint64_t)2 << 30},
	{"limits", BIND_MAP,      AT(limits), .table = limit_table},
	{"tags",   BIND_STRINGS,  AT(tags), COUNT(n_tags), .min = 1, .max_count = 3},
	{"ids",    BIND_UINTS,    AT(ids), COUNT(n_ids), .max = 9},
	{"tools",  BIND_MAPS,     AT(tools), COUNT(n_tools), .table = tool_table,
	 .element_bytes = sizeof(struct tool), .element = &(const struct tool){.size = 7}},
	{"rules",  BIND_PAIRS,    AT(rules), COUNT(n_rules), .table = rule_table,
	 .element_bytes = sizeof(struct rule)},
	{"later",  BIND_ANY,      .offset = 0},
	{"never",  BIND_REFUSED,  .offset = 0},
	{0}};
/* clang-format on */

static int parse(struct thing *t, const char *text, struct error *err)
{
	return bind_text("t", text, strlen(text), table, t, NULL, NULL, err);
}

static void thing_done(struct thing *t)
{
	bind_free(table, t);
}

Test(bind, every_type_is_bound)
{
	CLEANUP(thing_done) struct thing t = {0};
	struct error err = {0};

	cr_assert_eq(parse(&t,
	                   "name: ada\ncount: 9\nlevel: -5\nweight: 0.5\nloud: true\nmode: stern\n"
	                   "wait: 5m\nbytes: 64MiB\nlimits: {words: 3}\ntags: [a, 'b c']\n"
	                   "ids: [0, 9]\ntools:\n- {name: saw, colour: red}\n- name: axe\n"
	                   "  size: 1\nrules: {'*_s': plain, x: {role: stern, unit: ms}}\n"
	                   "later: {any: [thing]}\nnever: []\n",
	                   &err),
	             0, "%s", err.text);
	cr_expect_str_eq(t.name, "ada");
	cr_expect_eq(t.count, 9);
	cr_expect_eq(t.level, -5);
	cr_expect_eq(t.weight, 0.5);
	cr_expect(t.loud);
	cr_expect_eq(t.mode, 1);
	cr_expect_eq(t.wait_ms, 300000);
	cr_expect_eq(t.bytes, 67108864);
	cr_expect_eq(t.limits.words, 3);
	cr_assert_eq(t.n_tags, 2);
	cr_expect_str_eq(t.tags[1], "b c");
	cr_assert_eq(t.n_ids, 2);
	cr_expect_eq(t.ids[1], 9);
	cr_assert_eq(t.n_tools, 2);
	cr_expect_str_eq(t.tools[0].colour, "red");
	cr_expect_eq(t.tools[0].size, 7);
	cr_expect_eq(t.tools[1].size, 1);
	cr_assert_eq(t.n_rules, 2);
	cr_expect_str_eq(t.rules[0].pattern, "*_s");
	cr_expect_str_eq(t.rules[0].role, "plain");
	cr_expect_str_eq(t.rules[1].unit, "ms");
}

Test(bind, a_value_replaces_its_default)
{
	CLEANUP(thing_done) struct thing t = {.name = strdup("old"), .n_tags = 1};
	struct error err = {0};

	t.tags = calloc(1, sizeof *t.tags);
	t.tags[0] = strdup("old");
	cr_assert_eq(parse(&t, "name: new\ntags: []\n", &err), 0, "%s", err.text);
	cr_expect_str_eq(t.name, "new");
	cr_expect_null(t.tags);
	cr_expect_eq(t.n_tags, 0);
}

Test(bind, an_empty_text_leaves_all_defaults)
{
	static const char *const empty[] = {"",      "\n",      "# only a remark\n",
	                                    "---\n", "--- ~\n", "\xef\xbb\xbf# a byte order mark\n",
	                                    "{}\n"};

	for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
		CLEANUP(thing_done) struct thing t = {.count = 4};
		struct error err = {0};

		cr_expect_eq(parse(&t, empty[i], &err), 0, "case %zu: %s", i, err.text);
		cr_expect_eq(t.count, 4);
	}
}

Test(bind, durations_and_sizes_take_their_units)
{
	static const struct {
		const char *text;
		uint64_t ms, bytes;
	} good[] = {
		{"wait: 90", 90000, 0},      {"wait: 250ms", 250, 0},
		{"wait: 600s", 600000, 0},   {"wait: 1h", 3600000, 0},
		{"bytes: 0", 0, 0},          {"bytes: 65536", 0, 65536},
		{"bytes: 12B", 0, 12},       {"bytes: 3K", 0, 3072},
		{"bytes: 1KiB", 0, 1024},    {"bytes: 2G", 0, 2147483648},
		{"bytes: 1GiB", 0, 1 << 30}, {"bytes: 5M", 0, 5 << 20},
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		CLEANUP(thing_done) struct thing t = {0};
		struct error err = {0};

		cr_expect_eq(parse(&t, good[i].text, &err), 0, "%s: %s", good[i].text, err.text);
		cr_expect_eq(t.wait_ms, good[i].ms, "%s", good[i].text);
		cr_expect_eq(t.bytes, good[i].bytes, "%s", good[i].text);
	}
}

static const struct {
	const char *text;
	int code;
	const char *message;
} bad[] = {
	{"nmae: a\n", -EINVAL, "t:1:1: unknown key \"nmae\"; did you mean \"name\"?"},
	{"name: a\nlimits: {wrods: 1}\n", -EINVAL,
         "t:2:10: unknown key \"wrods\"; did you mean \"words\"?"},
	{"limits: {zebra: 1}\n", -EINVAL, "t:1:10: unknown key \"zebra\"; known here: words"},
	{"\"name\\0x\": a\n", -EINVAL, "t:1:1: unknown key \"name?x\"; did you mean \"name\"?"},
	{"? [a]\n: b\n", -EINVAL, "t:1:3: a key must be a single value"},
	{"name: a\nname: b\n", -EEXIST, "t:2:1: name: given twice"},
	{"name: ''\n", -ERANGE, "t:1:7: name: is empty"},
	{"name: abcdefghi\n", -ERANGE, "t:1:7: name: 9 bytes are outside 1..8"},
	{"name: [a]\n", -EINVAL, "t:1:7: name: must be a single value"},
	{"name:\n", -EINVAL, "t:1:6: name: has no value; leave the key out for its default"},
	{"name: \"a\\0b\"\n", -EINVAL, "t:1:7: name: contains a NUL byte"},
	{"count: -1\n", -EINVAL, "t:1:8: count: \"-1\" is not a whole number from 0"},
	{"count: 0x10\n", -EINVAL, "t:1:8: count: \"0x10\" is not a whole number from 0"},
	{"count: 99999999999999999999\n", -EINVAL,
         "t:1:8: count: \"99999999999999999999\" is not a whole number from 0"},
	{"count: 101\n", -ERANGE, "t:1:8: count: 101 is outside 1..100"},
	{"level: 6\n", -ERANGE, "t:1:8: level: 6 is outside -5..5"},
	{"level: 1.5\n", -EINVAL, "t:1:8: level: \"1.5\" is not a whole number"},
	{"weight: nan\n", -EINVAL, "t:1:9: weight: \"nan\" is not a number"},
	{"weight: 0x1p0\n", -EINVAL, "t:1:9: weight: \"0x1p0\" is not a number"},
	{"weight: 1e999\n", -EINVAL, "t:1:9: weight: \"1e999\" is not a number"},
	{"weight: 2.5\n", -ERANGE, "t:1:9: weight: 2.5 is outside 0..2"},
	{"loud: yes\n", -EINVAL, "t:1:7: loud: \"yes\" is neither true nor false"},
	{"mode: stenr\n", -EINVAL,
         "t:1:7: mode: \"stenr\" is not one of plain, stern; did you mean \"stern\"?"},
	{"mode: loud\n", -EINVAL, "t:1:7: mode: \"loud\" is not one of plain, stern"},
	{"wait: 5 minutes\n", -EINVAL,
         "t:1:7: wait: \"5 minutes\" is not a duration such as 90 (seconds), 250ms, 5m or 36h"},
	{"wait: 2h\n", -ERANGE, "t:1:7: wait: \"2h\" is outside 250ms..1h"},
	{"bytes: 64MB\n", -EINVAL,
         "t:1:8: bytes: \"64MB\" is not a size such as 65536 (bytes), 64MiB or 2G"},
	{"bytes: 3G\n", -ERANGE, "t:1:8: bytes: \"3G\" is outside 0B..2GiB"},
	{"bytes: 99999999999G\n", -EINVAL,
         "t:1:8: bytes: \"99999999999G\" is not a size such as 65536 (bytes), 64MiB or 2G"},
	{"limits: 3\n", -EINVAL, "t:1:9: limits: must be a mapping"},
	{"tags: a\n", -EINVAL, "t:1:7: tags: must be a list"},
	{"tags: [a, b, a]\n", -EEXIST, "t:1:14: tags: \"a\" is given twice"},
	{"tags: [a, b, c, d]\n", -E2BIG, "t:1:7: tags: 4 entries, more than 3"},
	{"tags: [[a]]\n", -EINVAL, "t:1:8: tags: each entry must be a single value"},
	{"tags: [a,\n  ~]\n", -EINVAL, "t:2:3: tags: each entry must be a single value"},
	{"ids: [10]\n", -ERANGE, "t:1:7: ids: 10 is outside 0..9"},
	{"tools: [{size: 1}]\n", -ENODATA, "t:1:9: name: missing"},
	{"tools: [axe]\n", -EINVAL, "t:1:9: tools: each entry must be a mapping"},
	{"tools: [{name: Axe}]\n", -EINVAL,
         "t:1:16: name: \"Axe\" is no name: a-z, 0-9 and -, at most 64, not beginning with -"},
	{"tools: [{name: a}, {name: b, colour: blue}]\n", -EINVAL,
         "t:1:38: colour: \"blue\" is not one of red, green"},
	{"rules: {a: plain, b: soft}\n", -EINVAL,
         "t:1:22: role: \"soft\" is not one of plain, stern"},
	{"rules: {a: plain, a: stern}\n", -EEXIST, "t:1:19: rules: \"a\" is given twice"},
	{"rules: {a: {pattern: b}}\n", -EINVAL,
         "t:1:13: unknown key \"pattern\"; known here: role, unit"},
	{"rules: {[a]: plain}\n", -EINVAL, "t:1:9: rules: a key must be a single value"},
	{"never: [x]\n", -ENOTSUP, "t:1:8: never: not supported by this version; leave it out"},
	{"- a\n", -EINVAL, "t:1:1: must be a mapping of keys to values"},
	{"limits: &l {words: *l}\n", -ELOOP, "t:1:20: this alias contains itself"},
	{"later: &l [[*l]]\n", -ELOOP, "t:1:13: this alias contains itself"},
	{"later: *nowhere\n", -EINVAL, "t:1:8: not YAML: found undefined alias"},
	{"name: a\n---\nname: b\n", -EINVAL,
         "t:2:1: a second document begins here; a file holds one"},
	{"later: [[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]\n", -ELOOP, "t:1:23: nested too deeply"},
	{"name: [a\n", -EINVAL,
         "t:2:1: not YAML: did not find expected ',' or ']' while parsing a flow sequence"},
	{"name: a\n\tcount: 1\n", -EINVAL,
         "t:2:1: not YAML: found a tab character that violates indentation while scanning a "
         "plain scalar"},
	{"name: \x80\n", -EINVAL, "t:1:7: not YAML: invalid leading UTF-8 octet"},
	{"# \xc3\xbc\x01\n", -EINVAL, "t:1:4: not YAML: control characters are not allowed"},
	{"\"a\\nb\\u00fc\": 1\n", -EINVAL,
         "t:1:1: unknown key \"a?b\xc3\xbc\"; known here: name, count, level, weight, loud, mode, "
         "wait, bytes, limits, tags, ids, tools, rules, later, never"},
};

Test(bind, every_bad_text_names_its_place)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(thing_done) struct thing t = {0};
		struct error err = {0};

		cr_expect_eq(parse(&t, bad[i].text, &err), bad[i].code, "%s", bad[i].text);
		cr_expect_str_eq(err.text, bad[i].message, "%s\n   is: %s\nshould be: %s",
		                 bad[i].text, err.text, bad[i].message);
	}
}

Test(bind, a_nul_byte_and_a_huge_text_are_refused)
{
	static const char nul[] = "name: a\nx\0y\n";
	CLEANUP(thing_done) struct thing t = {0};
	CLEANUP(freep) char *huge = malloc(YAML_TEXT_MAX + 1);
	struct error err = {0};

	cr_assert_not_null(huge);
	cr_expect_eq(bind_text("t", nul, sizeof nul - 1, table, &t, NULL, NULL, &err), -EINVAL);
	cr_expect_str_eq(err.text, "t:2:2: contains a NUL byte");
	memset(huge, '#', YAML_TEXT_MAX + 1);
	cr_expect_eq(bind_text("t", huge, YAML_TEXT_MAX + 1, table, &t, NULL, NULL, &err), -EFBIG);
	cr_expect_str_eq(err.text, "t: 262145 bytes, over the limit of 262144");
	cr_expect_eq(bind_text("t", huge, YAML_TEXT_MAX, table, &t, NULL, NULL, &err), 0);
}

Test(bind, an_alias_stands_for_what_it_names)
{
	CLEANUP(thing_done) struct thing t = {0};
	struct error err = {0};

	cr_assert_eq(parse(&t, "tools: [&saw {name: saw}, *saw]\n", &err), 0, "%s", err.text);
	cr_assert_eq(t.n_tools, 2);
	cr_expect_str_eq(t.tools[1].name, "saw");
	cr_expect_neq(t.tools[0].name, t.tools[1].name);
}

Test(bind, anchors_are_counted)
{
	CLEANUP(thing_done) struct thing t = {0};
	struct error err = {0};
	char text[16 * YAML_ANCHORS_MAX] = "later: [";
	size_t len = strlen(text);

	for (int i = 0; i <= YAML_ANCHORS_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "&a%d x,", i);
	(void)snprintf(text + len, sizeof text - len, "]");
	cr_expect_eq(parse(&t, text, &err), -E2BIG);
	cr_expect_not_null(strstr(err.text, ": too many anchors"), "%s", err.text);
}

Test(bind, directives_are_counted)
{
	CLEANUP(thing_done) struct thing t = {0};
	struct error err = {0};
	char text[1000] = "";

	cr_expect_eq(parse(&t, "%YAML 1.2\n---\nname: a\n", &err), 0, "%s", err.text);
	for (int i = 0; i < 40; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "%%TAG !%d! x\n",
		               i);
	cr_expect_eq(parse(&t, text, &err), -E2BIG);
	cr_expect_str_eq(err.text, "t:1:1: too many lines that begin with %");
}

static int no_saws(const struct bind_source *src, void *dst, const void *arg, struct error *err)
{
	struct thing *t = dst;

	cr_expect_str_eq(arg, "argument");
	for (size_t i = 0; i < t->n_tools; i++) {
		char path[32];

		(void)snprintf(path, sizeof path, "tools/%zu/name", i);
		if (strcmp(t->tools[i].name, "saw") == 0)
			return bind_fail(src, path, err, -EPERM, "no %s", "saws");
	}
	return bind_fail(src, "limits/words/x", err, -ENODATA, "nothing there");
}

Test(bind, a_check_of_the_whole_can_name_any_place)
{
	static const char saw[] = "tools:\n  - name: axe\n  - name: saw\n";
	static const char axe[] = "name: a\n";
	CLEANUP(thing_done) struct thing t = {0};
	struct error err = {0};

	cr_expect_eq(bind_text("t", saw, sizeof saw - 1, table, &t, no_saws, "argument", &err),
	             -EPERM);
	cr_expect_str_eq(err.text, "t:3:11: name: no saws");
	thing_done(&t);
	cr_expect_eq(bind_text("t", axe, sizeof axe - 1, table, &t, no_saws, "argument", &err),
	             -ENODATA);
	cr_expect_str_eq(err.text, "t:1:1: x: nothing there");
}

Test(bind, foreign_text_in_a_message_is_cut_between_characters)
{
	CLEANUP(thing_done) struct thing t = {0};
	struct error err = {0};
	char text[200] = "mode: '";

	for (int i = 0; i < 40; i++)
		memcpy(text + 7 + 2 * i, "\xc3\xbc", 2);
	memcpy(text + 87, "'", 2);
	cr_expect_eq(parse(&t, text, &err), -EINVAL);
	cr_expect_str_eq(err.text,
	                 "t:1:7: mode: \"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	                 "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	                 "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
	                 "...\" is not one of plain, stern");
}
