#!/bin/bash
# Runs every test of a finished build and sums them up; ./drydock test builds first.
#
#   tests/run.sh [FILTER]     only tests whose name contains FILTER
#
# - build/native and build/wasm: ctest's rows, i.e. a doctest program per folder
#   (each test case counts), natively and under Node, and the checks of the sources
# - tests/node/*.test.mjs: the core module under Node against the native program
# - tests/browser/*.test.mjs: the page in Chromium
# - tests/server/*.test.mjs: stock clients against the native program's `serve`
# The last line is "N passed, N failed"; logs stay in build/logs.
set -uo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
filter=${1:-}
logs=$root/build/logs
mkdir -p "$logs"
passed=0
failed=0

count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  printf '%-28s %5d passed, %d failed\n' "$3" "$1" "$2"
}

# ctest_rows LABEL DIRECTORY : a row that prints doctest's summary counts as its
# test cases; any other row, and one that crashed, counts as one.
ctest_rows() {
  local label=$1 log=$logs/$1.log sums
  ctest --test-dir "$2" -V --timeout 900 ${filter:+-R "$filter"} >"$log" 2>&1
  sums=$(awk '
    match($0, /^[0-9]+: \[doctest\] test cases:/) {
      row = $1 + 0
      split($0, part, "|")
      good[row] = part[2] + 0; bad[row] = part[3] + 0; summed[row] = 1
    }
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+:/ {
      match($0, /#[0-9]+/); row = substr($0, RSTART + 1, RLENGTH - 1) + 0
      ok = $0 ~ /Passed +[0-9.]+ sec/
      if (!summed[row]) { good[row] = ok; bad[row] = !ok }
      else if (!ok && !bad[row]) bad[row] = 1
    }
    END { for (row in good) { a += good[row]; b += bad[row] } print a + 0, b + 0 }' "$log")
  # shellcheck disable=SC2086
  count $sums "$label"
  if [ "${sums#* }" != 0 ]; then
    grep -E '^[0-9]+: .*(ERROR|TEST CASE:|error:|WASM|Assertion)|\*\*\*' "$log" | head -n 60
  fi
}

# node_tests LABEL FOLDER : Node's own test runner over FOLDER/*.test.mjs
node_tests() {
  local label=$1 log=$logs/$1.log file files=() good bad
  for file in "$root/tests/$2"/*.test.mjs; do
    [ -f "$file" ] && [[ $(basename "$file") == *"$filter"* ]] && files+=("$file")
  done
  [ ${#files[@]} = 0 ] && return
  DRYDOCK_ROOT=$root DRYDOCK_BINARY=$root/build/native/drydock DRYDOCK_NODE=$root/build/wasm/drydock_node.cjs DRYDOCK_WASM=$root/build/wasm/web DRYDOCK_PAGE=$root/build/web DRYDOCK_CLIENTS=${clients:-} \
    node --test --test-reporter=tap --test-concurrency=1 "${files[@]}" >"$log" 2>&1
  good=$(awk '$1 == "#" && $2 == "pass" { n = $3 } END { print n + 0 }' "$log")
  bad=$(awk '$1 == "#" && $2 ~ /^(fail|cancelled)$/ { n += $3 } END { print n + 0 }' "$log")
  [ $((good + bad)) = 0 ] && bad=1
  count "$good" "$bad" "$label"
  [ "$bad" = 0 ] || grep -vE '^ *# (Subtest|tests|suites|pass|skipped|todo|duration)' "$log" | grep -A 25 -E '^ *not ok' | head -n 80
}

DRYDOCK_ETCD=$("$root/cmake/setup/setup.sh" etcd)
export DRYDOCK_ETCD
ctest_rows native "$root/build/native"
ctest_rows wasm "$root/build/wasm"
node_tests node node
node_tests browser browser
clients=$("$root/cmake/setup/setup.sh" clients)
node_tests server server

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
