#include "core/controllers/batch/job_plan.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/controllers/shared/conditions.h"
#include "core/controllers/shared/owner_reference.h"
#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

constexpr const char* kTracking = "batch.kubernetes.io/job-tracking";
constexpr const char* kIndex = "batch.kubernetes.io/job-completion-index";
constexpr Duration kBackoffInitial = seconds(10);
constexpr Duration kBackoffMax = std::chrono::minutes(10);
constexpr std::int64_t kPodsAtOnceMax = 500;

bool is_tracked(const Object& pod) {
  return std::ranges::any_of(pod.metadata()["finalizers"].items(),
                             [](const Value& own) { return own.as_string() == kTracking; });
}

std::optional<std::int64_t> index_of(const Object& pod) { return parse_int(pod.annotation(kIndex)); }

TimePoint finished_at(const PodView& pod) {
  TimePoint latest{};
  for (const Value& container : pod.object.status()["containerStatuses"].items()) {
    latest = std::max(latest, time_or_epoch(container.get("state", "terminated", "finishedAt").as_string()));
  }
  return latest == TimePoint{} ? pod.created : latest;
}

class Planner {
 public:
  Planner(const Object& job, const std::vector<const PodView*>& owned, TimePoint now)
      : job_(job),
        owned_(owned),
        now_(now),
        status_(job.status()),
        spec_(job.spec()),
        indexed_(job.spec()["completionMode"].as_string() == "Indexed") {
    if (status_.is_null()) status_ = Value::object();
  }

  JobPlan plan() {
    sort_pods();
    if (job_finished(job_)) {
      // Only loose ends are left.
      for (const PodView* pod : owned_) {
        if (is_tracked(pod->object)) plan_.release.push_back(pod->object);
      }
      plan_.status = status_;
      return std::move(plan_);
    }
    count();
    decide();
    write_counts();
    plan_.status = std::move(status_);
    return std::move(plan_);
  }

 private:
  void sort_pods() {
    for (const PodView* pod : owned_) {
      if (pod->active())
        active_.push_back(pod);
      else if (!pod->finished())
        ++terminating_;
    }
  }

  std::set<std::string> uncounted(const char* list) const {
    std::set<std::string> uids;
    for (const Value& uid : job_.status().get("uncountedTerminatedPods", list).items()) uids.insert(uid.str());
    return uids;
  }

  void count() {
    succeeded_ = status_["succeeded"].as_int();
    failed_ = status_["failed"].as_int();
    for (const std::int64_t index : parse_indexes(status_["completedIndexes"].as_string())) completed_.insert(index);
    std::set<std::string> won = uncounted("succeeded"), lost = uncounted("failed");
    std::set<std::string> tracked;
    for (const PodView* pod : owned_) {
      const bool done = pod->finished() || (pod->deleting && pod->phase != PodPhase::kSucceeded &&
                                            is_tracked(pod->object) && pod->node.empty());
      if (!is_tracked(pod->object)) continue;
      const std::string uid(pod->object.uid());
      tracked.insert(uid);
      if (!done) continue;
      if (pod->phase == PodPhase::kSucceeded) {
        // A second success of one index is one success.
        const auto index = index_of(pod->object);
        const bool repeated = indexed_ && index && completed_.contains(*index) && !won.contains(uid);
        if (indexed_ && index) completed_.insert(*index);
        if (!repeated) won.insert(uid);
      } else {
        lost.insert(uid);
        last_failure_ = std::max(last_failure_, finished_at(*pod));
      }
      plan_.release.push_back(pod->object);
    }
    const auto settle = [&tracked](std::set<std::string>& waiting, std::int64_t& counted) {
      std::erase_if(waiting, [&](const std::string& uid) {
        if (tracked.contains(uid)) return false;
        ++counted;
        return true;
      });
    };
    settle(won, succeeded_);
    settle(lost, failed_);
    if (indexed_) succeeded_ = static_cast<std::int64_t>(completed_.size()) - static_cast<std::int64_t>(won.size());
    uncounted_won_ = std::move(won);
    uncounted_lost_ = std::move(lost);
  }

  std::int64_t all_succeeded() const { return succeeded_ + static_cast<std::int64_t>(uncounted_won_.size()); }
  std::int64_t all_failed() const { return failed_ + static_cast<std::int64_t>(uncounted_lost_.size()); }

  // Nothing runs and every pod has been counted: the Job may be called finished.
  bool settled() const {
    return active_.empty() && terminating_ == 0 && uncounted_won_.empty() && uncounted_lost_.empty();
  }

  void decide() {
    const bool suspended = spec_["suspend"].as_bool();
    if (!suspended && !status_.has("startTime")) status_.set("startTime", format_timestamp(now_));
    if (check_failure() || check_success()) return;
    note_suspension(suspended);
    if (suspended) {
      status_.erase("startTime");
      for (const PodView* pod : active_) plan_.deletes.push_back(pod->object);
      return;
    }
    manage();
  }

