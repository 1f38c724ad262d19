// Goldens of terminals: tests/golden/NAME.console typed into two empty hosts must
// give tests/golden/NAME.golden. DRYDOCK_UPDATE_GOLDENS=1 writes what came out
// instead: read the difference before you commit it.
//
// Lines that begin with "#:" are comments.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "core/base/strings.h"
#include "core/world/console.h"
#include "core/world/world_file.h"

using namespace drydock;

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// What the terminals show for the lines.
std::string transcript(const std::string& script) {
  auto world = make_default_world(1);
  std::string out;
  Console console(*world, {.command_limit = std::chrono::minutes(10)},
                  [&out](std::string_view bytes) { out += bytes; });
  for (const std::string& line : split(script, '\n')) {
    if (line.empty() || line.starts_with("#:")) continue;
    const auto done = console.line(line);
    if (!done.ok()) FAIL_CHECK(line << ": " << done.error().message);
  }
  console.finish();
  std::string text;
  for (const std::string& line : split(out, '\n')) {
    std::string kept = line;
    while (!kept.empty() && (kept.back() == '\r' || kept.back() == ' ')) kept.pop_back();
    text += kept + "\n";
  }
  while (text.ends_with("\n\n")) text.pop_back();
  return text;
}

void check_golden(const std::string& name) {
  const std::string path = "tests/golden/" + name;
  const std::string got = transcript(read_text(path + ".console"));
  if (std::getenv("DRYDOCK_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(path + ".golden", std::ios::binary) << got;
    return;
  }
  const auto wanted = split(read_text(path + ".golden"), '\n');
  const auto found = split(got, '\n');
  std::string command;
  int shown = 0;
  for (std::size_t i = 0; i < std::max(wanted.size(), found.size()) && shown < 3; ++i) {
    const std::string want = i < wanted.size() ? wanted[i] : "(nothing)";
    const std::string have = i < found.size() ? found[i] : "(nothing)";
    if (have.starts_with("[node")) command = have;
    if (want == have) continue;
    ++shown;
    FAIL_CHECK(path << ".golden:" << i + 1 << " after " << command << "\n  wanted: " << want << "\n  found:  " << have);
  }
}

}  // namespace

TEST_CASE("bad input gets the real tools' words") { check_golden("bad_input"); }
