/* SPDX-License-Identifier: MIT */
/* What each column is: key, metric, covariate or ignored, and why. */
#include "agents/analyst/work.h"

#include "agents/analyst/override.h"
#include "agents/analyst/profile.h"
#include "agents/analyst/words.h"

#define FREE_TEXT_LONGEST 120 /* a key is a name, not a sentence */
#define FREE_TEXT_AVERAGE 60
#define MAX_UNKNOWN       24 /* metrics of unknown meaning: a wide dump is no benchmark */
#define SENSORS           2  /* that many sensor columns make `temperature` one, too */

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

struct columns {
	const struct view *v;
	struct profile *profiles;
	struct column_role *roles;
	bool sensors; /* the table is a log of a machine */
};

static void set(struct column_role *r, enum role role, const char *why)
{
	r->role = role;
	r->why = why;
}

static bool parent_has(const struct view_column *c, const char *const *list)
{
	struct words w = words_of(c->parent);

	return words_any(&w, list);
}

static bool is_environment(const struct view_column *c)
{
	return name_is_environment(c->name) ||
	       parent_has(c, LIST("environment", "env", "machine", "hardware", "commit"));
}

/* hyperfine's: parameter_level in CSV, /parameters/level in JSON. */
static bool is_parameter(const struct view_column *c)
{
	const char *slash = strrchr(c->parent, '/');

	return name_is_parameter(c->name) || (slash && strcmp(slash, "/parameters") == 0);
}

static bool varies(const struct profile *p)
{
	return p->distinct > 1;
}

/* Texts. */

static bool is_free_text(const struct view_column *c, const struct profile *p)
{
	return name_is_prose(c->name) || p->longest > FREE_TEXT_LONGEST ||
	       p->chars > FREE_TEXT_AVERAGE * p->texts;
}

static void assign_text(const struct view_column *c, const struct profile *p, struct column_role *r)
{
	struct words name = words_of(c->name);

	if (p->json)
		set(r, ROLE_IGNORED, "JSON in a cell");
	else if (p->unclear * 2 > p->texts)
		set(r, ROLE_IGNORED, "thousands or fractions: nothing tells which");
	else if (name_is_time(c->name) || strcmp(c->name, "time") == 0 || p->times * 2 > p->texts)
		set(r, ROLE_IGNORED, "a time");
	else if (strcmp(c->name, "outliers") == 0)
		set(r, ROLE_IGNORED, "a count");
	else if (varies(p) && (machines_names(c) || words_are(&name, "host")))
		set(r, ROLE_KEY, "tells machines apart");
	else if (is_environment(c))
		set(r, ROLE_COVARIATE, "describes the environment");
	else if (name_is_workload(c->name) && !name_is_prose(c->name) && varies(p))
		set(r, ROLE_KEY, "names what was run");
	else if (is_free_text(c, p))
		set(r, ROLE_IGNORED, "free text");
	else if (name_is_unit(c->name) && !varies(p))
		set(r, ROLE_COVARIATE, "the unit of the numbers beside it");
	else if (name_is_index(c->name) && p->distinct * 2 >= p->texts && p->texts > 1)
		set(r, ROLE_IGNORED, "numbers the rows");
	else if (p->quantities * 2 > p->texts)
		set(r, ROLE_IGNORED, "numbers with words around them");
	else
		set(r, ROLE_KEY, varies(p) ? "short text that tells rows apart" : "short text");
}

/* Numbers. */

static bool crosses(const struct columns *all, size_t column, bool exactly)
{
	const struct profile *p = &all->profiles[column];

	if (!p->codes || p->least < 2)
		return false;
	for (size_t c = 0; c < all->v->n_columns; c++) {
		const struct profile *q = &all->profiles[c];

		if (c != column && q->codes && q->least >= 2 && profiles_cross(p, q, exactly))
			return true;
	}
	return false;
}

static bool takes_few_values(const struct profile *p)
{
	return p->integers && p->distinct > 1 && p->least >= 2 && p->distinct * 2 <= p->numbers;
}

