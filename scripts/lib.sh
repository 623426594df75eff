# Shared by the scripts beside it: where things are, and how to speak. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export SLIPWAY_CACHE=${SLIPWAY_CACHE:-$HOME/.cache/slipway}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$SLIPWAY_CACHE/target}
export SQLX_OFFLINE=${SQLX_OFFLINE:-true}
export PATH=$PATH:$SLIPWAY_CACHE/bin

say() { printf '\033[1m%s\033[0m %s\n' 'slipway:' "$*"; }
fail() { printf 'slipway: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

if [ ! -t 1 ]; then
  say() { printf 'slipway: %s\n' "$*"; }
fi

# at_least 20.19 20.4.1: whether the second version is not older than the first.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1)" = "$1" ]; }

# Installs Debian packages, as root or with sudo.
apt_install() {
  have apt-get || fail "please install $* with your package manager: this machine has no apt-get"
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    have sudo || fail "please have an administrator install the Debian packages: $*"
    as_root=(sudo)
  fi
  say "installing Debian packages: $*"
  if [ -z "${apt_updated:-}" ]; then
    "${as_root[@]}" apt-get update -qq
    apt_updated=yes
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >"$SLIPWAY_CACHE/apt.log" 2>&1 \
    || { tail -n 20 "$SLIPWAY_CACHE/apt.log" >&2; fail "apt-get could not install $*"; }
}

# The folder of the PostgreSQL server programs, by the same rules as `slipway dev`; empty when there is none.
postgres_bin() {
  local folder
  for folder in "${SLIPWAY_POSTGRES_BIN:-}" "$(pg_config --bindir 2>/dev/null)" \
    $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v postgres || echo /none/)")"; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
      echo "$folder"
      return
    fi
  done
}
