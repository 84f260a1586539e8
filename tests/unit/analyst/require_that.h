/* SPDX-License-Identifier: MIT */
/* require_that - ends a test with the place and the words of what does not hold. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(x)                                                              \
	do {                                                                    \
		if (!(x)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); \
			abort();                                                \
		}                                                               \
	} while (0)