static void assign_setting(const struct view_column *c, struct column_role *r)
{
	if (name_is_option(c->name) || parent_has(c, LIST("options", "params", "parameters")))
		set(r, ROLE_KEY, "an option");
	else
		set(r, ROLE_COVARIATE, "a setting");
}

static void assign_unknown(const struct view_column *c, const struct profile *p,
                           struct column_role *r)
{
	struct words w = words_of(c->name);

	if (words_are_any(&w, LIST("relative")))
		set(r, ROLE_IGNORED, "tells another column again, relative to one row");
	else if (p->units.scaled * 2 > p->numbers && varies(p))
		set(r, ROLE_KEY, "short text that tells rows apart"); /* "125M", "350M" */
	else if (takes_few_values(p))
		set(r, ROLE_KEY, "takes few values, each of them repeatedly");
	else if (p->integers)
		set(r, ROLE_IGNORED, "no unit or quantity is known for it");
	else
		set(r, ROLE_METRIC, "numbers of unknown meaning");
}

static void assign_number(const struct columns *all, size_t i, struct column_role *r)
{
	const struct view_column *c = &all->v->columns[i];
	const struct profile *p = &all->profiles[i];
	const struct measure told = measure_of(c->name, c->parent);

	if (name_is_time(c->name) || (p->epochs && words_of(c->name).n && strstr(c->name, "time")))
		set(r, ROLE_IGNORED, "a time");
	else if (is_environment(c))
		set(r, ROLE_COVARIATE, "describes the environment");
	else if (parent_has(c, LIST("settings", "config", "configuration", "options", "params",
	                            "parameters")))
		assign_setting(c, r);
	else if (name_is_option(c->name) && !(told.known && (all->sensors || told.unit)))
		set(r, ROLE_KEY, "an option by its name");
	else if (name_is_index(c->name))
		set(r, ROLE_IGNORED, "numbers the rows");
	else if (!r->measure.known && name_is_tally(c->name))
		set(r, ROLE_IGNORED, "a count");
	else if (crosses(all, i, r->measure.known))
		set(r, ROLE_KEY, "crossed with another column in a grid");
	else if (r->measure.known)
		set(r, ROLE_METRIC,
		    told.known ? "its name says what it measures"
		               : "its cells say in which unit it measures");
	else if (name_is_count(c->name))
		set(r, ROLE_IGNORED, "a count");
	else
		assign_unknown(c, p, r);
	if (r->role == ROLE_METRIC && p->units.spread)
		r->why = "a measurement and its spread: the number before the spread";
}

static void assign_list(struct column_role *r)
{
	if (!r->measure.known)
		set(r, ROLE_IGNORED, "a list without a known unit or quantity");
	else if (r->measure.quantity && strcmp(r->measure.quantity, "spread") == 0)
		set(r, ROLE_IGNORED, "bounds of a measurement, no repetitions of it");
	else
		set(r, ROLE_METRIC, "repetitions of what its name says");
	r->measure.rank -= 1; /* before the statistics that a tool made of them */
}

static void assign_bool(const struct view_column *c, const struct profile *p, struct column_role *r)
{
	if (varies(p) || name_is_option(c->name))
		set(r, ROLE_KEY, "a switch");
	else
		set(r, ROLE_COVARIATE, "a switch that is never changed");
}

static bool tells_failure(const char *name, const struct profile *p)
{
	return name_is_error(name) ? p->numbers * 2 <= p->rows
	                           : name_is_success(name) || name_is_exit_code(name) ||
	                                     (name_is_status(name) && p->texts);
}

/*
 * A metric of which no cell is a number is left to its name. Of a key "inf" is a value like others.
 */
static bool has_meaning(const struct view_column *c, const struct profile *p)
{
	const struct column_meaning *m = c->meaning;

	if (!m || m->role == MEANS_ANYTHING)
		return false;
	if (m->role == MEANS_METRIC)
		return p->numbers || p->lists;
	return m->role == MEANS_KEY ? p->distinct > 0 : p->empty < p->rows;
}

static void read_measure(const struct view_column *c, const struct profile *p,
                         struct column_role *r)
{
	bool meant = has_meaning(c, p) && c->meaning->role == MEANS_METRIC;

