#include "core/apiserver/request_info.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/selectors.h"

namespace drydock {

RequestInfo RequestInfo::parse(const HttpRequest& request) {
  RequestInfo info;
  info.verb = to_lower(request.method);
  std::vector<std::string> parts;
  for (std::string& part : split(request.path, '/')) {
    if (!part.empty()) parts.push_back(std::move(part));
  }
  std::size_t at = 0;
  if (parts.size() >= 3 && parts[0] == "api") {
    info.version = parts[1];
    at = 2;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    info.group = parts[1];
    info.version = parts[2];
    at = 3;
  } else {
    return info;
  }
  info.is_resource = true;
  // /namespaces/NAME is the namespace itself; with a resource behind it, its scope.
  const bool scoped =
      parts[at] == "namespaces" && at + 2 < parts.size() && parts[at + 2] != "status" && parts[at + 2] != "finalize";
  if (scoped) {
    info.ns = parts[at + 1];
    at += 2;
  }
  info.resource = parts[at++];
  if (at < parts.size()) info.name = parts[at++];
  if (at < parts.size()) info.subresource = parts[at++];
  for (; at < parts.size(); ++at) info.rest += "/" + parts[at];
  if (info.resource == "namespaces" && !info.name.empty() && !scoped) info.ns = info.name;

  const std::string_view method = request.method;
  const std::string_view watch = request.query.get("watch");
  const bool wants_watch = watch == "true" || watch == "1";
  if (method == "GET" || method == "HEAD")
    info.verb = !info.name.empty() ? "get" : wants_watch ? "watch" : "list";
  else if (method == "POST")
    info.verb = "create";
  else if (method == "PUT")
    info.verb = "update";
  else if (method == "PATCH")
    info.verb = "patch";
  else if (method == "DELETE")
    info.verb = info.name.empty() ? "deletecollection" : "delete";
  if (info.verb == "list" || info.verb == "watch") {
    info.field_selector = request.query.get("fieldSelector");
    // Who reads one object by a list reads that object, also for what is allowed.
    if (contains(info.field_selector, "metadata.name=")) {
      if (const auto terms = parse_field_selector(info.field_selector)) {
        for (const FieldTerm& term : *terms) {
          if (term.path == "metadata.name" && term.equal) info.name = term.value;
        }
      }
    }
  }
  return info;
}

Result<std::int64_t> resource_version_of(const HttpQuery& query) {
  const std::string_view text = query.get("resourceVersion");
  const auto number = parse_int(text.empty() ? "0" : text);
  if (number && *number >= 0) return *number;
  return Status::bad_request("resourceVersion: Invalid value: " + go_quote(text) + ": strconv.ParseUint: parsing " +
                             go_quote(text) + ": invalid syntax");
}

}  // namespace drydock
