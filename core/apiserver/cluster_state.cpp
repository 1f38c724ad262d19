// The API server's caches, and what every cluster starts with.
#include <algorithm>
#include <set>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr std::string_view kRoot = "/registry/";
constexpr std::string_view kServices = "/registry/services/specs/";
// Nobody reads it: writing it is news to whoever waits for a revision that is not below kRoot.
constexpr std::string_view kNudge = "/registry/drydock/progress";
constexpr Duration kNudgeAfter = milliseconds(250);
constexpr Duration kCompactionInterval = std::chrono::minutes(5);  // upstream's default

// Where etcd keeps a resource: upstream's own paths.
std::string prefix_of(std::string_view group, std::string_view resource) {
  if (group.empty()) {
    if (resource == "nodes") return "/registry/minions/";
    if (resource == "services") return std::string(kServices);
    if (resource == "endpoints") return "/registry/services/endpoints/";
    return "/registry/" + std::string(resource) + "/";
  }
  if (group == "events.k8s.io") return "/registry/events/";
  static constexpr std::string_view kPlain[] = {"apps",
                                                "batch",
                                                "autoscaling",
                                                "coordination.k8s.io",
                                                "discovery.k8s.io",
                                                "rbac.authorization.k8s.io",
                                                "storage.k8s.io",
                                                "scheduling.k8s.io",
                                                "policy",
                                                "certificates.k8s.io",
                                                "networking.k8s.io",
                                                "node.k8s.io"};
  if (std::find(std::begin(kPlain), std::end(kPlain), group) != std::end(kPlain))
    return "/registry/" + std::string(resource) + "/";
  return "/registry/" + std::string(group) + "/" + std::string(resource) + "/";
}

