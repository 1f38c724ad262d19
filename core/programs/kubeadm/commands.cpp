// kubeadm's smaller commands (token, config, version, certs) and its front door.
#include <algorithm>

#include "core/base/strings.h"
#include "core/client/kubeconfig.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "core/programs/image_puller.h"
#include "core/programs/kubeadm/assets.h"
#include "core/programs/kubeadm/kubeadm.h"
#include "core/programs/kubeadm/phases.h"

namespace drydock::kubeadm {
namespace {

constexpr const char* kFrontPage =
    "\n\n    ┌──────────────────────────────────────────────────────────┐\n"
    "    │ KUBEADM                                                  │\n"
    "    │ Easily bootstrap a secure Kubernetes cluster             │\n"
    "    │                                                          │\n"
    "    │ Please give us feedback at:                              │\n"
    "    │ https://github.com/kubernetes/kubeadm/issues             │\n"
    "    └──────────────────────────────────────────────────────────┘\n\n"
    "Example usage:\n\n"
    "    Create a two-machine cluster with one control-plane node\n"
    "    (which controls the cluster), and one worker node\n"
    "    (where your workloads, like Pods and Deployments run).\n\n"
    "    ┌──────────────────────────────────────────────────────────┐\n"
    "    │ On the first machine:                                    │\n"
    "    ├──────────────────────────────────────────────────────────┤\n"
    "    │ control-plane# kubeadm init                              │\n"
    "    └──────────────────────────────────────────────────────────┘\n\n"
    "    ┌──────────────────────────────────────────────────────────┐\n"
    "    │ On the second machine:                                   │\n"
    "    ├──────────────────────────────────────────────────────────┤\n"
    "    │ worker# kubeadm join <arguments-returned-from-init>      │\n"
    "    └──────────────────────────────────────────────────────────┘\n\n"
    "    You can then repeat the second step on as many other machines as you like.\n\n"
    "Usage:\n"
    "  kubeadm [command]\n\n"
    "Available Commands:\n"
    "  certs       Commands related to handling Kubernetes certificates\n"
    "  config      Manage configuration for a kubeadm cluster persisted in a ConfigMap in the cluster\n"
    "  help        Help about any command\n"
    "  init        Run this command in order to set up the Kubernetes control plane\n"
    "  join        Run this on any machine you wish to join an existing cluster\n"
    "  reset       Performs a best effort revert of changes made to this host by 'kubeadm init' or 'kubeadm join'\n"
    "  token       Manage bootstrap tokens\n"
    "  version     Print the version of kubeadm\n\n"
    "Flags:\n"
    "  -h, --help   help for kubeadm\n\n"
    "Use \"kubeadm [command] --help\" for more information about a command.\n";

constexpr const char* kTokenUsage =
    "Manage bootstrap tokens\n\nUsage:\n  kubeadm token [command]\n\nAvailable Commands:\n"
    "  create      Create bootstrap tokens on the server\n"
    "  delete      Delete bootstrap tokens on the server\n"
    "  generate    Generate and print a bootstrap token, but do not create it on the server\n"
    "  list        List bootstrap tokens on the server\n";

Result<Client> admin_client(Session& session, const std::string& path) {
  DRYDOCK_TRY(std::string text, session.read(path));
  DRYDOCK_TRY(Kubeconfig config, load_kubeconfig(text));
  return session.client(config.endpoint);
}

Task<int> list_tokens(Process& process, Client& client) {
  ListOptions options;
  options.field_selector = "type=bootstrap.kubernetes.io/token";
  const Result<ObjectList> secrets = co_await client.list(resources::kSecrets, "kube-system", options);
  if (!secrets)
    co_return co_await fail_phase(process, "", "failed to list bootstrap tokens: " + secrets.error().message);
  if (secrets->items.empty()) co_return 0;
  std::string text =
      "TOKEN                     TTL         EXPIRES                USAGES                   DESCRIPTION               "
      "                                 EXTRA GROUPS\n";
  for (const Object& secret : secrets->items) {
    const Value& data = secret.doc()["data"];
    auto field = [&](const char* name) { return base64_decode(data[name].as_string()).value_or(""); };
    std::vector<std::string> usages;
    for (const char* usage : {"authentication", "signing"}) {
      if (field((std::string("usage-bootstrap-") + usage).c_str()) == "true") usages.push_back(usage);
    }
    const std::string expiration = field("expiration");
    std::string ttl = "<forever>";
    if (const auto when = parse_timestamp(expiration)) {
      ttl = *when > process.now() ? human_duration(*when - process.now()) : "<invalid>";
    }
    const std::string description = field("description");
    text += pad_right(field("token-id") + "." + field("token-secret"), 26) + pad_right(ttl, 12) +
            pad_right(expiration.empty() ? "<never>" : expiration, 23) +
            pad_right(usages.empty() ? "<none>" : join(usages, ","), 25) +
            pad_right(description.empty() ? "<none>" : description, 59) + field("auth-extra-groups") + "\n";
  }
  co_await process.out(text);
  co_return 0;
}

Task<int> create_token(Process& process, Session& session, Client& client, const ParsedFlags& flags,
                       const std::string& kubeconfig_path) {
  const std::string token = flags.positional.size() > 1 ? flags.positional[1] : draw_token(process);
  if (!valid_token(token)) {
    co_return co_await fail_phase(process, "",
                                  "the bootstrap token " + go_quote(token) +
                                      " was not of the form \"\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z\"");
  }
  const auto ttl = parse_go_duration(flags.get("ttl", "24h0m0s"));
  if (!ttl)
    co_return co_await fail_usage(process, "kubeadm token create",
                                  "invalid argument " + go_quote(flags.get("ttl")) +
                                      " for \"--ttl\" flag: time: invalid duration " + go_quote(flags.get("ttl")));
  std::vector<std::string> usages = flags.list("usages");
  if (usages.empty()) usages = {"signing", "authentication"};
  std::vector<std::string> groups = flags.list("groups");
  if (groups.empty()) groups = {"system:bootstrappers:kubeadm:default-node-token"};
  Value secret =
      token_secret(token, process.now() + *ttl, *ttl == Duration{0}, flags.get("description"), usages, groups);
  const Result<Object> created = co_await client.create(resources::kSecrets, Object(secret));
  if (!created) {
    if (created.error().is_already_exists())
      co_return co_await fail_phase(process, "", "a token with id " + go_quote(token.substr(0, 6)) + " already exists");
    co_return co_await fail_phase(process, "", created.error().message);
  }
  if (!flags.has("print-join-command")) {
    co_await process.out(token + "\n");
    co_return 0;
  }
  auto text = session.read(kubeconfig_path);
  auto config = text ? load_kubeconfig(*text) : Result<Kubeconfig>(text.error());
  if (!config) co_return co_await fail_phase(process, "", config.error().message);
  auto hash = ca_hash(config->endpoint.certificate_authority_pem);
  if (!hash) co_return co_await fail_phase(process, "", hash.error().message);
  co_await process.out("kubeadm join " + config->endpoint.host + ":" + std::to_string(config->endpoint.port) +
                       " --token " + token + " --discovery-token-ca-cert-hash " + *hash + " \n");
  co_return 0;
}

}  // namespace

Task<int> run_token(Process& process, std::vector<std::string> arguments) {
  static constexpr FlagSpec kFlags[] = {{"ttl", 0, true},
                                        {"usages", 0, true},
                                        {"groups", 0, true},
                                        {"description", 0, true},
                                        {"print-join-command", 0, false},
                                        {"kubeconfig", 0, true},
                                        {"config", 0, true},
                                        {"dry-run", 0, false},
                                        {"output", 'o', true},
                                        {"v", 'v', true},
                                        {"help", 'h', false}};
  auto flags = parse_flags(arguments, kFlags);
  if (!flags) co_return co_await fail_usage(process, "kubeadm token", flags.error().message);
  if (flags->positional.empty() || flags->has("help")) {
    co_await process.out(kTokenUsage);
    co_return 0;
  }
  const std::string command = flags->positional[0];
  if (command == "generate") {
    co_await process.out(draw_token(process) + "\n");
    co_return 0;
  }
  if (command != "create" && command != "list" && command != "delete") {
    co_return co_await fail_usage(process, "kubeadm token",
                                  "unknown command " + go_quote(command) + " for \"kubeadm token\"");
  }
  Session session(process);
  const std::string path = flags->get("kubeconfig", "/etc/kubernetes/admin.conf");
  auto client = admin_client(session, path);
  if (!client) co_return co_await fail_phase(process, "", "failed to load admin kubeconfig: " + client.error().message);
  if (command == "list") co_return co_await list_tokens(process, *client);
  if (command == "create") co_return co_await create_token(process, session, *client, *flags, path);
  if (flags->positional.size() < 2)
    co_return co_await fail_usage(process, "kubeadm token delete", "missing argument; 'token delete' is missing token");
  for (std::size_t i = 1; i < flags->positional.size(); ++i) {
    const std::string id = flags->positional[i].substr(0, 6);
    const ObjectKey key{"kube-system", "bootstrap-token-" + id};
    const Result<Object> gone = co_await client->remove(resources::kSecrets, key);
    if (!gone)
      co_return co_await fail_phase(process, "",
                                    "failed to delete bootstrap token " + go_quote(id) + ": " + gone.error().message);
    co_await process.out("bootstrap token " + go_quote(id) + " deleted\n");
  }
  co_return 0;
}

Task<int> run_config(Process& process, std::vector<std::string> arguments) {
  const std::string group = arguments.empty() ? "" : arguments[0];
  const std::string command = arguments.size() < 2 ? "" : arguments[1];
  std::vector<std::string> rest(
      arguments.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, arguments.size())), arguments.end());
  auto configuration = parse_init(process, rest);
  if (!configuration) co_return co_await fail_usage(process, "kubeadm config", configuration.error().message);
  if (group == "images" && (command == "list" || command == "pull")) {
    for (const std::string& image : control_plane_images(*configuration)) {
      if (command == "pull") {
        Result<void> pulled = co_await pull_image(process, image);
        if (!pulled)
          co_return co_await fail_phase(process, "",
                                        "failed to pull image " + go_quote(image) + ": " + pulled.error().message);
        co_await process.out("[config/images] Pulled " + image + "\n");
      } else {
        co_await process.out(image + "\n");
      }
    }
    co_return 0;
  }
  if (group == "print" && command == "init-defaults") {
    Value init = Value::object({
        {"apiVersion", "kubeadm.k8s.io/v1beta4"},
        {"kind", "InitConfiguration"},
        {"bootstrapTokens", Value::array({Value::object({
                                {"groups", Value::array({"system:bootstrappers:kubeadm:default-node-token"})},
                                {"token", "abcdef.0123456789abcdef"},
                                {"ttl", "24h0m0s"},
                                {"usages", Value::array({"signing", "authentication"})},
                            })})},
        {"localAPIEndpoint", Value::object({{"advertiseAddress", "1.2.3.4"}, {"bindPort", 6443}})},
        {"nodeRegistration", Value::object({{"criSocket", "unix:///var/run/containerd/containerd.sock"},
                                            {"imagePullPolicy", "IfNotPresent"},
                                            {"imagePullSerial", true},
                                            {"name", "node"},
                                            {"taints", Value()}})},
    });
    co_await process.out(dump_yaml(init) + "---\n" + dump_yaml(cluster_configuration(*configuration)));
    co_return 0;
  }
  if (group == "print" && command == "join-defaults") {
    Value bootstrap = Value::object({{"apiServerEndpoint", "kube-apiserver:6443"},
                                     {"token", "abcdef.0123456789abcdef"},
                                     {"unsafeSkipCAVerification", true}});
    Value join_document = Value::object({
        {"apiVersion", "kubeadm.k8s.io/v1beta4"},
        {"kind", "JoinConfiguration"},
        {"caCertPath", "/etc/kubernetes/pki/ca.crt"},
        {"discovery", Value::object({{"bootstrapToken", bootstrap}, {"tlsBootstrapToken", "abcdef.0123456789abcdef"}})},
        {"nodeRegistration", Value::object({{"criSocket", "unix:///var/run/containerd/containerd.sock"},
                                            {"imagePullPolicy", "IfNotPresent"},
                                            {"imagePullSerial", true},
                                            {"name", to_lower(process.hostname())},
                                            {"taints", Value()}})},
    });
    co_await process.out(dump_yaml(join_document));
    co_return 0;
  }
  co_return co_await fail_usage(process, "kubeadm config",
                                "unknown command " + go_quote(group) + " for \"kubeadm config\"");
}

