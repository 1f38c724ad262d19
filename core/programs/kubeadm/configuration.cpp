#include "core/programs/kubeadm/configuration.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/machinery/yaml.h"

namespace drydock::kubeadm {
namespace {

constexpr std::string_view kFallbackVersion = "v1.36.3";

const FlagSpec kInitFlags[] = {
    {"apiserver-advertise-address", 0, true},
    {"apiserver-bind-port", 0, true},
    {"apiserver-cert-extra-sans", 0, true},
    {"cert-dir", 0, true},
    {"certificate-key", 0, true},
    {"config", 0, true},
    {"control-plane-endpoint", 0, true},
    {"cri-socket", 0, true},
    {"dry-run", 0, false},
    {"feature-gates", 0, true},
    {"ignore-preflight-errors", 0, true},
    {"image-repository", 0, true},
    {"kubernetes-version", 0, true},
    {"node-name", 0, true},
    {"patches", 0, true},
    {"pod-network-cidr", 0, true},
    {"service-cidr", 0, true},
    {"service-dns-domain", 0, true},
    {"skip-certificate-key-print", 0, false},
    {"skip-phases", 0, true},
    {"skip-token-print", 0, false},
    {"token", 0, true},
    {"token-ttl", 0, true},
    {"upload-certs", 0, false},
    {"v", 'v', true},
    {"help", 'h', false},
};
const FlagSpec kJoinFlags[] = {
    {"apiserver-advertise-address", 0, true},
    {"apiserver-bind-port", 0, true},
    {"certificate-key", 0, true},
    {"config", 0, true},
    {"control-plane", 0, false},
    {"cri-socket", 0, true},
    {"discovery-file", 0, true},
    {"discovery-token", 0, true},
    {"discovery-token-ca-cert-hash", 0, true},
    {"discovery-token-unsafe-skip-ca-verification", 0, false},
    {"dry-run", 0, false},
    {"ignore-preflight-errors", 0, true},
    {"node-name", 0, true},
    {"patches", 0, true},
    {"skip-phases", 0, true},
    {"tls-bootstrap-token", 0, true},
    {"token", 0, true},
    {"v", 'v', true},
    {"help", 'h', false},
};

bool lower_alphanumeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

// Address number `offset` of an IPv4 subnet such as 10.96.0.0/12.
std::string subnet_address(std::string_view subnet, std::uint32_t offset) {
  const std::vector<std::string> parts = split(subnet.substr(0, subnet.find('/')), '.');
  std::uint32_t number = 0;
  for (const std::string& part : parts)
    number = (number << 8) | static_cast<std::uint32_t>(parse_int(part).value_or(0));
  number += offset;
  return format("%u.%u.%u.%u", number >> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255);
}

bool valid_subnet(std::string_view text) {
  const std::vector<std::string> halves = split(text, '/');
  if (halves.size() != 2) return false;
  const auto bits = parse_int(halves[1]);
  const std::vector<std::string> parts = split(halves[0], '.');
  if (!bits || *bits < 0 || *bits > 32 || parts.size() != 4) return false;
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    const auto number = parse_int(part);
    return number && *number >= 0 && *number <= 255;
  });
}

bool valid_address(std::string_view text) { return valid_subnet(std::string(text) + "/32"); }

// "1.36", "v1.36.3", "1.36.1", "stable-1" -> "v1.36.3"; an error as kubeadm words it.
Result<std::string> normalize_version(Process& process, std::string_view text) {
  std::string_view bare = text.starts_with("v") ? text.substr(1) : text;
  if (text.starts_with("stable") || text == "latest") return default_kubernetes_version(process);
  const std::vector<std::string> parts = split(bare, '.');
  const bool numbers =
      std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return parse_int(part).has_value(); });
  if (!numbers || parts.size() < 2 || parts.size() > 3) {
    return Status::plain("couldn't parse Kubernetes version " + go_quote(text) + ": could not parse " + go_quote(text) +
                         " as version");
  }
  return "v" + std::string(bare) + (parts.size() == 2 ? ".0" : "");
}

}  // namespace

bool ParsedFlags::has(std::string_view name) const {
  return std::any_of(values.begin(), values.end(), [&](const auto& entry) { return entry.first == name; });
}

std::string ParsedFlags::get(std::string_view name, std::string fallback) const {
  for (auto entry = values.rbegin(); entry != values.rend(); ++entry) {
    if (entry->first == name) return entry->second;
  }
  return fallback;
}

std::vector<std::string> ParsedFlags::list(std::string_view name) const {
  std::vector<std::string> all;
  for (const auto& [key, value] : values) {
    if (key != name) continue;
    for (std::string& piece : split(value, ',')) {
      if (!piece.empty()) all.push_back(std::move(piece));
    }
  }
  return all;
}

