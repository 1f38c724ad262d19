# shellcheck shell=bash
# Node and the page's npm packages.

node_minimum=18

# Debian's own Node is enough; an installed newer one is left alone.
want_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    want nodejs npm
  fi
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge "$node_minimum" ] || die "Node $major is too old: $node_minimum or newer is needed"
}

# install_page_packages : node_modules in web/, as package-lock.json says
install_page_packages() {
  local web=$repository/web
  [ -f "$web/package.json" ] || return 0
  if [ "$web/package-lock.json" -nt "$web/node_modules/.package-lock.json" ]; then
    say "installing the page's npm packages"
    (cd "$web" && npm ci --silent --no-audit --no-fund --omit-lockfile-registry-resolved >&2) ||
      die "npm could not install the page's packages"
  fi
}