Task<int> run_version(Process& process, std::vector<std::string> arguments) {
  static constexpr FlagSpec kFlags[] = {{"output", 'o', true}, {"v", 'v', true}, {"help", 'h', false}};
  auto flags = parse_flags(arguments, kFlags);
  if (!flags) co_return co_await fail_usage(process, "kubeadm version", flags.error().message);
  const std::string version = default_kubernetes_version(process);
  const std::vector<std::string> parts = split(version.substr(1), '.');
  const std::string output = flags->get("output");
  if (output == "short") {
    co_await process.out(version + "\n");
    co_return 0;
  }
  const Value info = Value::object({{"buildDate", "2026-03-10T10:00:00Z"},
                                    {"compiler", "gc"},
                                    {"gitCommit", hex_encode(sha256(version)).substr(0, 40)},
                                    {"gitTreeState", "clean"},
                                    {"gitVersion", version},
                                    {"goVersion", "go1.25.6"},
                                    {"major", parts[0]},
                                    {"minor", parts[1]},
                                    {"platform", "linux/amd64"}});
  if (output == "yaml" || output == "json") {
    const Value document = Value::object({{"clientVersion", info}});
    co_await process.out(output == "yaml" ? dump_yaml(document) : dump_json(document, {.indent = 2}) + "\n");
    co_return 0;
  }
  if (!output.empty()) co_return co_await fail_phase(process, "", "invalid output format: " + output);
  co_await process.out("kubeadm version: &version.Info{Major:\"" + parts[0] + "\", Minor:\"" + parts[1] +
                       "\", GitVersion:\"" + version + "\", GitCommit:\"" + info["gitCommit"].str() +
                       "\", GitTreeState:\"clean\", BuildDate:\"" + info["buildDate"].str() + "\", GoVersion:\"" +
                       info["goVersion"].str() + "\", Compiler:\"gc\", Platform:\"linux/amd64\"}\n");
  co_return 0;
}