Result<ParsedFlags> parse_flags(const std::vector<std::string>& arguments, std::span<const FlagSpec> specs) {
  ParsedFlags parsed;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") {
      parsed.positional.insert(parsed.positional.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                               arguments.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      parsed.positional.push_back(word);
      continue;
    }
    const bool is_long = word.starts_with("--");
    const std::size_t equals = word.find('=');
    const std::string name =
        word.substr(is_long ? 2 : 1, equals == std::string::npos ? std::string::npos : equals - (is_long ? 2 : 1));
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const FlagSpec& candidate) {
      return is_long ? name == candidate.name : candidate.shorthand != 0 && name[0] == candidate.shorthand;
    });
    if (spec == specs.end()) {
      if (is_long) return Status::plain("unknown flag: --" + name);
      return Status::plain("unknown shorthand flag: '" + name.substr(0, 1) + "' in " + word);
    }
    std::string value = "true";
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (spec->takes_value) {
      if (!is_long && name.size() > 1) {
        value = name.substr(1);
      } else if (i + 1 < arguments.size()) {
        value = arguments[++i];
      } else if (is_long) {
        return Status::plain("flag needs an argument: --" + name);
      } else {
        return Status::plain("flag needs an argument: '" + name.substr(0, 1) + "' in " + word);
      }
    }
    parsed.values.emplace_back(spec->name, std::move(value));
  }
  return parsed;
}

std::string InitConfiguration::dns_address() const { return subnet_address(service_subnet, 10); }
std::string InitConfiguration::api_service_address() const { return subnet_address(service_subnet, 1); }

std::string InitConfiguration::endpoint_host() const {
  if (control_plane_endpoint.empty()) return advertise_address;
  return control_plane_endpoint.substr(0, control_plane_endpoint.find(':'));
}

std::string InitConfiguration::endpoint() const {
  if (!control_plane_endpoint.empty() && contains(control_plane_endpoint, ":")) return control_plane_endpoint;
  return endpoint_host() + ":" + std::to_string(bind_port);
}

int InitConfiguration::minor() const {
  const std::vector<std::string> parts = split(kubernetes_version, '.');
  return parts.size() < 2 ? 0 : static_cast<int>(parse_int(parts[1]).value_or(0));
}

std::string default_kubernetes_version(Process& process) {
  const std::string& own = process.program_version();
  return own.empty() ? std::string(kFallbackVersion) : own;
}

// https://github.com/kubernetes/kubernetes/blob/master/cmd/kubeadm/app/constants/constants.go
std::string etcd_image_tag(int minor) {
  if (minor >= 36) return "3.6.6-0";
  if (minor >= 34) return "3.6.5-0";
  if (minor >= 33) return "3.5.21-0";
  if (minor >= 31) return "3.5.15-0";
  if (minor >= 29) return "3.5.12-0";
  if (minor >= 26) return "3.5.6-0";
  if (minor >= 23) return "3.5.1-0";
  if (minor >= 22) return "3.5.0-0";
  if (minor >= 19) return "3.4.13-0";
  return "3.3.15-0";
}

std::string coredns_image_tag(int minor) {
  if (minor >= 36) return "v1.14.1";
  if (minor >= 34) return "v1.12.1";
  if (minor >= 33) return "v1.12.0";
  if (minor >= 30) return "v1.11.1";
  if (minor >= 28) return "v1.10.1";
  if (minor >= 25) return "v1.9.3";
  if (minor >= 23) return "v1.8.6";
  if (minor >= 21) return "v1.8.0";
  if (minor >= 19) return "1.7.0";
  return "1.6.5";
}

std::string pause_image_tag(int minor) {
  if (minor >= 34) return "3.10.1";
  if (minor >= 31) return "3.10";
  if (minor >= 26) return "3.9";
  if (minor >= 24) return "3.7";
  if (minor >= 22) return "3.5";
  return "3.2";
}

std::string coredns_image(const InitConfiguration& configuration) {
  // From 1.21 on the default registry holds it one level deeper.
  const bool nested = configuration.minor() >= 21 && configuration.image_repository == "registry.k8s.io";
  return configuration.image_repository + (nested ? "/coredns/coredns:" : "/coredns:") +
         coredns_image_tag(configuration.minor());
}

