#include "core/programs/cni/network_config.h"

#include <algorithm>

#include "core/host/file_system.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

const std::string kConfigFolder = "/etc/cni/net.d";

}  // namespace

bool CniNetworkConfig::has_plugin(std::string_view type) const {
  return std::any_of(plugins.begin(), plugins.end(),
                     [&](const Value& plugin) { return plugin["type"].as_string() == type; });
}

std::optional<CniNetworkConfig> load_cni_config(const FileSystem& files) {
  auto names = files.list(kConfigFolder);
  if (!names) return std::nullopt;
  std::sort(names->begin(), names->end());
  for (const std::string& name : *names) {
    if (!name.ends_with(".conf") && !name.ends_with(".conflist") && !name.ends_with(".json")) continue;
    const auto text = files.read_file(kConfigFolder + "/" + name);
    if (!text) continue;
    const auto document = parse_json(*text);
    if (!document || !document->is_object()) continue;
    CniNetworkConfig config;
    config.name = (*document)["name"].str();
    if (name.ends_with(".conflist")) {
      for (const Value& plugin : (*document)["plugins"].items()) {
        if (!plugin["type"].as_string().empty()) config.plugins.push_back(plugin);
      }
    } else if (!(*document)["type"].as_string().empty()) {
      config.plugins.push_back(*document);
    }
    if (!config.plugins.empty()) return config;
  }
  return std::nullopt;
}

}  // namespace drydock
