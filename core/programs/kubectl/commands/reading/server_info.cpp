// kubectl version, cluster-info, api-resources, api-versions, options, top.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/quantity.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/selection.h"
#include "core/programs/kubectl/printers/output.h"
#include "core/programs/kubectl/printers/tab_writer.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kKustomizeVersion = "v5.8.1";
constexpr std::string_view kDefaultVersion = "v1.36.4";

// cluster-info is coloured where $TERM is one that has colours, even into a pipe.
class Colours {
 public:
  explicit Colours(Session& session) {
    const std::string_view term = session.process().env("TERM");
    on_ = !term.empty() && term != "dumb";
  }
  std::string green(std::string_view text) const { return in("\x1b[0;32m", text); }
  std::string yellow(std::string_view text) const { return in("\x1b[0;33m", text); }

 private:
  std::string in(const char* code, std::string_view text) const {
    return on_ ? code + std::string(text) + "\x1b[0m" : std::string(text);
  }
  bool on_ = false;
};

Value client_version(Session& session) {
  const std::string version =
      session.process().program_version().empty() ? std::string(kDefaultVersion) : session.process().program_version();
  const std::vector<std::string> parts = split(version.substr(1), '.');
  return Value::object({{"major", parts[0]},
                        {"minor", parts.size() > 1 ? parts[1] : "0"},
                        {"gitVersion", version},
                        {"gitTreeState", "clean"},
                        {"compiler", "gc"},
                        {"platform", "linux/amd64"},
                        {"goVersion", "go1.25.6"}});
}

// "WARNING: version difference between client (1.36) and server (1.20) exceeds …"
std::string skew_warning(const Value& client, const Value& server) {
  const auto ours = parse_int(client["minor"].as_string());
  const auto theirs = parse_int(replace_all(server["minor"].as_string(), "+", ""));
  if (!ours || !theirs || std::abs(*ours - *theirs) <= 1) return "";
  return "WARNING: version difference between client (" + client["major"].str() + "." + client["minor"].str() +
         ") and server (" + server["major"].str() + "." + server["minor"].str() +
         ") exceeds the supported minor version skew of +/-1\n";
}

Task<std::string> endpoint_url(Session& session) {
  Result<const ResolvedConfig*> config = session.config();
  co_return config ? (*config)->endpoint.url() : "";
}

std::string usage_percent(std::int64_t used, std::int64_t capacity) {
  return capacity == 0 ? "<unknown>" : std::to_string(used * 100 / capacity) + "%";
}

// The metrics API's objects, or kubectl's words for its absence.
Task<Result<std::vector<Value>>> metrics(Session& session, std::string path) {
  DRYDOCK_CO_TRY(const Discovery* known, co_await session.fresh_discovery());
  const bool there = std::any_of(known->resources().begin(), known->resources().end(),
                                 [](const ApiResource& resource) { return resource.group == "metrics.k8s.io"; });
  if (!there) co_return Status::plain("Metrics API not available");
  HttpQuery query;
  if (!session.flags().text("selector").empty()) query.add("labelSelector", session.flags().text("selector"));
  DRYDOCK_CO_TRY(const Value answer, co_await session.get(std::move(path), query));
  std::vector<Value> items;
  if (answer["items"].is_array())
    items.assign(answer["items"].items().begin(), answer["items"].items().end());
  else
    items.push_back(answer);
  co_return items;
}

std::string mebibytes(const Value& quantity) { return std::to_string(quantity_value(quantity) / (1024 * 1024)) + "Mi"; }
std::string millicores(const Value& quantity) { return std::to_string(quantity_milli_value(quantity)) + "m"; }

}  // namespace

Task<Result<int>> run_version(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const std::string output = flags.text("output");
  if (!arguments.empty()) co_return Status::plain("extra arguments: [" + join(arguments, " ") + "]");
  if (!output.empty() && output != "yaml" && output != "json")
    co_return Status::plain("--output must be 'yaml' or 'json'");
  const Value client = client_version(session);
  Result<Value> server = Value();
  if (!flags.on("client")) {
    HttpQuery query;
    query.add("timeout", "32s");
    server = co_await session.get("/version", query);
  }
  if (output.empty()) {
    std::string text = "Client Version: " + client["gitVersion"].str() +
                       "\nKustomize Version: " + std::string(kKustomizeVersion) + "\n";
    if (server && !server->is_null()) text += "Server Version: " + (*server)["gitVersion"].str() + "\n";
    co_await session.out(std::move(text));
  } else {
    Value document = Value::object({{"clientVersion", client}, {"kustomizeVersion", kKustomizeVersion}});
    if (server && !server->is_null()) document.set("serverVersion", *server);
    co_await session.out(output == "yaml" ? dump_yaml(document) : dump_json(document, {.indent = 2}) + "\n");
  }
  if (!server) co_return server.error();
  if (!server->is_null()) co_await session.err(skew_warning(client, *server));
  co_return 0;
}

