/* SPDX-License-Identifier: MIT */
/* Which rows are failed runs, by what the file itself says, and which column tells. */
#include "agents/analyst/work.h"

#include <strings.h>

enum tells { TELLS_NOTHING, TELLS_ERROR, TELLS_SUCCESS, TELLS_STATUS, TELLS_EXIT, TELLS_PROSE };

enum counts { COUNTS_NOTHING, COUNTS_ERRORS, COUNTS_PASSED, COUNTS_ATTEMPTS, COUNTS_SHARE };

struct column_kind {
	enum tells tells;
	enum counts counts;
	bool measures, flow;
};

static bool text_in(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp(text, *list) == 0)
			return true;
	return false;
}

static enum tells tells_of(const char *name)
{
	if (name_is_error(name))
		return TELLS_ERROR;
	if (name_is_success(name))
		return TELLS_SUCCESS;
	if (name_is_exit_code(name))
		return TELLS_EXIT;
	if (name_is_status(name))
		return TELLS_STATUS;
	return name_is_prose(name) ? TELLS_PROSE : TELLS_NOTHING;
}

static enum tells tells_by_schema(const struct view_column *c)
{
	const char *quantity = c->meaning->quantity;

	if (c->meaning->role != MEANS_IGNORED || !quantity)
		return TELLS_NOTHING;
	if (strcmp(quantity, QUANTITY_ERROR_CODE) == 0)
		return TELLS_EXIT;
	return strcmp(quantity, QUANTITY_OUTCOME) == 0 ? tells_of(c->name) : TELLS_NOTHING;
}

static enum counts counts_by_schema(const struct column_meaning *m)
{
	static const char *const quantities[] = {[COUNTS_ERRORS] = QUANTITY_ERRORS,
	                                         [COUNTS_PASSED] = QUANTITY_PASSED,
	                                         [COUNTS_ATTEMPTS] = QUANTITY_ATTEMPTS,
	                                         [COUNTS_SHARE] = QUANTITY_SUCCESS_RATE};

	for (size_t i = 1; m && m->quantity && i < ARRAY_LEN(quantities); i++)
		if (strcmp(quantities[i], m->quantity) == 0)
			return (enum counts)i;
	return COUNTS_NOTHING;
}

/* A column called "Error" may hold the error of a measurement: numbers, "0.53 us", "± 3". */
static bool is_error_text(const char *text)
{
	static const char *const none[] = {"",   "none", "null", "no",  "false",   "ok",     "n/a",
	                                   "na", "-",    "nil",  "nan", "success", "passed", NULL};

	return !text_in(text, none) && !strchr("0123456789.+-", text[0]) &&
	       strncmp(text, "±", strlen("±")) != 0;
}

static bool is_error(const struct cell *c)
{
	if (c->kind == CELL_BOOL)
		return c->number > 0;
	return c->kind == CELL_TEXT && is_error_text(c->text);
}

static bool is_no(const struct cell *c)
{
	static const char *const no[] = {"false", "no",     "n",       "0",
	                                 "fail",  "failed", "invalid", NULL};

	return c->kind != CELL_EMPTY && c->kind != CELL_NULL && c->kind != CELL_LIST &&
	       text_in(c->text, no);
}

static bool is_failed_status(const struct cell *c)
{
	static const char *const failed[] = {
		"failed",    "fail",      "failure",  "error",   "errored", "timeout",
		"timed out", "timed_out", "crashed",  "crash",   "aborted", "killed",
		"oom",       "cancelled", "canceled", "invalid", "skipped", NULL};

	return c->kind == CELL_TEXT && text_in(c->text, failed);
}

/* An answer that is an error message is no answer: "Error generating banter: ..." */
static bool is_error_prose(const struct cell *c)
{
	size_t n = strlen("error");

	return c->kind == CELL_TEXT && strncasecmp(c->text, "error", n) == 0 &&
	       (c->text[n] == ' ' || c->text[n] == ':') && strchr(c->text, ':');
}

/* One code of a run, or a list of those of all its repetitions: null is one that was killed. */
static bool is_failed_exit(const struct cell *c)
{
	for (uint32_t i = 0; c->kind == CELL_LIST && i < c->n_numbers; i++)
		if (c->numbers[i] < 0 || c->numbers[i] > 0)
			return true;
	if (c->kind == CELL_TEXT && c->text[0] == '[')
		return c->text[strspn(c->text, "[0, ]")] != '\0';
	return c->kind == CELL_NUMBER && (c->number < 0 || c->number > 0);
}