Task<int> run_certs(Process& process, std::vector<std::string> arguments) {
  if (arguments.empty() || arguments[0] != "check-expiration") {
    co_return co_await fail_usage(
        process, "kubeadm certs",
        "unknown command " + go_quote(arguments.empty() ? "" : arguments[0]) + " for \"kubeadm certs\"");
  }
  Session session(process);
  auto row = [&](const std::string& name, const std::string& pem, const std::string& authority) -> std::string {
    auto info = pki::inspect(pem);
    if (!info) return "!MISSING! " + name + "\n";
    const std::string date = format("%s UTC", format_timestamp(info->not_after).substr(0, 16).c_str());
    return pad_right(name, 27) + pad_right(date, 23) + pad_right(human_duration(info->not_after - process.now()), 16) +
           pad_right(authority, 24) + "no      \n";
  };
  std::string text =
      "CERTIFICATE                EXPIRES                RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED\n";
  const std::pair<const char*, const char*> files[] = {{"apiserver", "ca"},
                                                       {"apiserver-etcd-client", "etcd-ca"},
                                                       {"apiserver-kubelet-client", "ca"},
                                                       {"etcd/healthcheck-client", "etcd-ca"},
                                                       {"etcd/peer", "etcd-ca"},
                                                       {"etcd/server", "etcd-ca"},
                                                       {"front-proxy-client", "front-proxy-ca"}};
  for (const auto& [name, authority] : files) {
    auto pem = session.read(std::string("/etc/kubernetes/pki/") + name + ".crt");
    text += row(replace_all(name, "/", "-"), pem ? *pem : "", authority);
  }
  co_await process.out(text);
  co_return 0;
}

