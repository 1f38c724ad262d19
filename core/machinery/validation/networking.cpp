// Services, ingresses and network policies.
#include "core/base/strings.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

void service_ports(FieldErrors& errors, const Value& spec) {
  const Value& ports = spec["ports"];
  std::set<std::string> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Value& port = ports[i];
    const std::string here = at("spec.ports", i);
    if (port["name"].empty()) {
      if (ports.size() > 1) errors.required(here + ".name");
    } else {
      errors.invalid_for(here + ".name", port["name"], dns_label_problems(port["name"].as_string()));
      if (!names.insert(port["name"].str()).second) errors.duplicate(here + ".name", port["name"]);
    }
    errors.port_number(here + ".port", port["port"]);
    errors.supported(port, "protocol", here, {"SCTP", "TCP", "UDP"});
    if (spec["clusterIP"].as_string() != "None" || !port["targetPort"].is_null())
      errors.port_number_or_name(here + ".targetPort", port["targetPort"]);
  }
}

void duplicate_ports(FieldErrors& errors, const Value& ports) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Value key = Value::object({{"port", ports[i]["port"]}, {"protocol", ports[i]["protocol"]}});
    if (!seen.insert(ports[i]["protocol"].str() + std::to_string(ports[i]["port"].as_int())).second)
      errors.duplicate(at("spec.ports", i), key);
  }
}

void ingress_backend(FieldErrors& errors, const Value& backend, const std::string& path) {
  const Value& service = backend["service"];
  if (backend["resource"].is_object()) {
    if (service.is_object()) errors.invalid(path, "", "cannot set both resource and service backends");
    return;
  }
  if (!service.is_object()) return errors.required(path, "resource or service backend is required");
  if (service["name"].empty())
    errors.required(path + ".service.name");
  else
    errors.invalid_for(path + ".service.name", service["name"], dns_label_problems(service["name"].as_string()));
  const Value& name = service["port"]["name"];
  const Value& number = service["port"]["number"];
  if (!name.empty() && number.as_int() != 0)
    errors.invalid(path, "", "cannot set both port name & port number");
  else if (!name.empty())
    errors.invalid_for(path + ".service.port.name", name, port_name_problems(name.as_string()));
  else if (number.as_int() != 0)
    errors.port_number(path + ".service.port.number", number);
  else
    errors.required(path, "port name or number is required");
}

void policy_ports(FieldErrors& errors, const Value& ports, const std::string& path) {
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const std::string here = at(path, i);
    errors.supported(ports[i], "protocol", here, {"SCTP", "TCP", "UDP"});
    if (!ports[i]["port"].is_null()) errors.port_number_or_name(here + ".port", ports[i]["port"]);
  }
}

void policy_peers(FieldErrors& errors, const Value& peers, const std::string& path) {
  for (std::size_t i = 0; i < peers.size(); ++i) {
    const std::string here = at(path, i);
    const Value& peer = peers[i];
    validate_label_selector(errors, peer["podSelector"], here + ".podSelector");
    validate_label_selector(errors, peer["namespaceSelector"], here + ".namespaceSelector");
    const bool selects = peer["podSelector"].is_object() || peer["namespaceSelector"].is_object();
    if (peer["ipBlock"].is_object()) {
      if (peer["ipBlock"]["cidr"].empty())
        errors.required(here + ".ipBlock.cidr");
      else
        errors.invalid_for(here + ".ipBlock.cidr", peer["ipBlock"]["cidr"],
                           cidr_problems(peer["ipBlock"]["cidr"].as_string()));
      if (selects) errors.forbidden(here, "may not specify both ipBlock and another peer");
    } else if (!selects) {
      errors.required(here, "must specify a peer");
    }
  }
}

}  // namespace

