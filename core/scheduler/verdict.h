// Verdict: what a filter says about one pod on one node, in a few bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::scheduler {

using ReasonId = std::uint16_t;

// Texts of reasons, each once. The order of ids is the order of first use.
class ReasonTable {
 public:
  ReasonId id(std::string_view text);
  const std::string& text(ReasonId reason) const { return texts_[reason]; }

 private:
  std::vector<std::string> texts_;
};

struct Verdict {
  enum class Code : std::uint8_t {
    kFits,
    kUnschedulable,  // removing pods from the node could help
    kUnresolvable,   // nothing that the scheduler can do would help
  };
  static constexpr std::size_t kReasonsMax = 6;

  Code code = Code::kFits;
  std::uint8_t reason_count = 0;
  std::array<ReasonId, kReasonsMax> reasons{};

  bool fits() const { return code == Code::kFits; }
  void add(Code why, ReasonId reason) {
    if (why > code) code = why;
    if (reason_count < kReasonsMax) reasons[reason_count++] = reason;
  }
  static Verdict no(Code why, ReasonId reason) {
    Verdict verdict;
    verdict.add(why, reason);
    return verdict;
  }
};

}  // namespace drydock::scheduler