Task<Result<int>> run_cluster_info(Session& session, Arguments) {
  HttpQuery query;
  query.add("labelSelector", "kubernetes.io/cluster-service=true");
  const std::string url = co_await endpoint_url(session);
  Result<std::vector<Value>> services = Status::plain("");
  Result<const Discovery*> known = co_await session.discovery();
  const std::string advice = "\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n";
  if (known) services = co_await list_all(session, resources::kServices.path("kube-system"), query);
  const Status failure = !known ? known.error() : !services ? services.error() : Status();
  if (!known || !services) {
    co_await session.out(advice);
    co_return failure;
  }
  const Colours colours(session);
  std::string text = colours.green("Kubernetes control plane") + " is running at " + colours.yellow(url) + "\n";
  for (const Value& service : *services) {
    const Value& spec = service["spec"];
    std::string title = service["metadata"]["labels"]["kubernetes.io/name"].str();
    if (title.empty()) title = service["metadata"]["name"].str();
    std::string port = spec["ports"].empty() ? "" : spec["ports"][0]["name"].str();
    const std::string name = service["metadata"]["name"].str() + (port.empty() ? "" : ":" + port);
    text += colours.green(title) + " is running at " +
            colours.yellow(url + "/api/v1/namespaces/kube-system/services/" + name + "/proxy") + "\n";
  }
  co_await session.out(text + advice);
  co_return 0;
}

Task<Result<int>> run_cluster_info_dump(Session& session, Arguments) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(const std::string current, session.ns());
  std::vector<std::string> namespaces = flags.list("namespaces");
  if (flags.on("all-namespaces")) {
    namespaces.clear();
    DRYDOCK_CO_TRY(const std::vector<Value> items, co_await list_all(session, resources::kNamespaces.path(""), {}));
    for (const Value& item : items) namespaces.push_back(item["metadata"]["name"].str());
  } else if (namespaces.empty()) {
    namespaces = {"kube-system", current};
  }
  std::string text;
  DRYDOCK_CO_TRY(const Value nodes, co_await session.get(resources::kNodes.path("")));
  text += render_json(without_managed_fields(nodes));
  for (const std::string& ns : namespaces) {
    for (const ResourceRef* resource :
         {&resources::kEvents, &resources::kReplicationControllers, &resources::kServices, &resources::kDaemonSets,
          &resources::kDeployments, &resources::kReplicaSets, &resources::kPods}) {
      DRYDOCK_CO_TRY(const Value list, co_await session.get(resource->path(ns)));
      text += render_json(without_managed_fields(list));
      if (resource != &resources::kPods) continue;
      for (const Value& pod : list["items"].items()) {
        const std::string name = pod["metadata"]["name"].str();
        for (const Value& container : pod["spec"]["containers"].items()) {
          HttpRequest request;
          request.path = resource->path(ns, name, "log");
          request.query.add("container", container["name"].str());
          Result<HttpResponse> log = co_await session.send(std::move(request));
          const std::string label =
              " logs for container " + container["name"].str() + " of pod " + ns + "/" + name + " ====\n";
          text += "==== START" + label + (log ? log->body.text() : "Request log error: " + log.error().message + "\n") +
                  "==== END" + label;
        }
      }
    }
  }
  const std::string folder = flags.text("output-directory");
  if (folder.empty() || folder == "-") {
    co_await session.out(std::move(text));
    co_return 0;
  }
  (void)session.process().make_directories(folder);
  auto written = session.process().write_file(folder + "/dump.json", std::move(text));
  if (!written) co_return Status::plain("open " + folder + "/dump.json: " + to_lower(errno_text(written.error())));
  co_await session.out("Cluster info dumped to " + folder + "\n");
  co_return 0;
}

