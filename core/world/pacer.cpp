#include "core/world/pacer.h"

#include <utility>

namespace drydock {
namespace {

constexpr std::pair<PaceMode, std::string_view> kNames[] = {
    {PaceMode::kPause, "pause"}, {PaceMode::kAuto, "auto"},     {PaceMode::kReal, "1x"},
    {PaceMode::kTimes10, "10x"}, {PaceMode::kTimes100, "100x"}, {PaceMode::kMax, "max"},
};
// A short command is done before speed matters; a long one gains speed.
constexpr double kWorkingRate = 20;
constexpr double kLongWorkingRate = 100;
constexpr Duration kLongWait = seconds(5);
// A tab that slept does not make its world jump.
constexpr Duration kLongestFrame = milliseconds(250);

}  // namespace

std::string_view pace_name(PaceMode mode) {
  for (const auto& [known, name] : kNames) {
    if (known == mode) return name;
  }
  return "";
}

bool parse_pace(std::string_view name, PaceMode& mode) {
  for (const auto& [known, text] : kNames) {
    if (text != name) continue;
    mode = known;
    return true;
  }
  return false;
}

Duration Pacer::advance(Duration elapsed, bool command_working) {
  if (elapsed > kLongestFrame) elapsed = kLongestFrame;
  waited_ = command_working ? waited_ + elapsed : Duration{0};
  switch (mode_) {
    case PaceMode::kPause:
      rate_ = 0;
      break;
    case PaceMode::kAuto:
      rate_ = !command_working ? 1 : waited_ > kLongWait ? kLongWorkingRate : kWorkingRate;
      break;
    case PaceMode::kReal:
      rate_ = 1;
      break;
    case PaceMode::kTimes10:
      rate_ = 10;
      break;
    case PaceMode::kTimes100:
      rate_ = 100;
      break;
    case PaceMode::kMax:
      rate_ = 0;
      return Duration::max();
  }
  return Duration(static_cast<Duration::rep>(static_cast<double>(elapsed.count()) * rate_));
}

}  // namespace drydock
