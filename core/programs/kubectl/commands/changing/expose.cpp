// kubectl expose.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/patch.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/generators/generators.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

const ApiResource kService = built_in("", "v1", "services", "Service");

struct Exposed {
  Value selector;
  std::vector<std::pair<std::int64_t, std::string>> ports;  // number, protocol
};

Result<Exposed> exposed_by(const Target& target) {
  const Value& spec = target.object["spec"];
  const std::string& kind = target.resource.kind;
  Exposed exposed;
  const Value* pod_spec = &spec["template"]["spec"];
  if (kind == "Pod") {
    exposed.selector = target.object["metadata"]["labels"];
    if (exposed.selector.empty())
      return Status::plain(
          "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be "
          "exposed");
    pod_spec = &spec;
  } else if (kind == "ReplicationController" || kind == "Service") {
    exposed.selector = spec["selector"];
    if (exposed.selector.empty())
      return Status::plain(
          "couldn't retrieve selectors via --selector flag or introspection: the service has no pod selector set");
  } else if (kind == "Deployment" || kind == "ReplicaSet") {
    if (!spec["selector"]["matchExpressions"].empty()) {
      return Status::plain(
          "couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - \"" +
          selector_text(spec["selector"]) + "\" to map-based selector format");
    }
    exposed.selector = spec["selector"]["matchLabels"];
  } else {
    return Status::plain("cannot expose a " + target.resource.kind +
                         (target.resource.group.empty() ? "" : "." + target.resource.group));
  }
  if (kind == "Service") {
    for (const Value& port : spec["ports"].items())
      exposed.ports.emplace_back(port["port"].as_int(), port["protocol"].str());
    return exposed;
  }
  for (const Value& container : (*pod_spec)["containers"].items()) {
    for (const Value& port : container["ports"].items())
      exposed.ports.emplace_back(port["containerPort"].as_int(),
                                 port["protocol"].empty() ? "TCP" : port["protocol"].str());
  }
  return exposed;
}

Result<Value> service_from_flags(Session& session, const Target& target) {
  const Flags& flags = session.flags();
  const bool selector_given = !flags.text("selector").empty();
  Exposed exposed;
  Result<Exposed> found = exposed_by(target);
  if (found)
    exposed = *std::move(found);
  else if (!selector_given || found.error().message.starts_with("cannot expose"))
    return found.error();
  if (selector_given) {
    DRYDOCK_TRY(exposed.selector, parse_pairs(flags.text("selector"), "selector"));
  }
  const std::string name = flags.text("name").empty() ? target.name.substr(0, 63) : flags.text("name");
  Value service = new_object(kService, name);
  DRYDOCK_TRY(Value labels, parse_pairs(flags.text("labels"), "label"));
  if (labels.empty()) labels = target.object["metadata"]["labels"];
  if (!labels.empty()) service.ref("metadata", "labels") = labels;
  std::vector<std::pair<std::int64_t, std::string>> ports;
  if (!flags.text("port").empty()) {
    for (const std::string& text : split(flags.text("port"), ',')) {
      const auto number = parse_int(text);
      if (!number) return Status::plain("strconv.Atoi: parsing " + go_quote(text) + ": invalid syntax");
      std::string protocol = flags.text("protocol");
      for (const auto& [known, its] : exposed.ports) {
        if (protocol.empty() && known == *number) protocol = its;
      }
      ports.emplace_back(*number, protocol.empty() ? "TCP" : protocol);
    }
  } else {
    ports = exposed.ports;
    for (auto& [number, protocol] : ports) {
      if (!flags.text("protocol").empty()) protocol = flags.text("protocol");
    }
  }
  const bool headless = flags.text("cluster-ip") == "None";
  if (ports.empty() && !headless) return Status::plain("couldn't find port via --port flag or introspection");
  Value& spec = service.ref("spec");
  spec.set("selector", exposed.selector);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const auto& [number, protocol] = ports[i];
    Value port = Value::object(
        {{"port", number},
         {"protocol", protocol},
         {"targetPort", flags.text("target-port").empty() ? Value(number) : int_or_string(flags.text("target-port"))}});
    if (ports.size() > 1) port.set("name", "port-" + std::to_string(i + 1));
    spec.ref("ports").push_back(std::move(port));
  }
  if (!flags.text("type").empty()) spec.set("type", flags.text("type"));
  if (!flags.text("cluster-ip").empty()) spec.set("clusterIP", flags.text("cluster-ip"));
  if (!flags.text("external-ip").empty()) spec.set("externalIPs", Value::array({Value(flags.text("external-ip"))}));
  if (!flags.text("load-balancer-ip").empty()) spec.set("loadBalancerIP", flags.text("load-balancer-ip"));
  if (!flags.text("session-affinity").empty()) spec.set("sessionAffinity", flags.text("session-affinity"));
  service.ref("status", "loadBalancer") = Value::object();
  if (flags.text("overrides").empty()) return service;
  DRYDOCK_TRY(const Value overrides, parse_json(flags.text("overrides")));
  if (flags.text("override-type") == "strategic") return apply_strategic_merge_patch(service, overrides);
  if (flags.text("override-type") == "json") return apply_json_patch(service, overrides);
  return apply_merge_patch(service, overrides);
}

}  // namespace

Task<Result<int>> run_expose(Session& session, Arguments arguments) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments)));
  for (const Target& target : targets) {
    DRYDOCK_CO_TRY(Value service, service_from_flags(session, target));
    if (session.ns_enforced()) service.ref("metadata", "namespace") = target.ns;
    save_config(session, service);
    DRYDOCK_CO_TRY(const Value created, co_await mutation.create(kService, target.ns, service));
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(kService, created, "exposed"));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
