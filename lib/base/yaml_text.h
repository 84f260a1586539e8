/* SPDX-License-Identifier: MIT */
/*
 * yaml_text - one YAML document out of hostile bytes, by libyaml with limits around it.
 *
 * Refused with "SOURCE:LINE:COLUMN: what": more than YAML_TEXT_MAX bytes, NUL bytes, a second
 * document, nesting deeper than YAML_DEPTH_MAX (libyaml needs quadratic time for it), more than
 * YAML_ANCHORS_MAX anchors or a few directives (the same), and an alias inside of what it names.
 */
#pragma once

#include <yaml.h>

#include "lib/base/error.h"

#define YAML_TEXT_MAX    ((size_t)256 * 1024)
#define YAML_DEPTH_MAX   16
#define YAML_ANCHORS_MAX 256

/* The caller deletes *ret. A text without a document gives one whose root node is NULL. */
int yaml_text_load(yaml_document_t *ret, const char *source, const char *text, size_t len,
                   struct error *err) MUST_USE;
