# shellcheck shell=bash
# What nobody here wrote, for tests/server: kubectl of two generations, the official
# JavaScript client, and etcd. Unpacked privately, never installed: no service starts.

# One package from Debian's unstable suite, with package lists of its own.
unstable_apt() (
  apt=$cache/apt-unstable
  mkdir -p "$apt"/{lists,archives}/partial
  exec 8>"$apt/lock"
  flock 8
  mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)}
  [ -n "$mirror" ] || die "apt knows no mirror of Debian 12: set DEBIAN_MIRROR"
  printf 'deb [signed-by=%s] %s sid main\n' /usr/share/keyrings/debian-archive-keyring.gpg "$mirror" > "$apt/sources.list"
  # A mirror may hold an older state of unstable; its signature is checked all the same.
  options=(-o Acquire::Check-Valid-Until=false -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$apt/lists"
    -o Dir::Cache="$apt" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache= -o APT::Sandbox::User=)
  apt-get "${options[@]}" update -q >&2 || die "could not read the package lists of Debian unstable"
  apt-get "${options[@]}" "$@" >&2
)

# unpack_deb DEB PATH-IN-PACKAGE FILE
unpack_deb() {
  local folder=$3.unpacked
  dpkg-deb -x "$1" "$folder" && mv "$folder/$2" "$3" && rm -r "$folder" "$1"
}

fetch_clients() {
  say "fetching the clients of the API tests: kubectl 1.20 and 1.36, $test_client"
  (cd "$1" && private_apt download -q kubernetes-client/bookworm && unstable_apt download -q kubectl/sid) || return
  unpack_deb "$1"/kubernetes-client_*.deb usr/bin/kubectl "$1/kubectl-1.20" &&
    unpack_deb "$1"/kubectl_*.deb usr/bin/kubectl "$1/kubectl-1.36" &&
    npm install --silent --no-audit --no-fund --no-package-lock --prefix "$1" "$test_client" >&2
}

# clients : prints the folder with kubectl-1.20, kubectl-1.36 and node_modules
clients() {
  local folder=$cache/clients/${test_client//[@\/]/_}
  once "$folder" fetch_clients
  printf '%s\n' "$folder"
}

fetch_etcd() {
  say "fetching Debian's etcd for the tests of the store"
  (cd "$1" && private_apt download -q etcd-server/bookworm) && unpack_deb "$1"/etcd-server_*.deb usr/bin/etcd "$1/etcd"
}

# etcd : prints the path of the program
etcd() {
  once "$cache/etcd/bookworm" fetch_etcd
  printf '%s\n' "$cache/etcd/bookworm/etcd"
}
