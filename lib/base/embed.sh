#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints a header with a string constant for each file given: html.css becomes html_css.
set -e
for file in "$@"; do
	name=$(basename "$file" | tr . _)
	printf 'static const char %s[] =\n' "$name"
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^\t*/\t"/; s/$/\\n"/' "$file"
	printf '\t;\n'
done
