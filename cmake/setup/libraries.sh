# shellcheck shell=bash
# The third-party libraries: fetch and check their sources, build them once.

sources_key=$(printf '%s' "$source_archives" | sha256sum | cut -c1-12)
sources=$cache/sources/$sources_key

# fetch_sources FOLDER : FOLDER/<name>/ for every line of source_archives
fetch_sources() {
  local folder=$1 name suite version sum archive requests=()
  say "fetching the sources of the third-party libraries"
  while read -r name suite version sum; do
    [ -n "$name" ] && requests+=("$name/$suite")
  done <<<"$source_archives"
  mkdir "$folder/archives"
  (cd "$folder/archives" && private_apt source -q --download-only --tar-only --only-source "${requests[@]}") || return
  while read -r name suite version sum; do
    [ -n "$name" ] || continue
    archive=$(echo "$folder/archives/${name}_$version".orig.tar.*)
    echo "$sum  $archive" | sha256sum --check --quiet >&2 ||
      die "$name: the mirror's source archive is not the pinned version $version"
    mkdir "$folder/$name"
    tar -xf "$archive" --strip-components=1 -C "$folder/$name"
  done <<<"$source_archives"
  rm -r "$folder/archives"
}

# build_libraries PLATFORM FOLDER : FOLDER/{include,lib}
build_libraries() {
  local platform=$1 folder=$2 build=$2.build options=()
  say "building the third-party libraries ($platform), once"
  if [ "$platform" = wasm ]; then
    options=(-DCMAKE_TOOLCHAIN_FILE="$emscripten/cmake/Modules/Platform/Emscripten.cmake")
  else
    options=(-DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19)
  fi
  rm -rf "$build"
  cmake -S "$repository/cmake/third_party" -B "$build" -G Ninja -DSOURCES="$sources" -DCMAKE_INSTALL_PREFIX="$folder" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE=-O2 -DCMAKE_CXX_FLAGS_RELEASE=-O2 \
    -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "${options[@]}" >"$folder.log" 2>&1 &&
    cmake --build "$build" --target install >>"$folder.log" 2>&1 || {
    tail -n 40 "$folder.log" >&2
    return 1
  }
  rm -rf "$build" "$folder.log"
}

# libraries PLATFORM : prints the prefix
libraries() {
  local platform=$1 key
  key=$({
    echo "$sources_key $emscripten_version"
    find "$repository/cmake/third_party" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat
  } | sha256sum | cut -c1-12)
  once "$sources" fetch_sources
  once "$cache/libraries/$key/$platform" build_libraries "$platform"
  printf '%s\n' "$cache/libraries/$key/$platform"
}

# fetch_kubernetes_models FOLDER : the official JavaScript client, unpacked
fetch_kubernetes_models() {
  say "fetching $kubernetes_client, whose models are the source of the schema"
  (cd "$1" && npm pack --silent "$kubernetes_client" >&2 && tar -xzf ./*.tgz --strip-components=1 && rm ./*.tgz)
}

# fetch_bench_peer FOLDER : node_modules with what ./drydock bench compares us with
fetch_bench_peer() {
  say "fetching $bench_peer for the bench"
  npm install --silent --no-audit --no-fund --no-package-lock --prefix "$1" "$bench_peer" >&2
}

# kubernetes_models : prints the folder of the generated models
kubernetes_models() {
  local folder=$cache/npm/${kubernetes_client//[@\/]/_}
  once "$folder" fetch_kubernetes_models
  printf '%s\n' "$folder/dist/gen/models"
}
