#include "core/programs/kubectl/connection/session.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kDiscoveryAccept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
constexpr Duration kCacheLifetime = std::chrono::hours(6);
// How often a command asks for the server's groups before it gives up, each time
// with a line of log: once per resource mapper it makes.
int discovery_attempts(std::string_view path) {
  struct Row {
    std::string_view paths;
    int attempts;
  };
  static constexpr Row kRows[] = {
      {" top node, top pod, events, version,", 0},
      {" run, api-resources, diff,", 1},
      {" explain, auth can-i, taint,", 2},
      {" logs, exec, attach, port-forward, cordon, uncordon, drain, wait, set image, set env, set resources,", 4},
  };
  for (const Row& row : kRows) {
    if (contains(row.paths, std::string(" ") +
                                std::string(path.substr(std::min(path.size(), std::string_view("kubectl ").size()))) +
                                ","))
      return row.attempts;
  }
  return 5;
}

// The text of a Warning header: 299 - "text"
std::string warning_text(std::string_view header) {
  const std::size_t from = header.find('"');
  const std::size_t to = header.rfind('"');
  if (from == std::string_view::npos || to <= from) return std::string(header);
  return replace_all(replace_all(header.substr(from + 1, to - from - 1), "\\\"", "\""), "\\\\", "\\");
}

}  // namespace

Task<void> Session::warn(std::string text) {
  if (!warned_.insert(text).second) co_return;
  co_await process_.err("Warning: " + text + "\n");
}

Status Session::usage_error(std::string message) const {
  return Status::plain(message + "\nSee '" + path_ + " -h' for help and examples");
}

Result<const Kubeconfig*> Session::kubeconfig() {
  if (!kubeconfig_) {
    DRYDOCK_TRY(Kubeconfig loaded, Kubeconfig::load(process_, flags_));
    kubeconfig_ = std::move(loaded);
  }
  return &*kubeconfig_;
}

Result<const ResolvedConfig*> Session::config() {
  if (!config_) {
    DRYDOCK_TRY(const Kubeconfig* file, kubeconfig());
    DRYDOCK_TRY(ResolvedConfig resolved, file->resolve(process_, flags_));
    config_ = std::move(resolved);
  }
  return &*config_;
}

Result<std::string> Session::ns() {
  DRYDOCK_TRY(const ResolvedConfig* resolved, config());
  return resolved->ns.empty() ? std::string("default") : resolved->ns;
}

Result<Client*> Session::client() {
  if (!client_) {
    DRYDOCK_TRY(const ResolvedConfig* resolved, config());
    client_ = std::make_unique<Client>(external_transport(), resolved->endpoint, "kubectl");
    if (!resolved->bearer_token.empty()) client_->set_bearer_token(std::string(trim(resolved->bearer_token)));
  }
  return client_.get();
}

Transport& Session::external_transport() {
  if (!transport_) transport_ = transport_factory_(process_);
  return *transport_;
}

Task<Result<HttpResponse>> Session::send(HttpRequest request) {
  DRYDOCK_CO_TRY(Client * connection, client());
  const ResolvedConfig& who = *config_;
  if (!who.basic_user.empty() && who.bearer_token.empty()) {
    request.headers.set("Authorization", "Basic " + base64_encode(who.basic_user + ":" + who.basic_password));
  }
  if (!who.impersonate_user.empty()) request.headers.add("Impersonate-User", who.impersonate_user);
  if (!who.impersonate_uid.empty()) request.headers.add("Impersonate-Uid", who.impersonate_uid);
  for (const std::string& group : who.impersonate_groups) request.headers.add("Impersonate-Group", group);
  Result<HttpResponse> response = co_await connection->request(std::move(request));
  if (response) {
    for (const auto& [name, value] : response->headers.fields()) {
      if (to_lower(name) == "warning") co_await warn(warning_text(value));
    }
  }
  co_return response;
}

Task<Result<Value>> Session::get(std::string path, HttpQuery query, std::string accept) {
  HttpRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  request.headers.add("Accept", std::move(accept));
  DRYDOCK_CO_TRY(HttpResponse response, co_await send(std::move(request)));
  if (!response.body.document.is_null()) co_return std::move(response.body.document);
  co_return parse_json(response.body.bytes);
}

