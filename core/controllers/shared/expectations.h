// Expectations: what a controller has asked for and not yet seen in its cache.
// A reconcile that would act on a stale cache waits until its own creations and
// deletions have arrived (or five minutes have passed), as upstream's
// ControllerExpectations.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/base/clock.h"

namespace drydock::controllers {

class Expectations {
 public:
  void expect_creations(const std::string& owner, int count, TimePoint now) {
    owners_[owner] = {.creations = count, .deletions = {}, .since = now};
  }
  void expect_deletions(const std::string& owner, std::set<std::string> uids, TimePoint now) {
    owners_[owner] = {.creations = 0, .deletions = std::move(uids), .since = now};
  }
  // Both at once, for controllers that create and delete in one pass.
  void expect(const std::string& owner, int creations, std::set<std::string> uids, TimePoint now) {
    owners_[owner] = {.creations = creations, .deletions = std::move(uids), .since = now};
  }
  void saw_creation(const std::string& owner) {
    if (auto it = owners_.find(owner); it != owners_.end() && it->second.creations > 0) --it->second.creations;
  }
  void saw_deletion(const std::string& owner, const std::string& uid) {
    if (auto it = owners_.find(owner); it != owners_.end()) it->second.deletions.erase(uid);
  }
  bool satisfied(const std::string& owner, TimePoint now) const {
    auto it = owners_.find(owner);
    if (it == owners_.end()) return true;
    return (it->second.creations == 0 && it->second.deletions.empty()) || it->second.since + kTimeout < now;
  }
  void forget(const std::string& owner) { owners_.erase(owner); }

 private:
  static constexpr Duration kTimeout = std::chrono::minutes(5);
  struct Pending {
    int creations = 0;
    std::set<std::string> deletions;  // uids
    TimePoint since{};
  };
  std::map<std::string, Pending> owners_;
};

}  // namespace drydock::controllers
