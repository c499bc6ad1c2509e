#!/usr/bin/env bash
# Shows what drover does: a master and three real Debian hosts. "npm run demo -- local" shows "drover local" on two
# hosts without a master. Everything that it needs it installs and says so.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1-}" in '' | local) ;; *) echo 'usage: npm run demo [-- local]' >&2; exit 64 ;; esac
. scripts/setup.sh
set_up
if [ "$bed" = yes ]; then
  exec node "dist/scripts/demo${1:+-$1}.js"
fi
say "hosts can't be booted here ($bed); this is what drover would do on this machine, which it does not touch"
[ -n "${1-}" ] || exec node dist/scripts/demo-here.js
node dist/bundle/drover.js lint examples/site
code=0
node dist/bundle/drover.js local plan examples/site --host web1 || code=$?
# 2 says that changes are due, 4 that a resource can't be read without being root.
[ $((code & ~6)) = 0 ] || exit "$code"
