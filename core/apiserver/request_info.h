// RequestInfo: what a request asks for, read from method, path and query.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"
#include "core/machinery/http_message.h"

namespace drydock {

struct RequestInfo {
  bool is_resource = false;  // below /api/VERSION or /apis/GROUP/VERSION, naming a resource
  std::string verb;          // get, list, watch, create, update, patch, delete, deletecollection; or the HTTP verb
  std::string group;
  std::string version;
  std::string ns;
  std::string resource;
  std::string name;
  std::string subresource;
  std::string rest;            // what follows the subresource: proxied paths
  std::string field_selector;  // of a list or watch

  static RequestInfo parse(const HttpRequest& request);
};

// The query's resourceVersion; 0 when it names none, or any.
Result<std::int64_t> resource_version_of(const HttpQuery& query);

}  // namespace drydock
