// libFuzzer's entry: DRYDOCK_FUZZ_TARGET names the target.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace {

const drydock::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* name = std::getenv("DRYDOCK_FUZZ_TARGET");
  if (name != nullptr) chosen = drydock::fuzz::find_target(name);
  if (chosen == nullptr) {
    std::fprintf(stderr, "DRYDOCK_FUZZ_TARGET: no target \"%s\" (tests/fuzz/targets.h)\n", name == nullptr ? "" : name);
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(data), size});
  return 0;
}
