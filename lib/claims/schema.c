/* SPDX-License-Identifier: MIT */
/*
 * The grammar that a server builds from this schema is a help to the model, never the guarantee:
 * claims_check() is. Kept within llama.cpp's converter: anchored patterns, classes with '-' last,
 * no \d, no non-capturing groups, every bound far under 2000, no bound inside an unbounded one.
 */
#include <errno.h>

#include "lib/base/buf.h"
#include "lib/claims/claims.h"

#define MAX_PATTERN_BYTES (256 * 1024)
#define MAX_ENUM_IDS      64 /* above it a trie masks faster than a flat list of alternatives */
#define MAX_ABOUT         4
#define MAX_ID_DIGITS     10

/*
 * Narrower than the check, as it is what a small model writes that counts: without accents it
 * makes no broken characters, and without colons no headings.
 */
#define LETTERS "A-Za-z"

const struct claims_effort claims_efforts[CLAIMS_EFFORTS] = {
	{"setting", "Effort: a change of a setting."},
	{"rerun", "Effort: another run of the benchmark."},
	{"code", "Effort: a change of code."},
	{"hardware", "Effort: a change of the machine."},
};

/* The ids of one kind as a trie over their digits, in 10 children a node. */
struct trie {
	struct node {
		unsigned child[10]; /* index into nodes, 0: none */
		bool end;
	} * nodes;
	size_t n, cap;
};

static void trie_done(struct trie *t)
{
	free(t->nodes);
}

static int trie_node(struct trie *t, unsigned *ret)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct node *nodes = reallocarray(t->nodes, cap, sizeof *nodes);

		if (!nodes)
			return -ENOMEM;
		t->nodes = nodes;
		t->cap = cap;
	}
	t->nodes[t->n] = (struct node){0};
	*ret = (unsigned)t->n++;
	return 0;
}

static int trie_add(struct trie *t, unsigned id)
{
	unsigned digits[MAX_ID_DIGITS], at = 0, next;
	size_t n = 0;

	for (; id; id /= 10)
		digits[n++] = id % 10;
	while (n-- > 0) {
		next = t->nodes[at].child[digits[n]];
		if (!next) {
			if (trie_node(t, &next) < 0)
				return -ENOMEM;
			t->nodes[at].child[digits[n]] = next;
		}
		at = next;
	}
	t->nodes[at].end = true;
	return 0;
}

static int trie_build(struct trie *t, const unsigned *ids, size_t n)
{
	unsigned root;
	size_t i;
	int r = trie_node(t, &root);

	for (i = 0; r == 0 && i < n; i++)
		r = trie_add(t, ids[i]);
	return r;
}

/* What may follow a node: "(1(2|3)?|2)"; with '?' behind it where an id ends here already. */
static void trie_print(const struct trie *t, unsigned at, struct buf *b)
{
	const struct node *node = &t->nodes[at];
	bool any = false;
	unsigned i;

	for (i = 0; i < 10; i++) {
		if (!node->child[i])
			continue;
		buf_puts(b, any ? "|" : "(");
		buf_putc(b, (char)('0' + i));
		trie_print(t, node->child[i], b);
		any = true;
	}
	if (any)
		buf_puts(b, node->end ? ")?" : ")");
}

static int ids_print(struct buf *b, char letter, const unsigned *ids, size_t n)
{
	CLEANUP(trie_done) struct trie t = {0};
	int r = trie_build(&t, ids, n);

	if (r < 0)
		return r;
	buf_putc(b, letter);
	trie_print(&t, 0, b);
	return 0;
}

/*
 * Whole sentences: words and placeholders with one blank or a comma between them, then a full
 * stop. Built so, a placeholder always stands alone, and the text cannot break off in a word.
 */
static int sentence_print(struct buf *b, const struct claims_scope *scope)
{
	int r = 0;

	buf_puts(b, "[A-Z]([" LETTERS "\\u2019'-]{1,24})?((,|;|:)? ([" LETTERS "][" LETTERS
	            "\\u2019'-]{0,24}");
	if (scope->n_facts) {
		buf_puts(b, "|\\{");
		r = ids_print(b, 'F', scope->facts, scope->n_facts);
		buf_puts(b, "(:(direction|size|subject|name|unit))?\\}");
	}
	buf_puts(b, ")){4,40}\\.");
	return r;
}

static int text_schema(json_t **ret, const struct claims_scope *scope, bool one_sentence)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(MAX_PATTERN_BYTES);
	int r;

	buf_putc(&b, '^');
	r = sentence_print(&b, scope);
	if (r == 0 && !one_sentence) {
		buf_puts(&b, "( ");
		r = sentence_print(&b, scope);
		buf_puts(&b, ")?");
	}
	buf_putc(&b, '$');
	if (r == 0 && b.failed)
		r = -ENOMEM;
	if (r == 0)
		*ret = json_pack("{s:s, s:s}", "type", "string", "pattern", buf_text(&b));
	return r;
}

static int id_enum(json_t **ret, const struct claims_scope *scope, bool facts)
{
	json_t *list = json_array();
	char name[16];
	size_t i;
	int r = list ? 0 : -1;

	for (i = 0; r == 0 && i < scope->n_findings; i++) {
		(void)snprintf(name, sizeof name, "K%u", scope->findings[i]);
		r = json_array_append_new(list, json_string(name));
	}
	for (i = 0; r == 0 && facts && i < scope->n_facts; i++) {
		(void)snprintf(name, sizeof name, "F%u", scope->facts[i]);
		r = json_array_append_new(list, json_string(name));
	}
	if (r < 0) {
		json_decref(list);
		return -ENOMEM;
	}
	*ret = json_pack("{s:s, s:o}", "type", "string", "enum", list);
	return 0;
}

