// The C library's memcmp of the WASM builds, eight bytes at a time where they are equal:
// the toolchain's goes byte by byte, and the keys of a cluster begin alike
// ("/registry/pods/default/web-…").
#ifdef __EMSCRIPTEN__

#include <cstddef>
#include <cstdint>

extern "C" __attribute__((no_builtin("memcmp"))) int memcmp(const void* left, const void* right, std::size_t size) {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (; size >= sizeof(std::uint64_t); size -= sizeof(std::uint64_t)) {
    std::uint64_t from_a, from_b;
    __builtin_memcpy(&from_a, a, sizeof from_a);
    __builtin_memcpy(&from_b, b, sizeof from_b);
    if (from_a != from_b) break;
    a += sizeof from_a;
    b += sizeof from_b;
  }
  for (; size > 0; --size, ++a, ++b) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

#endif
