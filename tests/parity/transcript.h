// The reference transcript: command lines with what the real kubectl printed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock::testing {

struct TranscriptEntry {
  int number = 0;
  std::string line;  // "kubectl get nodes"
  std::vector<std::string> argv;
  bool recorded = false;  // what it printed is given
  std::string out;
  std::string err;
  int code = 0;
};

std::vector<TranscriptEntry> parse_transcript(std::string_view text);

// Takes away what varies from run to run: ages, times, addresses, uids, hashes,
// and the width of columns that they decide.
std::string normalized(std::string_view text);

}  // namespace drydock::testing
