#include "core/kubelet/volume_payload.h"

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr std::string_view kApiAccess = "kube-api-access-";

std::uint32_t mode_of(const Value& item, std::uint32_t otherwise) {
  return item["mode"].is_int() ? static_cast<std::uint32_t>(item["mode"].as_int()) & 07777 : otherwise;
}

}  // namespace

Result<void> add_keys(VolumePayload& payload, const Object& source, const Value& wanted, bool secret,
                      std::uint32_t default_mode) {
  const Value& data = source.doc()["data"];
  const Value& binary = source.doc()["binaryData"];
  auto text_of = [&](std::string_view key) -> Value {
    if (binary.has(key)) return base64_decode(binary[key].as_string()).value_or("");
    if (secret) return base64_decode(data[key].as_string()).value_or("");
    return data[key];
  };
  if (wanted["items"].empty()) {
    for (const Value* part : {&data, &binary}) {
      for (const Value::Member& entry : part->members())
        payload.push_back({entry.key.str(), text_of(entry.key.view()), default_mode});
    }
    return {};
  }
  for (const Value& item : wanted["items"].items()) {
    const std::string key = item["key"].str();
    if (!data.has(key) && !binary.has(key)) {
      if (wanted["optional"].as_bool()) continue;
      return Status::plain(std::string(secret ? "references non-existent secret key: "
                                              : "configmap references non-existent config key: ") +
                           key);
    }
    payload.push_back({item["path"].str(), text_of(key), mode_of(item, default_mode)});
  }
  return {};
}

std::set<std::string> visible_names(const VolumePayload& payload) {
  std::set<std::string> names;
  for (const VolumeFile& file : payload) names.insert(file.path.substr(0, file.path.find('/')));
  return names;
}

std::string data_directory_name(TimePoint now, const std::string& digits) {
  std::string stamp = format_timestamp(now);  // 2026-01-01T00:00:00Z
  if (stamp.ends_with("Z")) stamp.pop_back();
  for (char& c : stamp) {
    if (c == '-' || c == ':' || c == 'T') c = '_';
  }
  return ".." + stamp + "." + digits;
}

Value volume_sources(const Value& volume) {
  const Value& projected = volume["projected"]["sources"];
  return projected.is_array() ? projected : Value::array({volume});
}

std::set<std::string> refreshed_sources(const Value& pod_spec, const std::string& ns) {
  std::set<std::string> keys;
  for (const Value& volume : pod_spec["volumes"].items()) {
    if (volume["name"].as_string().starts_with(kApiAccess)) continue;
    const Value sources = volume_sources(volume);
    for (const Value& source : sources.items()) {
      if (source["configMap"].is_object()) keys.insert("configmaps/" + ns + "/" + source["configMap"]["name"].str());
      const Value& secret = source["secret"];
      if (secret.is_object())
        keys.insert("secrets/" + ns + "/" +
                    (secret["secretName"].empty() ? secret["name"] : secret["secretName"]).str());
    }
  }
  return keys;
}

bool has_downward_volume(const Value& pod_spec) {
  for (const Value& volume : pod_spec["volumes"].items()) {
    if (volume["name"].as_string().starts_with(kApiAccess)) continue;
    const Value sources = volume_sources(volume);
    for (const Value& source : sources.items()) {
      if (source["downwardAPI"].is_object()) return true;
    }
  }
  return false;
}

}  // namespace drydock
