// Objects that `kubectl create KIND`, run, expose and autoscale make from flags.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/value.h"
#include "core/programs/kubectl/connection/discovery.h"

namespace drydock::kubectl {

class Session;

struct Generated {
  Value object;
  ApiResource resource;
  // What the command puts in front when the server refuses it ("failed to create
  // secret "); "": the server's error as it is.
  std::string failure;
};

// `kind` as typed after "create": "deployment", "secret generic". `arguments`
// begin with the name; after "--" comes a command.
Task<Result<Generated>> generate(Session& session, std::string kind, std::vector<std::string> arguments);

// The parts, by group of kinds.
Result<Generated> generate_workload(Session& session, const std::string& kind,
                                    const std::vector<std::string>& arguments);
Task<Result<Generated>> generate_job(Session& session, std::vector<std::string> arguments);
Task<Result<Generated>> generate_data(Session& session, std::string kind, std::string name);
Result<Generated> generate_service(Session& session, const std::string& kind, const std::string& name);
Result<Generated> generate_ingress(Session& session, const std::string& name);
Task<Result<Generated>> generate_rbac(Session& session, std::string kind, std::string name);
Result<Generated> generate_policy(Session& session, const std::string& kind, const std::string& name);

// A resource that every server has, without asking it.
ApiResource built_in(std::string group, std::string version, std::string plural, std::string kind,
                     bool namespaced = true);
// {apiVersion, kind, metadata: {name}}
Value new_object(const ApiResource& resource, std::string_view name);
// "a=b,c=d" into an object; the error names `what`.
Result<Value> parse_pairs(std::string_view text, std::string_view what);
// A number as a number, anything else as a name: ports, percentages.
Value int_or_string(std::string_view text);

}  // namespace drydock::kubectl
