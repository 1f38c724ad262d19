// ObjectView: the cluster's objects as the API server's caches have them, for whatever
// decides about a request.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/machinery/object.h"

namespace drydock {

class ObjectView {
 public:
  using Objects = std::map<ObjectKey, Object>;
  virtual const Objects& all(std::string_view group, std::string_view resource) = 0;
  // The pods that are bound to a node, in no order that means anything.
  virtual const std::vector<const Object*>& pods_on(const std::string& node) = 0;

  // Empty when there is none.
  Object find(std::string_view group, std::string_view resource, const ObjectKey& key) {
    const Objects& objects = all(group, resource);
    const auto at = objects.find(key);
    return at == objects.end() ? Object() : at->second;
  }

 protected:
  ~ObjectView() = default;
};

}  // namespace drydock
