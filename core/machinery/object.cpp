#include "core/machinery/object.h"

namespace drydock {

const Value& Object::controller_ref() const {
  static const Value none;
  for (const Value& owner : metadata()["ownerReferences"].items()) {
    if (owner["controller"].as_bool()) return owner;
  }
  return none;
}

}  // namespace drydock