  bool check_failure() {
    const Value& target = find_condition(status_, "FailureTarget");
    std::string reason = target["reason"].str(), message = target["message"].str();
    if (reason.empty()) {
      const std::int64_t limit = spec_["backoffLimit"].as_int(6);
      std::int64_t restarts = 0;
      if (spec_.get("template", "spec", "restartPolicy").as_string() == "OnFailure") {
        for (const PodView* pod : active_) restarts += pod->restarts;
      }
      const Value& deadline = spec_["activeDeadlineSeconds"];
      const TimePoint started = time_or_epoch(status_["startTime"].as_string());
      if (all_failed() > limit || (restarts > 0 && restarts >= limit)) {
        reason = "BackoffLimitExceeded";
        message = "Job has reached the specified backoff limit";
      } else if (deadline.is_number() && status_.has("startTime")) {
        const TimePoint due = started + seconds(deadline.as_int());
        if (due <= now_) {
          reason = "DeadlineExceeded";
          message = "Job was active longer than specified deadline";
        } else {
          plan_.recheck = std::min(plan_.recheck, due);
        }
      }
      if (reason.empty()) return false;
      set_condition(status_, {"FailureTarget", "True", reason, message}, now_);
    }
    for (const PodView* pod : active_) plan_.deletes.push_back(pod->object);
    if (settled()) {
      set_condition(status_, {"Failed", "True", reason, message}, now_);
      plan_.notices.push_back({"Warning", reason, message});
    }
    return true;
  }

  bool check_success() {
    const Value& completions = spec_["completions"];
    const bool reached =
        completions.is_null() ? all_succeeded() > 0 && active_.empty() : all_succeeded() >= completions.as_int();
    if (!reached || (completions.is_number() && completions.as_int() == 0 && !active_.empty())) return false;
    constexpr const char* kReason = "CompletionsReached";
    constexpr const char* kMessage = "Reached expected number of succeeded pods";
    set_condition(status_, {"SuccessCriteriaMet", "True", kReason, kMessage}, now_);
    for (const PodView* pod : active_) plan_.deletes.push_back(pod->object);
    if (settled()) {
      set_condition(status_, {"Complete", "True", kReason, kMessage}, now_);
      status_.set("completionTime", format_timestamp(now_));
      plan_.notices.push_back({"Normal", "Completed", "Job completed"});
    }
    return true;
  }

  void note_suspension(bool suspended) {
    const bool was = condition_is_true(status_, "Suspended");
    if (suspended && !was) {
      set_condition(status_, {"Suspended", "True", "JobSuspended", "Job suspended"}, now_);
      plan_.notices.push_back({"Normal", "Suspended", "Job suspended"});
    } else if (!suspended && was) {
      set_condition(status_, {"Suspended", "False", "JobResumed", "Job resumed"}, now_);
      plan_.notices.push_back({"Normal", "Resumed", "Job resumed"});
    }
  }

  void manage() {
    const std::int64_t parallelism = spec_["parallelism"].as_int(1);
    const Value& completions = spec_["completions"];
    std::int64_t wanted = parallelism;
    if (completions.is_number()) {
      wanted = std::min(parallelism, completions.as_int() - all_succeeded());
    } else if (all_succeeded() > 0) {
      wanted = static_cast<std::int64_t>(active_.size());  // a work queue that is done starts nothing more
    }
    const auto active = static_cast<std::int64_t>(active_.size());
    if (active > wanted) {
      std::vector<const PodView*> victims = active_;
      std::ranges::sort(victims, [](const PodView* a, const PodView* b) {
        if (a->ready != b->ready) return !a->ready;
        return a->created != b->created ? a->created > b->created : a->object.uid() < b->object.uid();
      });
      for (std::int64_t i = 0; i < active - wanted; ++i)
        plan_.deletes.push_back(victims[static_cast<std::size_t>(i)]->object);
      return;
    }
    // Failures slow the Job down.
    if (const std::int64_t failures = all_failed(); failures > 0 && last_failure_ != TimePoint{}) {
      Duration delay = kBackoffInitial;
      for (std::int64_t i = 1; i < failures && delay < kBackoffMax; ++i) delay *= 2;
      const TimePoint due = last_failure_ + std::min(delay, kBackoffMax);
      if (due > now_) {
        plan_.recheck = std::min(plan_.recheck, due);
        return;
      }
    }
    const std::int64_t creates = std::min(wanted - active, kPodsAtOnceMax);
    if (indexed_)
      create_indexed(creates, completions.as_int());
    else
      for (std::int64_t i = 0; i < creates; ++i) plan_.creates.push_back(pod(std::nullopt));
  }

