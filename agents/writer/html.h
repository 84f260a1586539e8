/* SPDX-License-Identifier: MIT */
/*
 * html - report.html: report.md by cmark-gfm, in one file that needs nothing else.
 *
 * Raw HTML in the Markdown becomes a comment, and the page forbids itself scripts and the network.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/base/error.h"

int html_write(struct buf *ret, const char *title, const struct buf *md,
               struct error *err) MUST_USE;
