#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints a header with a digest of the object files given: what reads artifacts, as it was built.
set -e
digest=$(cat "$@" | sha256sum)
printf '#define READER_VERSION "%s"\n' "${digest%% *}"
