#!/usr/bin/env bash
# The tests on real Debian hosts alone. Arguments choose states: "npm run host -- package user".
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -gt 0 ]; then
  files=("${@/#/test/host/}")
  exec bash scripts/test.sh "${files[@]/%/.test.ts}"
fi
mapfile -t files < <(find test/host -name '*.test.ts' | sort)
exec bash scripts/test.sh "${files[@]}"