static bool tells_failure(enum tells tells, const struct cell *c)
{
	switch (tells) {
	case TELLS_ERROR:
		return is_error(c);
	case TELLS_SUCCESS:
		return is_no(c);
	case TELLS_STATUS:
		return is_failed_status(c);
	case TELLS_EXIT:
		return is_failed_exit(c);
	case TELLS_PROSE:
		return is_error_prose(c);
	case TELLS_NOTHING:
		break;
	}
	return false;
}

static const char *reason_of(struct work *w, enum tells tells, const char *name,
                             const struct cell *c)
{
	const char *text = text_tamed(w, c->text, ERROR_TEXT_BYTES);

	if (!text)
		return NULL;
	if (tells == TELLS_ERROR && c->kind == CELL_TEXT)
		return work_printf(w, "%s is set: %s", name, text);
	if (tells == TELLS_PROSE)
		return work_printf(w, "%s holds an error: %s", name, text);
	if (c->kind == CELL_LIST)
		return work_printf(w, "%s are not all zero", name);
	return work_printf(w, "%s is %s", name, text);
}

/* Many rows fail alike: one text for all that follow one another. */
static const char *reason_shared(struct work *w, const struct view *v, size_t row, enum tells tells,
                                 size_t column)
{
	const struct cell c = view_cell(v, row, column);

	if (row > 0 && view_row(v, row - 1).failed &&
	    view_row(v, row - 1).fail_column == (int)column) {
		const struct cell before = view_cell(v, row - 1, column);

		if (before.kind == c.kind && strcmp(before.text, c.text) == 0)
			return view_row(v, row - 1).failed;
	}
	return reason_of(w, tells, v->columns[column].name, &c);
}

static void fail(struct work *w, struct view *v, size_t row, size_t column, const char *why,
                 const char *text)
{
	struct view_row *known = view_row_known(w, v, row);

	if (!known)
		return;
	known->failed = why;
	known->fail_column = (int)column;
	known->text = text;
	v->n_failed++;
}

/* An error text says more than "success is false": the first column of the first kind wins. */
static bool check_told(struct work *w, struct view *v, size_t row, const struct column_kind *kinds)
{
	for (enum tells t = TELLS_ERROR; t <= TELLS_PROSE; t++) {
		for (size_t c = 0; c < v->n_columns; c++) {
			struct cell cell;

			if (kinds[c].tells != t || v->columns[c].is_added)
				continue;
			cell = view_cell(v, row, c);
			if (!tells_failure(t, &cell))
				continue;
			fail(w, v, row, c, reason_shared(w, v, row, t, c),
			     t == TELLS_ERROR || t == TELLS_PROSE ? cell.text : NULL);
			return true;
		}
	}
	return false;
}

struct counted {
	double errors, passed, attempts, share, most;
	size_t worst; /* the column that counts the most errors, or has the share */
};

static void count_cell(struct counted *n, enum counts counts, double number, size_t column)
{
	switch (counts) {
	case COUNTS_ERRORS:
		n->errors += number;
		if (number > n->most) {
			n->most = number;
			n->worst = column;
		}
		break;
	case COUNTS_PASSED:
		n->passed += number;
		break;
	case COUNTS_ATTEMPTS:
		n->attempts += number;
		break;
	case COUNTS_SHARE:
		n->share = number;
		n->worst = column;
		break;
	case COUNTS_NOTHING:
		break;
	}
}

/* Figures about requests of which half failed are about failures. */
static bool check_counts(struct work *w, struct view *v, size_t row,
                         const struct column_kind *kinds)
{
	struct counted n = {.share = 1};
	const char *why;

	for (size_t c = 0; c < v->n_columns; c++) {
		const struct cell cell = view_cell(v, row, c);

		if (kinds[c].counts && cell.kind == CELL_NUMBER)
			count_cell(&n, kinds[c].counts, cell.number, c);
	}
	if (!(n.attempts > 0))
		n.attempts = n.errors + n.passed;
	if (n.share > 0.5 && !(n.errors > 0 && 2 * n.errors >= n.attempts))
		return false;
	why = work_printf(w, "%s tells that half failed, or more", v->columns[n.worst].name);
	fail(w, v, row, n.worst, why, NULL);
	return true;
}

struct tally {
	size_t measures, absent, nulls, flows, zeros;
	size_t first_null, first_zero;
};