void validate_service(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  const std::string_view type = spec["type"].as_string();
  const bool headless = spec["clusterIP"].as_string() == "None";
  if (spec["ports"].empty() && !headless && type != "ExternalName") errors.required("spec.ports");
  if (type == "LoadBalancer" && headless)
    errors.invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services");
  if (type == "NodePort" && headless)
    errors.invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services");
  if (type == "ExternalName") {
    if (!spec["clusterIP"].empty()) errors.forbidden("spec.clusterIPs", "may not be set for ExternalName services");
    std::string name = spec["externalName"].str();
    if (name.ends_with('.')) name.pop_back();
    if (name.empty())
      errors.required("spec.externalName");
    else
      errors.invalid_for("spec.externalName", spec["externalName"], dns_subdomain_problems(name));
  }
  service_ports(errors, spec);
  validate_labels(errors, spec["selector"], "spec.selector");
  if (spec["sessionAffinity"].empty())
    errors.required("spec.sessionAffinity");
  else
    errors.supported(spec, "sessionAffinity", "spec", {"ClientIP", "None"});
  for (std::size_t i = 0; i < spec["externalIPs"].size(); ++i)
    errors.invalid_for(at("spec.externalIPs", i), spec["externalIPs"][i],
                       ip_problems(spec["externalIPs"][i].as_string()));
  errors.supported(spec, "type", "spec", {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
  if (type == "ClusterIP") {
    for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
      if (spec["ports"][i]["nodePort"].as_int() != 0)
        errors.forbidden(at("spec.ports", i) + ".nodePort", "may not be used when `type` is 'ClusterIP'");
    }
  }
  duplicate_ports(errors, spec["ports"]);
  if (!spec["externalTrafficPolicy"].empty()) {
    if (type != "NodePort" && type != "LoadBalancer")
      errors.invalid("spec.externalTrafficPolicy", spec["externalTrafficPolicy"],
                     "may only be set for externally-accessible services");
    else
      errors.supported(spec, "externalTrafficPolicy", "spec", {"Cluster", "Local"});
  }
}

void validate_ingress(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  if (spec["rules"].empty() && !spec["defaultBackend"].is_object())
    errors.invalid("spec", "", "either `defaultBackend` or `rules` must be specified");
  if (spec["defaultBackend"].is_object()) ingress_backend(errors, spec["defaultBackend"], "spec.defaultBackend");
  for (std::size_t i = 0; i < spec["rules"].size(); ++i) {
    const Value& rule = spec["rules"][i];
    const std::string here = at("spec.rules", i);
    const std::string_view host = rule["host"].as_string();
    if (!host.empty()) {
      if (ip_problems(host).empty())
        errors.invalid(here + ".host", rule["host"], "must be a DNS name, not an IP address");
      else
        errors.invalid_for(here + ".host", rule["host"],
                           contains(host, "*") ? wildcard_subdomain_problems(host) : dns_subdomain_problems(host));
    }
    if (!rule["http"].is_object()) continue;
    if (rule["http"]["paths"].empty()) errors.required(here + ".http.paths");
    for (std::size_t k = 0; k < rule["http"]["paths"].size(); ++k) {
      const Value& path = rule["http"]["paths"][k];
      const std::string field = at(here + ".http.paths", k);
      const std::string_view type = path["pathType"].as_string();
      if (type.empty())
        errors.required(field + ".pathType", "pathType must be specified");
      else if (type == "Exact" || type == "Prefix") {
        if (!path["path"].as_string().starts_with('/'))
          errors.invalid(field + ".path", path["path"].str(), "must be an absolute path");
        for (const char* bad : {"//", "/./", "/../", "%2f", "%2F"}) {
          if (contains(path["path"].as_string(), bad))
            errors.invalid(field + ".path", path["path"], "must not contain '" + std::string(bad) + "'");
        }
      } else if (type != "ImplementationSpecific") {
        errors.unsupported(field + ".pathType", path["pathType"], {"Exact", "ImplementationSpecific", "Prefix"});
      }
      ingress_backend(errors, path["backend"], field + ".backend");
    }
  }
  if (!spec["ingressClassName"].empty())
    errors.invalid_for("spec.ingressClassName", spec["ingressClassName"],
                       dns_subdomain_problems(spec["ingressClassName"].as_string()));
}

void validate_network_policy(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  validate_label_selector(errors, spec["podSelector"], "spec.podSelector");
  for (std::size_t i = 0; i < spec["ingress"].size(); ++i) {
    policy_ports(errors, spec["ingress"][i]["ports"], at("spec.ingress", i) + ".ports");
    policy_peers(errors, spec["ingress"][i]["from"], at("spec.ingress", i) + ".from");
  }
  for (std::size_t i = 0; i < spec["egress"].size(); ++i) {
    policy_ports(errors, spec["egress"][i]["ports"], at("spec.egress", i) + ".ports");
    policy_peers(errors, spec["egress"][i]["to"], at("spec.egress", i) + ".to");
  }
  if (spec["policyTypes"].size() > 2)
    errors.invalid("spec.policyTypes", spec["policyTypes"], "may not specify more than two policyTypes");
  for (std::size_t i = 0; i < spec["policyTypes"].size(); ++i) {
    const std::string_view type = spec["policyTypes"][i].as_string();
    if (type != "Ingress" && type != "Egress")
      errors.unsupported(at("spec.policyTypes", i), spec["policyTypes"][i], {"Egress", "Ingress"});
  }
}

}  // namespace drydock