namespace {

Task<int> kubeadm_main(Process& process) {
  std::vector<std::string> arguments(process.arguments().begin(), process.arguments().end());
  if (arguments.empty() || arguments[0] == "help" || arguments[0] == "--help" || arguments[0] == "-h") {
    co_await process.out(kFrontPage);
    co_return 0;
  }
  const std::string command = arguments[0];
  arguments.erase(arguments.begin());
  if (command == "init") co_return co_await run_init(process, std::move(arguments));
  if (command == "join") co_return co_await run_join(process, std::move(arguments));
  if (command == "reset") co_return co_await run_reset(process, std::move(arguments));
  if (command == "token") co_return co_await run_token(process, std::move(arguments));
  if (command == "config") co_return co_await run_config(process, std::move(arguments));
  if (command == "version") co_return co_await run_version(process, std::move(arguments));
  if (command == "certs") co_return co_await run_certs(process, std::move(arguments));
  co_await process.err("error: unknown command " + go_quote(command) +
                       " for \"kubeadm\"\nTo see the stack trace of this error execute with --v=5 or higher\n");
  co_return 1;
}

}  // namespace
}  // namespace drydock::kubeadm

namespace drydock {
void register_kubeadm(ProgramRegistry& programs) { programs.add("kubeadm", kubeadm::kubeadm_main); }
}  // namespace drydock
