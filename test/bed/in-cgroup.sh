#!/bin/sh
# in-cgroup.sh DIR… -- COMMAND…: moves itself into each cgroup, then becomes COMMAND.
# A process has to be in its cgroup before systemd-nspawn starts, and Node can't do that between fork and exec.
while [ "$1" != -- ]; do
  echo $$ >"$1/cgroup.procs" || exit 125
  shift
done
shift
exec "$@"
