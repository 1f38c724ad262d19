#include "core/controllers/controller_manager.h"

#include <algorithm>

#include "core/controllers/batch/cronjob_controller.h"
#include "core/controllers/batch/job_controller.h"
#include "core/controllers/bootstrap/bootstrap_tokens.h"
#include "core/controllers/cluster/cluster_role_aggregation.h"
#include "core/controllers/cluster/disruption_controller.h"
#include "core/controllers/cluster/namespace_controller.h"
#include "core/controllers/cluster/namespace_defaults.h"
#include "core/controllers/cluster/resource_quota_controller.h"
#include "core/controllers/gc/garbage_collector.h"
#include "core/controllers/network/endpoints_controller.h"
#include "core/controllers/network/endpointslice_controller.h"
#include "core/controllers/network/endpointslice_mirroring.h"
#include "core/controllers/node/node_ipam_controller.h"
#include "core/controllers/node/pod_gc_controller.h"
#include "core/controllers/node/taint_eviction_controller.h"
#include "core/controllers/revisioned/daemonset_controller.h"
#include "core/controllers/revisioned/statefulset_controller.h"
#include "core/controllers/storage/volume_binder.h"
#include "core/controllers/workload/deployment_controller.h"
#include "core/controllers/workload/replicaset_controller.h"

namespace drydock::controllers {
namespace {

using Options = ControllerManagerOptions;
// nullptr when the options lack what the controller needs.
using Factory = std::unique_ptr<Controller> (*)(ControllerContext&, const Options&);

template <class T>
std::unique_ptr<Controller> plain(ControllerContext& context, const Options&) {
  return std::make_unique<T>(context);
}

struct Row {
  ControllerName name;
  Factory make;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {{"serviceaccount-controller", "serviceaccount"}, plain<ServiceAccountController>},
      {{"serviceaccount-token-controller", "serviceaccount-token"},
       [](ControllerContext& context, const Options& options) -> std::unique_ptr<Controller> {
         if (!options.sign_account_token) return nullptr;
         return std::make_unique<ServiceAccountTokenController>(context, options.sign_account_token,
                                                                options.root_ca_pem);
       }},
      {{"root-ca-certificate-publisher-controller", "root-ca-cert-publisher"},
       [](ControllerContext& context, const Options& options) -> std::unique_ptr<Controller> {
         if (options.root_ca_pem.empty()) return nullptr;
         return std::make_unique<RootCaPublisher>(context, options.root_ca_pem);
       }},
      {{"namespace-controller", "namespace"}, plain<NamespaceController>},
      {{"bootstrap-signer-controller", "bootstrapsigner", false}, plain<BootstrapSigner>},
      {{"token-cleaner-controller", "tokencleaner", false}, plain<TokenCleaner>},
      {{"certificatesigningrequest-approving-controller", "csrapproving"},
       [](ControllerContext& context, const Options& options) -> std::unique_ptr<Controller> {
         if (!options.read_csr) return nullptr;
         return std::make_unique<CsrApprover>(context, options.read_csr);
       }},
      {{"certificatesigningrequest-signing-controller", "csrsigning"},
       [](ControllerContext& context, const Options& options) -> std::unique_ptr<Controller> {
         if (!options.sign_csr) return nullptr;
         return std::make_unique<CsrSigner>(context, options.sign_csr);
       }},
      {{"node-ipam-controller", "nodeipam"},
       [](ControllerContext& context, const Options& options) -> std::unique_ptr<Controller> {
         if (!options.allocate_node_cidrs) return nullptr;
         std::optional<CidrSet> ranges = CidrSet::parse(options.cluster_cidr, options.node_cidr_mask_size);
         if (!ranges) return nullptr;
         return std::make_unique<NodeIpamController>(context, std::move(*ranges));
       }},
      {{"node-lifecycle-controller", "nodelifecycle"},
       [](ControllerContext& context, const Options& options) -> std::unique_ptr<Controller> {
         return std::make_unique<NodeLifecycleController>(context, options.node_monitor);
       }},
      {{"taint-eviction-controller", "taint-eviction-controller"}, plain<TaintEvictionController>},
      {{"pod-garbage-collector-controller", "podgc"},
       [](ControllerContext& context, const Options&) -> std::unique_ptr<Controller> {
         return std::make_unique<PodGcController>(context);
       }},
      {{"replicaset-controller", "replicaset"},
       [](ControllerContext& context, const Options&) -> std::unique_ptr<Controller> {
         return std::make_unique<ReplicaSetController>(context, replica_set_kind());
       }},
      {{"replicationcontroller-controller", "replicationcontroller"},
       [](ControllerContext& context, const Options&) -> std::unique_ptr<Controller> {
         return std::make_unique<ReplicaSetController>(context, replication_controller_kind());
       }},
      {{"deployment-controller", "deployment"}, plain<DeploymentController>},
      {{"daemonset-controller", "daemonset"}, plain<DaemonSetController>},
      {{"statefulset-controller", "statefulset"}, plain<StatefulSetController>},
      {{"job-controller", "job"}, plain<JobController>},
      {{"cronjob-controller", "cronjob"}, plain<CronJobController>},
      {{"ttl-after-finished-controller", "ttl-after-finished"}, plain<TtlAfterFinishedController>},
      {{"endpoints-controller", "endpoint"}, plain<EndpointsController>},
      {{"endpointslice-controller", "endpointslice"}, plain<EndpointSliceController>},
      {{"endpointslice-mirroring-controller", "endpointslicemirroring"}, plain<EndpointSliceMirroringController>},
      {{"disruption-controller", "disruption"}, plain<DisruptionController>},
      {{"clusterrole-aggregation-controller", "clusterrole-aggregation"}, plain<ClusterRoleAggregator>},
      {{"resourcequota-controller", "resourcequota"}, plain<ResourceQuotaController>},
      {{"persistentvolume-binder-controller", "persistentvolume-binder"}, plain<VolumeBinder>},
      {{"garbage-collector-controller", "garbagecollector"},
       [](ControllerContext& context, const Options&) -> std::unique_ptr<Controller> {
         return std::make_unique<GarbageCollector>(context);
       }},
  };
  return table;
}

// "-name" beats "name" beats "*", as upstream's IsControllerEnabled.
bool is_wanted(const ControllerName& name, const std::vector<std::string>& wanted) {
  bool star = false, named = false;
  for (const std::string& entry : wanted) {
    if (entry == "*")
      star = true;
    else if (entry == name.name || entry == name.alias)
      named = true;
    else if (entry.starts_with('-') && (entry.substr(1) == name.name || entry.substr(1) == name.alias))
      return false;
  }
  return named || (star && name.on_by_default);
}

}  // namespace

const std::vector<ControllerName>& controller_names() {
  static const std::vector<ControllerName> names = [] {
    std::vector<ControllerName> all;
    for (const Row& row : rows()) all.push_back(row.name);
    return all;
  }();
  return names;
}

ControllerManager::ControllerManager(EventLoop& loop, Prng prng, Client& client, ControllerManagerOptions options)
    : context_(loop, prng, client) {
  for (const Row& row : rows()) {
    if (!is_wanted(row.name, options.controllers)) continue;
    std::unique_ptr<Controller> controller = row.make(context_, options);
    if (!controller) continue;
    controllers_.push_back(std::move(controller));
    names_.emplace_back(row.name.name);
  }
}

Task<void> ControllerManager::run() {
  context_.informers.start();
  TaskGroup running(context_.loop);
  for (const std::unique_ptr<Controller>& controller : controllers_) running.spawn(controller->run());
  Event never(context_.loop);
  co_await never.wait();
}

}  // namespace drydock::controllers
