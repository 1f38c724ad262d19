// OpenApi: what the API server tells clients about its types and paths: OpenAPI v3, a
// document for each group and version, and v2, one for all, as JSON and as protobuf.
// Made from the schema table and the resource registry.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/machinery/resource_registry.h"
#include "core/machinery/schema.h"
#include "core/machinery/value.h"

namespace drydock {

// What the API's authors wrote about types and fields; null functions: nothing is known.
struct SchemaTexts {
  std::function<std::string_view(std::string_view type)> of_type;
  struct Field {
    std::string_view text;
    bool required = false;
  };
  std::function<Field(std::string_view type, std::string_view field)> of_field;
};

class OpenApi {
 public:
  // `registry` outlives it and stays as it is.
  OpenApi(const ResourceRegistry& registry, SchemaTexts texts, std::string version);

  // {"paths": {"api/v1": {"serverRelativeURL": "/openapi/v3/api/v1?hash=…"}}}
  Value index() const;
  // The document of "api/v1" or "apis/apps/v1"; null when there is no such group.
  Value v3(std::string_view group_path) const;
  // Changes when the document does.
  std::string hash(std::string_view group_path) const;
  Value v2() const;

  // "io.k8s.api.apps.v1.Deployment" for the table's "V1Deployment".
  std::string definition_name(std::string_view type) const;

 private:
  enum class Form { kV2, kV3 };
  Value definition(std::string_view type, Form form) const;
  Value field_schema(std::string_view field_type, Form form, bool in_list) const;
  void add_list_rules(Value& schema, std::string_view owner, std::string_view field, std::string_view type) const;
  void collect(std::string_view type, std::set<std::string_view>& types) const;
  std::set<std::string_view> roots(std::string_view group, std::string_view version) const;
  void add_paths(Value& paths, const ResourceInfo& info, Form form) const;
  Value operation(const ResourceInfo& info, std::string_view action, const std::string& subresource,
                  bool all_namespaces, Form form) const;
  Value reference(std::string_view type, Form form) const;

  const ResourceRegistry& registry_;
  const Schema& schema_;
  SchemaTexts texts_;
  std::string version_;
  std::map<std::string_view, std::string> packages_;       // type -> "io.k8s.api.core.v1"
  std::multimap<std::string, const ResourceInfo*> kinds_;  // type -> what it is the kind of
};

// An OpenAPI v2 document in gnostic's protobuf form, which kubectl up to 1.26 asks for.
std::string openapi_v2_protobuf(const Value& document);

}  // namespace drydock
