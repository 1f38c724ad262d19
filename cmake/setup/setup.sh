#!/bin/bash
# Brings what a build needs that is not there yet, and says where it is.
#
#   setup.sh native   compiler, libraries for this machine
#   setup.sh wasm     the same for WebAssembly, and Emscripten
#   setup.sh page     Node and the page's npm packages
#   setup.sh browser  Chromium, for the page's tests
#   setup.sh clients  stock Kubernetes clients, for tests/server; prints their folder
#   setup.sh etcd     a real etcd, for tests and the bench; prints the program's path
#   setup.sh bench    the peers of the bench; prints their node_modules
#
# `native` and `wasm` print the paths on standard output as CMake `set` lines;
# progress goes to standard error. Everything lands in one folder per user
# ($DRYDOCK_CACHE, or ~/.cache/drydock), so a second clone finds it ready.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$setup_dir/libraries.sh"
. "$setup_dir/emscripten.sh"
. "$setup_dir/page.sh"
. "$setup_dir/clients.sh"

platform=${1:-}
case $platform in
  native | wasm)
    want "${build_packages[@]}"
    [ "$platform" = native ] && want "${server_packages[@]}"
    want_node
    [ "$platform" = wasm ] && install_emscripten
    prefix=$(libraries "$platform")
    models=$(kubernetes_models)
    echo "set(DRYDOCK_DEPS \"$prefix\")"
    echo "set(DRYDOCK_K8S_MODELS_DIR \"$models\")"
    [ "$platform" = native ] || emscripten_for_cmake
    ;;
  page)
    want_node
    install_page_packages
    ;;
  clients)
    want curl
    want_node
    clients
    ;;
  etcd) etcd ;;
  browser) want "${browser_packages[@]}" ;;
  bench)
    want_node
    once "$cache/npm/bench/${bench_peer//[@\/]/_}" fetch_bench_peer
    echo "$cache/npm/bench/${bench_peer//[@\/]/_}/node_modules"
    ;;
  *) die "usage: setup.sh native|wasm|page|browser|clients|etcd|bench" ;;
esac