	r->measure = meant ? meaning_measure(c) : measure_of(c->name, c->parent);
	r->unit = column_unit_of(&p->units, r->measure.unit);
	if (meant && !c->meaning->unit && r->unit.mixed) /* "99%" is the name of a latency */
		r->unit = column_unit_of(&p->units, NULL);
	if (!p->units.n_seen || !r->unit.unit)
		return;
	if (!r->measure.unit && !meant)
		r->measure = measure_in(c->name, c->parent, r->unit.unit);
	r->measure.unit = r->unit.unit->name;
}

static void assign(const struct columns *all, size_t i)
{
	const struct view_column *c = &all->v->columns[i];
	const struct profile *p = &all->profiles[i];
	struct column_role *r = &all->roles[i];

	read_measure(c, p, r);
	if (p->star)
		set(r, ROLE_IGNORED, "a member called * cannot be told from one over all members");
	else if (c->restates)
		set(r, ROLE_IGNORED, "holds the same numbers as another column of its name");
	else if (c->is_row_key)
		set(r, ROLE_KEY, "names of the members");
	else if (has_meaning(c, p))
		meaning_assign(r, c, p->lists > 0);
	else if (tells_failure(c->name, p))
		set(r, ROLE_IGNORED, "tells whether the row failed");
	else if (p->empty == p->rows)
		set(r, ROLE_IGNORED, "empty");
	else if (p->lists)
		assign_list(r);
	else if (is_parameter(c))
		set(r, ROLE_KEY, "a parameter of the benchmark");
	else if (r->unit.mixed && p->numbers >= p->texts)
		set(r, ROLE_IGNORED, "its cells are in units that do not turn into one another");
	else if (p->texts > p->numbers)
		assign_text(c, p, r);
	else if (p->bools > p->numbers)
		assign_bool(c, p, r);
	else
		assign_number(all, i, r);
}

/* "g999_c1024_t0.2" beside num_gpu, num_ctx and temperature says nothing new. */
static bool is_number_key(const struct columns *all, size_t i)
{
	const struct profile *p = &all->profiles[i];

	return all->roles[i].role == ROLE_KEY && p->numbers > p->texts && varies(p);
}

static bool row_spells_keys(const struct columns *all, size_t row, size_t column)
{
	const char *text = view_cell(all->v, row, column).text;

	for (size_t c = 0; c < all->v->n_columns; c++)
		if (is_number_key(all, c) && !strstr(text, view_cell(all->v, row, c).text))
			return false;
	return true;
}

static bool spells_keys(const struct columns *all, size_t column)
{
	size_t keys = 0, rows = 0;

	for (size_t c = 0; c < all->v->n_columns; c++)
		keys += is_number_key(all, c);
	for (size_t r = 0; keys && r < all->v->n_rows && rows < PROFILE_ROWS; r++) {
		if (view_row(all->v, r).failed && view_row(all->v, r).fail_column < 0)
			continue;
		rows++;
		if (!row_spells_keys(all, r, column))
			return false;
	}
	return keys > 0 && rows > 0;
}

/* A key by its name or its shape, but with thousands of values. */
static void drop_measured(const struct columns *all)
{
	for (size_t c = 0; c < all->v->n_columns; c++)
		if (all->roles[c].role == ROLE_KEY && view_is_measured(all->v, c))
			set(&all->roles[c], ROLE_IGNORED,
			    "takes too many values to tell configurations apart");
}

static void drop_redundant(const struct columns *all)
{
	for (size_t c = 0; c < all->v->n_columns; c++) {
		const struct profile *p = &all->profiles[c];

		if (all->roles[c].role == ROLE_KEY && p->texts > p->numbers && varies(p) &&
		    !all->v->columns[c].is_row_key && !all->v->columns[c].meaning &&
		    spells_keys(all, c))
			set(&all->roles[c], ROLE_IGNORED, "spells the other keys again");
	}
}

