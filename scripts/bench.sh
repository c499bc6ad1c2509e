#!/usr/bin/env bash
# What drover costs. Arguments name benches, without any all run; flags go to them: "npm run bench -- peers --no-peers".
# Figures are kept in bench/results/DATE-COMMIT.txt and .json, with "-dirty" where the checkout is not that commit.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

names=() flags=()
for word in "$@"; do
  if [[ $word == -* ]]; then flags+=("$word"); else names+=("$word"); fi
done
[ ${#names[@]} -gt 0 ] || names=(peers compile plan-graph store fleet idle damage)

set_up
commit=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
[ -z "$(git status --porcelain 2>/dev/null)" ] || commit=$commit-dirty
export BENCH_RESULTS=bench/results/$(date --utc +%F)-$commit
mkdir -p bench/results
rm -f "$BENCH_RESULTS".{txt,json}

for name in "${names[@]}"; do
  if [[ $name = peers || $name = idle || $name = damage ]] && [ "$bed" != yes ]; then
    say "$name is left out: $bed"
    continue
  fi
  say "$name"
  node "dist/bench/$name.js" "${flags[@]}"
done
say "kept in $BENCH_RESULTS.txt and .json"
