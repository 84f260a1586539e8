/* SPDX-License-Identifier: MIT */
/*
 * Series over reviews.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/api_impl.h"
#include "daemon/trends.h"
#include "lib/base/clock.h"

static int parse_since(int64_t *ret, const char *text)
{
	char day[sizeof "2026-12-24T00:00:00Z" + 1];

	*ret = INT64_MIN;
	if (!*text)
		return 0;
	(void)snprintf(day, sizeof day, "%.10sT00:00:00Z", text);
	return strlen(text) == 10 && clock_parse(str_of(day), ret) ? 0 : -EINVAL;
}

static void find_work(uv_work_t *work)
{
	struct api_call *c = work->data;
	const struct api_trends *t = &c->trends;
	struct trends_query q = {.metric = *t->metric ? t->metric : NULL,
	                         .subject = *t->subject ? t->subject : NULL};
	char path[4096];

	if (*t->after && api_number(&q.after, t->after) < 0)
		error_set(&c->err, -EINVAL, "after: must be the next of the page before");
	else if (parse_since(&q.since_s, t->since) < 0)
		error_set(&c->err, -EINVAL, "since: \"%.40s\" is no date like 2026-11-21",
		          t->since);
	else if (snprintf(path, sizeof path, "%s/" STORE_FILE, c->config->state) >=
	         (int)sizeof path)
		error_set(&c->err, -ENAMETOOLONG, "%s: too long a path", c->config->state);
	else
		(void)!trends_find(&c->json, path, &q, &c->err);
}

static void on_found(uv_work_t *work, int status)
{
	struct api_call *c = work->data;

	(void)status; /* nobody cancels it */
	if (c->err.code < 0)
		api_answer_error(c, &c->err);
	else
		api_answer_json(c, 200, TAKE(c->json));
}

void api_trends(struct api_call *c, const struct http_request *req)
{
	struct api_trends *t = &c->trends;
	const struct api_parameter list[] = {{"metric", t->metric, sizeof t->metric},
	                                     {"since", t->since, sizeof t->since},
	                                     {"subject", t->subject, sizeof t->subject},
	                                     {"after", t->after, sizeof t->after}};

	if (api_parameters(req, list, ARRAY_LEN(list)) < 0)
		api_answer_problem(c, 400, "the query may have metric, since, subject and after");
	else
		api_offload(c, find_work, on_found);
}
