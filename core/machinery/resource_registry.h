// ResourceRegistry: every resource that an API server serves: names, scope, verbs,
// subresources. The built-in ones of Kubernetes 1.36, in the order `kubectl
// api-resources` prints them; custom resources are added and removed at run time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock {

struct ResourceInfo {
  std::string group;  // "" for the core group
  std::string version;
  std::string resource;  // plural: "deployments"
  std::string singular;  // "deployment"
  std::string kind;      // "Deployment"
  std::vector<std::string> short_names;
  bool namespaced = true;
  bool in_all = false;  // category "all"
  // Subresources: "status", "scale", "log", …
  std::vector<std::string> subresources;
  // create, delete, deletecollection, get, list, patch, update, watch; reviews only create.
  bool review = false;

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  bool has_subresource(std::string_view name) const;
  std::vector<std::string> verbs() const;
};

class ResourceRegistry {
 public:
  static ResourceRegistry builtin();
  const std::vector<ResourceInfo>& all() const { return resources_; }
  const ResourceInfo* find(std::string_view group, std::string_view version, std::string_view resource) const;
  const ResourceInfo* find_kind(std::string_view api_version, std::string_view kind) const;
  // Groups in the order of discovery, each with its preferred version first.
  std::vector<std::string> groups() const;
  std::vector<std::string> versions(std::string_view group) const;
  void add(ResourceInfo info);
  void remove(std::string_view group, std::string_view version, std::string_view resource);

 private:
  std::vector<ResourceInfo> resources_;
};

}  // namespace drydock
