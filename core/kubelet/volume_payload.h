// What ConfigMaps and Secrets put into a volume, as files, and the layout by which all
// of them change at once. Pure: no clock, no lookups.
// https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
//
//   ..2026_01_01_00_00_00.123456789/key   the files
//   ..data -> ..2026_…                    swapped in one step
//   key -> ..data/key
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/machinery/object.h"

namespace drydock {

struct VolumeFile {
  std::string path;  // in the volume; may have folders
  Value text;
  std::uint32_t mode = 0644;
  bool deferred = false;  // the text is not made before somebody reads it (tokens)
};
using VolumePayload = std::vector<VolumeFile>;

// Adds the keys of a ConfigMap or Secret: all, or those that `wanted` (the volume source)
// names in its items. An item without its key is an error unless the source is optional.
Result<void> add_keys(VolumePayload& payload, const Object& source, const Value& wanted, bool secret,
                      std::uint32_t default_mode);

// The entries that stand in the volume itself: first components of the paths.
std::set<std::string> visible_names(const VolumePayload& payload);

// "..2026_01_01_00_00_00.123456789"
std::string data_directory_name(TimePoint now, const std::string& digits);

// "configmaps/ns/name" and "secrets/ns/name" of the sources whose changes a pod sees in
// its volumes. The API access that admission adds is none of them.
std::set<std::string> refreshed_sources(const Value& pod_spec, const std::string& ns);

// True when a volume shows the pod's own labels or annotations.
bool has_downward_volume(const Value& pod_spec);

// The sources of a volume as a projected one lists them; every other kind is its own only source.
Value volume_sources(const Value& volume);

}  // namespace drydock
