# Sourced by the scripts beside it: all that a fresh clone needs, done once and again when it has changed.
# Sets `bed` to "yes" where hosts can be booted, else to why not.

say() { printf '\n== %s\n' "$*" >&2; }

set_up() {
  local floor=20.20 have
  have=$(node --version 2>/dev/null) || { echo "Node.js $floor or later is needed" >&2; exit 1; }
  node -e "const [a,b]=process.versions.node.split('.').map(Number);process.exit(a>20||(a===20&&b>=20)?0:1)" ||
    { echo "Node.js $floor or later is needed; this is $have" >&2; exit 1; }

  local lock
  lock=$(sha256sum package-lock.json | cut -c1-64)
  if [ "$(cat node_modules/.drover-lock 2>/dev/null)" != "$lock" ]; then
    say "installing the npm packages of package-lock.json"
    npm ci --no-audit --no-fund --loglevel=error
    echo "$lock" > node_modules/.drover-lock
  fi

  say "building"
  npm run --silent build

  if [ "$(id -u)" != 0 ]; then
    bed="not root: hosts can't be booted"
  elif ! grep -qs '^ID=debian' /etc/os-release; then
    bed="not Debian: the recipe for hosts is for Debian"
  else
    bed=yes
    say "the test bed (installs Debian packages that are missing, and a base tree once)"
    node dist/test/bed/main.js setup
  fi
}
