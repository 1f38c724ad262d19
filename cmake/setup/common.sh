# shellcheck shell=bash
# Shared by the set-up scripts: where things live, and how to speak and fail.
# Standard output is for answers to the caller; people read standard error.
set -euo pipefail

setup_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$setup_dir/../.." && pwd)
. "$setup_dir/versions.sh"

cache=${DRYDOCK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/drydock}
mkdir -p "$cache"

say() { printf 'drydock: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# once DIRECTORY COMMAND… : runs COMMAND with a fresh folder as its last
# argument and moves that to DIRECTORY when it succeeds, so a half-made folder
# is never taken for a whole one. Two set-ups at a time wait for one another.
once() {
  local target=$1; shift
  [ -d "$target" ] && return
  mkdir -p "$(dirname "$target")"
  exec 9>"$target.lock"
  flock 9
  if [ ! -d "$target" ]; then
    rm -rf "$target.new"
    mkdir "$target.new"
    "$@" "$target.new" || die "could not make $target (see above)"
    mv "$target.new" "$target"
  fi
  exec 9>&-
}

# as_root COMMAND… : directly, or through sudo for an ordinary user
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "missing packages need root: install sudo, or run as root: $*"
  fi
}

# want PACKAGE… : installs those Debian packages that are not there yet
want() {
  local package missing=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || die "this is not Debian: please install ${missing[*]} yourself"
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get -q -o DPkg::Lock::Timeout=300 update >&2
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -yq --no-install-recommends \
    "${missing[@]}" >&2 || die "could not install: ${missing[*]}"
}

# private_apt COMMAND… : apt-get over Debian 12 and 13, source packages
# included, with lists of its own: the system's package sources stay as they are.
# Lists grow stale as the mirror moves on, so a failure is tried once more with
# fresh ones.
private_apt() (
  apt=$cache/apt
  mkdir -p "$apt"/{lists,archives}/partial
  exec 8>"$apt/lock"
  flock 8
  if [ ! -f "$apt/ready" ]; then
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)}
    [ -n "$mirror" ] || die "apt knows no mirror of Debian 12: set DEBIAN_MIRROR"
    for suite in bookworm trixie; do
      printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite"
      printf 'deb-src [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite"
    done > "$apt/sources.list"
  fi
  if [ -f "$apt/ready" ] && apt_get_private "$@" >&2; then exit; fi
  apt_get_private update -q >&2 || die "could not read the package lists of Debian 12 and 13"
  touch "$apt/ready"
  apt_get_private "$@" >&2
)

apt_get_private() {
  local apt=$cache/apt
  apt-get -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache="$apt" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User= "$@"
}
