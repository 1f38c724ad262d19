// Pods and times for rows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/controllers/shared/pod_view.h"
#include "core/machinery/yaml.h"

namespace drydock::controllers::fixtures {

inline const TimePoint kNow{std::chrono::hours(24 * 365 * 50)};

inline Object yaml(const std::string& text) { return Object(parse_yaml(text).value()); }

// Pods that live as long as the list: plans take pointers.
class Pods {
 public:
  PodView& add(const std::string& name, const std::string& node = "n1") {
    Value doc =
        Value::object({{"metadata", Value::object({{"name", name}, {"uid", "uid-" + name}, {"namespace", "default"}})},
                       {"spec", Value::object({{"nodeName", node}})}});
    PodView view;
    view.object = Object(doc);
    view.labels = view.object.labels();
    view.node = node;
    view.phase = PodPhase::kRunning;
    view.ready = true;
    view.created = kNow - std::chrono::hours(1);
    view.ready_since = kNow - std::chrono::minutes(50);
    views_.push_back(std::make_unique<PodView>(std::move(view)));
    return *views_.back();
  }
  std::vector<const PodView*> refer() const {
    std::vector<const PodView*> pointers;
    for (const auto& view : views_) pointers.push_back(view.get());
    return pointers;
  }
  void remove(const std::string& name) {
    std::erase_if(views_, [&name](const auto& view) { return view->object.name() == name; });
  }

 private:
  std::vector<std::unique_ptr<PodView>> views_;
};

}  // namespace drydock::controllers::fixtures
