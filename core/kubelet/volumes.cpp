// Environment, mounts, and the rest of a container's configuration.
#include "core/base/strings.h"
#include "core/kubelet/container_environment.h"
#include "core/kubelet/kubelet.h"
#include "core/machinery/quantity.h"

namespace drydock {
namespace {

std::string label_lines(const Value& labels) {
  std::string text;
  for (const Value::Member& label : labels.members())
    text += label.key.str() + "=" + go_quote(label.value.as_string()) + "\n";
  return text;
}

}  // namespace

Task<Result<Object>> Kubelet::lookup(ResourceRef resource, ObjectKey key) {
  if (client_ == nullptr) co_return Status::plain("kubelet does not have access to an API server");
  const std::string name = key.name;
  const std::string kind = resource.resource == "configmaps" ? "configmap"
                           : resource.resource == "secrets"  ? "secret"
                                                             : "";
  Result<Object> found = co_await client_->get(std::move(resource), std::move(key));
  // A kubelet's caches name these two in the singular.
  if (!found && found.error().is_not_found() && !kind.empty()) co_return Status::not_found("", kind, name);
  co_return found;
}

std::string Kubelet::field_of(const Worker& worker, std::string_view path) const {
  const Object& pod = worker.pod;
  if (path == "status.podIP" || path == "status.podIPs") return worker.address;
  if (path == "status.hostIP" || path == "status.hostIPs") return node_.address();
  if (path == "metadata.labels") return label_lines(pod.labels());
  if (path == "metadata.annotations") return label_lines(pod.annotations());
  if (path.starts_with("metadata.labels['")) return std::string(pod.label(path.substr(17, path.size() - 19)));
  if (path.starts_with("metadata.annotations['")) return std::string(pod.annotation(path.substr(22, path.size() - 24)));
  const Value* at = &pod.doc();
  for (const std::string& part : split(path, '.')) at = &(*at)[part];
  return at->str();
}

// An amount of the container's own; what it has no limit for is bounded by the machine.
std::string Kubelet::resource_of(const Value& container, const Value& reference) const {
  const std::string resource = reference["resource"].str();
  const std::size_t dot = resource.find('.');
  const std::string name = resource.substr(dot + 1);
  Value amount = container["resources"][resource.substr(0, dot)][name];
  if (amount.is_null() && resource == "limits.cpu") amount = node_.facts().cpus;
  if (amount.is_null() && resource == "limits.memory") amount = node_.facts().memory_bytes;
  return divided_amount(amount, reference["divisor"]);
}

Task<Result<ContainerConfig>> Kubelet::container_config(Worker& worker, const Value& spec, ContainerRecord& record) {
  const std::string ns(worker.pod.ns());
  ContainerConfig config;
  config.name = spec["name"].str();
  config.attempt = record.restarts;
  config.image = spec["image"].str();
  config.working_directory = spec["workingDir"].str();
  config.tty = spec["tty"].as_bool();
  config.stdin_open = spec["stdin"].as_bool();
  config.stdin_once = spec["stdinOnce"].as_bool();
  config.memory_limit = quantity_value(spec["resources"]["limits"]["memory"]);
  for (const Value* context : {&worker.pod.spec()["securityContext"], &spec["securityContext"]}) {
    if ((*context)["runAsUser"].is_int()) config.user = static_cast<std::uint32_t>((*context)["runAsUser"].as_int());
    if ((*context)["runAsGroup"].is_int()) config.group = static_cast<std::uint32_t>((*context)["runAsGroup"].as_int());
  }
  config.log_path = "/var/log/pods/" + ns + "_" + std::string(worker.pod.name()) + "_" + std::string(worker.pod.uid()) +
                    "/" + config.name + "/" + std::to_string(record.restarts) + ".log";

  // The API server always, the other services of the namespace with service links.
  if (client_ != nullptr && !worker.is_static) {
    // Without them a container would never find the API server, however long it ran.
    const Result<ObjectList> services = co_await client_->list(resources::kServices, ns);
    const Result<Object> api = co_await client_->get(resources::kServices, {"default", "kubernetes"});
    if (!services || (!api && !api.error().is_not_found()))
      co_return Status::plain("services have not yet been read at least once, cannot construct envvars");
    std::vector<Object> all;
    const bool links = worker.pod.spec()["enableServiceLinks"].as_bool(true);
    if (links) all = services->items;
    if (api && (ns != "default" || !links)) all.push_back(*api);
    for (const Object& service : all) add_service_links(config.environment, service);
  }
  for (const Value& from : spec["envFrom"].items()) {
    const bool secret = from["secretRef"].is_object();
    const Value& reference = secret ? from["secretRef"] : from["configMapRef"];
    const Result<Object> found =
        co_await lookup(secret ? resources::kSecrets : resources::kConfigMaps, {ns, reference["name"].str()});
    if (!found) {
      if (reference["optional"].as_bool() && found.error().is_not_found()) continue;
      co_return Status::plain(found.error().message);
    }
    for (const Value::Member& entry : found->doc()["data"].members()) {
      config.environment.emplace_back(from["prefix"].str() + entry.key.str(),
                                      secret ? base64_decode(entry.value.as_string()).value_or("") : entry.value.str());
    }
  }
  for (const Value& variable : spec["env"].items()) {
    const std::string name = variable["name"].str();
    const Value& from = variable["valueFrom"];
    std::string value = expand_variables(variable["value"].as_string(), config.environment);
    if (from["fieldRef"].is_object()) {
      value = field_of(worker, from["fieldRef"]["fieldPath"].as_string());
    } else if (from["configMapKeyRef"].is_object() || from["secretKeyRef"].is_object()) {
      const bool secret = from["secretKeyRef"].is_object();
      const Value& reference = secret ? from["secretKeyRef"] : from["configMapKeyRef"];
      const std::string source = reference["name"].str();
      const std::string key = reference["key"].str();
      const Result<Object> found = co_await lookup(secret ? resources::kSecrets : resources::kConfigMaps, {ns, source});
      if (!found || !found->doc()["data"].has(key)) {
        if (reference["optional"].as_bool() && (found || found.error().is_not_found())) continue;
        if (!found) co_return Status::plain(found.error().message);
        co_return Status::plain("couldn't find key " + key + " in " + (secret ? "Secret " : "ConfigMap ") + ns + "/" +
                                source);
      }
      value =
          secret ? base64_decode(found->doc()["data"][key].as_string()).value_or("") : found->doc()["data"][key].str();
    } else if (from["resourceFieldRef"].is_object()) {
      value = resource_of(spec, from["resourceFieldRef"]);
    }
    config.environment.emplace_back(name, std::move(value));
  }
  for (const Value& word : spec["command"].items())
    config.command.push_back(expand_variables(word.as_string(), config.environment));
  for (const Value& word : spec["args"].items())
    config.arguments.push_back(expand_variables(word.as_string(), config.environment));
  for (const Value& mount : spec["volumeMounts"].items()) {
    for (const Value& volume : worker.pod.spec()["volumes"].items()) {
      if (!(volume["name"] == mount["name"])) continue;
      std::string source = volume_directory(worker, volume["name"].str());
      if (volume["hostPath"].is_object()) source = volume["hostPath"]["path"].str();
      if (volume["persistentVolumeClaim"].is_object())
        source = options_.root_directory + "/claims/" + ns + "_" + volume["persistentVolumeClaim"]["claimName"].str();
      if (!mount["subPath"].empty()) source += "/" + mount["subPath"].str();
      config.mounts.push_back({mount["mountPath"].str(), source, mount["readOnly"].as_bool()});
    }
  }
  co_return config;
}

}  // namespace drydock
