// What the server offers: its resources, in its order of preference, and the
// mapping from what a person types ("po", "deploy.apps", "pods.v1.") to one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/client/client.h"
#include "core/machinery/value.h"

namespace drydock::kubectl {

struct ApiResource {
  std::string group, version, plural, singular, kind;
  std::vector<std::string> short_names, categories, verbs, subresources;
  bool namespaced = true;
  bool preferred = true;  // of the group's preferred version

  ResourceRef ref() const { return {group, version, plural}; }
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "deployments.apps", "pods": how messages name it.
  std::string full_name() const { return group.empty() ? plural : plural + "." + group; }
  // "deployment.apps", "pod": what `-o name` and "created" messages print.
  std::string kind_name() const;
};

class Discovery {
 public:
  // Adds the resources of an APIGroupDiscoveryList document (/api or /apis).
  void add_groups(const Value& document);
  const std::vector<ApiResource>& resources() const { return resources_; }
  bool empty() const { return resources_.empty(); }

  // nullptr when the server has none of that name.
  const ApiResource* find(std::string_view argument) const;
  const ApiResource* find_kind(std::string_view api_version, std::string_view kind) const;
  // The best version of "Deployment" in group "apps"; any group when `group` is "*".
  const ApiResource* find_kind_any_version(std::string_view group, std::string_view kind) const;
  // Members of a category such as "all", in the order they are listed.
  std::vector<const ApiResource*> category(std::string_view name) const;

 private:
  const ApiResource* find_in(std::string_view name, std::string_view version, std::string_view group,
                             bool any_group) const;
  std::vector<ApiResource> resources_;
};

// "the server doesn't have a resource type \"x\" in group \"g\""
Status no_such_resource(std::string_view argument);

}  // namespace drydock::kubectl
