#include "core/programs/kubectl/connection/discovery.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock::kubectl {
namespace {

std::vector<std::string> texts(const Value& array) {
  std::vector<std::string> result;
  for (const Value& item : array.items()) result.push_back(item.str());
  return result;
}

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// "v1", "v2beta1": what a version looks like, to tell "deployments.v1.apps" from "crontabs.stable.example.com".
bool looks_like_version(std::string_view text) {
  return text.size() >= 2 && text[0] == 'v' && text[1] >= '0' && text[1] <= '9';
}

struct Argument {
  std::string name, version, group;
  bool any_group = true;
};

Argument parse_argument(std::string_view text) {
  const std::string lower = to_lower(text);
  const std::size_t first = lower.find('.');
  if (first == std::string::npos) return {lower, "", "", true};
  Argument result{lower.substr(0, first), "", lower.substr(first + 1), false};
  const std::size_t second = result.group.find('.');
  const std::string maybe_version = result.group.substr(0, second);
  if (looks_like_version(maybe_version)) {
    result.version = maybe_version;
    result.group = second == std::string::npos ? "" : result.group.substr(second + 1);
  }
  return result;
}

}  // namespace

std::string ApiResource::kind_name() const {
  const std::string lower = to_lower(kind);
  return group.empty() ? lower : lower + "." + group;
}

void Discovery::add_groups(const Value& document) {
  for (const Value& group : document["items"].items()) {
    bool preferred = true;
    for (const Value& version : group["versions"].items()) {
      for (const Value& entry : version["resources"].items()) {
        ApiResource resource;
        resource.group = group["metadata"]["name"].str();
        resource.version = version["version"].str();
        resource.plural = entry["resource"].str();
        resource.singular = entry["singularResource"].str();
        resource.kind = entry["responseKind"]["kind"].str();
        resource.short_names = texts(entry["shortNames"]);
        resource.categories = texts(entry["categories"]);
        resource.verbs = texts(entry["verbs"]);
        resource.namespaced = entry["scope"].as_string() == "Namespaced";
        resource.preferred = preferred;
        for (const Value& sub : entry["subresources"].items())
          resource.subresources.push_back(sub["subresource"].str());
        resources_.push_back(std::move(resource));
      }
      preferred = false;
    }
  }
}

const ApiResource* Discovery::find_in(std::string_view name, std::string_view version, std::string_view group,
                                      bool any_group) const {
  // Full names first, then short names, as the shortcut expander runs behind the mapper.
  for (const bool short_names : {false, true}) {
    for (const bool exact_group : {true, false}) {
      for (const ApiResource& resource : resources_) {
        if (!version.empty() && resource.version != version) continue;
        if (version.empty() && !resource.preferred) continue;
        if (!any_group && (exact_group ? resource.group != group : !resource.group.starts_with(group) || group.empty()))
          continue;
        const bool matches =
            short_names ? has(resource.short_names, name)
                        : resource.plural == name || resource.singular == name || to_lower(resource.kind) == name;
        if (matches) return &resource;
      }
      if (any_group) break;
    }
  }
  return nullptr;
}

const ApiResource* Discovery::find(std::string_view argument) const {
  const Argument wanted = parse_argument(argument);
  if (const ApiResource* found = find_in(wanted.name, wanted.version, wanted.group, wanted.any_group)) return found;
  if (wanted.version.empty()) return nullptr;
  // "x.v1foo.example.com" may have been a group all along.
  const std::string group = wanted.group.empty() ? wanted.version : wanted.version + "." + wanted.group;
  return find_in(wanted.name, "", group, false);
}

const ApiResource* Discovery::find_kind(std::string_view api_version, std::string_view kind) const {
  for (const ApiResource& resource : resources_) {
    if (resource.kind == kind && resource.api_version() == api_version) return &resource;
  }
  return nullptr;
}

const ApiResource* Discovery::find_kind_any_version(std::string_view group, std::string_view kind) const {
  for (const ApiResource& resource : resources_) {
    if (resource.kind == kind && (group == "*" || resource.group == group)) return &resource;
  }
  return nullptr;
}

std::vector<const ApiResource*> Discovery::category(std::string_view name) const {
  std::vector<const ApiResource*> result;
  for (const ApiResource& resource : resources_) {
    if (resource.preferred && has(resource.categories, name)) result.push_back(&resource);
  }
  return result;
}

Status no_such_resource(std::string_view argument) {
  const Argument wanted = parse_argument(argument);
  std::string message = "the server doesn't have a resource type " + go_quote(wanted.name);
  if (!wanted.group.empty()) message += " in group " + go_quote(wanted.group);
  if (!wanted.version.empty())
    message += (wanted.group.empty() ? " in version " : " and version ") + go_quote(wanted.version);
  return Status::plain(message);
}

}  // namespace drydock::kubectl