static struct tally tally_row(const struct view *v, size_t row, const struct column_kind *kinds)
{
	struct tally t = {0};

	for (size_t c = 0; c < v->n_columns; c++) {
		const struct cell cell = view_cell(v, row, c);
		bool null = cell.kind == CELL_NULL ||
		            (cell.kind == CELL_EMPTY && !view_table(v, row)->base);

		if (!kinds[c].measures)
			continue;
		t.measures++;
		t.absent += cell.kind == CELL_EMPTY || cell.kind == CELL_NULL;
		if (null && t.nulls++ == 0)
			t.first_null = c;
		t.flows += kinds[c].flow;
		if (kinds[c].flow && cell.kind == CELL_NUMBER && !(cell.number < 0) &&
		    !(cell.number > 0) && t.zeros++ == 0)
			t.first_zero = c;
	}
	return t;
}

/* A rate or a time of exactly zero is what tools write down when there was no run. */
static void check_measures(struct work *w, struct view *v, size_t row,
                           const struct column_kind *kinds)
{
	struct tally t = tally_row(v, row, kinds);

	if (t.measures > 1 && t.absent == t.measures && t.nulls)
		fail(w, v, row, t.first_null, "no measure has a value", NULL);
	else if (t.zeros > 1 && t.zeros == t.flows)
		fail(w, v, row, t.first_zero, "every measure is zero", NULL);
}

static bool column_has_numbers(const struct view *v, size_t column)
{
	for (size_t r = 0; r < v->n_rows; r++) {
		enum cell_kind kind = view_cell(v, r, column).kind;

		if (kind != CELL_EMPTY && kind != CELL_NULL && kind != CELL_TEXT)
			return true;
	}
	return false;
}

static bool has_code(const struct column *c, size_t n_rows, uint32_t code)
{
	for (size_t r = 0; r < n_rows; r++)
		if (column_code(c, r) == code)
			return true;
	return false;
}

static bool is_absent(const struct cell *c)
{
	return c->kind == CELL_EMPTY || c->kind == CELL_NULL;
}

static bool is_zero(const struct cell *c)
{
	return c->kind == CELL_NUMBER && !(c->number < 0) && !(c->number > 0);
}

/*
 * A column of codes has few values, and one of bare numbers few other cells: what none of them says
 * no row has to be asked for. The first code is the empty cell, which may stand nowhere.
 */
static bool may_be_absent(const struct view *v, size_t column)
{
	const struct column *c = view_only_column(v, column);

	if (!c || c->store == STORE_PLAIN)
		return true;
	if (c->store == STORE_MEASURED)
		return c->n_others > 0;
	for (size_t i = 1; i < c->n_values; i++)
		if (is_absent(&c->values[i]))
			return true;
	return has_code(c, v->n_rows, 0);
}

static bool may_be_zero(const struct view *v, size_t column)
{
	const struct column *c = view_only_column(v, column);

	if (!c || c->store == STORE_PLAIN)
		return true;
	for (size_t i = 1; c->store == STORE_CODED && i < c->n_values; i++)
		if (is_zero(&c->values[i]))
			return true;
	for (size_t r = 0; c->store == STORE_MEASURED && r < v->n_rows; r++)
		if (!(column_number(c, r) < 0) && !(column_number(c, r) > 0))
			return true;
	return false;
}

static bool may_tell(const struct view *v, size_t column, enum tells tells)
{
	const struct column *c = view_only_column(v, column);

	if (!c || c->store != STORE_CODED)
		return true;
	for (size_t i = 0; i < c->n_values; i++)
		if (tells_failure(tells, &c->values[i]))
			return true;
	return false;
}

/* Whether there can be a row in which every measure is absent, or every flow zero. */
static bool may_fail_by_measures(const struct view *v, const struct column_kind *kinds)
{
	bool absent = true, zero = true;

	for (size_t c = 0; c < v->n_columns && (absent || zero); c++) {
		absent &= !kinds[c].measures || may_be_absent(v, c);
		zero &= !kinds[c].flow || may_be_zero(v, c);
	}
	return absent || zero;
}

