#include "core/world/pod_picture.h"

#include <algorithm>

namespace drydock {
namespace {

feed::Container container_picture(const Value& status) {
  feed::Container container;
  container.name = status["name"].str();
  container.ready = status["ready"].as_bool();
  container.restarts = static_cast<std::uint16_t>(std::clamp<std::int64_t>(status["restartCount"].as_int(), 0, 65535));
  const Value& state = status["state"];
  if (state.has("running")) {
    container.state = feed::ContainerState::kRunning;
  } else if (state.has("terminated")) {
    container.state = state["terminated"]["exitCode"].as_int() == 0 ? feed::ContainerState::kTerminated
                                                                    : feed::ContainerState::kCrashed;
    const Value& ended = state["terminated"];
    container.reason = ended["reason"].str();
    if (ended["exitCode"].as_int() != 0) {
      if (!container.reason.empty()) container.reason += ", ";
      container.reason += "exit code " + std::to_string(ended["exitCode"].as_int());
    }
  } else {
    const std::string_view reason = state["waiting"]["reason"].as_string();
    const bool trouble = reason == "CrashLoopBackOff" || reason == "ImagePullBackOff" || reason == "ErrImagePull" ||
                         reason.ends_with("Error");
    container.state = trouble ? feed::ContainerState::kCrashed : feed::ContainerState::kWaiting;
    container.reason = reason;
  }
  return container;
}

// The word of the first container that is in trouble, as kubectl's STATUS column shows it.
std::string trouble_of(const Value& statuses) {
  for (const Value& status : statuses.items()) {
    const std::string waiting = status["state"]["waiting"]["reason"].str();
    if (!waiting.empty() && waiting != "PodInitializing") return waiting;
    const Value& ended = status["state"]["terminated"];
    if (ended.is_object() && ended["exitCode"].as_int() != 0)
      return ended["reason"].empty() ? "Error" : ended["reason"].str();
  }
  return {};
}

}  // namespace

feed::Pod pod_picture(const Object& pod) {
  feed::Pod record;
  record.ns = pod.ns();
  record.name = pod.name();
  record.address = pod.status()["podIP"].str();
  const Value& owner = pod.controller_ref();
  if (!owner.is_null()) record.owner = owner["kind"].str() + "/" + owner["name"].str();
  record.control_plane = pod.label("tier") == "control-plane";
  const Value& statuses = pod.status()["containerStatuses"];
  if (statuses.empty()) {
    for (const Value& container : pod.spec()["containers"].items())
      record.containers.push_back({.name = container["name"].str()});
  } else {
    for (const Value& status : statuses.items()) record.containers.push_back(container_picture(status));
  }
  for (feed::Container& container : record.containers) {
    for (const Value& wanted : pod.spec()["containers"].items()) {
      if (wanted["name"].as_string() == container.name) container.image = wanted["image"].str();
    }
  }
  const std::string_view phase = pod.status()["phase"].as_string();
  const std::string trouble = trouble_of(statuses);
  record.status = phase.empty() ? "Pending" : std::string(phase);
  bool ready = false;
  for (const Value& condition : pod.status()["conditions"].items()) {
    const bool met = condition["status"].as_string() == "True";
    if (condition["type"].as_string() == "Ready") ready = met;
    record.conditions.push_back({condition["type"].str(), met, condition["reason"].str()});
  }
  const bool crashed =
      std::any_of(record.containers.begin(), record.containers.end(),
                  [](const feed::Container& container) { return container.state == feed::ContainerState::kCrashed; });
  if (pod.deleting()) {
    record.phase = feed::PodPhase::kTerminating;
    record.status = "Terminating";
  } else if (phase == "Succeeded") {
    record.phase = feed::PodPhase::kSucceeded;
    record.status = "Completed";
  } else if (phase == "Failed" || crashed) {
    record.phase = feed::PodPhase::kFailed;
    if (!trouble.empty()) record.status = trouble;
  } else if (phase == "Running") {
    record.phase = ready ? feed::PodPhase::kRunning : feed::PodPhase::kNotReady;
  } else if (!pod.spec()["nodeName"].empty()) {
    record.phase = feed::PodPhase::kCreating;
    record.status = trouble.empty() ? "ContainerCreating" : trouble;
  }
  return record;
}

}  // namespace drydock
