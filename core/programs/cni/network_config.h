// The network configuration a runtime picks from /etc/cni/net.d.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

class FileSystem;

struct CniNetworkConfig {
  std::string name;
  std::vector<Value> plugins;  // at least one
  const std::string type() const { return plugins.front()["type"].str(); }
  bool has_plugin(std::string_view type) const;
};

// The first valid file by name; nullopt when there is none.
std::optional<CniNetworkConfig> load_cni_config(const FileSystem& files);

}  // namespace drydock
