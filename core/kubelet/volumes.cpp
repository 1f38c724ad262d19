// Volumes, environment, and the rest of a container's configuration.
#include <algorithm>

#include "core/base/strings.h"
#include "core/kubelet/kubelet.h"
#include "core/machinery/quantity.h"

namespace drydock {
namespace {

// $(NAME) is replaced by what is defined before; $$ stands for $.
std::string expand_variables(std::string_view text, const std::vector<std::pair<std::string, std::string>>& known) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') {
      out += '$';
      ++i;
      continue;
    }
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '(') {
      const std::size_t close = text.find(')', i);
      if (close != std::string_view::npos) {
        const std::string name(text.substr(i + 2, close - i - 2));
        const auto at =
            std::find_if(known.rbegin(), known.rend(), [&](const auto& entry) { return entry.first == name; });
        out += at == known.rend() ? std::string(text.substr(i, close - i + 1)) : at->second;
        i = close;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

std::string label_lines(const Value& labels) {
  std::string text;
  for (const Value::Member& label : labels.members())
    text += label.key.str() + "=" + go_quote(label.value.as_string()) + "\n";
  return text;
}

}  // namespace

std::string Kubelet::volume_directory(const Worker& worker, const std::string& volume) const {
  return options_.root_directory + "/pods/" + std::string(worker.pod.uid()) + "/volumes/" + volume;
}

Task<Result<Object>> Kubelet::lookup(ResourceRef resource, ObjectKey key) {
  if (client_ == nullptr) co_return Status::plain("kubelet does not have access to an API server");
  co_return co_await client_->get(std::move(resource), std::move(key));
}

std::string Kubelet::field_of(const Worker& worker, std::string_view path) const {
  const Object& pod = worker.pod;
  if (path == "status.podIP" || path == "status.podIPs") return worker.address;
  if (path == "status.hostIP" || path == "status.hostIPs") return node_.facts().address;
  if (path == "metadata.labels") return label_lines(pod.labels());
  if (path == "metadata.annotations") return label_lines(pod.annotations());
  if (path.starts_with("metadata.labels['")) return std::string(pod.label(path.substr(17, path.size() - 19)));
  if (path.starts_with("metadata.annotations['")) return std::string(pod.annotation(path.substr(22, path.size() - 24)));
  const Value* at = &pod.doc();
  for (const std::string& part : split(path, '.')) at = &(*at)[part];
  return at->str();
}

Task<Result<void>> Kubelet::prepare_volumes(Worker& worker) {
  const std::string ns(worker.pod.ns());
  const Value volumes = worker.pod.spec()["volumes"];
  for (const Value& volume : volumes.items()) {
    const std::string name = volume["name"].str();
    const std::string directory = volume_directory(worker, name);
    auto fail = [&](const std::string& why) {
      return Status::plain("MountVolume.SetUp failed for volume \"" + name + "\" : " + why);
    };
    if (volume["hostPath"].is_object()) {
      const std::string path = volume["hostPath"]["path"].str();
      const std::string type = volume["hostPath"]["type"].str();
      if (node_.exists(path)) continue;
      if (type == "FileOrCreate")
        node_.write_file(path, "", 0644);
      else if (type == "DirectoryOrCreate" || type.empty())
        node_.make_directory(path, 0755);
      else
        co_return fail("hostPath type check failed: " + path + " is not a " +
                       (type == "Directory" ? "directory" : "file"));
      continue;
    }
    node_.make_directory(directory, 0777);
    // Keys of a ConfigMap or Secret as files, all or those that `items` names.
    auto write_keys = [&](const Object& source, const Value& wanted, bool secret) {
      const Value& data = source.doc()["data"];
      for (const Value::Member& entry : data.members()) {
        std::string path = entry.key.str();
        if (!wanted["items"].empty()) {
          path.clear();
          for (const Value& item : wanted["items"].items()) {
            if (item["key"].as_string() == entry.key.view()) path = item["path"].str();
          }
          if (path.empty()) continue;
        }
        node_.write_file(directory + "/" + path,
                         secret ? base64_decode(entry.value.as_string()).value_or("") : entry.value.str(), 0644);
      }
    };
    Value sources = volume["projected"]["sources"];
    if (!sources.is_array()) sources = Value::array({volume});
    for (const Value& source : sources.items()) {
      if (source["configMap"].is_object()) {
        const Value& wanted = source["configMap"];
        const Result<Object> found = co_await lookup(resources::kConfigMaps, {ns, wanted["name"].str()});
        if (!found) {
          if (wanted["optional"].as_bool()) continue;
          co_return fail(found.error().message);
        }
        write_keys(*found, wanted, false);
      } else if (source["secret"].is_object()) {
        const Value& wanted = source["secret"];
        const std::string secret_name =
            wanted["secretName"].empty() ? wanted["name"].str() : wanted["secretName"].str();
        const Result<Object> found = co_await lookup(resources::kSecrets, {ns, secret_name});
        if (!found) {
          if (wanted["optional"].as_bool()) continue;
          co_return fail(found.error().message);
        }
        write_keys(*found, wanted, true);
      } else if (source["serviceAccountToken"].is_object()) {
        Value body = Value::object(
            {{"spec",
              Value::object({{"expirationSeconds", source["serviceAccountToken"]["expirationSeconds"].as_int(3607)},
                             {"boundObjectRef", Value::object({{"apiVersion", "v1"},
                                                               {"kind", "Pod"},
                                                               {"name", worker.pod.name()},
                                                               {"uid", worker.pod.uid()}})}})}});
        if (client_ == nullptr) co_return fail("kubelet does not have access to an API server");
        const ObjectKey account{ns, worker.pod.spec()["serviceAccountName"].str()};
        const Result<Object> token =
            co_await client_->create_subresource(resources::kServiceAccounts, account, "token", std::move(body));
        if (!token) co_return fail("failed to fetch token: " + token.error().message);
        node_.write_text(directory + "/" + source["serviceAccountToken"]["path"].str(), token->status()["token"], 0644);
      } else if (source["downwardAPI"].is_object()) {
        for (const Value& item : source["downwardAPI"]["items"].items()) {
          node_.write_file(directory + "/" + item["path"].str(),
                           field_of(worker, item["fieldRef"]["fieldPath"].as_string()), 0644);
        }
      } else if (source["persistentVolumeClaim"].is_object()) {
        const ObjectKey key{ns, source["persistentVolumeClaim"]["claimName"].str()};
        const Result<Object> claim = co_await lookup(resources::kPersistentVolumeClaims, key);
        if (!claim) co_return fail(claim.error().message);
        const Result<Object> bound =
            co_await lookup(resources::kPersistentVolumes, {"", claim->spec()["volumeName"].str()});
        if (!bound) co_return fail("persistentvolumeclaim \"" + key.name + "\" not bound");
      }
    }
  }
  co_return Result<void>();
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
  config.memory_limit = quantity_value(spec["resources"]["limits"]["memory"]);
  for (const Value* context : {&worker.pod.spec()["securityContext"], &spec["securityContext"]}) {
    if ((*context)["runAsUser"].is_int()) config.user = static_cast<std::uint32_t>((*context)["runAsUser"].as_int());
    if ((*context)["runAsGroup"].is_int()) config.group = static_cast<std::uint32_t>((*context)["runAsGroup"].as_int());
  }
  config.log_path = "/var/log/pods/" + ns + "_" + std::string(worker.pod.name()) + "_" + std::string(worker.pod.uid()) +
                    "/" + config.name + "/" + std::to_string(record.restarts) + ".log";

  // Service environment: the API server always, the others of the namespace with service links.
  if (client_ != nullptr && !worker.is_static) {
    const Result<ObjectList> services = co_await client_->list(resources::kServices, ns);
    const Result<Object> api = co_await client_->get(resources::kServices, {"default", "kubernetes"});
    std::vector<Object> all;
    if (services && worker.pod.spec()["enableServiceLinks"].as_bool(true)) all = services->items;
    if (api && ns != "default") all.push_back(*api);
    for (const Object& service : all) {
      const std::string address = service.spec()["clusterIP"].str();
      if (address.empty() || address == "None") continue;
      const std::string prefix = replace_all(to_upper(service.name()), "-", "_");
      const Value& first = service.spec()["ports"][0];
      const std::string port = std::to_string(first["port"].as_int());
      config.environment.emplace_back(prefix + "_SERVICE_HOST", address);
      config.environment.emplace_back(prefix + "_SERVICE_PORT", port);
      for (const Value& each : service.spec()["ports"].items()) {
        if (!each["name"].empty())
          config.environment.emplace_back(
              prefix + "_SERVICE_PORT_" + replace_all(to_upper(each["name"].as_string()), "-", "_"),
              std::to_string(each["port"].as_int()));
      }
      const std::string protocol = first["protocol"].str();
      config.environment.emplace_back(prefix + "_PORT", to_lower(protocol) + "://" + address + ":" + port);
      const std::string long_prefix = prefix + "_PORT_" + port + "_" + protocol;
      config.environment.emplace_back(long_prefix, to_lower(protocol) + "://" + address + ":" + port);
      config.environment.emplace_back(long_prefix + "_PROTO", to_lower(protocol));
      config.environment.emplace_back(long_prefix + "_PORT", port);
      config.environment.emplace_back(long_prefix + "_ADDR", address);
    }
  }
  for (const Value& from : spec["envFrom"].items()) {
    const bool secret = from["secretRef"].is_object();
    const Value& reference = secret ? from["secretRef"] : from["configMapRef"];
    const Result<Object> found =
        co_await lookup(secret ? resources::kSecrets : resources::kConfigMaps, {ns, reference["name"].str()});
    if (!found) {
      if (reference["optional"].as_bool()) continue;
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
        if (reference["optional"].as_bool()) continue;
        if (!found) co_return Status::plain(found.error().message);
        co_return Status::plain("couldn't find key " + key + " in " + (secret ? "Secret " : "ConfigMap ") + ns + "/" +
                                source);
      }
      value =
          secret ? base64_decode(found->doc()["data"][key].as_string()).value_or("") : found->doc()["data"][key].str();
    } else if (from["resourceFieldRef"].is_object()) {
      const std::string resource = from["resourceFieldRef"]["resource"].str();
      const std::size_t dot = resource.find('.');
      const Value& amount = spec["resources"][resource.substr(0, dot)][resource.substr(dot + 1)];
      value = std::to_string(resource.ends_with("cpu") ? (quantity_milli_value(amount) + 999) / 1000
                                                       : quantity_value(amount));
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