static int id_pattern(json_t **ret, const struct claims_scope *scope, bool facts)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT(MAX_PATTERN_BYTES);
	int r = 0;

	facts = facts && scope->n_facts;
	buf_puts(&b, "^(");
	if (scope->n_findings)
		r = ids_print(&b, 'K', scope->findings, scope->n_findings);
	if (scope->n_findings && facts)
		buf_putc(&b, '|');
	if (r == 0 && facts)
		r = ids_print(&b, 'F', scope->facts, scope->n_facts);
	buf_puts(&b, ")$");
	if (r == 0 && b.failed)
		r = -ENOMEM;
	if (r == 0)
		*ret = json_pack("{s:s, s:s}", "type", "string", "pattern", buf_text(&b));
	return r;
}

static int id_schema(json_t **ret, const struct claims_scope *scope, bool facts)
{
	size_t n = scope->n_findings + (facts ? scope->n_facts : 0);

	return n <= MAX_ENUM_IDS ? id_enum(ret, scope, facts) : id_pattern(ret, scope, facts);
}

struct list {
	const char *name, *ids, *text; /* of its members */
	bool facts;                    /* among the ids */
	bool one_sentence;
	size_t max;
};

/* [{<ids>: [...], <text>: "..."}]: the ids first, so that the model has chosen them when it writes.
 */
static int list_schema(json_t **ret, const struct claims_scope *scope, const struct list *l)
{
	json_t *id = NULL, *text = NULL;
	int r = id_schema(&id, scope, l->facts);

	if (r == 0)
		r = text_schema(&text, scope, l->one_sentence);
	if (r < 0) {
		json_decref(id);
		return r;
	}
	*ret = json_pack("{s:s, s:i, s:I, s:{s:s, s:{s:{s:s, s:i, s:i, s:o}, s:o}, s:[s, s], s:b}}",
	                 "type", "array", "minItems", 1, "maxItems", (json_int_t)l->max, "items",
	                 "type", "object", "properties", l->ids, "type", "array", "minItems", 1,
	                 "maxItems", MAX_ABOUT, "items", id, l->text, text, "required", l->ids,
	                 l->text, "additionalProperties", 0);
	return *ret ? 0 : -ENOMEM;
}

static int member_add(json_t *schema, const char *name, json_t *value)
{
	if (json_object_set_new(json_object_get(schema, "properties"), name, value) < 0 ||
	    json_array_append_new(json_object_get(schema, "required"), json_string(name)) < 0)
		return -ENOMEM;
	return 0;
}

static json_t *effort_schema(void)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < CLAIMS_EFFORTS; i++)
		(void)json_array_append_new(list, json_string(claims_efforts[i].key));
	return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

/* What each recommendation says beside what to do, in the order in which it is written. */
static int advice_add(json_t *list, const struct claims_scope *scope)
{
	json_t *item = json_object_get(list, "items"), *text = NULL;
	int r = text_schema(&text, scope, true);

	if (r == 0)
		r = member_add(item, "effect", json_incref(text));
	if (r == 0)
		r = member_add(item, "risk", json_incref(text));
	json_decref(text);
	return r < 0 ? r : member_add(item, "effort", effort_schema());
}

static int risk_add(json_t *list, const struct claims_scope *scope)
{
	json_t *text = NULL;
	int r = text_schema(&text, scope, true);

	return r < 0 ? r : member_add(json_object_get(list, "items"), "mitigation", text);
}

/* A list of the answer; *ret_list is borrowed from the schema. */
static int list_add(json_t *schema, const struct claims_scope *scope, const struct list *l,
                    json_t **ret_list)
{
	int r = list_schema(ret_list, scope, l);

	return r < 0 ? r : member_add(schema, l->name, *ret_list);
}

int claims_schema(json_t **ret, const struct claims_scope *scope, struct error *err)
{
	CLEANUP(json_decrefp)
	json_t *schema = json_pack("{s:s, s:{}, s:[], s:b}", "type", "object", "properties",
	                           "required", "additionalProperties", 0);
	const struct list claims = {"claims", "about", "text", true, false, scope->max_claims};
	const struct list advice = {"recommendations",         "findings", "text", false, false,
	                            scope->max_recommendations};
	const struct list risks = {"risks", "findings", "risk", false, true, scope->max_risks};
	json_t *list = NULL;
	int r = schema ? 0 : -ENOMEM;

	if (!scope->n_facts && !scope->n_findings)
		return error_set(err, -EINVAL, "nothing to ask about: no facts, no findings");
	if (r == 0)
		r = list_add(schema, scope, &claims, &list);
	if (r == 0 && advice.max && scope->n_findings) {
		r = list_add(schema, scope, &advice, &list);
		if (r == 0)
			r = advice_add(list, scope);
	}
	if (r == 0 && risks.max && scope->n_findings) {
		r = list_add(schema, scope, &risks, &list);
		if (r == 0)
			r = risk_add(list, scope);
	}
	if (r < 0)
		return error_set(err, r, "schema of the answer: out of memory");
	*ret = TAKE(schema);
	return 0;
}
