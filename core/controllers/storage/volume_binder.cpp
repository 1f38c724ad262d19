#include "core/controllers/storage/volume_binder.h"

#include <algorithm>

#include "core/machinery/quantity.h"
#include "core/machinery/selectors.h"

namespace drydock::controllers {
namespace {

constexpr const char* kByController = "pv.kubernetes.io/bound-by-controller";

bool has_modes(const Object& volume, const Value& wanted) {
  const Value& have = volume.spec()["accessModes"];
  return std::ranges::all_of(wanted.items(), [&](const Value& mode) {
    return std::ranges::any_of(have.items(), [&](const Value& each) { return each == mode; });
  });
}

bool fits(const Object& claim, const Object& volume) {
  const Value& wanted = claim.spec();
  if (volume.deleting() || volume.spec()["storageClassName"].str() != wanted["storageClassName"].str()) return false;
  const Value& held = volume.spec()["claimRef"];
  if (held.is_object()) {
    const bool ours = held["name"].as_string() == claim.name() && held["namespace"].as_string() == claim.ns();
    if (!ours || (!held["uid"].empty() && held["uid"].as_string() != claim.uid())) return false;
  }
  if (!wanted["volumeName"].empty() && wanted["volumeName"].as_string() != volume.name()) return false;
  const auto room = Quantity::from(volume.spec()["capacity"]["storage"]).value_or(Quantity());
  if (room < Quantity::from(wanted["resources"]["requests"]["storage"]).value_or(Quantity())) return false;
  if (wanted["selector"].is_object()) {
    const auto selector = LabelSelector::from_document(wanted["selector"]);
    if (!selector || !selector->matches(volume.labels())) return false;
  }
  return has_modes(volume, wanted["accessModes"]) && volume.spec()["volumeMode"] == wanted["volumeMode"];
}

Object without_finalizer(const Object& object, std::string_view name) {
  Object next = object;
  Value kept = Value::array();
  for (const Value& finalizer : object.metadata()["finalizers"].items()) {
    if (finalizer.as_string() != name) kept.push_back(finalizer);
  }
  next.mutable_doc().ref("metadata").set("finalizers", std::move(kept));
  return next;
}

Object with_phase(const Object& object, const char* phase) {
  Object next = object;
  next.mutable_doc().ref("status", "phase") = phase;
  return next;
}

}  // namespace

const Object* choose_volume(const Object& claim, const std::vector<Object>& volumes) {
  const Object* best = nullptr;
  for (const Object& volume : volumes) {
    if (!fits(claim, volume)) continue;
    if (volume.spec()["claimRef"].is_object()) return &volume;
    const auto room = Quantity::from(volume.spec()["capacity"]["storage"]);
    if (best == nullptr || room < Quantity::from(best->spec()["capacity"]["storage"])) best = &volume;
  }
  return best;
}

VolumeBinder::VolumeBinder(ControllerContext& context)
    : KeyedController(context, "persistentvolume-controller", 1),
      claims_(context.informers.get(resources::kPersistentVolumeClaims)),
      volumes_(context.informers.get(resources::kPersistentVolumes)) {
  enqueue_changes_of(claims_);
  enqueue_changes_of(volumes_);
  // A volume that comes or becomes free may be what some claim waits for; a claim that
  // goes leaves its volume.
  volumes_.add_handler([this](const Object&, const Object&) {
    for (const auto& [key, claim] : claims_.objects()) {
      if (claim.spec()["volumeName"].empty()) enqueue(claim);
    }
  });
  claims_.add_handler([this](const Object& old, const Object& current) {
    if (old && !current && !old.spec()["volumeName"].empty()) enqueue(ObjectKey{"", old.spec()["volumeName"].str()});
  });
  context.informers.get(resources::kPods).add_handler([this](const Object& old, const Object& current) {
    if (current && !view_pod(current).finished()) return;
    const Object& pod = current ? current : old;
    for (const Value& volume : pod.spec()["volumes"].items()) {
      const std::string claim = volume["persistentVolumeClaim"]["claimName"].str();
      if (!claim.empty()) enqueue(ObjectKey{std::string(pod.ns()), claim});
    }
  });
}

bool VolumeBinder::in_use(const Object& claim) const {
  for (const PodView* pod : context_.pods.in_namespace(std::string(claim.ns()))) {
    if (pod->finished() || pod->node.empty()) continue;
    for (const Value& volume : pod->object.spec()["volumes"].items()) {
      if (volume["persistentVolumeClaim"]["claimName"].as_string() == claim.name()) return true;
    }
  }
  return false;
}

Task<Result<void>> VolumeBinder::reconcile(ObjectKey key) {
  if (key.ns.empty()) {
    Object volume = volumes_.get(key);
    if (volume) co_return co_await reconcile_volume(std::move(volume));
    co_return Result<void>();
  }
  Object claim = claims_.get(key);
  if (claim) co_return co_await reconcile_claim(std::move(claim));
  co_return Result<void>();
}

Task<Result<void>> VolumeBinder::reconcile_volume(Object volume) {
  const Value& held = volume.spec()["claimRef"];
  const std::string phase = volume.status()["phase"].str();
  const Object claim = claims_.get({held["namespace"].str(), held["name"].str()});
  const bool bound = held.is_object() && claim && (held["uid"].empty() || held["uid"].as_string() == claim.uid());
  if (volume.deleting() && !bound) {
    Object next = without_finalizer(volume, "kubernetes.io/pv-protection");
    if (next.metadata()["finalizers"].size() != volume.metadata()["finalizers"].size())
      DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kPersistentVolumes, std::move(next)));
    co_return Result<void>();
  }
  const char* wanted = bound ? "Bound" : held.is_object() && !held["uid"].empty() ? "Released" : "Available";
  if (phase == wanted) co_return Result<void>();
  Object next = with_phase(volume, wanted);
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kPersistentVolumes, std::move(next)));
  // What nobody holds any more goes with its claim, where the policy says so.
  if (std::string_view(wanted) == "Released" &&
      volume.spec()["persistentVolumeReclaimPolicy"].as_string() == "Delete") {
    DRYDOCK_CO_TRY_VOID(co_await context_.client.remove(resources::kPersistentVolumes, volume.key()));
  }
  co_return Result<void>();
}

