// ResourceRegistry: every resource that an API server serves: names, scope, verbs,
// subresources. The built-in ones of Kubernetes 1.36, in the order `kubectl
// api-resources` prints them; custom resources are added and removed at run time.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "core/machinery/value.h"

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
  // Custom resources: their version in the CustomResourceDefinition, with its schema,
  // printer columns and subresources. Null for built-in ones.
  Value definition;
  std::vector<std::string> categories;  // besides "all"

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  bool has_subresource(std::string_view name) const;
  std::vector<std::string> verbs() const;
};

class ResourceRegistry {
 public:
  static ResourceRegistry builtin();
  const std::list<ResourceInfo>& all() const { return resources_; }
  const ResourceInfo* find(std::string_view group, std::string_view version, std::string_view resource) const;
  const ResourceInfo* find_kind(std::string_view api_version, std::string_view kind) const;
  // Groups in the order of discovery, each with its preferred version first.
  std::vector<std::string> groups() const;
  std::vector<std::string> versions(std::string_view group) const;
  void add(ResourceInfo info);
  void remove(std::string_view group, std::string_view version, std::string_view resource);

 private:
  std::list<ResourceInfo> resources_;
  std::list<ResourceInfo> retired_;  // removed ones: a request may still be at work on one
};

}  // namespace drydock
