#!/usr/bin/env bash
# All tests: pure ones, programs, and real Debian hosts where they can be booted. Arguments name test files (by
# the path of their source); without any, all run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
set_up
[ "$bed" = yes ] || say "host tests are skipped: $bed"

if [ $# -gt 0 ]; then
  sources=("$@")
else
  mapfile -t sources < <(find test -name '*.test.ts' | sort)
fi
files=("${sources[@]/#/dist/}")

for file in "${sources[@]}"; do
  [ -e "$file" ] || { echo "there is no test file $file" >&2; exit 64; }
done

say "${#files[@]} test files"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
# A line for each file as it ends, and everything in a file for the account at the end.
{ npx tap --jobs=3 --disable-coverage --reporter=tap "${files[@]/%.ts/.js}" || touch "$out/failed"; } |
  tee "$out/tap" | { grep --line-buffered -E '^(not )?ok ' || true; }
node scripts/count.mjs "$out/tap"
[ ! -e "$out/failed" ]
