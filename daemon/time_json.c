/* SPDX-License-Identifier: MIT */
#include "daemon/time_json.h"

#include "lib/base/clock.h"

json_t *time_json(int64_t unix_s)
{
	char text[CLOCK_TEXT_BYTES];

	clock_text(text, unix_s);
	return json_string(text);
}
