# shellcheck shell=bash
# What set-up brings, and which version: sourced by the other set-up scripts.
#
# A release's own source archive is pinned by its digest, so every user builds
# the same libraries whatever revision of the package his mirror carries.

# name, Debian suite, upstream version, SHA-256 of the source archive
source_archives='
yaml-cpp        bookworm 0.7.0+dfsg  dc63708605404e0b963e0ca3a9619d1c8270eda2839603e6fa0384e5e51e5312
pcre2           bookworm 10.42       c33b418e3b936ee3153de2c61cc638e7e4fe3156022a5c77d0711bcbb9d64f1f
mbedtls         bookworm 2.28.3      3b4953aa55a681e084d31892d9904cc5328d6b4958ea57b90ae4b4f94ae69a8d
jq              trixie   1.7.1       fc75b1824aba7a954ef0886371d951c3bf4b6e0a921d1aefc553f309702d6ed1
libonig         bookworm 6.9.8       26372720bab6733c869a9eb69377f73971138dc5e3eff4a81f5ba8aea5435fb2
zlib            bookworm 1.2.13.dfsg 71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1
nlohmann-json3  bookworm 3.11.2      d69f9deb6a75e2580465c6c4c5111b89c4dc2fa94e3a85fcd2ffcd9a143d9273
doctest         bookworm 2.4.9~ds    7cc78169975bea36e70ab9d67e7de9b03d89b38653499ad03243e3944429b1ab
imgui           trixie   1.90.1+ds   ecce377df0f90b292f15dcbd83d438bddc162b2388c881132bde18c787572a1c
libsdl2         bookworm 2.26.5+dfsg b3f2c822151804125d08db94c65852f711c2e5df2145a59da120748dc32eb9c3
'

# Emscripten 3.1.69 of Debian 13, driven by Debian 12's clang-19.
emscripten_packages=(emscripten binaryen node-acorn libc6 libstdc++6 libgcc-s1)
emscripten_version=3.1.69

# npm packages that the build reads, rather than the page ships.
kubernetes_client=@kubernetes/client-node@2.0.1
bench_peer=@ngrok/webernetes@0.3.5
test_client=@kubernetes/client-node@1.4.0

# Debian 12 packages of the tools themselves, and the command each one brings.
build_packages=(clang-19 clang-format-19 lld-19 llvm-19 libclang-rt-19-dev cmake ninja-build ccache python3 git ca-certificates dpkg-dev xz-utils)
# Libraries of the native program alone.
server_packages=(libboost-dev libssl-dev libsqlite3-dev libnghttp2-dev libmimalloc-dev)
browser_packages=(chromium fonts-dejavu-core)
