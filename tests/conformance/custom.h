// Custom resources of tests: definitions and instances in one group.
#pragma once

#include <string>

#include "tests/conformance/rig.h"

namespace drydock::conformance {

inline const std::string kGroup = "tests.example.com";
inline const std::string kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

struct Definition {
  std::string plural;
  // Of version v1; the default keeps whatever it is given.
  std::string schema = "{type: object, x-kubernetes-preserve-unknown-fields: true}";
  std::string scope = "Cluster";
  // In place of the one version v1.
  std::string versions;
  std::string group = kGroup;
  // More of its spec: ", conversion: {…}".
  std::string more;

  std::string name() const { return plural + "." + group; }
};

// "widgets" are of the kind "Widgets".
std::string kind_of(std::string plural);
Value definition_document(const Definition& definition);
// Creates it and waits until its first version is served; the definition as it then is.
Value define(Rig& rig, const Definition& definition);
// An instance: `body` with its kind, version and name.
Value custom(const std::string& plural, const std::string& name, const std::string& body,
             const std::string& version = "v1");

}  // namespace drydock::conformance