Task<Result<Value>> Session::call(std::string method, std::string path, HttpQuery query, Value body,
                                  std::string content_type) {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  request.query = std::move(query);
  request.body.document = std::move(body);
  request.headers.add("Accept", "application/json");
  request.headers.add("Content-Type", content_type.empty() ? "application/json" : content_type);
  DRYDOCK_CO_TRY(HttpResponse response, co_await send(std::move(request)));
  if (!response.body.document.is_null()) co_return std::move(response.body.document);
  if (response.body.bytes.empty()) co_return Value();
  co_return parse_json(response.body.bytes);
}

std::string Session::cache_path() {
  std::string folder = flags_.text("cache-dir");
  if (folder.empty())
    folder = std::string(process_.env("HOME").empty() ? "/root" : process_.env("HOME")) + "/.kube/cache";
  return folder + "/discovery/" + config_->endpoint.host + "_" + std::to_string(config_->endpoint.port) +
         "/servergroups.json";
}

Task<Result<const Discovery*>> Session::discovery(bool quietly) {
  if (!discovery_) {
    DRYDOCK_CO_TRY(const ResolvedConfig* resolved, config());
    (void)resolved;
    const auto stat = process_.stat(cache_path());
    if (stat && process_.now() - stat->modified < kCacheLifetime) {
      auto cached = parse_json(process_.read_file(cache_path()).value_or(""));
      if (cached && !cached->items().empty()) {
        Discovery loaded;
        for (const Value& document : cached->items()) loaded.add_groups(document);
        if (!loaded.empty()) discovery_ = std::move(loaded);
      }
    }
  }
  if (!discovery_) {
    DRYDOCK_CO_TRY_VOID(co_await fetch_discovery(quietly));
  }
  co_return &*discovery_;
}

Task<Result<const Discovery*>> Session::fresh_discovery() {
  if (!discovery_is_fresh_) {
    DRYDOCK_CO_TRY_VOID(co_await fetch_discovery());
  }
  co_return &*discovery_;
}

Task<void> Session::report_discovery_failure(std::string message) {
  const std::string stamp = format_timestamp(process_.now());  // 2026-11-24T11:02:03Z
  for (int attempt = 0; attempt < discovery_attempts(path_); ++attempt) {
    const auto micros = std::chrono::duration_cast<microseconds>(process_.now().time_since_epoch()).count() % 1000000;
    std::string head = "E" + stamp.substr(5, 2) + stamp.substr(8, 2) + " " + stamp.substr(11, 8);
    head += format(".%06lld %7d memcache.go:265] ", static_cast<long long>(micros), process_.pid());
    co_await process_.err(
        head + "\"Unhandled Error\" err=" + go_quote("couldn't get current server API group list: " + message) + "\n");
  }
}

Task<Result<void>> Session::fetch_discovery(bool quietly) {
  Discovery loaded;
  Value cache = Value::array();
  for (const char* path : {"/api", "/apis"}) {
    HttpQuery query;
    query.add("timeout", "32s");
    Result<Value> document = co_await get(path, query, std::string(kDiscoveryAccept));
    if (!document) {
      if (!quietly) co_await report_discovery_failure(document.error().message);
      co_return document.error();
    }
    loaded.add_groups(*document);
    cache.push_back(*document);
  }
  discovery_ = std::move(loaded);
  discovery_is_fresh_ = true;
  const std::string path = cache_path();
  (void)process_.make_directories(directory_name(path), 0750);
  (void)process_.write_file(path, dump_json(cache), 0660);
  co_return Result<void>();
}

Task<Result<ApiResource>> Session::resource(std::string argument) {
  DRYDOCK_CO_TRY(const Discovery* known, co_await discovery());
  const ApiResource* found = known->find(argument);
  if (found == nullptr) {
    DRYDOCK_CO_TRY(known, co_await fresh_discovery());
    found = known->find(argument);
  }
  if (found == nullptr) co_return no_such_resource(argument);
  co_return *found;
}

Task<Result<ApiResource>> Session::resource_of_kind(std::string api_version, std::string kind) {
  DRYDOCK_CO_TRY(const Discovery* known, co_await discovery());
  const ApiResource* found = known->find_kind(api_version, kind);
  if (found == nullptr) {
    DRYDOCK_CO_TRY(known, co_await fresh_discovery());
    found = known->find_kind(api_version, kind);
  }
  if (found == nullptr)
    co_return Status::plain("no matches for kind " + go_quote(kind) + " in version " + go_quote(api_version));
  co_return *found;
}

}  // namespace drydock::kubectl