Task<Result<void>> VolumeBinder::reconcile_claim(Object claim) {
  if (claim.deleting()) {
    if (in_use(claim)) co_return Result<void>();
    Object next = without_finalizer(claim, "kubernetes.io/pvc-protection");
    if (next.metadata()["finalizers"].size() != claim.metadata()["finalizers"].size())
      DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kPersistentVolumeClaims, std::move(next)));
    co_return Result<void>();
  }
  if (claim.status()["phase"].as_string() == "Bound") co_return Result<void>();
  const std::vector<Object> volumes = volumes_.list();
  const Object* volume = choose_volume(claim, volumes);
  if (volume == nullptr) co_return Result<void>();
  co_return co_await bind(std::move(claim), *volume);
}

Task<Result<void>> VolumeBinder::bind(Object claim, Object volume) {
  Object held = volume;
  Value reference = Value::object({{"apiVersion", "v1"},
                                   {"kind", "PersistentVolumeClaim"},
                                   {"name", claim.name()},
                                   {"namespace", claim.ns()},
                                   {"resourceVersion", claim.resource_version()},
                                   {"uid", claim.uid()}});
  if (!volume.spec()["claimRef"].is_object())
    held.mutable_doc().ref("metadata", "annotations").set(kByController, "yes");
  if (volume.spec()["claimRef"]["uid"].empty()) {
    held.mutable_doc().ref("spec").set("claimRef", std::move(reference));
    DRYDOCK_CO_TRY(held, co_await context_.client.update(resources::kPersistentVolumes, held));
  }
  Object bound = with_phase(held, "Bound");
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kPersistentVolumes, std::move(bound)));
  Object next = claim;
  if (claim.spec()["volumeName"].empty()) {
    Value& annotations = next.mutable_doc().ref("metadata", "annotations");
    annotations.set("pv.kubernetes.io/bind-completed", "yes");
    annotations.set(kByController, "yes");
    next.mutable_doc().ref("spec").set("volumeName", volume.name());
    DRYDOCK_CO_TRY(next, co_await context_.client.update(resources::kPersistentVolumeClaims, next));
  }
  next = with_phase(next, "Bound");
  next.mutable_doc().ref("status").set("accessModes", volume.spec()["accessModes"]);
  next.mutable_doc().ref("status").set("capacity", volume.spec()["capacity"]);
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kPersistentVolumeClaims, std::move(next)));
  co_return Result<void>();
}

}  // namespace drydock::controllers
