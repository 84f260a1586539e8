/* SPDX-License-Identifier: MIT */
/*
 * html_frame - what every page of ours begins and ends with, and how foreign text gets into one.
 *
 * The page forbids itself the network and any script but the one it carries, by its digest.
 */
#pragma once

#include "lib/base/buf.h"
#include "lib/base/error.h"

/* Up to and with <main>. The title is foreign text. */
int html_begin(struct buf *ret, const char *title, struct error *err) MUST_USE;
void html_end(struct buf *ret);

/* As it reads, fit for an element's text or a quoted attribute. */
void html_escape(struct buf *ret, const char *text);
