/* SPDX-License-Identifier: MIT */
#include "agents/collector/text_tools.h"

const struct text_tool *text_tool(size_t i)
{
	static const struct text_tool *const *const lists[] = {text_tools_bench, text_tools_load,
	                                                       text_tools_system, text_tools_perf};

	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		for (size_t k = 0; lists[l][k]; k++)
			if (i-- == 0)
				return lists[l][k];
	return NULL;
}
