// ApiServer: Kubernetes' REST API over a Store.
//
// A request is authenticated, authorized, admitted, defaulted, validated and turned
// into one transaction; reads of one object come from the store, lists and watches
// from caches that follow the store's watch.
// https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/apiserver/access/identity.h"
#include "core/apiserver/admission/admission.h"
#include "core/apiserver/openapi/openapi.h"
#include "core/apiserver/request_info.h"
#include "core/apiserver/resource_cache.h"
#include "core/base/prng.h"
#include "core/base/sync.h"
#include "core/client/transport.h"
#include "core/machinery/fields/field_type.h"
#include "core/machinery/http_message.h"
#include "core/machinery/resource_registry.h"
#include "core/store/store.h"

namespace drydock {

namespace cel {  // core/cel/authorizer.h
struct AuthorizerDecision;
struct AuthorizerQuery;
}  // namespace cel

struct ApiServerOptions {
  std::string version = "v1.36.3";
  std::string advertise_address;
  std::uint16_t port = 6443;
  std::string service_cidr = "10.96.0.0/12";
  int node_port_low = 30000;
  int node_port_high = 32767;
  std::string service_account_issuer = "https://kubernetes.default.svc.cluster.local";
  // ConfigMaps, with their key, that a distribution mounts beside each pod's token.
  std::vector<std::pair<std::string, std::string>> token_config_maps;
  bool rbac = true;  // false: everything is allowed
  bool anonymous = true;
  // Where kubelets are reached, as whom.
  Endpoint kubelet_client;
  CredentialReaders credentials;
  // How services are reached that answer in the server's place (webhooks, aggregated
  // APIs), and addresses that a webhook names; null: as kubelets.
  Transport* to_services = nullptr;
  Transport* to_urls = nullptr;
  // Nothing translates the addresses of services here: they are reached at their endpoints.
  bool services_by_endpoint = false;
  // What extension-apiserver-authentication tells aggregated API servers to trust.
  std::string client_ca_pem;
  std::string front_proxy_ca_pem;
  // As whom they are asked.
  std::string aggregator_certificate_pem;
  std::string aggregator_key_pem;
  // audit.k8s.io/v1 Policy, and who writes the events; null: nobody.
  Value audit_policy;
  std::function<void(const Value& event)> audit;
  // Descriptions for OpenAPI; without them it says only what there is.
  SchemaTexts texts;
};

struct FieldWriter;
// What webhooks are called through (outbound/hook_client.h).
class HookClient;

class ApiServer final : public HttpHandler, private ObjectView {
 public:
  // `store` and `to_kubelets` outlive the server.
  ApiServer(EventLoop& loop, Prng prng, Store& store, Transport& to_kubelets, ApiServerOptions options);
  ~ApiServer() override;

  // Loads the caches, makes what every cluster starts with, then follows the store.
  // Ends with an error when the store goes away.
  Task<Result<void>> run();
  bool ready() const { return ready_; }

  Task<HttpResponse> handle(HttpRequest request) override;
  const ResourceRegistry& registry() const { return registry_; }

 private:
  // A key that is taken or given back with an object (service_addresses.cpp).
  struct Claim {
    std::string key;
    bool give_back = false;
    bool drawn = false;  // another one would do as well
    int port = -1;       // index of the Service's port; -1: its address
    Revision stale = 0;  // of what somebody has left there
  };
  struct Call {
    HttpRequest http;
    RequestInfo info;
    Identity who;
    const ResourceInfo* resource = nullptr;
    bool dry_run = false;
    std::vector<std::string> warnings;
    std::map<std::string, std::string> annotations;  // for the audit log
    std::string audit_id;
    TimePoint received{};
    std::optional<Value> managed_fields;  // server-side apply: who owns what when it is done
    std::vector<Claim> claims;
  };
  using Answer = Result<HttpResponse>;

  // --- request dispatch (api_server.cpp) ---
  Task<Answer> serve(Call& call);
  Task<Answer> serve_resource(Call& call);
  Answer serve_path(Call& call);
  HttpResponse respond(Call& call, Answer answer);
  static HttpResponse failure(const Status& status);

