// What a command line names: "pods", "deploy/web svc/web", "pod a b", -f files,
// -l selectors, --all: kubectl's resource builder.
#pragma once

#include <string>
#include <vector>

#include "core/programs/kubectl/connection/discovery.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/objects/manifests.h"

namespace drydock::kubectl {

// One request's worth: an object (name set) or a list (name empty).
struct Query {
  ApiResource resource;
  std::string ns;  // "" for cluster scope and all namespaces
  std::string name;
  std::string source;  // the file that named it
  Value manifest;      // what the file says

  std::string path() const { return resource.ref().path(ns, name); }
};

// One object.
struct Target {
  ApiResource resource;
  std::string ns;
  std::string name;
  std::string source;
  Value object;  // as the server has it, or as the file says

  std::string path(std::string_view subresource = "") const { return resource.ref().path(ns, name, subresource); }
  std::string title() const { return resource.kind_name() + "/" + name; }    // "deployment.apps/web"
  std::string plural_title() const { return resource.plural + "/" + name; }  // "deployments/web"
};

struct SelectionRules {
  std::string needs_resource;  // the error when nothing is named; "" is the builder's own
  std::string default_type;    // type of bare names: "node" for cordon
  bool lists = false;          // a type alone means all of it, without -l or --all
  bool fetch = true;           // for manifests: read the server's object
  bool validates = false;      // manifests must say what they are, as --validate asks
};

// The queries that positional arguments `arguments` and -f name. Problems of a
// single file are added to the session's errors; others are returned.
Task<Result<std::vector<Query>>> plan_queries(Session& session, std::vector<std::string> arguments,
                                              SelectionRules rules = {});

// As plan_queries, with every object fetched. Objects that cannot be read are
// added to the session's errors.
Task<Result<std::vector<Target>>> select_targets(Session& session, std::vector<std::string> arguments,
                                                 SelectionRules rules = {});

// Makes a query of a manifest: finds its kind and its namespace.
Task<Result<Query>> query_of_manifest(Session& session, Manifest manifest, bool validates = false);

// "Unable to find … that match label selector …": the error of a list that was refused.
Status list_failure(const ApiResource& resource, const HttpQuery& selectors, Status error);

// The items of a list query, by pages of --chunk-size.
Task<Result<std::vector<Value>>> list_all(Session& session, std::string path, HttpQuery query);

}  // namespace drydock::kubectl
