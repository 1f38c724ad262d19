# shellcheck shell=bash
# Emscripten of Debian 13, unpacked privately and driven by Debian 12's clang.

emsdk=$cache/emscripten-$emscripten_version
emscripten=$emsdk/root/usr/share/emscripten

# unpack_emscripten FOLDER
unpack_emscripten() {
  local folder=$1 package
  say "fetching Emscripten $emscripten_version"
  mkdir -p "$folder"/{deb,root,runtime}
  (cd "$folder/deb" && private_apt download -q "${emscripten_packages[@]/%//trixie}") || return
  for package in emscripten binaryen node-acorn; do dpkg-deb -x "$folder/deb/${package}"_*.deb "$folder/root"; done
  for package in libc6 libstdc++6 libgcc-s1; do dpkg-deb -x "$folder/deb/${package}"_*.deb "$folder/runtime"; done
  rm -r "$folder/deb"
  # Two thirds of it are system libraries in variants that we never link.
  (cd "$folder"/root/usr/share/emscripten/cache/sysroot/lib/wasm32-emscripten &&
    rm -rf lto lto-pic pic -- *-mt* *-ww* *asan* *ubsan*)
  # acorn, for emcc's optimizer of the JavaScript glue
  ln -sfn ../nodejs "$folder/root/usr/share/emscripten/node_modules"
}

# Binaryen needs a newer C library than Debian 12's: each tool gets a wrapper
# that runs it on its own. Written anew when the cache has moved.
install_emscripten() {
  once "$emsdk" unpack_emscripten
  local node; node=$(command -v node)
  if [ "$(cat "$emsdk/place" 2>/dev/null)" != "$emsdk $node" ]; then
    local libraries=$emsdk/runtime/usr/lib/x86_64-linux-gnu tool
    mkdir -p "$emsdk/binaryen/bin"
    for tool in "$emsdk"/root/usr/bin/wasm*; do
      printf '#!/bin/sh\nexec %s/ld-linux-x86-64.so.2 --library-path %s:%s %s "$@"\n' \
        "$libraries" "$emsdk/root/usr/lib/x86_64-linux-gnu" "$libraries" "$tool" > "$emsdk/binaryen/bin/${tool##*/}"
      chmod +x "$emsdk/binaryen/bin/${tool##*/}"
    done
    # emcc finds its configuration beside itself, so no variable need be set.
    cat > "$emscripten/.emscripten" <<CONFIG
LLVM_ROOT = '/usr/lib/llvm-19/bin'
BINARYEN_ROOT = '$emsdk/binaryen'
NODE_JS = '$node'
CACHE = '$emscripten/cache'
FROZEN_CACHE = True
LLVM_ADD_VERSION = None
CLANG_ADD_VERSION = None
CONFIG
    echo "$emsdk $node" > "$emsdk/place"
  fi
}

# emscripten_for_cmake : the line that makes CMake use it
emscripten_for_cmake() {
  echo "set(CMAKE_TOOLCHAIN_FILE \"$emscripten/cmake/Modules/Platform/Emscripten.cmake\")"
}
