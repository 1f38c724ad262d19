#!/bin/bash
# Are the C++ sources formatted as .clang-format says? ./drydock format mends.
# Locally it only warns, so that work in progress can be tested; in CI it fails.
cd "$(dirname "$0")/../.." || exit 1
badly=$(git ls-files '*.cpp' '*.h' | xargs clang-format-19 --dry-run 2>&1 | sed -n 's/^\([^ :]*\):.*\[-Wclang-format-violations\]$/\1/p' | sort -u)
[ -z "$badly" ] && exit 0
echo "error: not formatted (./drydock format mends it):"
echo "$badly"
[ -z "${CI:-}" ]
