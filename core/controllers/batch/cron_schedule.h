// CronSchedule: the five fields of a CronJob's schedule, or @hourly and the like.
// https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/clock.h"

namespace drydock::controllers {

class CronSchedule {
 public:
  // nullopt when the text is no schedule.
  static std::optional<CronSchedule> parse(std::string_view text);
  // The first moment after `time`, on the UTC calendar; nullopt when there is none
  // within five years ("0 0 30 2 *").
  std::optional<TimePoint> next(TimePoint time) const;

 private:
  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  // bit sets
  bool any_day_ = false, any_weekday_ = false;
};

}  // namespace drydock::controllers