Task<Result<int>> run_api_versions(Session& session, Arguments arguments) {
  if (!arguments.empty()) co_return session.usage_error("unexpected arguments: [" + join(arguments, " ") + "]");
  DRYDOCK_CO_TRY(const ResolvedConfig* config, session.config());
  (void)config;
  Result<const Discovery*> known = co_await session.discovery(/*quietly=*/true);
  if (!known) co_return Status::plain("couldn't get available api versions from server: " + known.error().message);
  std::vector<std::string> versions;
  for (const ApiResource& resource : (*known)->resources()) versions.push_back(resource.api_version());
  std::sort(versions.begin(), versions.end());
  versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
  co_await session.out(join(versions, "\n") + "\n");
  co_return 0;
}

Task<Result<int>> run_api_resources(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const std::string output = flags.text("output");
  if (!arguments.empty()) co_return session.usage_error("unexpected arguments: [" + join(arguments, " ") + "]");
  if (!output.empty() && output != "wide" && output != "name" && output != "json" && output != "yaml" &&
      output != "kyaml") {
    co_return Status::plain("unable to match a printer suitable for the output format " + go_quote(output) +
                            ", allowed formats are: json,kyaml,name,wide,yaml");
  }
  const std::string sort = flags.text("sort-by");
  if (!sort.empty() && sort != "name" && sort != "kind") co_return Status::plain("--sort-by accepts only name or kind");
  DRYDOCK_CO_TRY(const ResolvedConfig* config, session.config());
  (void)config;
  Result<const Discovery*> known =
      flags.on("cached") ? co_await session.discovery() : co_await session.fresh_discovery();
  std::vector<const ApiResource*> shown;
  if (known) {
    for (const ApiResource& resource : (*known)->resources()) {
      auto has_all = [](const std::vector<std::string>& have, const std::vector<std::string>& want) {
        return std::all_of(want.begin(), want.end(), [&](const std::string& item) {
          return std::find(have.begin(), have.end(), item) != have.end();
        });
      };
      if (!resource.preferred && (*known)->find(resource.full_name()) != &resource) continue;
      if (flags.changed("api-group") && resource.group != flags.text("api-group")) continue;
      if (flags.changed("namespaced") && resource.namespaced != flags.on("namespaced")) continue;
      if (!has_all(resource.verbs, flags.list("verbs")) || !has_all(resource.categories, flags.list("categories")))
        continue;
      shown.push_back(&resource);
    }
  }
  std::sort(shown.begin(), shown.end(), [&](const ApiResource* a, const ApiResource* b) {
    if (sort == "kind" && a->kind != b->kind) return a->kind < b->kind;
    if (sort.empty() && a->group != b->group) return a->group < b->group;
    return a->plural != b->plural ? a->plural < b->plural : a->group < b->group;
  });
  if (output == "name") {
    std::string text;
    for (const ApiResource* resource : shown) text += resource->full_name() + "\n";
    co_await session.out(std::move(text));
  } else if (output == "json" || output == "yaml") {
    Value list = Value::object(
        {{"apiVersion", "v1"}, {"kind", "APIResourceList"}, {"groupVersion", ""}, {"resources", Value::array()}});
    for (const ApiResource* resource : shown) {
      Value entry = Value::object({{"name", resource->plural},
                                   {"singularName", resource->singular},
                                   {"namespaced", resource->namespaced},
                                   {"kind", resource->kind},
                                   {"version", resource->version},
                                   {"verbs", Value::array()}});
      if (!resource->group.empty()) entry.set("group", resource->group);
      for (const std::string& verb : resource->verbs) entry.ref("verbs").push_back(verb);
      for (const std::string& name : resource->short_names) entry.ref("shortNames").push_back(name);
      list.ref("resources").push_back(std::move(entry));
    }
    co_await session.out(output == "yaml" ? dump_yaml(list) : render_json(list));
  } else {
    const bool wide = output == "wide";
    std::vector<std::vector<std::string>> rows;
    if (!flags.on("no-headers")) {
      rows.push_back({"NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"});
      if (wide) rows[0].insert(rows[0].end(), {"VERBS", "CATEGORIES"});
    }
    for (const ApiResource* resource : shown) {
      std::vector<std::string> row = {resource->plural, join(resource->short_names, ","), resource->api_version(),
                                      yes_no(resource->namespaced, false), resource->kind};
      if (wide) row.insert(row.end(), {join(resource->verbs, ","), join(resource->categories, ",")});
      rows.push_back(std::move(row));
    }
    co_await session.out(TableAligner().lines(rows));
  }
  if (!known) co_return known.error();
  co_return 0;
}

