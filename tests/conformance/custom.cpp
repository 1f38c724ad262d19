#include "tests/conformance/custom.h"

#include <doctest/doctest.h>

#include "core/base/strings.h"

namespace drydock::conformance {

std::string kind_of(std::string plural) {
  plural[0] = to_upper(plural.substr(0, 1))[0];
  return plural;
}

Value definition_document(const Definition& definition) {
  const std::string versions =
      definition.versions.empty()
          ? "[{name: v1, served: true, storage: true, schema: {openAPIV3Schema: " + definition.schema + "}}]"
          : definition.versions;
  return yaml("{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: " +
              definition.name() + "}, spec: {group: " + definition.group + ", scope: " + definition.scope +
              ", names: {plural: " + definition.plural + ", kind: " + kind_of(definition.plural) +
              "}, versions: " + versions + definition.more + "}}");
}

Value define(Rig& rig, const Definition& definition) {
  const Value made = rig.post(kDefinitions, definition_document(definition));
  const std::string path = kDefinitions + "/" + definition.name();
  const std::string served =
      "/apis/" + definition.group + "/" + made["spec"]["versions"][0]["name"].str() + "/" + definition.plural;
  REQUIRE(rig.eventually([&] {
    return entry(rig.get(path)["status"]["conditions"], "type", "Established")["status"] == Value("True") &&
           !rig.gone(served);
  }));
  return rig.get(path);
}

Value custom(const std::string& plural, const std::string& name, const std::string& body, const std::string& version) {
  Value document = yaml(body);
  document.set("apiVersion", kGroup + "/" + version);
  document.set("kind", kind_of(plural));
  document.ref("metadata", "name") = name;
  return document;
}

}  // namespace drydock::conformance
