// Pacer: how fast the world's clock runs against the real one.
//
// Auto, the default: real pace while nobody waits; while a foreground command is at
// work it runs fast, the faster the longer the person has waited, so that
// `kubeadm init` takes seconds with its lines still readable.
#pragma once

#include <string_view>

#include "core/base/clock.h"

namespace drydock {

enum class PaceMode { kPause, kAuto, kReal, kTimes10, kTimes100, kMax };

std::string_view pace_name(PaceMode mode);  // "pause", "auto", "1x", "10x", "100x", "max"
bool parse_pace(std::string_view name, PaceMode& mode);

class Pacer {
 public:
  PaceMode mode() const { return mode_; }
  void set_mode(PaceMode mode) { mode_ = mode; }
  // Virtual time for `elapsed` real time; TimePoint::duration::max() for kMax.
  Duration advance(Duration elapsed, bool command_working);
  // Virtual seconds per real second at the last call.
  double rate() const { return rate_; }

 private:
  PaceMode mode_ = PaceMode::kAuto;
  Duration waited_{0};  // real time that the person has been waiting for a command
  double rate_ = 1;
};

}  // namespace drydock
