#!/usr/bin/env bash
# All tests: pure ones, programs, and real Debian hosts where they can be booted. Arguments name test files (by
# the path of their source); without any, all run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
set_up
[ "$bed" = yes ] || say "host tests are skipped: $bed"

if [ $# -gt 0 ]; then
  files=()
  for file in "$@"; do files+=("dist/${file%.ts}.js"); done
else
  mapfile -t files < <(find dist/test -name '*.test.js' | sort)
fi

# A test whose source is gone must not run from an old build.
kept=()
for file in "${files[@]}"; do
  source=${file#dist/}
  [ -e "${source%.js}.ts" ] && kept+=("$file")
done

say "${#kept[@]} test files"
out=$(mktemp)
trap 'rm -f "$out"' EXIT
status=0
npx tap --jobs=3 --disable-coverage --reporter=terse --output-file="$out" "${kept[@]}" || status=$?
node scripts/count.mjs "$out"
exit "$status"
