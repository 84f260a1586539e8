/* SPDX-License-Identifier: MIT */
/*
 * about - what the answers of a model server say of it and of a model, read out of their JSON.
 *
 * Pure functions over hostile documents: whatever is missing or of another type is not told.
 */
#pragma once

#include <jansson.h>

#include "lib/model/model.h"

void about_init(struct model_about *a);

/* GET /api/version, /api/tags, POST /api/show, GET /api/ps of Ollama; a->model is set. */
void about_read_version(struct model_about *a, const json_t *doc);
void about_read_tags(struct model_about *a, const json_t *doc); /* absent: status and error */
void about_read_show(struct model_about *a, const json_t *doc);
void about_read_ps(struct model_about *a, const json_t *doc);

/* GET /props of llama-server. */
void about_read_props(struct model_about *a, const json_t *doc);
/* GET /v1/models: fills a->model when it is "" and there is one to choose. */
void about_read_models(struct model_about *a, const json_t *doc);
