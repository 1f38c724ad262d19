// What the fuzzers begin from and what they have found, without the fuzzer.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "doctest/doctest.h"
#include "tests/fuzz/targets.h"

namespace drydock::fuzz {
namespace {

namespace fs = std::filesystem;

TEST_CASE("every target survives its corpus") {
  const fs::path corpus = "tests/fuzz/corpus";
  for (std::span<const Target> targets : {text_targets(), wire_targets()}) {
    for (const Target& target : targets) {
      std::vector<fs::path> files;
      for (const auto& entry : fs::directory_iterator(corpus / target.name)) files.push_back(entry.path());
      std::sort(files.begin(), files.end());
      CAPTURE(target.name);
      CHECK(!files.empty());
      for (const fs::path& path : files) {
        CAPTURE(path.string());
        std::ifstream file(path, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        target.run(bytes);
        // And when it is cut off anywhere.
        for (std::size_t size = 0; size < std::min<std::size_t>(bytes.size(), 200); size += 7)
          target.run(std::string_view(bytes).substr(0, size));
      }
    }
  }
}

TEST_CASE("every folder of the corpus has a target") {
  for (const auto& entry : fs::directory_iterator("tests/fuzz/corpus")) {
    CAPTURE(entry.path().string());
    CHECK(find_target(entry.path().filename().string()) != nullptr);
  }
}

}  // namespace
}  // namespace drydock::fuzz
