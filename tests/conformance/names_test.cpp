// Every conformance codename that we answer for (codenames.txt) is either the name of a test
// here or stands in NOT_MET.md with the reason: never both, never neither.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "core/base/strings.h"

using namespace drydock;

namespace {

const std::string kFolder = "tests/conformance";

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The text of the string literals that begin at `at`, joined as the compiler joins them.
std::string literal(std::string_view source, std::size_t at) {
  std::string text;
  while (at < source.size() && source[at] == '"') {
    for (++at; at < source.size() && source[at] != '"'; ++at) {
      if (source[at] == '\\') ++at;
      text += source[at];
    }
    at = source.find_first_not_of(" \n", at + 1);
  }
  return text;
}

// Names of the test cases here and in conformance_world, and how often each is there.
std::map<std::string, int> tested() {
  std::vector<std::string> files;
  for (const std::string& folder : {kFolder, kFolder + "_world"}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      if (file.path().extension() == ".cpp") files.push_back(file.path().string());
    }
  }
  std::map<std::string, int> names;
  for (const std::string& path : files) {
    const std::string source = read(path);
    for (const std::string_view macro : {"\nTEST_CASE(", "\nTEST_CASE_FIXTURE("}) {
      for (std::size_t at = source.find(macro); at != std::string::npos; at = source.find(macro, at + 1)) {
        std::string name = literal(source, source.find('"', at));
        if (name.starts_with("[sig-")) ++names[std::move(name)];
      }
    }
  }
  return names;
}

}  // namespace

TEST_CASE("each conformance codename has a test or a reason why not") {
  std::set<std::string> known;
  for (const std::string& line : split(read(kFolder + "/codenames.txt"), '\n')) {
    if (!line.empty() && line[0] != '#') CHECK_MESSAGE(known.insert(line).second, "twice in codenames.txt: ", line);
  }
  const std::map<std::string, int> tests = tested();
  for (const auto& [name, times] : tests) {
    CHECK_MESSAGE(known.contains(name), "no such codename: ", name);
    CHECK_MESSAGE(times == 1, "tested twice: ", name);
  }
  // "- `codename`: reason"
  std::set<std::string> unmet;
  for (const std::string& line : split(read(kFolder + "/NOT_MET.md"), '\n')) {
    if (!line.starts_with("- `")) continue;
    const std::size_t end = line.find("`: ");
    REQUIRE_MESSAGE(end != std::string::npos, line);
    const std::string name = line.substr(3, end - 3);
    CHECK_MESSAGE(trim(line.substr(end + 3)).size() > 10, "no reason: ", line);
    CHECK_MESSAGE(known.contains(name), "no such codename: ", name);
    CHECK_MESSAGE(unmet.insert(name).second, "listed twice: ", name);
    CHECK_MESSAGE(!tests.contains(name), "has a test, so it must leave NOT_MET.md: ", name);
  }
  for (const std::string& name : known)
    CHECK_MESSAGE((tests.contains(name) || unmet.contains(name)), "neither tested nor in NOT_MET.md: ", name);
}
