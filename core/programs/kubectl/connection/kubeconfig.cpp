#include "core/programs/kubectl/connection/kubeconfig.h"

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/flags.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kLists[] = {"clusters", "contexts", "users"};
constexpr std::string_view kServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/";
const Value kNull;

// Reads what an entry names: inline base64 ("…-data") first, then a file, which is
// relative to `base` unless that is "".
Result<std::string> material(Process& process, const Value& entry, const std::string& field, const std::string& what,
                             const std::string& owner, const std::string& base) {
  const Value& inline_data = entry[field + "-data"];
  if (!inline_data.empty()) {
    auto decoded = base64_decode(inline_data.as_string());
    if (!decoded) return Status::plain("illegal base64 data at input byte 0");
    return *std::move(decoded);
  }
  const std::string path = entry[field].str();
  if (path.empty()) return std::string();
  const std::string full = base.empty() ? path : join_path(base, path);
  auto content = process.read_file(full);
  if (content) return *std::move(content);
  return Status::plain("unable to read " + what + " " + full + " for " + owner + " due to open " + full + ": " +
                       std::string(to_lower(errno_text(content.error()))));
}

void merge_into(Value& merged, const Value& document) {
  for (std::string_view list : kLists) {
    for (const Value& entry : document[list].items()) {
      if (config_entry(merged, list, entry["name"].as_string()).is_null()) merged.ref(list).push_back(entry);
    }
  }
  if (merged["current-context"].empty() && !document["current-context"].empty())
    merged.set("current-context", document["current-context"]);
  if (!document["preferences"].empty()) merged.set("preferences", document["preferences"]);
}

// "https://10.0.0.2:6443" into host, port and tls.
Result<void> parse_server(std::string_view server, Endpoint& endpoint) {
  endpoint.tls = true;
  if (server.starts_with("https://")) {
    server.remove_prefix(8);
  } else {
    endpoint.tls = false;
    if (server.starts_with("http://")) server.remove_prefix(7);
  }
  if (const std::size_t slash = server.find('/'); slash != std::string_view::npos) server = server.substr(0, slash);
  endpoint.port = endpoint.tls ? 443 : 80;
  const std::size_t colon = server.rfind(':');
  if (colon != std::string_view::npos && server.find(']', colon) == std::string_view::npos) {
    const auto port = parse_int(server.substr(colon + 1));
    if (!port || *port < 0 || *port > 65535)
      return Status::plain("invalid port " + go_quote(server.substr(colon)) + " after host");
    endpoint.port = static_cast<std::uint16_t>(*port);
    server = server.substr(0, colon);
  }
  endpoint.host = std::string(server);
  return {};
}

std::string either(const Flags& flags, std::string_view flag, const Value& otherwise) {
  return flags.text(flag).empty() ? otherwise.str() : flags.text(flag);
}

}  // namespace

const Value& config_entry(const Value& config, std::string_view list, std::string_view name) {
  for (const Value& entry : config[list].items()) {
    if (entry["name"].as_string() == name) return entry;
  }
  return kNull;
}

Value empty_config() {
  return Value::object({{"apiVersion", "v1"},
                        {"kind", "Config"},
                        {"clusters", Value()},
                        {"contexts", Value()},
                        {"users", Value()},
                        {"current-context", ""}});
}

Result<Kubeconfig> Kubeconfig::load(Process& process, const Flags& flags, bool must_exist) {
  Kubeconfig config;
  const std::string explicit_file = flags.text("kubeconfig");
  if (!explicit_file.empty()) {
    config.paths_ = {process.absolute(explicit_file)};
    config.explicit_path_ = true;
  } else if (!process.env("KUBECONFIG").empty()) {
    for (const std::string& path : split(process.env("KUBECONFIG"), ':')) {
      if (!path.empty()) config.paths_.push_back(process.absolute(path));
    }
  }
  if (config.paths_.empty()) {
    const std::string home = process.env("HOME").empty() ? "/root" : std::string(process.env("HOME"));
    config.paths_ = {home + "/.kube/config"};
  }
  config.merged_ = empty_config();
  for (const std::string& path : config.paths_) {
    auto text = process.read_file(path);
    if (!text) {
      if (text.error() == Errno::kNoEnt && !(config.explicit_path_ && must_exist)) continue;
      if (text.error() == Errno::kNoEnt) return Status::plain("stat " + explicit_file + ": no such file or directory");
      return Status::plain("error loading config file " + go_quote(path) + ": open " + path + ": " +
                           to_lower(errno_text(text.error())));
    }
    auto document = parse_yaml(*text);
    if (!document)
      return Status::plain("error loading config file " + go_quote(config.explicit_path_ ? explicit_file : path) +
                           ": " + replace_all(document.error().message, "error converting YAML to JSON: ", ""));
    merge_into(config.merged_, *document);
    config.files_.push_back({path, *std::move(document)});
  }
  return config;
}

Value Kubeconfig::document(const std::string& path) const {
  for (const File& file : files_) {
    if (file.path == path && file.document.is_object()) return file.document;
  }
  return empty_config();
}

std::string Kubeconfig::file_for(std::string_view list, std::string_view name) const {
  for (const File& file : files_) {
    const bool holds = list == "current-context" ? !file.document["current-context"].empty()
                                                 : !config_entry(file.document, list, name).is_null();
    if (holds) return file.path;
  }
  return default_file();
}