void failures_find(struct work *w, struct view *v)
{
	struct column_kind *kinds = work_alloc(w, v->n_columns, sizeof *kinds);
	bool measures = false, told = false, counted = false;

	if (!kinds)
		return;
	for (size_t c = 0; c < v->n_columns; c++) {
		const struct column_meaning *meaning = v->columns[c].meaning;
		struct measure m = meaning ? meaning_measure(&v->columns[c])
		                           : measure_of(v->columns[c].name, v->columns[c].parent);
		bool metric = !meaning || meaning->role == MEANS_METRIC;

		kinds[c].tells = meaning ? tells_by_schema(&v->columns[c])
		                         : tells_of(v->columns[c].name);
		kinds[c].counts = counts_by_schema(meaning);
		counted |= kinds[c].counts != COUNTS_NOTHING;
		kinds[c].measures = metric && m.known && !m.spread && !v->columns[c].is_added &&
		                    column_has_numbers(v, c);
		kinds[c].flow = kinds[c].measures && m.flow;
		measures |= kinds[c].measures;
		if (kinds[c].tells && !may_tell(v, c, kinds[c].tells))
			kinds[c].tells = TELLS_NOTHING;
		told |= kinds[c].tells != TELLS_NOTHING;
	}
	measures = measures && may_fail_by_measures(v, kinds);
	for (size_t r = 0; (told || counted || measures) && r < v->n_rows && !w->failed; r++)
		if (!view_row(v, r).failed && !check_told(w, v, r, kinds) &&
		    !(counted && check_counts(w, v, r, kinds)) && measures)
			check_measures(w, v, r, kinds);
}

/* Rows of a table that is there in several sections count once. */
static bool is_first_part(const struct view *v, size_t row)
{
	size_t part = view_row(v, row).part;

	return part == 0 || v->parts[part - 1].table != v->parts[part].table;
}

/* "error is set: timed out" -> "error is set" */
static int reason_length(const char *why)
{
	return (int)strcspn(why, ":");
}

struct toll {
	size_t rows, failed;
	const char *why;
};

static void add_toll(struct toll *t, const struct view *v)
{
	if (!v->n_failed)
		return;
	for (size_t r = 0; r < v->n_rows; r++) {
		bool failed = view_row(v, r).failed && view_row(v, r).fail_column >= 0;

		if (!is_first_part(v, r))
			continue;
		t->rows++;
		t->failed += failed;
		if (failed && !t->why)
			t->why = view_row(v, r).failed;
	}
}

static void mark(struct work *w, struct artifact *a, const struct toll *t)
{
	const char *reason = work_printf(w, "%zu of %zu rows failed (%.*s)", t->failed, t->rows,
	                                 reason_length(t->why), t->why);

	if (!reason || (a->reason && strstr(a->reason, reason)))
		return; /* as it is when tables are analysed once more */
	if (a->status == STATUS_PARTIAL && a->reason)
		reason = work_printf(w, "%s; %s", a->reason, reason);
	a->status = STATUS_PARTIAL;
	a->reason = reason ? reason : a->reason;
}

void failures_mark_artifacts(struct work *w)
{
	for (size_t i = 0; i < w->n_views && !w->failed;) {
		struct artifact *a = w->views[i]->artifact;
		struct toll t = {0};

		for (; i < w->n_views && w->views[i]->artifact == a; i++)
			add_toll(&t, w->views[i]);
		if (t.failed && t.why)
			mark(w, a, &t);
	}
}

/* What an artifact sums up about its rows is worth nothing when every one of them failed. */
static void mark_summary(struct work *w, struct view **views, size_t n)
{
	size_t all_failed = 0, usable = 0;
	const char *shape = "";

	for (size_t i = 0; i < n; i++) {
		struct view *v = views[i];
		bool failed = v->n_failed && v->n_failed + v->n_noted == v->n_rows;

		if (!*v->shape)
			continue;
		all_failed += failed;
		usable += !failed && v->n_rows > 0;
		if (failed)
			shape = v->shape;
	}
	for (size_t i = 0; i < n && all_failed && !usable; i++) {
		struct view *v = views[i];

		for (size_t r = 0; r < v->n_rows && !*v->shape; r++) {
			struct view_row *known = view_row_known(w, v, r);

			if (!known || known->failed)
				continue;
			known->failed = work_printf(w, "every row of %s failed", shape);
			known->fail_column = -1;
			v->n_noted++;
		}
	}
}

void failures_mark_summaries(struct work *w)
{
	for (size_t i = 0, n; i < w->n_views && !w->failed; i += n) {
		for (n = 1;
		     i + n < w->n_views && w->views[i + n]->artifact == w->views[i]->artifact; n++)
			;
		mark_summary(w, &w->views[i], n);
	}
}