std::vector<std::string> control_plane_images(const InitConfiguration& configuration) {
  std::vector<std::string> images;
  for (const char* name : {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"}) {
    images.push_back(configuration.image_repository + "/" + name + ":" + configuration.kubernetes_version);
  }
  images.push_back(coredns_image(configuration));
  images.push_back(configuration.image_repository + "/pause:" + pause_image_tag(configuration.minor()));
  images.push_back(configuration.image_repository + "/etcd:" + etcd_image_tag(configuration.minor()));
  return images;
}

Result<InitConfiguration> parse_init(Process& process, std::vector<std::string> arguments) {
  DRYDOCK_TRY(ParsedFlags flags, parse_flags(arguments, kInitFlags));
  if (!flags.positional.empty()) {
    return Status::plain("unknown command " + go_quote(flags.positional[0]) + " for \"kubeadm init\"");
  }
  InitConfiguration configuration;
  configuration.kubernetes_version = default_kubernetes_version(process);
  configuration.advertise_address = process.host().address();
  configuration.node_name = to_lower(process.hostname());
  if (flags.has("config")) {
    auto text = process.read_file(flags.get("config"));
    if (!text) {
      return Status::plain("unable to read config from " + go_quote(flags.get("config")) + ": open " +
                           flags.get("config") + ": " + to_lower(errno_text(text.error())));
    }
    DRYDOCK_TRY(std::vector<Value> documents, parse_yaml_documents(*text));
    for (const Value& document : documents) {
      const std::string_view kind = document["kind"].as_string();
      if (kind == "ClusterConfiguration") {
        DRYDOCK_TRY(InitConfiguration given, from_cluster_configuration(document));
        given.advertise_address = configuration.advertise_address;
        given.node_name = configuration.node_name;
        given.bind_port = configuration.bind_port;
        if (given.kubernetes_version.empty()) given.kubernetes_version = configuration.kubernetes_version;
        configuration = std::move(given);
      } else if (kind == "InitConfiguration") {
        const Value& local = document["localAPIEndpoint"];
        if (local.has("advertiseAddress")) configuration.advertise_address = local["advertiseAddress"].str();
        if (local.has("bindPort")) configuration.bind_port = static_cast<std::uint16_t>(local["bindPort"].as_int(6443));
        const Value& registration = document["nodeRegistration"];
        if (registration.has("name")) configuration.node_name = registration["name"].str();
        if (registration.has("criSocket")) configuration.cri_socket = registration["criSocket"].str();
        if (!document["bootstrapTokens"].empty()) configuration.token = document["bootstrapTokens"][0]["token"].str();
      } else if (kind != "KubeletConfiguration" && kind != "KubeProxyConfiguration") {
        return Status::plain("no InitConfiguration or ClusterConfiguration kind was found in the YAML file");
      }
    }
  }
  if (flags.has("kubernetes-version")) {
    DRYDOCK_TRY(configuration.kubernetes_version, normalize_version(process, flags.get("kubernetes-version")));
  }
  configuration.advertise_address = flags.get("apiserver-advertise-address", configuration.advertise_address);
  if (!valid_address(configuration.advertise_address)) {
    return Status::plain("couldn't use " + go_quote(configuration.advertise_address) +
                         " as \"apiserver-advertise-address\", must be ipv4 or ipv6 address");
  }
  if (flags.has("apiserver-bind-port")) {
    const auto port = parse_int(flags.get("apiserver-bind-port"));
    if (!port || *port < 1 || *port > 65535) {
      return Status::plain("invalid argument " + go_quote(flags.get("apiserver-bind-port")) +
                           " for \"--apiserver-bind-port\" flag: strconv.ParseInt: parsing " +
                           go_quote(flags.get("apiserver-bind-port")) + ": invalid syntax");
    }
    configuration.bind_port = static_cast<std::uint16_t>(*port);
  }
  configuration.node_name = flags.get("node-name", configuration.node_name);
  configuration.control_plane_endpoint = flags.get("control-plane-endpoint", configuration.control_plane_endpoint);
  configuration.service_subnet = flags.get("service-cidr", configuration.service_subnet);
  configuration.pod_subnet = flags.get("pod-network-cidr", configuration.pod_subnet);
  for (const auto& [flag, subnet] :
       {std::pair{"serviceSubnet", configuration.service_subnet}, std::pair{"podSubnet", configuration.pod_subnet}}) {
    if (!subnet.empty() && !valid_subnet(subnet)) {
      return Status::plain(std::string(flag) + ": Invalid value: " + go_quote(subnet) +
                           ": couldn't parse subnet: invalid CIDR address: " + subnet);
    }
  }
  configuration.dns_domain = flags.get("service-dns-domain", configuration.dns_domain);
  configuration.image_repository = flags.get("image-repository", configuration.image_repository);
  configuration.cri_socket = flags.get("cri-socket", configuration.cri_socket);
  configuration.certificates_dir = flags.get("cert-dir", configuration.certificates_dir);
  configuration.token = flags.get("token", configuration.token);
  configuration.token_ttl = flags.get("token-ttl", configuration.token_ttl);
  if (!configuration.token.empty() && !valid_token(configuration.token)) {
    return Status::plain("invalid argument " + go_quote(configuration.token) +
                         " for \"--token\" flag: the bootstrap token " + go_quote(configuration.token) +
                         " was not of the form \"\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z\"");
  }
  configuration.extra_sans = flags.list("apiserver-cert-extra-sans");
  configuration.ignore_preflight_errors = flags.list("ignore-preflight-errors");
  configuration.skip_print_token = flags.has("skip-token-print");
  configuration.skip_phases = flags.list("skip-phases");
  return configuration;
}

Result<JoinConfiguration> parse_join(Process& process, std::vector<std::string> arguments) {
  DRYDOCK_TRY(ParsedFlags flags, parse_flags(arguments, kJoinFlags));
  JoinConfiguration configuration;
  configuration.node_name = flags.get("node-name", to_lower(process.hostname()));
  configuration.token = flags.get("discovery-token", flags.get("token"));
  configuration.ca_cert_hashes = flags.list("discovery-token-ca-cert-hash");
  configuration.unsafe_skip_ca_verification = flags.has("discovery-token-unsafe-skip-ca-verification");
  configuration.ignore_preflight_errors = flags.list("ignore-preflight-errors");
  configuration.control_plane = flags.has("control-plane");
  configuration.certificate_key = flags.get("certificate-key");
  configuration.cri_socket = flags.get("cri-socket", configuration.cri_socket);
  if (!flags.positional.empty()) configuration.api_server_endpoint = flags.positional[0];
  if (flags.has("config")) {
    auto text = process.read_file(flags.get("config"));
    if (!text) {
      return Status::plain("unable to read config from " + go_quote(flags.get("config")) + ": open " +
                           flags.get("config") + ": " + to_lower(errno_text(text.error())));
    }
    DRYDOCK_TRY(std::vector<Value> documents, parse_yaml_documents(*text));
    for (const Value& document : documents) {
      if (document["kind"].as_string() != "JoinConfiguration") continue;
      const Value& bootstrap = document.get("discovery", "bootstrapToken");
      configuration.api_server_endpoint = bootstrap["apiServerEndpoint"].str();
      configuration.token = bootstrap["token"].str();
      for (const Value& hash : bootstrap["caCertHashes"].items()) configuration.ca_cert_hashes.push_back(hash.str());
      configuration.unsafe_skip_ca_verification = bootstrap["unsafeSkipCAVerification"].as_bool();
      if (document.get("nodeRegistration", "name").is_string())
        configuration.node_name = document.get("nodeRegistration", "name").str();
    }
  }
  std::vector<std::string> problems;
  if (configuration.token.empty() && configuration.api_server_endpoint.empty()) {
    problems.push_back("discovery: Invalid value: \"\": bootstrapToken or file must be set");
    problems.push_back("discovery.tlsBootstrapToken: Invalid value: \"\": the bootstrap token is invalid");
  } else {
    if (configuration.token.empty() || !valid_token(configuration.token)) {
      problems.push_back("discovery.tlsBootstrapToken: Invalid value: " + go_quote(configuration.token) +
                         ": the bootstrap token is invalid");
    }
    if (configuration.ca_cert_hashes.empty() && !configuration.unsafe_skip_ca_verification) {
      problems.push_back(
          "discovery.bootstrapToken.caCertHashes: Invalid value: \"\": using token-based discovery without "
          "caCertHashes can be unsafe. "
          "Set unsafeSkipCAVerification as true in your kubeadm config file or pass "
          "--discovery-token-unsafe-skip-ca-verification flag to continue");
    }
    if (!contains(configuration.api_server_endpoint, ":")) {
      problems.push_back(
          "discovery.bootstrapToken.apiServerEndpoint: Invalid value: " + go_quote(configuration.api_server_endpoint) +
          ": address " + configuration.api_server_endpoint + ": missing port in address");
    }
  }
  if (problems.size() == 1) return Status::plain(problems[0]);
  if (!problems.empty()) return Status::plain("[" + join(problems, ", ") + "]");
  return configuration;
}

Value cluster_configuration(const InitConfiguration& configuration) {
  Value networking =
      Value::object({{"dnsDomain", configuration.dns_domain}, {"serviceSubnet", configuration.service_subnet}});
  if (!configuration.pod_subnet.empty()) networking.set("podSubnet", configuration.pod_subnet);
  Value document = Value::object({
      {"apiVersion", configuration.minor() >= 31 ? "kubeadm.k8s.io/v1beta4" : "kubeadm.k8s.io/v1beta3"},
      {"kind", "ClusterConfiguration"},
      {"apiServer", Value::object()},
      {"certificatesDir", configuration.certificates_dir},
      {"clusterName", "kubernetes"},
      {"controllerManager", Value::object()},
      {"dns", Value::object()},
      {"encryptionAlgorithm", "ECDSA-P256"},
      {"etcd", Value::object({{"local", Value::object({{"dataDir", "/var/lib/etcd"}})}})},
      {"imageRepository", configuration.image_repository},
      {"kubernetesVersion", configuration.kubernetes_version},
      {"networking", networking},
      {"proxy", Value::object()},
      {"scheduler", Value::object()},
  });
  if (configuration.minor() >= 31) {
    document.set("caCertificateValidityPeriod", "87600h0m0s");
    document.set("certificateValidityPeriod", "8760h0m0s");
  }
  if (!configuration.control_plane_endpoint.empty())
    document.set("controlPlaneEndpoint", configuration.control_plane_endpoint);
  return document;
}

Result<InitConfiguration> from_cluster_configuration(const Value& document) {
  InitConfiguration configuration;
  if (!document["apiVersion"].as_string().starts_with("kubeadm.k8s.io/")) {
    return Status::plain("invalid configuration for GroupVersionKind " + document["apiVersion"].str() +
                         ", Kind=" + document["kind"].str() +
                         ": kind and apiVersion is mandatory information that must be specified");
  }
  configuration.kubernetes_version = document["kubernetesVersion"].str();
  if (!configuration.kubernetes_version.empty() && configuration.kubernetes_version[0] != 'v') {
    configuration.kubernetes_version = "v" + configuration.kubernetes_version;
  }
  if (document.has("controlPlaneEndpoint"))
    configuration.control_plane_endpoint = document["controlPlaneEndpoint"].str();
  if (document.has("imageRepository")) configuration.image_repository = document["imageRepository"].str();
  if (document.has("certificatesDir")) configuration.certificates_dir = document["certificatesDir"].str();
  const Value& networking = document["networking"];
  if (networking.has("serviceSubnet")) configuration.service_subnet = networking["serviceSubnet"].str();
  if (networking.has("podSubnet")) configuration.pod_subnet = networking["podSubnet"].str();
  if (networking.has("dnsDomain")) configuration.dns_domain = networking["dnsDomain"].str();
  for (const Value& name : document.get("apiServer", "certSANs").items())
    configuration.extra_sans.push_back(name.str());
  return configuration;
}

Value kubelet_configuration(const InitConfiguration& configuration) {
  return Value::object({
      {"apiVersion", "kubelet.config.k8s.io/v1beta1"},
      {"kind", "KubeletConfiguration"},
      {"authentication",
       Value::object({{"anonymous", Value::object({{"enabled", false}})},
                      {"webhook", Value::object({{"cacheTTL", "0s"}, {"enabled", true}})},
                      {"x509", Value::object({{"clientCAFile", configuration.certificates_dir + "/ca.crt"}})}})},
      {"authorization",
       Value::object({{"mode", "Webhook"},
                      {"webhook", Value::object({{"cacheAuthorizedTTL", "0s"}, {"cacheUnauthorizedTTL", "0s"}})}})},
      {"cgroupDriver", "systemd"},
      {"clusterDNS", Value::array({configuration.dns_address()})},
      {"clusterDomain", configuration.dns_domain},
      {"containerRuntimeEndpoint", configuration.cri_socket},
      {"healthzBindAddress", "127.0.0.1"},
      {"healthzPort", 10248},
      {"rotateCertificates", true},
      {"staticPodPath", "/etc/kubernetes/manifests"},
  });
}

bool valid_token(std::string_view token) {
  return token.size() == 23 && token[6] == '.' && lower_alphanumeric(token.substr(0, 6)) &&
         lower_alphanumeric(token.substr(7));
}

std::string draw_token(Process& process) {
  static constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string token = process.prng().text(6, kAlphabet);
  token += '.';
  return token + process.prng().text(16, kAlphabet);
}

std::string preflight_failure(const std::vector<PreflightError>& errors) {
  std::string text = "[preflight] Some fatal errors occurred:\n";
  for (const PreflightError& error : errors) text += "\t[ERROR " + error.check + "]: " + error.text + "\n";
  text +=
      "[preflight] If you know what you are doing, you can make a check non-fatal with "
      "`--ignore-preflight-errors=...`\n";
  return text;
}

}  // namespace drydock::kubeadm
