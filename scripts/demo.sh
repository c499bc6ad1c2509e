#!/usr/bin/env bash
# Boots real Debian hosts and shows on them what drover does. Everything that it needs it installs and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh
set_up
if [ "$bed" != yes ]; then
  say "hosts can't be booted here ($bed); this is what drover would do on this machine, which it does not touch"
  node dist/bundle/drover.js lint examples/site
  code=0
  node dist/bundle/drover.js local plan examples/site --host web1 || code=$?
  # 2 says that changes are due, 4 that a resource can't be read without being root.
  [ $((code & ~6)) = 0 ] || exit "$code"
  exit 0
fi
exec node dist/scripts/demo.js