/* Every combination of values in columns `keys` stands with one value of column c only. */
static bool follows(struct work *w, const struct view *v, size_t c, const int *keys, size_t n)
{
	struct strmap values = {.arena = w->arena};
	const char **with = work_alloc(w, PROFILE_DISTINCT, sizeof *with);
	size_t at;

	for (size_t r = 0; with && r < v->n_rows; r++) {
		const char *text = view_cell(v, r, c).text;
		const char *name = n == 1 ? view_cell(v, r, (size_t)*keys).text
		                          : configuration_name(w, v, r, keys, n);

		if (!name || strmap_add(&values, str_of(name), &at) < 0)
			w->failed = true;
		if (w->failed || at >= PROFILE_DISTINCT)
			return false;
		if (with[at] && strcmp(with[at], text) != 0)
			return false;
		with[at] = text;
	}
	return with != NULL;
}

/* "zstd -1 ...", "zstd -3 ..." beside a parameter that is one and three. */
static void drop_parametrised(struct work *w, const struct columns *all)
{
	const struct view *v = all->v;
	int *parameters = work_alloc(w, v->n_columns, sizeof *parameters);
	size_t n = 0;

	for (size_t c = 0; parameters && c < v->n_columns; c++)
		if (all->roles[c].role == ROLE_KEY && is_parameter(&v->columns[c]) &&
		    varies(&all->profiles[c]))
			parameters[n++] = (int)c;
	for (size_t c = 0; n && c < v->n_columns; c++) {
		struct words words = words_of(v->columns[c].name);

		if (all->roles[c].role == ROLE_KEY && words_are_any(&words, LIST("command")) &&
		    follows(w, v, c, parameters, n))
			set(&all->roles[c], ROLE_IGNORED, "follows from the parameters");
	}
}

/* What says no more about a member than its name, and what is there twice by one name. */
static void drop_followers(struct work *w, const struct columns *all)
{
	const struct view *v = all->v;

	for (size_t c = 0; c < v->n_columns; c++) {
		if (all->roles[c].role != ROLE_KEY || v->columns[c].is_row_key)
			continue;
		for (size_t k = 0; k < v->n_columns && all->roles[c].role == ROLE_KEY; k++) {
			bool member = v->columns[k].is_row_key &&
			              (varies(&all->profiles[c]) || all->profiles[c].empty);
			bool twin = k < c && strcmp(v->columns[k].name, v->columns[c].name) == 0;

			if (k == c || all->roles[k].role != ROLE_KEY || !(member || twin) ||
			    !follows(w, v, c, (const int[]){(int)k}, 1))
				continue;
			set(&all->roles[c], ROLE_COVARIATE,
			    member ? "follows from the member's name"
			           : "follows from another column of its name");
		}
	}
}

/* What a machine reads off itself is neither better nor worse. */
static void undirect_sensors(const struct columns *all)
{
	for (size_t c = 0; all->sensors && c < all->v->n_columns; c++)
		if (!all->roles[c].measure.flow && !all->v->columns[c].meaning)
			all->roles[c].measure.better = BETTER_NONE;
}

static void limit_unknown(const struct columns *all)
{
	size_t n = 0;

	for (size_t c = 0; c < all->v->n_columns; c++)
		if (all->roles[c].role == ROLE_METRIC && !all->roles[c].measure.known &&
		    ++n > MAX_UNKNOWN)
			set(&all->roles[c], ROLE_IGNORED,
			    "one of very many numbers of unknown meaning");
}

static const char *unit_by_column(const struct columns *all)
{
	for (size_t c = 0; c < all->v->n_columns; c++) {
		if (!name_is_unit(all->v->columns[c].name) || varies(&all->profiles[c]))
			continue;
		for (size_t r = 0; r < all->v->n_rows; r++)
			if (view_cell(all->v, r, c).kind == CELL_TEXT)
				return unit_of_text(view_cell(all->v, r, c).text);
	}
	return NULL;
}

static bool is_time_unit(const char *unit)
{
	static const char *const units[] = {"s", "ms", "us", "ns", "min", "h", NULL};

	for (const char *const *u = units; *u; u++)
		if (strcmp(*u, unit) == 0)
			return true;
	return false;
}