Result<void> Kubeconfig::save(Process& process, const std::string& path, const Value& document) const {
  const std::string folder(directory_name(path));
  (void)process.make_directories(folder, 0755);
  auto written = process.write_file(path, dump_yaml(document), 0600);
  if (!written) return Status::plain("open " + path + ": " + to_lower(errno_text(written.error())));
  return {};
}

std::string Kubeconfig::context_name(const Flags& flags) const {
  return either(flags, "context", merged_["current-context"]);
}

Result<ResolvedConfig> Kubeconfig::resolve(Process& process, const Flags& flags) const {
  ResolvedConfig resolved;
  const std::string context = context_name(flags);
  const Value& context_entry = config_entry(merged_, "contexts", context);
  if (!context.empty() && context_entry.is_null()) {
    return Status::plain("Error in configuration: context was not found for specified context: " + context);
  }
  const std::string cluster = either(flags, "cluster", context_entry["context"]["cluster"]);
  const std::string user = either(flags, "user", context_entry["context"]["user"]);
  const Value& cluster_entry = config_entry(merged_, "clusters", cluster);
  const Value& user_entry = config_entry(merged_, "users", user);
  if (!flags.text("cluster").empty() && cluster_entry.is_null())
    return Status::plain("no server found for cluster " + go_quote(cluster));
  if (!flags.text("user").empty() && user_entry.is_null())
    return Status::plain("auth info " + go_quote(user) + " does not exist");
  if (const std::string timeout = flags.text("request-timeout");
      !timeout.empty() && !parse_int(timeout) && !parse_go_duration(timeout)) {
    return Status::plain(
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a "
        "corresponding time unit (e.g. 1s | 2m | 3h)");
  }
  resolved.ns = either(flags, "namespace", context_entry["context"]["namespace"]);
  resolved.impersonate_user = flags.text("as");
  resolved.impersonate_uid = flags.text("as-uid");
  resolved.impersonate_groups = flags.list("as-group");

  const std::string server = either(flags, "server", cluster_entry["cluster"]["server"]);
  if (server.empty() && context.empty() && !process.env("KUBERNETES_SERVICE_HOST").empty() &&
      process.exists(std::string(kServiceAccount) + "token")) {
    resolved.endpoint.host = std::string(process.env("KUBERNETES_SERVICE_HOST"));
    resolved.endpoint.port =
        static_cast<std::uint16_t>(parse_int(process.env("KUBERNETES_SERVICE_PORT")).value_or(443));
    resolved.endpoint.certificate_authority_pem =
        process.read_file(std::string(kServiceAccount) + "ca.crt").value_or("");
    resolved.bearer_token = process.read_file(std::string(kServiceAccount) + "token").value_or("");
    if (resolved.ns.empty()) resolved.ns = process.read_file(std::string(kServiceAccount) + "namespace").value_or("");
    return resolved;
  }
  DRYDOCK_TRY_VOID(parse_server(server.empty() ? "http://localhost:8080" : server, resolved.endpoint));

  const std::string folder(directory_name(file_for("clusters", cluster)));
  const Value& cluster_data = cluster_entry["cluster"];
  const Value& user_data = user_entry["user"];
  resolved.endpoint.insecure_skip_verify =
      flags.on("insecure-skip-tls-verify") || cluster_data["insecure-skip-tls-verify"].as_bool();
  resolved.endpoint.server_name = either(flags, "tls-server-name", cluster_data["tls-server-name"]);
  Value cluster_files = cluster_data;
  Value user_files = user_data;
  auto override_file = [&](Value& entry, const char* field) {
    if (flags.text(field).empty()) return;
    entry.erase(std::string(field) + "-data");
    entry.set(field, flags.text(field));
  };
  override_file(cluster_files, "certificate-authority");
  override_file(user_files, "client-certificate");
  override_file(user_files, "client-key");
  // Names in a file are relative to it, those of flags to where the process is.
  const auto base_of = [&](const char* field) { return flags.text(field).empty() ? folder : std::string(); };
  DRYDOCK_TRY(resolved.endpoint.certificate_authority_pem,
              material(process, cluster_files, "certificate-authority", "certificate-authority", cluster,
                       base_of("certificate-authority")));
  DRYDOCK_TRY(resolved.endpoint.client_certificate_pem,
              material(process, user_files, "client-certificate", "client-cert", user, base_of("client-certificate")));
  DRYDOCK_TRY(resolved.endpoint.client_key_pem,
              material(process, user_files, "client-key", "client-key", user, base_of("client-key")));
  resolved.bearer_token = either(flags, "token", user_data["token"]);
  if (resolved.bearer_token.empty() && !user_data["tokenFile"].empty()) {
    resolved.bearer_token = trim(process.read_file(user_data["tokenFile"].as_string()).value_or(""));
  }
  resolved.basic_user = either(flags, "username", user_data["username"]);
  resolved.basic_password = either(flags, "password", user_data["password"]);
  if (resolved.impersonate_user.empty()) resolved.impersonate_user = user_data["act-as"].str();
  return resolved;
}

}  // namespace drydock::kubectl