  // --- reads (api_reads.cpp) ---
  Task<Answer> get(Call& call);
  Task<Answer> list(Call& call);
  Task<Answer> watch(Call& call);
  Result<ObjectFilter> filter_of(const Call& call) const;
  HttpResponse object_response(const Call& call, const Object& object, int status = 200) const;
  // The shape that the Accept header asks for: the object, a Table or metadata only.
  Value shaped(const Call& call, const Object& object) const;
  Value shaped_list(const Call& call, const std::vector<Object>& items, const std::string& version,
                    const std::string& next, std::int64_t remaining) const;
  static bool wants_table(const Call& call);
  static bool wants_metadata(const Call& call);
  static Value metadata_only(const Object& object);

  // --- writes (api_writes.cpp) ---
  Task<Answer> create(Call& call);
  Task<Answer> update(Call& call);
  Task<Answer> patch(Call& call);
  Task<Answer> remove(Call& call);
  Task<Answer> remove_collection(Call& call);
  Task<Result<Object>> delete_object(Call& call, const KeyValue& stored, const Value& options);
  Result<Value> decode_body(Call& call);
  // Everything between the decoded object and the store.
  Result<void> check_body(Call& call, Value& document, const Value& known);
  // What is written: a body's object with all that the server adds, then everything that
  // may be said against it. Webhooks come between and after (admit_create, admit_update).
  Result<Object> shape_create(Call& call, Value document);
  Result<void> check_create(Call& call, Object& object);
  Result<Object> shape_update(Call& call, const Object& old, Value document);
  Result<void> check_update(Call& call, const Object& old, Object& object);
  Task<Result<Object>> write(Call& call, const Object& object, Revision expected);
  Task<Result<KeyValue>> read(const Call& call, const ObjectKey& key);

  // --- admission (api_admission.cpp, access/) ---
  AdmissionCall admission_of(Call& call);
  // All of it, for a body that creates or changes an object.
  Task<Result<Object>> admit_create(Call& call, Value document);
  Task<Result<Object>> admit_update(Call& call, Object old, Value document);
  Task<Result<void>> admit_delete(Call& call, const KeyValue& stored);
  // A subresource's own body (eviction, binding, exec, ...), about `old`.
  Task<Result<void>> admit_connect(Call& call, Object old, Value& body);
  // Policies in CEL: those that judge, those that change (api_policies.cpp).
  Result<void> ask_policies(Call& call, const Object& old, const Object& updated);
  Result<void> change_by_policies(Call& call, const Object& old, Object& object);
  // Of a policy that is itself written: what is wrong with it, the status it then has.
  static std::vector<StatusCause> policy_causes(const Object& object);
  void note_policy_status(Object& object);
  // Is there a webhook at all?
  bool has_webhooks();
  Task<Result<void>> ask_mutating(Call& call, const Object& old, Value& document);
  Task<Result<void>> ask_validating(Call& call, const Object& old, const Object& updated);
  // The built-in plugins that change new objects, and those that only judge.
  Result<void> admit_changes(Call& call, Value& document);
  Result<void> admit_checks(Call& call, const Object& old, const Object& updated);
  Result<void> admit_account(Call& call, Value& pod);
  void mount_token(Value& pod);
  // LimitRanger and ResourceQuota (quota_admission.cpp).
  Result<void> admit_limits(Call& call, Value& document);
  Result<void> admit_quota(Call& call, const Value& document);
  // Services' addresses and ports (service_addresses.cpp).
  Result<void> allocate_service(Call& call, Value& service, const Object& old);
  static void release_service(Call& call, const Object& service);
  void add_claims(const Call& call, const Object& service, TxnRequest& request);
  Task<Result<void>> claim_again(Call& call, Value& service, const TxnResult& failed);
  void note_service(const Object& before, const Object& after);
  std::string draw_address();
  std::int64_t draw_port(const std::set<std::int64_t>& mine);

  // --- ownership of fields (ownership/api_ownership.cpp) ---
  FieldWriter field_writer(const Call& call);
  // Writes metadata.managedFields of what is about to take `live`'s place (null: nothing).
  void own_fields(Call& call, const Value& live, Value& document);
  // Server-side apply, up to the object that is to be written.
  Result<Value> applied(Call& call, const Value& live, const Value& config);
  // fieldManager and force; `options`: "CreateOptions", "UpdateOptions", "PatchOptions".
  static Result<void> check_options(const Call& call, const char* options);