// "default/web" or "web" behind a resource's prefix.
ObjectKey key_of(std::string_view rest) {
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return {"", std::string(rest)};
  return {std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

Value labelled(const char* api_version, const char* kind, std::string_view name) {
  return Value::object({{"apiVersion", api_version}, {"kind", kind}, {"metadata", Value::object({{"name", name}})}});
}

// One for every group and version that this server itself answers, the aggregator's own aside.
std::vector<Value> api_services(const ResourceRegistry& registry, const std::string& now) {
  std::vector<Value> all;
  for (const std::string& group : registry.groups()) {
    if (group == "apiregistration.k8s.io") continue;
    for (const std::string& version : registry.versions(group)) {
      Value service = labelled("apiregistration.k8s.io/v1", "APIService", version + "." + group);
      service.ref("metadata", "labels").set("kube-aggregator.kubernetes.io/automanaged", "onstart");
      service.set("spec", Value::object({{"group", group},
                                         {"version", version},
                                         {"groupPriorityMinimum", group.empty() ? 18000 : 17000},
                                         {"versionPriority", version == "v1" ? 15 : 30}}));
      const Value available = Value::object({{"type", "Available"},
                                             {"status", "True"},
                                             {"reason", "Local"},
                                             {"message", "Local APIServices are always available"},
                                             {"lastTransitionTime", now}});
      service.ref("status", "conditions") = Value::array({available});
      all.push_back(std::move(service));
    }
  }
  return all;
}

}  // namespace

std::string ApiServer::store_key(const ResourceInfo& resource, const ObjectKey& key) const {
  return prefix_of(resource.group, resource.resource) + (resource.namespaced ? key.ns + "/" : "") + key.name;
}

ResourceCache& ApiServer::cache(std::string_view group, std::string_view resource) {
  return caches_[prefix_of(group, resource)];
}
ResourceCache& ApiServer::cache(const ResourceInfo& resource) { return cache(resource.group, resource.resource); }

void ApiServer::apply(const StoreEvent& event) {
  // The longest known prefix: /registry/services/specs/ before /registry/services/.
  auto at = caches_.upper_bound(event.item.key);
  while (at != caches_.begin()) {
    --at;
    if (event.item.key.starts_with(at->first)) break;
  }
  if (at == caches_.end() || !event.item.key.starts_with(at->first)) return;
  if (at->first == prefix_of("apiextensions.k8s.io", "customresourcedefinitions")) {
    const auto& definitions = at->second.objects();
    const auto had = definitions.find(key_of(std::string_view(event.item.key).substr(at->first.size())));
    if (had != definitions.end()) forget_custom(had->second, event.deleted ? Object() : Object(event.item.value));
    if (!event.deleted) define_custom(Object(event.item.value));
  }
  if (at->first == prefix_of("apiregistration.k8s.io", "apiservices")) {
    note_api_service(key_of(std::string_view(event.item.key).substr(at->first.size())),
                     event.deleted ? Object() : Object(event.item.value));
  }
  if (contains(at->first, "role")) rules_.clear();  // (cluster)roles and their bindings
  if (at->first == kServices) {
    const auto& services = at->second.objects();
    const auto had = services.find(key_of(std::string_view(event.item.key).substr(at->first.size())));
    note_service(had == services.end() ? Object() : had->second, event.deleted ? Object() : Object(event.item.value));
  }
  if (event.deleted)
    at->second.remove(key_of(std::string_view(event.item.key).substr(at->first.size())), event.item.mod_revision,
                      event.previous);
  else
    at->second.put(event.item, event.previous);
}

const ObjectView::Objects& ApiServer::all(std::string_view group, std::string_view resource) {
  return cache(group, resource).objects();
}

const std::vector<const Object*>& ApiServer::pods_on(const std::string& node) {
  return cache("", "pods").on_node(node);
}

Task<void> ApiServer::wait_seen(Revision revision) {
  while (seen_ < revision) {
    if (co_await seen_event_.wait_until(loop_.now() + kNudgeAfter)) continue;
    TxnRequest nudge;
    StoreOp put;
    put.key = std::string(kNudge);
    nudge.success.push_back(std::move(put));
    (void)co_await store_.txn(std::move(nudge));
  }
}

Task<Result<void>> ApiServer::catch_up() {
  RangeRequest probe;
  probe.key = std::string(kRoot);
  DRYDOCK_CO_TRY(const RangeResult newest, co_await store_.range(probe));
  co_await wait_seen(newest.revision);
  co_return Result<void>();
}

Task<void> ApiServer::know_surroundings(const Call& call, const Value& body) {
  const auto known = [this](std::string_view resource, ObjectKey key) {
    return cache("", resource).objects().contains(key);
  };
  bool all = known("namespaces", {"", call.info.ns});
  if (all && call.info.resource == "pods") {
    const std::string_view account = body["spec"]["serviceAccountName"].as_string();
    all = known("serviceaccounts", {call.info.ns, account.empty() ? "default" : std::string(account)});
  }
  if (!all && ready_) (void)co_await catch_up();
}

const std::vector<Value>& ApiServer::rules_of(const Identity& who, const std::string& ns) {
  constexpr std::size_t kMostRemembered = 1000;
  const std::string key = ns + "\n" + who.name + "\n" + join(who.groups, "\n");
  const auto known = rules_.find(key);
  if (known != rules_.end()) return known->second;
  if (rules_.size() >= kMostRemembered) rules_.clear();
  std::vector<Value>& found = rules_[key];
  visit_rules(who, ns, objects(), [&](const Value& rule) {
    found.push_back(rule);
    return true;
  });
  return found;
}

ObjectSource ApiServer::objects() {
  auto group_of = [](std::string_view resource) -> std::string_view {
    return contains(resource, "role") ? "rbac.authorization.k8s.io" : "";
  };
  ObjectSource source;
  source.get = [this, group_of](std::string_view resource, const ObjectKey& key) {
    const auto& all = cache(group_of(resource), resource).objects();
    const auto at = all.find(key);
    return at == all.end() ? Object() : at->second;
  };
  source.each = [this, group_of](std::string_view resource, const std::string& ns,
                                 const std::function<void(const Object&)>& visit) {
    const auto& all = cache(group_of(resource), resource).objects();
    for (auto at = all.lower_bound({ns, ""}); at != all.end() && (ns.empty() || at->first.ns == ns); ++at)
      visit(at->second);
  };
  source.rules = [this](const Identity& who, const std::string& ns) -> const std::vector<Value>& {
    return rules_of(who, ns);
  };
  source.view = this;
  return source;
}

// As the compactor of a real one (--etcd-compaction-interval): what is older than one
// interval goes, so that memory does not grow with a session's age.
Task<void> ApiServer::compact_store() {
  Revision old = seen_;
  for (;;) {
    co_await loop_.sleep(kCompactionInterval);
    // Another server may have been faster: its compaction is as good.
    (void)co_await store_.compact(old);
    for (auto& [prefix, cached] : caches_) cached.forget_before(old);
    old = seen_;
  }
}

// The caches as the store is now; the revision of that.
Task<Result<Revision>> ApiServer::load() {
  const std::string root(kRoot);
  RangeRequest everything;
  everything.key = root;
  everything.range_end = prefix_end(root);
  DRYDOCK_CO_TRY(RangeResult loaded, co_await store_.range(everything));
  // Definitions first: they tell which other keys are objects.
  const std::string definitions = prefix_of("apiextensions.k8s.io", "customresourcedefinitions");
  if (seen_ != 0) {
    std::set<std::string_view> there;
    for (const KeyValue& item : loaded.items) there.insert(item.key);
    for (const auto& [key, definition] : caches_[definitions].objects()) {
      if (!there.contains(definitions + key.name)) forget_custom(definition, Object());
    }
    for (auto& [prefix, cached] : caches_) cached.reset();
    rules_.clear();
    cluster_ips_.clear();
    node_ports_.clear();
  }
  for (const bool first : {true, false}) {
    for (const KeyValue& item : loaded.items) {
      if (item.key.starts_with(definitions) != first) continue;
      StoreEvent event;
      event.item = item;
      apply(event);
    }
  }
  for (auto& [prefix, cached] : caches_) cached.forget_before(loaded.revision);
  seen_ = loaded.revision;
  seen_event_.notify_all();
  co_return loaded.revision;
}

// Follows the store from then on, until its watch ends.
Task<Result<void>> ApiServer::follow(Revision loaded) {
  const std::string root(kRoot);
  std::string range_end = prefix_end(root);
  DRYDOCK_CO_TRY(std::unique_ptr<StoreWatch> changes, co_await store_.watch(root, range_end, loaded + 1));
  for (;;) {
    Result<std::vector<StoreEvent>> batch = co_await changes->next();
    if (!batch) co_return batch.error();
    for (const StoreEvent& event : *batch) {
      apply(event);
      seen_ = event.item.mod_revision;
    }
    seen_event_.notify_all();
  }
}

Task<Result<void>> ApiServer::run() {
  DRYDOCK_CO_TRY(Revision loaded, co_await load());
  TaskGroup tasks(loop_);
  tasks.spawn([](ApiServer& server) -> Task<void> {
    (void)co_await server.make_defaults();
    server.ready_ = true;
  }(*this));
  tasks.spawn(compact_store());
  tasks.spawn(follow_remote_apis());
  for (;;) {
    const Result<void> ended = co_await follow(loaded);
    // Cut off from the store for so long that others have compacted it: begin anew.
    if (ended.ok() || ended.error().reason != "Expired") {
      ready_ = false;
      co_return ended.ok() ? Status::internal("the store's watch ended") : ended.error();
    }
    DRYDOCK_CO_TRY(loaded, co_await load());
  }
}

// Namespaces, policy, priority classes, and the Service of the API server itself.
Task<Result<void>> ApiServer::make_defaults() {
  std::vector<std::pair<std::string, Value>> wanted;
  for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"})
    wanted.emplace_back("namespaces", labelled("v1", "Namespace", name));
  for (Value& object : bootstrap_policy()) {
    const std::string resource = object["kind"].as_string() == "ClusterRole" ? "clusterroles" : "clusterrolebindings";
    wanted.emplace_back(resource, std::move(object));
  }
  const std::pair<const char*, std::int64_t> priorities[] = {{"system-cluster-critical", 2000000000},
                                                             {"system-node-critical", 2000001000}};
  for (const auto& [name, value] : priorities) {
    Value priority = labelled("scheduling.k8s.io/v1", "PriorityClass", name);
    priority.set("value", value);
    priority.set("preemptionPolicy", "PreemptLowerPriority");
    priority.set("description", std::string("Used for system critical pods that must ") +
                                    (std::string_view(name) == "system-node-critical"
                                         ? "not be moved from their current node."
                                         : "run in the cluster, but can be moved to another node if necessary."));
    wanted.emplace_back("priorityclasses", std::move(priority));
  }
  Value service = labelled("v1", "Service", "kubernetes");
  service.ref("metadata", "namespace") = "default";
  service.ref("metadata", "labels") = Value::object({{"component", "apiserver"}, {"provider", "kubernetes"}});
  Value port = Value::object({{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", options_.port}});
  service.set("spec",
              Value::object({{"type", "ClusterIP"}, {"sessionAffinity", "None"}, {"ports", Value::array({port})}}));
  // The first address of the range is the API server's own.
  const std::vector<std::string> parts = split(options_.service_cidr.substr(0, options_.service_cidr.find('/')), '.');
  if (parts.size() == 4)
    service.ref("spec", "clusterIP") =
        parts[0] + "." + parts[1] + "." + parts[2] + "." + std::to_string(parse_int(parts[3]).value_or(0) + 1);
  wanted.emplace_back("services", std::move(service));
  if (!options_.advertise_address.empty()) {
    const Value slice_port = Value::object({{"name", "https"}, {"port", options_.port}, {"protocol", "TCP"}});
    Value slice = labelled("discovery.k8s.io/v1", "EndpointSlice", "kubernetes");
    slice.ref("metadata", "namespace") = "default";
    slice.ref("metadata", "labels") = Value::object({{"kubernetes.io/service-name", "kubernetes"}});
    slice.set("addressType", "IPv4");
    slice.set("endpoints", Value::array({Value::object({{"addresses", Value::array({options_.advertise_address})},
                                                        {"conditions", Value::object({{"ready", true}})}})}));
    slice.set("ports", Value::array({slice_port}));
    wanted.emplace_back("endpointslices", std::move(slice));
    Value endpoints = labelled("v1", "Endpoints", "kubernetes");
    endpoints.ref("metadata", "namespace") = "default";
    endpoints.ref("metadata", "labels") = Value::object({{"endpointslice.kubernetes.io/skip-mirror", "true"}});
    endpoints.set(
        "subsets",
        Value::array({Value::object({{"addresses", Value::array({Value::object({{"ip", options_.advertise_address}})})},
                                     {"ports", Value::array({slice_port})}})}));
    wanted.emplace_back("endpoints", std::move(endpoints));
  }
  for (Value& service_of_group : api_services(registry_, format_timestamp(loop_.now())))
    wanted.emplace_back("apiservices", std::move(service_of_group));
  Value authentication = labelled("v1", "ConfigMap", "extension-apiserver-authentication");
  authentication.ref("metadata", "namespace") = "kube-system";
  authentication.set("data", Value::object());
  // Without a CA for it no front proxy is believed, and none is told of.
  if (!options_.front_proxy_ca_pem.empty()) {
    authentication.set("data", Value::object({{"requestheader-allowed-names", "[\"front-proxy-client\"]"},
                                              {"requestheader-client-ca-file", options_.front_proxy_ca_pem},
                                              {"requestheader-extra-headers-prefix", "[\"X-Remote-Extra-\"]"},
                                              {"requestheader-group-headers", "[\"X-Remote-Group\"]"},
                                              {"requestheader-uid-headers", "[\"X-Remote-Uid\"]"},
                                              {"requestheader-username-headers", "[\"X-Remote-User\"]"}}));
  }
  if (!options_.client_ca_pem.empty()) authentication.ref("data", "client-ca-file") = options_.client_ca_pem;
  wanted.emplace_back("configmaps", std::move(authentication));
  Value tracking = labelled("v1", "ConfigMap", "kube-apiserver-legacy-service-account-token-tracking");
  tracking.ref("metadata", "namespace") = "kube-system";
  tracking.ref("data", "since") = format_timestamp(loop_.now()).substr(0, 10);
  wanted.emplace_back("configmaps", std::move(tracking));
  // All at the same time: a store that makes many writes safe together does so.
  struct Progress {
    explicit Progress(EventLoop& loop) : done(loop) {}
    std::size_t left = 0;
    std::optional<Status> failure;
    Event done;
  } progress(loop_);
  TaskGroup writes(loop_);
  for (auto& [resource, document] : wanted) {
    const ResourceInfo* info = nullptr;
    for (const ResourceInfo& candidate : registry_.all()) {
      if (candidate.resource == resource) info = info == nullptr ? &candidate : info;
    }
    DRYDOCK_CHECK(info != nullptr);
    // Most of it is there already when a cluster starts again, or a further server does.
    const ObjectKey key{document["metadata"]["namespace"].str(), document["metadata"]["name"].str()};
    if (cache(*info).objects().contains(key)) continue;
    ++progress.left;
    writes.spawn([](ApiServer& server, const ResourceInfo* kind, Value wish, Progress& all) -> Task<void> {
      Call call;
      call.resource = kind;
      call.info.verb = "create";
      call.info.is_resource = true;
      call.info.group = kind->group;
      call.info.version = kind->version;
      call.info.resource = kind->resource;
      call.info.ns = wish["metadata"]["namespace"].str();
      call.who = {"system:apiserver", {"system:masters"}, ""};
      call.http.headers.set("User-Agent", "kube-apiserver/" + server.options_.version);
      const Result<Object> object = co_await server.admit_create(call, std::move(wish));
      if (!object) all.failure = object.error();
      if (object) {
        const Result<Object> written = co_await server.write(call, *object, 0);
        if (!written && !written.error().is_already_exists()) all.failure = written.error();
      }
      if (--all.left == 0) all.done.notify_all();
    }(*this, info, std::move(document), progress));
  }
  while (progress.left > 0) (void)co_await progress.done.wait();
  if (progress.failure) co_return *progress.failure;
  co_return Result<void>();
}

}  // namespace drydock
