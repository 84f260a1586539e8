/* SPDX-License-Identifier: MIT */
#include "agents/collector/text_tools.h"

extern const struct text_tool text_tool_go;

const struct text_tool *const text_tools[] = {&text_tool_go, NULL};