  // --- subresources (api_subresources.cpp, api_scale.cpp) ---
  Task<Answer> serve_subresource(Call& call);
  Task<Answer> bind(Call& call);
  Task<Answer> evict(Call& call);
  Task<Answer> scale(Call& call);
  Task<Answer> token(Call& call);
  Task<Answer> to_kubelet(Call& call);
  // Takes one disruption from a budget (api_eviction.cpp).
  Task<Result<void>> spend_disruption(ObjectKey budget, std::string pod);
  // Requests for a port of a pod, a service or a node (api_proxy.cpp).
  Task<Answer> proxy(Call& call);
  Result<Endpoint> pod_endpoint(const ObjectKey& key, const std::string& port);
  Result<Endpoint> service_endpoint(const ObjectKey& key, const std::string& port);
  Result<Endpoint> kubelet_endpoint(const std::string& node, const std::string& port);
  Task<Answer> review(Call& call);

  // --- custom resources (custom_resources.cpp) ---
  void define_custom(const Object& definition);
  // `next` is what the definition becomes, if anything: what it has stays.
  void forget_custom(const Object& definition, const Object& next);
  Task<Result<void>> remove_instances(Object definition);
  Result<void> admit_definition(Value& document, const Object& old);
  Result<void> check_custom(Call& call, Value& document);
  std::vector<StatusCause> custom_causes(Call& call, const Value& document, const Value& old);

  // Versions of custom resources (custom/conversion.cpp).
  Object definition_of(const ResourceInfo& resource);
  bool has_versions(const ResourceInfo& resource);
  Task<Result<void>> convert(const ResourceInfo& resource, std::vector<Object>& objects, std::string version);
  Task<void> relay_versions(const ResourceInfo* resource, std::shared_ptr<StreamEnd> from,
                            std::shared_ptr<StreamEnd> to, ResourceCache::Transform transform);

  // --- aggregated APIs (api_aggregation.cpp) ---
  // The APIService of a group version that another server answers; empty for ours.
  Object remote_api(const std::string& group, const std::string& version);
  void note_api_service(const ObjectKey& key, const Object& api);
  Task<Answer> pass_on(Call& call, Object api);
  Task<void> follow_remote_apis();
  Task<void> set_available(Object api, bool available, std::string reason, std::string message);
  std::map<std::string, std::map<std::string, Value>> remote_resources() const;

  // The audit log's line about a stage of the request, when the policy wants one.
  void record(Call& call, const char* stage, const HttpResponse* response);

  // --- discovery (discovery.cpp) ---
  Answer discovery(const Call& call) const;

  // --- OpenAPI (api_documents.cpp) ---
  Answer openapi(Call& call);
  struct Documents;
  struct DocumentsDeleter {
    void operator()(Documents* documents) const;
  };

  // --- state (cluster_state.cpp) ---
  ResourceCache& cache(const ResourceInfo& resource);
  ResourceCache& cache(std::string_view group, std::string_view resource);
  std::string store_key(const ResourceInfo& resource, const ObjectKey& key) const;
  void apply(const StoreEvent& event);
  Task<Result<void>> make_defaults();
  Task<Result<Revision>> load();
  Task<Result<void>> follow(Revision loaded);
  Task<void> wait_seen(Revision revision);
  // What anybody has written before this call is in the caches after it.
  Task<Result<void>> catch_up();
  // What a request's checks look up is in the caches, though another server wrote it just now.
  Task<void> know_surroundings(const Call& call, const Value& body);
  Task<Result<void>> wait_fresh(Revision revision);
  Task<void> compact_store();
  ObjectSource objects();
  const Objects& all(std::string_view group, std::string_view resource) override;
  const std::vector<const Object*>& pods_on(const std::string& node) override;
  const std::vector<Value>& rules_of(const Identity& who, const std::string& ns);

  EventLoop& loop_;
  Prng prng_;
  Store& store_;
  Transport& to_kubelets_;
  ApiServerOptions options_;
  ResourceRegistry registry_;
  CustomFieldTypes custom_types_;
  std::map<std::string, ResourceCache> caches_;  // by store prefix
  // By namespace, name and groups; forgotten when a role or binding changes.
  std::map<std::string, std::vector<Value>> rules_;
  Value token_volume_;  // of every pod, made for the first one
  Revision seen_ = 0;
  Event seen_event_;
  bool ready_ = false;
  std::map<std::string, ObjectKey> cluster_ips_;
  std::map<std::int64_t, ObjectKey> node_ports_;
  std::unique_ptr<Documents, DocumentsDeleter> documents_;
  std::unique_ptr<HookClient> hooks_;
  // By group and version: what their servers serve (APIResourceLists), once seen.
  std::map<std::pair<std::string, std::string>, Value> remote_apis_;
  Event look_event_;
  TaskGroup relays_;  // watches that are converted on their way
};

}  // namespace drydock
