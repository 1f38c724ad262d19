#include "core/client/kubeconfig.h"

#include "core/base/strings.h"
#include "core/machinery/yaml.h"

namespace drydock {
namespace {

const Value& named(const Value& list, std::string_view name, const char* part) {
  static const Value none;
  for (const Value& entry : list.items()) {
    if (entry["name"].as_string() == name) return entry[part];
  }
  return none;
}

// Data in the file itself, or the content of the file it names.
Result<std::string> pem_of(const Value& from, const char* name, const ReadFile& read_file) {
  const std::string data_name = std::string(name) + "-data";
  if (from.has(data_name)) {
    auto decoded = base64_decode(from[data_name].as_string());
    if (!decoded) return Status::plain("illegal base64 data at input byte 0");
    return *std::move(decoded);
  }
  const std::string path = from[name].str();
  if (path.empty()) return std::string();
  if (!read_file) return Status::plain("unable to read " + std::string(name) + " " + path);
  return read_file(path);
}

}  // namespace

Result<Endpoint> parse_server_url(std::string_view url) {
  Endpoint endpoint;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    endpoint.tls = false;
  } else if (contains(rest, "://")) {
    return Status::plain("unsupported protocol scheme " + go_quote(rest.substr(0, rest.find(':'))));
  } else {
    endpoint.tls = false;
  }
  rest = rest.substr(0, rest.find('/'));
  const std::size_t colon = rest.rfind(':');
  endpoint.host = rest.substr(0, colon);
  endpoint.port = endpoint.tls ? 443 : 80;
  if (colon != std::string_view::npos) {
    const auto port = parse_int(rest.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535)
      return Status::plain("parse " + go_quote(url) + ": invalid port " + go_quote(rest.substr(colon)) + " after host");
    endpoint.port = static_cast<std::uint16_t>(*port);
  }
  if (endpoint.host.empty()) return Status::plain("invalid configuration: no server found for cluster");
  return endpoint;
}

Result<Kubeconfig> load_kubeconfig(std::string_view text, const ReadFile& read_file) {
  DRYDOCK_TRY(Value document, parse_yaml(text));
  const std::string context_name = document["current-context"].str();
  const Value& context = named(document["contexts"], context_name, "context");
  if (context.is_null())
    return Status::plain(
        "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment "
        "variable");
  const std::string cluster_name = context["cluster"].str();
  const Value& cluster = named(document["clusters"], cluster_name, "cluster");
  if (cluster.is_null())
    return Status::plain("invalid configuration: cluster " + go_quote(cluster_name) + " does not exist");
  Kubeconfig config;
  DRYDOCK_TRY(config.endpoint, parse_server_url(cluster["server"].as_string()));
  config.endpoint.insecure_skip_verify = cluster["insecure-skip-tls-verify"].as_bool();
  config.endpoint.server_name = cluster["tls-server-name"].str();
  DRYDOCK_TRY(config.endpoint.certificate_authority_pem, pem_of(cluster, "certificate-authority", read_file));
  const Value& user = named(document["users"], context["user"].as_string(), "user");
  DRYDOCK_TRY(config.endpoint.client_certificate_pem, pem_of(user, "client-certificate", read_file));
  DRYDOCK_TRY(config.endpoint.client_key_pem, pem_of(user, "client-key", read_file));
  config.bearer_token = user["token"].str();
  config.token_file = user["tokenFile"].str();
  if (config.bearer_token.empty() && !config.token_file.empty() && read_file) {
    DRYDOCK_TRY(std::string token, read_file(config.token_file));
    config.bearer_token = std::string(trim(token));
  }
  config.ns = context["namespace"].str();
  return config;
}

}  // namespace drydock
