/* SPDX-License-Identifier: MIT */
/*
 * language - is a sentence in English?
 *
 * The lists of words.h are English, and so is what code prints in a placeholder's place: what is
 * in another language cannot be judged. Other scripts fall out as letters (sentence.h).
 */
#pragma once

#include "lib/claims/sentence.h"

bool language_is_foreign(const struct sentence *s);