Task<Result<int>> run_options(Session& session, Arguments) {
  const std::string_view home = session.process().env("HOME");
  co_await session.out(options_text(home.empty() ? "/root" : home));
  co_return 0;
}

Task<Result<int>> run_top_node(Session& session, Arguments arguments) {
  if (!arguments.empty() && !session.flags().text("selector").empty())
    co_return Status::plain("only one of NAME or --selector can be provided");
  DRYDOCK_CO_TRY(
      const std::vector<Value> items,
      co_await metrics(session, "/apis/metrics.k8s.io/v1beta1/nodes" + (arguments.empty() ? "" : "/" + arguments[0])));
  std::vector<std::vector<std::string>> rows;
  if (!session.flags().on("no-headers")) rows.push_back({"NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"});
  for (const Value& item : items) {
    const std::string name = item["metadata"]["name"].str();
    DRYDOCK_CO_TRY(const Value node, co_await session.get(resources::kNodes.path("", name)));
    const Value& room = node["status"][session.flags().on("show-capacity") ? "capacity" : "allocatable"];
    const Value& used = item["usage"];
    rows.push_back({name, millicores(used["cpu"]),
                    usage_percent(quantity_milli_value(used["cpu"]), quantity_milli_value(room["cpu"])),
                    mebibytes(used["memory"]),
                    usage_percent(quantity_value(used["memory"]), quantity_value(room["memory"]))});
  }
  co_await session.out(TableAligner().lines(rows));
  co_return 0;
}

Task<Result<int>> run_top_pod(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (!arguments.empty() && !flags.text("selector").empty())
    co_return Status::plain("only one of NAME or --selector can be provided");
  DRYDOCK_CO_TRY(const std::string ns, session.ns());
  const bool across = flags.on("all-namespaces");
  DRYDOCK_CO_TRY(const std::vector<Value> items,
                 co_await metrics(session, across ? "/apis/metrics.k8s.io/v1beta1/pods"
                                                  : "/apis/metrics.k8s.io/v1beta1/namespaces/" + ns + "/pods" +
                                                        (arguments.empty() ? "" : "/" + arguments[0])));
  if (items.empty()) {
    co_await session.err(across ? "No resources found\n" : "No resources found in " + ns + " namespace.\n");
    co_return 0;
  }
  const bool containers = flags.on("containers");
  std::vector<std::vector<std::string>> rows;
  if (!flags.on("no-headers")) {
    std::vector<std::string> header = across ? std::vector<std::string>{"NAMESPACE"} : std::vector<std::string>{};
    if (containers)
      header.insert(header.end(), {"POD", "NAME"});
    else
      header.push_back("NAME");
    header.insert(header.end(), {"CPU(cores)", "MEMORY(bytes)"});
    rows.push_back(std::move(header));
  }
  for (const Value& item : items) {
    std::int64_t cpu = 0;
    std::int64_t memory = 0;
    for (const Value& container : item["containers"].items()) {
      const std::int64_t own_cpu = quantity_milli_value(container["usage"]["cpu"]);
      const std::int64_t own_memory = quantity_value(container["usage"]["memory"]);
      cpu += own_cpu;
      memory += own_memory;
      if (!containers) continue;
      std::vector<std::string> row =
          across ? std::vector<std::string>{item["metadata"]["namespace"].str()} : std::vector<std::string>{};
      row.insert(row.end(), {item["metadata"]["name"].str(), container["name"].str(), std::to_string(own_cpu) + "m",
                             std::to_string(own_memory / (1024 * 1024)) + "Mi"});
      rows.push_back(std::move(row));
    }
    if (containers) continue;
    std::vector<std::string> row =
        across ? std::vector<std::string>{item["metadata"]["namespace"].str()} : std::vector<std::string>{};
    row.insert(row.end(), {item["metadata"]["name"].str(), std::to_string(cpu) + "m",
                           std::to_string(memory / (1024 * 1024)) + "Mi"});
    rows.push_back(std::move(row));
  }
  co_await session.out(TableAligner().lines(rows));
  co_return 0;
}

}  // namespace drydock::kubectl
