#include "core/controllers/shared/owner_reference.h"

namespace drydock::controllers {

Value controller_reference(const Object& owner, std::string_view api_version, std::string_view kind) {
  return Value::object({{"apiVersion", api_version},
                        {"kind", kind},
                        {"name", owner.name()},
                        {"uid", owner.uid()},
                        {"controller", true},
                        {"blockOwnerDeletion", true}});
}

std::string_view controller_uid(const Object& object) { return object.controller_ref()["uid"].as_string(); }

Object pod_from_template(const Value& pod_template, const Object& owner, std::string_view owner_api_version,
                         std::string_view owner_kind) {
  Value metadata =
      Value::object({{"generateName", owner.metadata()["name"].str() + "-"},
                     {"namespace", owner.ns()},
                     {"ownerReferences", Value::array({controller_reference(owner, owner_api_version, owner_kind)})}});
  for (const char* inherited : {"labels", "annotations", "finalizers"}) {
    if (const Value& value = pod_template.get("metadata", inherited); !value.empty()) metadata.set(inherited, value);
  }
  return Object(
      Value::object({{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata}, {"spec", pod_template["spec"]}}));
}

}  // namespace drydock::controllers