/* A told unit goes to the numbers that it can be meant for; of a score it tells the direction. */
static void apply_told(struct measure *m, const char *told)
{
	bool rate = strchr(told, '/') != NULL, time = is_time_unit(told);
	bool score = m->quantity && strcmp(m->quantity, "score") == 0;

	if (score && time)
		*m = (struct measure){.quantity = "time",
		                      .better = BETTER_LOWER,
		                      .rank = m->rank,
		                      .known = true,
		                      .flow = true};
	else if (score && rate)
		m->quantity = "throughput";
	else if (!m->spread && (m->flow && m->better == BETTER_LOWER) != time)
		return;
	else if (!m->spread && (m->flow && m->better == BETTER_HIGHER) != rate)
		return;
	m->unit = told;
}

static void apply_units(const struct columns *all)
{
	const char *told = unit_by_column(all);

	for (size_t c = 0; told && c < all->v->n_columns; c++) {
		struct column_role *r = &all->roles[c];

		if (!r->measure.unit && r->role == ROLE_METRIC && r->measure.known &&
		    !all->v->columns[c].meaning)
			apply_told(&r->measure, told);
	}
}

static void override_roles(struct work *w, const struct columns *all)
{
	for (size_t c = 0; c < all->v->n_columns; c++)
		if (!all->profiles[c].star)
			override_apply(w, &all->roles[c], &all->profiles[c],
			               all->v->columns[c].name);
}

static bool is_sensor_log(const struct view *v)
{
	size_t n = 0;

	for (size_t c = 0; c < v->n_columns; c++)
		n += name_is_sensor(v->columns[c].name);
	return n >= SENSORS;
}

/* A subject is an object: of keys with one name, the second one is called "name#2". */
static void add_key(struct work *w, struct series *s, struct view *v, size_t column)
{
	size_t same = 1;

	for (size_t k = 0; k < s->n_keys; k++)
		same += strcmp(v->columns[s->keys[k]].name, v->columns[column].name) == 0;
	if (same > 1)
		v->columns[column].name = work_printf(w, "%s#%zu", v->columns[column].name, same)
		                                  ?: "";
	s->keys[s->n_keys++] = (int)column;
}

static bool comes_before(const struct column_role *a, const struct column_role *b)
{
	return a->derived != b->derived ? b->derived : a->measure.rank < b->measure.rank;
}

/* What restates others last, nearer metrics first; those alike stay in the order of the columns. */
static void list_metrics(struct work *w, struct series *s, struct view *v)
{
	s->metrics = work_alloc(w, v->n_columns, sizeof *s->metrics);
	s->keys = work_alloc(w, v->n_columns, sizeof *s->keys);
	for (size_t c = 0; !w->failed && c < v->n_columns; c++) {
		const struct column_role *r = &s->roles[c];
		size_t at = s->n_metrics;

		if (r->role == ROLE_KEY)
			add_key(w, s, v, c);
		if (r->role != ROLE_METRIC || v->columns[c].is_added)
			continue;
		while (at > 0 && comes_before(r, &s->roles[s->metrics[at - 1]])) {
			s->metrics[at] = s->metrics[at - 1];
			at--;
		}
		s->metrics[at] = (int)c;
		s->n_metrics++;
	}
}

void roles_assign(struct work *w, struct series *s)
{
	struct view *v = s->views[s->present];
	struct columns all = {.v = v,
	                      .profiles = work_alloc(w, v->n_columns, sizeof *all.profiles),
	                      .roles = work_alloc(w, v->n_columns, sizeof *all.roles),
	                      .sensors = is_sensor_log(v)};

	for (size_t c = 0; c < v->n_columns && !w->failed; c++)
		profile_of(w, &all.profiles[c], v, c);
	for (size_t c = 0; c < v->n_columns && !w->failed; c++)
		assign(&all, c);
	if (w->failed)
		return;
	drop_measured(&all);
	drop_redundant(&all);
	drop_parametrised(w, &all);
	drop_followers(w, &all);
	undirect_sensors(&all);
	apply_units(&all);
	metrics_derive(w, v, all.roles);
	override_roles(w, &all);
	limit_unknown(&all);
	s->roles = all.roles;
	s->n_metrics = s->n_keys = 0;
	list_metrics(w, s, v);
}
