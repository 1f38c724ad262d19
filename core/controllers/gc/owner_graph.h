// OwnerGraph: who owns whom, over all watched kinds. Nodes are known by uid; an
// owner that is only referred to has a node without an object ("virtual") until
// it is seen or found to be absent.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/client.h"

namespace drydock::controllers {

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool blocks_deletion = false;
};
std::vector<OwnerReference> read_owners(const Object& object);
bool has_finalizer(const Object& object, std::string_view finalizer);

struct GraphNode {
  ResourceRef resource;
  Object object;  // empty: virtual
  std::vector<OwnerReference> owners;
  std::set<std::string> dependents;  // uids

  bool is_virtual() const { return !object; }
  bool deleting_dependents() const { return object.deleting() && has_finalizer(object, "foregroundDeletion"); }
  bool orphaning() const { return object.deleting() && has_finalizer(object, "orphan"); }
};

class OwnerGraph {
 public:
  // Returns the uids of owners that nobody has seen yet: they may not exist.
  std::vector<std::string> put(const ResourceRef& resource, const Object& object);
  // Returns the dependents that are left behind.
  std::set<std::string> remove(const std::string& uid);
  const GraphNode* find(const std::string& uid) const;

 private:
  void drop_owner_links(const std::string& uid, const GraphNode& node);
  std::map<std::string, GraphNode> nodes_;
};

}  // namespace drydock::controllers
