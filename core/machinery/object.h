// Object: a Kubernetes API object: an immutable document with accessors for
// what every kind has. Copying is copying one reference. To change one, copy it
// and use mutable_doc(); other holders keep what they had.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "core/machinery/value.h"

namespace drydock {

// Namespace and name; namespace "" for cluster-scoped kinds.
struct ObjectKey {
  std::string ns;
  std::string name;
  auto operator<=>(const ObjectKey&) const = default;
  std::string str() const { return ns.empty() ? name : ns + "/" + name; }
};

class Object {
 public:
  Object() = default;
  explicit Object(Value doc) : doc_(std::move(doc)) {}
  const Value& doc() const { return doc_; }
  Value& mutable_doc() { return doc_; }
  explicit operator bool() const { return doc_.is_object(); }

  std::string_view api_version() const { return doc_["apiVersion"].as_string(); }
  std::string_view kind() const { return doc_["kind"].as_string(); }
  const Value& metadata() const { return doc_["metadata"]; }
  const Value& spec() const { return doc_["spec"]; }
  const Value& status() const { return doc_["status"]; }
  std::string_view name() const { return metadata()["name"].as_string(); }
  std::string_view ns() const { return metadata()["namespace"].as_string(); }
  std::string_view uid() const { return metadata()["uid"].as_string(); }
  std::string_view resource_version() const { return metadata()["resourceVersion"].as_string(); }
  std::int64_t generation() const { return metadata()["generation"].as_int(); }
  const Value& labels() const { return metadata()["labels"]; }
  const Value& annotations() const { return metadata()["annotations"]; }
  std::string_view label(std::string_view key) const { return labels()[key].as_string(); }
  std::string_view annotation(std::string_view key) const { return annotations()[key].as_string(); }
  bool deleting() const { return metadata().has("deletionTimestamp"); }
  ObjectKey key() const { return {std::string(ns()), std::string(name())}; }
  // The owner reference with controller: true, or null.
  const Value& controller_ref() const;

  friend bool operator==(const Object&, const Object&) = default;

 private:
  Value doc_;
};

}  // namespace drydock