  void create_indexed(std::int64_t count, std::int64_t completions) {
    std::set<std::int64_t> running;
    for (const PodView* pod_view : active_) running.insert(index_of(pod_view->object).value_or(-1));
    for (std::int64_t index = 0; index < completions && count > 0; ++index) {
      if (running.contains(index) || completed_.contains(index)) continue;
      plan_.creates.push_back(pod(index));
      --count;
    }
  }

  Object pod(std::optional<std::int64_t> index) const {
    Object made = pod_from_template(spec_["template"], job_, "batch/v1", "Job");
    Value& doc = made.mutable_doc();
    Value& labels = doc.ref("metadata", "labels");
    for (const char* prefix : {"", "batch.kubernetes.io/"}) {
      labels.set(std::string(prefix) + "controller-uid", job_.uid());
      labels.set(std::string(prefix) + "job-name", job_.name());
    }
    Value finalizers = made.metadata()["finalizers"].is_array() ? made.metadata()["finalizers"] : Value::array();
    finalizers.push_back(kTracking);
    doc.ref("metadata").set("finalizers", std::move(finalizers));
    if (!index) return made;
    const std::string number = std::to_string(*index);
    doc.ref("metadata", "annotations").set(kIndex, number);
    doc.ref("metadata", "labels").set(kIndex, number);
    doc.ref("metadata").set("generateName", std::string(job_.name()) + "-" + number + "-");
    doc.ref("spec").set("hostname", std::string(job_.name()) + "-" + number);
    const Value field = Value::object({{"fieldPath", "metadata.labels['batch.kubernetes.io/job-completion-index']"}});
    const Value variable =
        Value::object({{"name", "JOB_COMPLETION_INDEX"}, {"valueFrom", Value::object({{"fieldRef", field}})}});
    for (const char* list : {"initContainers", "containers"}) {
      const std::size_t count = made.spec()[list].size();
      for (std::size_t i = 0; i < count; ++i) doc.ref("spec", list).mutable_item(i).ref("env").push_back(variable);
    }
    return made;
  }

  void write_counts() {
    const auto put = [this](const char* field, std::int64_t number) {
      if (number != 0)
        status_.set(field, number);
      else
        status_.erase(field);
    };
    put("active", static_cast<std::int64_t>(active_.size()));
    put("succeeded", succeeded_);
    put("failed", failed_);
    status_.set("ready", std::ranges::count_if(active_, [](const PodView* pod_view) { return pod_view->ready; }));
    status_.set("terminating", terminating_);
    if (indexed_ && !completed_.empty())
      status_.set("completedIndexes", format_indexes({completed_.begin(), completed_.end()}));
    Value waiting = Value::object();
    const auto list = [&waiting](const char* field, const std::set<std::string>& uids) {
      for (const std::string& uid : uids) waiting.ref(field).push_back(uid);
    };
    list("succeeded", uncounted_won_);
    list("failed", uncounted_lost_);
    status_.set("uncountedTerminatedPods", std::move(waiting));
  }

  const Object& job_;
  const std::vector<const PodView*>& owned_;
  TimePoint now_;
  Value status_;
  const Value& spec_;
  bool indexed_;
  std::vector<const PodView*> active_;
  std::int64_t terminating_ = 0, succeeded_ = 0, failed_ = 0;
  std::set<std::int64_t> completed_;
  std::set<std::string> uncounted_won_, uncounted_lost_;
  TimePoint last_failure_{};
  JobPlan plan_;
};

}  // namespace

bool job_finished(const Object& job) {
  return condition_is_true(job.status(), "Complete") || condition_is_true(job.status(), "Failed");
}

std::string format_indexes(const std::vector<std::int64_t>& sorted) {
  std::string text;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t last = i;
    while (last + 1 < sorted.size() && sorted[last + 1] == sorted[last] + 1) ++last;
    if (!text.empty()) text += ",";
    text += std::to_string(sorted[i]);
    if (last > i) text += (last == i + 1 ? "," : "-") + std::to_string(sorted[last]);
    i = last + 1;
  }
  return text;
}

std::vector<std::int64_t> parse_indexes(std::string_view text) {
  std::vector<std::int64_t> indexes;
  if (text.empty()) return indexes;
  for (const std::string& piece : split(text, ',')) {
    const std::size_t dash = piece.find('-');
    const auto first = parse_int(piece.substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_int(piece.substr(dash + 1));
    if (!first || !last || *last - *first > 1'000'000) continue;
    for (std::int64_t index = *first; index <= *last; ++index) indexes.push_back(index);
  }
  return indexes;
}

JobPlan plan_job(const Object& job, const std::vector<const PodView*>& owned, TimePoint now) {
  return Planner(job, owned, now).plan();
}

}  // namespace drydock::controllers
