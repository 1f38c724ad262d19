// Services, Endpoints, EndpointSlices, Ingresses, NetworkPolicies.
#include "core/base/strings.h"
#include "core/programs/kubectl/describe/describe.h"

namespace drydock::kubectl {
namespace {

constexpr std::size_t kMaxEndpoints = 3;

// "10.0.0.1:80,10.0.0.2:80 + 2 more..." for the port of that name.
std::string endpoints_text(const std::vector<Value>& slices, std::string_view port_name) {
  if (slices.empty()) return "<none>";
  std::vector<std::string> texts;
  std::size_t count = 0;
  for (const Value& slice : slices) {
    for (const Value& port : slice["ports"].items()) {
      if (port["name"].as_string() != port_name) continue;
      for (const Value& endpoint : slice["endpoints"].items()) {
        const Value& ready = endpoint["conditions"]["ready"];
        if (!ready.is_null() && !ready.as_bool()) continue;
        for (const Value& address : endpoint["addresses"].items()) {
          if (++count > kMaxEndpoints) continue;
          const bool v6 = contains(address.as_string(), ":");
          texts.push_back((v6 ? "[" + address.str() + "]" : address.str()) + ":" + number_text(port["port"]));
        }
      }
    }
  }
  std::string text = join(texts, ",");
  if (count > kMaxEndpoints) text += " + " + std::to_string(count - kMaxEndpoints) + " more...";
  return text;
}

Task<Result<std::vector<Value>>> slices_of(Session& session, std::string ns, std::string service) {
  HttpQuery query;
  query.add("labelSelector", "kubernetes.io/service-name=" + service);
  co_return co_await list_all(session, resources::kEndpointSlices.path(ns), query);
}

std::string ingress_addresses(const Value& status) {
  std::vector<std::string> texts;
  for (const Value& entry : status["loadBalancer"]["ingress"].items())
    texts.push_back(entry["ip"].empty() ? entry["hostname"].str() : entry["ip"].str());
  return join(texts, ",");
}

// "web:80 (10.0.0.1:80)", or the error that stands for it.
Task<std::string> backend_text(DescribeContext& context, Value backend) {
  const Value& service = backend["service"];
  if (!service.is_object()) {
    const Value& resource = backend["resource"];
    co_return "APIGroup: " + or_none(resource["apiGroup"].str()) + ", Kind: " + resource["kind"].str() +
        ", Name: " + resource["name"].str();
  }
  const std::string name = service["name"].str();
  const std::string port =
      service["port"]["number"].is_null() ? service["port"]["name"].str() : number_text(service["port"]["number"]);
  std::string text = name + ":" + port;
  Result<Value> found = co_await context.session.get(resources::kServices.path(context.target.ns, name));
  if (!found) co_return text + " (<error: " + found.error().message + ">)";
  std::string port_name;
  for (const Value& candidate : (*found)["spec"]["ports"].items()) {
    if (number_text(candidate["port"]) == port || candidate["name"].as_string() == port)
      port_name = candidate["name"].str();
  }
  Result<std::vector<Value>> slices = co_await slices_of(context.session, context.target.ns, name);
  co_return text + " (" + (slices ? endpoints_text(*slices, port_name) : "<none>") + ")";
}

void write_policy_ports(const Value& ports, DescribeWriter& writer) {
  if (ports.empty()) {
    writer.line(2, "To Port: <any> (traffic allowed to all ports)");
    return;
  }
  for (const Value& port : ports.items()) {
    const std::string protocol = port["protocol"].empty() ? "TCP" : port["protocol"].str();
    writer.line(2, "To Port: " + (port["port"].is_null() ? "<any>" : number_text(port["port"])) + "/" + protocol);
  }
}

void write_policy_peers(const Value& peers, std::string_view direction, DescribeWriter& writer) {
  if (peers.empty()) {
    writer.line(2, std::string(direction) + ": <any> (traffic not restricted by " +
                       (direction == "From" ? "source" : "destination") + ")");
    return;
  }
  for (const Value& peer : peers.items()) {
    writer.line(2, std::string(direction) + ":");
    if (const Value& block = peer["ipBlock"]; block.is_object()) {
      writer.line(3, "IPBlock:");
      writer.line(4, "CIDR: " + block["cidr"].str());
      writer.line(4, "Except: " + join_texts(block["except"], ", "));
      continue;
    }
    if (peer["namespaceSelector"].is_object())
      writer.line(3, "NamespaceSelector: " + selector_text(peer["namespaceSelector"]));
    if (peer["podSelector"].is_object()) writer.line(3, "PodSelector: " + selector_text(peer["podSelector"]));
  }
}

void write_policy_rules(const Value& rules, bool ingress, DescribeWriter& writer) {
  if (rules.empty()) {
    writer.line(2, ingress ? "<none> (Selected pods are isolated for ingress connectivity)"
                           : "<none> (Selected pods are isolated for egress connectivity)");
    return;
  }
  bool first = true;
  for (const Value& rule : rules.items()) {
    if (!std::exchange(first, false)) writer.line(2, "----------");
    write_policy_ports(rule["ports"], writer);
    write_policy_peers(rule[ingress ? "from" : "to"], ingress ? "From" : "To", writer);
  }
}

}  // namespace

Task<Result<void>> describe_service(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  DRYDOCK_CO_TRY(const std::vector<Value> slices,
                 co_await slices_of(context.session, context.target.ns, context.target.name));
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("Selector", spec["selector"].empty() ? "<none>" : selector_text(spec["selector"]));
  writer.field("Type", spec["type"].as_string());
  if (!spec["ipFamilyPolicy"].empty()) writer.field("IP Family Policy", spec["ipFamilyPolicy"].as_string());
  if (!spec["ipFamilies"].empty()) writer.field("IP Families", join_texts(spec["ipFamilies"], ","));
  writer.field("IP", spec["clusterIP"].as_string());
  if (!spec["clusterIPs"].empty())
    writer.field("IPs", join_texts(spec["clusterIPs"], ","));
  else
    writer.field("IPs", "<none>");
  if (!spec["externalIPs"].empty()) writer.field("External IPs", join_texts(spec["externalIPs"], ","));
  if (!spec["externalName"].empty()) writer.field("External Name", spec["externalName"].as_string());
  if (!spec["loadBalancerIP"].empty()) writer.field("Desired LoadBalancer IP", spec["loadBalancerIP"].as_string());
  if (const std::string addresses = ingress_addresses(object["status"]); !addresses.empty())
    writer.field("LoadBalancer Ingress", addresses);
  for (const Value& port : spec["ports"].items()) {
    const std::string name = port["name"].empty() ? "<unset>" : port["name"].str();
    const std::string protocol = port["protocol"].str();
    writer.field("Port", name + "\t" + number_text(port["port"]) + "/" + protocol);
    writer.field("TargetPort",
                 number_text(port["targetPort"].is_null() ? port["port"] : port["targetPort"]) + "/" + protocol);
    if (port["nodePort"].as_int() != 0)
      writer.field("NodePort", name + "\t" + number_text(port["nodePort"]) + "/" + protocol);
    writer.field("Endpoints", endpoints_text(slices, port["name"].as_string()));
  }
  writer.field("Session Affinity", spec["sessionAffinity"].as_string());
  if (!spec["externalTrafficPolicy"].empty())
    writer.field("External Traffic Policy", spec["externalTrafficPolicy"].as_string());
  if (!spec["internalTrafficPolicy"].empty())
    writer.field("Internal Traffic Policy", spec["internalTrafficPolicy"].as_string());
  if (spec["healthCheckNodePort"].as_int() != 0)
    writer.field("HealthCheck NodePort", number_text(spec["healthCheckNodePort"]));
  if (!spec["loadBalancerSourceRanges"].empty())
    writer.field("LoadBalancer Source Ranges", join_texts(spec["loadBalancerSourceRanges"], ","));
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_endpoints(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.line(0, "Subsets:");
  for (const Value& subset : object["subsets"].items()) {
    for (const auto& [title, field] :
         {std::pair("Addresses", "addresses"), std::pair("NotReadyAddresses", "notReadyAddresses")}) {
      std::vector<std::string> texts;
      for (const Value& address : subset[field].items()) texts.push_back(address["ip"].str());
      writer.field(title, or_none(join(texts, ",")), 1);
    }
    if (!subset["ports"].empty()) {
      writer.line(1, "Ports:");
      writer.line(2, "Name\tPort\tProtocol");
      writer.line(2, "----\t----\t--------");
      for (const Value& port : subset["ports"].items()) {
        writer.line(2, (port["name"].empty() ? "<unset>" : port["name"].str()) + "\t" + number_text(port["port"]) +
                           "\t" + port["protocol"].str());
      }
    }
    writer.line(0, "");
  }
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_endpoint_slice(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("AddressType", object["addressType"].as_string());
  if (object["ports"].empty()) {
    writer.line(0, "Ports: <unset>");
  } else {
    writer.line(0, "Ports:");
    writer.line(1, "Name\tPort\tProtocol");
    writer.line(1, "----\t----\t--------");
    for (const Value& port : object["ports"].items()) {
      writer.line(1, (port["name"].empty() ? "<unset>" : port["name"].str()) + "\t" +
                         (port["port"].is_null() ? "<unset>" : number_text(port["port"])) + "\t" +
                         port["protocol"].str());
    }
  }
  if (object["endpoints"].empty()) {
    writer.line(0, "Endpoints: <none>");
  } else {
    writer.line(0, "Endpoints:");
    for (const Value& endpoint : object["endpoints"].items()) {
      writer.line(1, "- Addresses:\t" + or_none(join_texts(endpoint["addresses"], ", ")));
      writer.line(2, "Conditions:");
      writer.field("Ready",
                   endpoint["conditions"]["ready"].is_null() ? "<unset>"
                                                             : yes_no(endpoint["conditions"]["ready"].as_bool(), false),
                   3);
      writer.field("Hostname", endpoint["hostname"].empty() ? "<unset>" : endpoint["hostname"].as_string(), 2);
      if (const Value& reference = endpoint["targetRef"]; reference.is_object())
        writer.field("TargetRef", reference["kind"].str() + "/" + reference["name"].str(), 2);
      writer.field("NodeName", endpoint["nodeName"].empty() ? "<unset>" : endpoint["nodeName"].as_string(), 2);
      writer.field("Zone", endpoint["zone"].empty() ? "<unset>" : endpoint["zone"].as_string(), 2);
    }
  }
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_ingress(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  writer.field("Name", context.target.name);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.field("Namespace", context.target.ns);
  writer.field("Address", ingress_addresses(object["status"]));
  writer.field("Ingress Class", or_none(spec["ingressClassName"].str()));
  const std::string fallback =
      spec["defaultBackend"].is_object() ? co_await backend_text(context, spec["defaultBackend"]) : "<default>";
  writer.field("Default backend", fallback);
  if (!spec["tls"].empty()) {
    writer.line(0, "TLS:");
    for (const Value& tls : spec["tls"].items()) {
      const std::string hosts = join_texts(tls["hosts"], ",");
      writer.line(1,
                  tls["secretName"].empty() ? "SNI routes " + hosts : tls["secretName"].str() + " terminates " + hosts);
    }
  }
  writer.line(0, "Rules:");
  writer.line(1, "Host\tPath\tBackends");
  writer.line(1, "----\t----\t--------");
  std::size_t rules = 0;
  for (const Value& rule : spec["rules"].items()) {
    if (rule["http"]["paths"].empty()) continue;
    ++rules;
    writer.line(1, (rule["host"].empty() ? "*" : rule["host"].str()) + "\t");
    for (const Value& path : rule["http"]["paths"].items()) {
      const std::string backend = co_await backend_text(context, path["backend"]);
      writer.line(2, "\t" + path["path"].str() + " \t" + backend);
    }
  }
  if (rules == 0) writer.line(1, "*\t* \t" + fallback);
  writer.annotations(object["metadata"]["annotations"]);
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_ingress_class(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("Controller", object["spec"]["controller"].as_string());
  if (const Value& parameters = object["spec"]["parameters"]; parameters.is_object()) {
    writer.line(0, "Parameters:");
    if (!parameters["apiGroup"].empty()) writer.field("APIGroup", parameters["apiGroup"].as_string(), 1);
    writer.field("Kind", parameters["kind"].as_string(), 1);
    writer.field("Name", parameters["name"].as_string(), 1);
  }
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_network_policy(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.field("Created on", replace_all(replace_all(object["metadata"]["creationTimestamp"].as_string(), "T", " "),
                                         "Z", " +0000 UTC"));
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.line(0, "Spec:");
  const bool all = spec["podSelector"]["matchLabels"].empty() && spec["podSelector"]["matchExpressions"].empty();
  writer.line(1, "PodSelector:     " + (all ? "<none> (Allowing the specific traffic to all pods in this namespace)"
                                            : selector_text(spec["podSelector"])));
  for (const auto& [type, field] : {std::pair("Ingress", "ingress"), std::pair("Egress", "egress")}) {
    bool applies = false;
    for (const Value& policy : spec["policyTypes"].items()) applies = applies || policy.as_string() == type;
    const bool ingress = std::string_view(type) == "Ingress";
    if (!applies) {
      writer.line(1, ingress ? "Not affecting ingress traffic" : "Not affecting egress traffic");
      continue;
    }
    writer.line(1, ingress ? "Allowing ingress traffic:" : "Allowing egress traffic:");
    write_policy_rules(spec[field], ingress, writer);
  }
  writer.line(1, "Policy Types: " + join_texts(spec["policyTypes"], ", "));
  co_return Result<void>();
}

}  // namespace drydock::kubectl
