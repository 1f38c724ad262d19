// Run from the root of the repository.
//
// Replays the reference transcript through our kubectl and our control plane and
// counts the commands whose outcome is equal. Needs ../shared/reference beside the
// repository; without it there is nothing to compare with.
//
// DRYDOCK_PARITY_LOG=file writes what differs.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "doctest/doctest.h"
#include "tests/parity/parity_cluster.h"
#include "tests/parity/transcript.h"

namespace drydock::testing {
namespace {

// Equal commands must not get fewer; raise it when they get more.
constexpr int kEqualAtLeast = 155;

// Recorded commands whose output no second run could repeat, not even the real kubectl's.
struct Unrepeatable {
  int number;
  const char* why;
};
constexpr Unrepeatable kUnrepeatable[] = {
    {87, "rollout status prints a line for each change it saw: how many tells how fast that machine's pods started"},
    {97, "the same"},
    {195, "the recording's API server looked the node's name up in a DNS that did not answer"},
    {211, "evictions run side by side: their order is that of goroutines, and one waited for the client's throttle"},
};

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Pauses that the recording had: pods start, rollouts end.
Duration pause_before(int number) {
  switch (number) {
    case 29:
      return seconds(9);
    case 76:
      return seconds(14);
    case 141:
      return seconds(15);
    case 237:
      return milliseconds(0);
    default:
      return milliseconds(200);
  }
}

}  // namespace

TEST_CASE("the reference transcript") {
  const std::filesystem::path reference = std::filesystem::path("../shared/reference/transcripts");
  if (!std::filesystem::exists(reference / "kubectl-1.36.txt")) return;
  ParityCluster cluster;
  for (const auto& entry : std::filesystem::directory_iterator(reference / "manifests")) {
    cluster.put_file("/root/m/" + entry.path().filename().string(), read(entry.path()));
  }
  const char* log_path = std::getenv("DRYDOCK_PARITY_LOG");
  std::ofstream log(log_path == nullptr ? "/dev/null" : log_path);
  int equal = 0;
  int recorded = 0;
  for (const TranscriptEntry& entry : parse_transcript(read(reference / "kubectl-1.36.txt"))) {
    cluster.run_for(pause_before(entry.number));
    const CommandResult result = cluster.run(entry.argv);
    if (!entry.recorded) {
      log << "#### " << entry.number << " (not recorded) $ " << entry.line << "\n"
          << result.out << "--- stderr\n"
          << result.err << "= " << result.code << "\n";
      continue;
    }
    ++recorded;
    const bool same = normalized(result.out) == normalized(entry.out) &&
                      normalized(result.err) == normalized(entry.err) && result.code == entry.code;
    equal += same;
    if (same) continue;
    const auto excuse = std::find_if(std::begin(kUnrepeatable), std::end(kUnrepeatable),
                                     [&](const Unrepeatable& each) { return each.number == entry.number; });
    const std::string why = excuse == std::end(kUnrepeatable) ? "" : std::string(" (") + excuse->why + ")";
    log << "#### " << entry.number << " DIFFERS" << why << " $ " << entry.line << "\n--- wanted (= " << entry.code
        << ")\n"
        << entry.out << "--- wanted stderr\n"
        << entry.err << "--- ours (= " << result.code << ")\n"
        << result.out << "--- our stderr\n"
        << result.err;
  }
  std::printf("parity: %d of %d recorded commands are equal, %zu cannot be\n", equal, recorded,
              std::size(kUnrepeatable));
  CHECK(equal >= kEqualAtLeast);
}

}  // namespace drydock::testing
